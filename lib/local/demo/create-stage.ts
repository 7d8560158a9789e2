import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { createClient } from '../../api/client.ts';
import type { Io } from '../../cli/io.ts';
import { localAlarm } from '../cloudwatch.ts';
import { type LocalStage, localMail, localStatus, localToken } from '../commands.ts';
import { deploymentDigest, outputOf } from '../deploy.ts';
import { localPaths, projectFolder } from '../paths.ts';
import { countCalls, countRequests, shopFunction } from './run-cost.ts';
import { createShopClient } from './shop-client.ts';
import { createShopFunction } from './shop-function.ts';
import { createShopOrders } from './shop-orders.ts';
import type { DemoStage, StageFacts } from './stage.ts';
import { createWorkspace } from './workspace.ts';

type Connecting = {
  /** Only log lines after this instant count. */
  readonly since: Date;
  readonly signal: AbortSignal;
  readonly io: Io;
  /** The checkout that the stage belongs to. */
  readonly root?: string;
};
type Deployed = Pick<LocalStage, 'publicUrl' | 'endpoint' | 'stage' | 'outputs'>;

/** Connects the demo to the deployed stage. */
export const createStage = async (up: Deployed, { since, signal, io, root = projectFolder }: Connecting): Promise<DemoStage> => {
  const where = { folder: join(root, '.local') };
  const { people, password } = localStatus(where);
  const [service] = up.stage.services;
  if (service === undefined) throw new Error('the local stage has no service');
  const bus = new EventBridgeClient({});
  const clientFor = (token: string) => createClient({ baseUrl: up.publicUrl, token: () => token });
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (id: string): Promise<string> => {
    const token = tokens.get(id) ?? localToken(id, where);
    tokens.set(id, token);
    return token;
  };
  return {
    io,
    workspace: createWorkspace(root, up.endpoint, signal),
    template: localPaths(where.folder).template,
    publicUrl: up.publicUrl,
    service: service.name,
    environment: 'production',
    staging: 'staging',
    people,
    facts: factsOf(up, since),
    shop: await shopOf(up),
    ci: async () => clientFor(await localToken('ci', where)),
    person: async (id) => clientFor(await tokenOf(id)),
    credentials: (id) => ({ login: people.find((person) => person.id === id)?.login ?? id, password: password ?? '' }),
    mails: () => localMail(where),
    emit: async (detail) => {
      const entry = { Source: 'holdpoint.demo', DetailType: 'observation.reported', Detail: JSON.stringify(detail) };
      await bus.send(new PutEventsCommand({ Entries: [{ EventBusName: outputOf(up.outputs, 'BusName'), ...entry }] }));
    },
  };
};

const shopOf = async (up: Deployed): Promise<DemoStage['shop']> => {
  const deployed = createShopFunction(outputOf(up.outputs, shopFunction));
  const variables = await deployed.readVariables();
  const client = createShopClient(outputOf(up.outputs, 'ShopUrl'), variables.SHOP_TOKEN ?? '');
  const watched = { namespace: variables.SHOP_NAMESPACE ?? '', metric: 'Errors', dimension: { name: 'Alias', value: 'live' } };
  const alarm = localAlarm(up.endpoint, outputOf(up.outputs, 'ShopAlarm'), watched);
  return { function: deployed, client, orders: createShopOrders(outputOf(up.outputs, 'ShopTable')), alarm, variables };
};

const factsOf = (up: Deployed, since: Date): StageFacts => ({
  deployment: deploymentDigest(up.stage),
  alarmListeners: async () => {
    const TopicArn = outputOf(up.outputs, 'AlarmTopicArn');
    const { Subscriptions = [] } = await new SNSClient({}).send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    return Subscriptions.length;
  },
  requestsLogged: () => countRequests(outputOf(up.outputs, shopFunction), since),
  logged: async () => {
    const found = await countCalls({ outputs: up.outputs, since });
    const total = (count: (one: (typeof found)[number]) => number): number => found.reduce((sum, one) => sum + count(one), 0);
    return { functions: found.length, calls: total(({ calls }) => calls), lines: total(({ lines }) => lines) };
  },
});
