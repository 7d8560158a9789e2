import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { createClient } from '../../api/client.ts';
import { type LocalStage, localMail, localStatus, localToken } from '../commands.ts';
import { deploymentDigest } from '../deploy.ts';
import { projectFolder } from '../paths.ts';
import { callsIn } from './figures.ts';
import { createSample } from './sample.ts';
import type { PlayedStage, StageFacts } from './stage.ts';
import { workshopOf } from './workspace.ts';

const functionNames = {
  'api-authorizer': 'ApiAuthorizerFunction',
  'api-ci': 'ApiCiFunction',
  'api-people': 'ApiPeopleFunction',
  'api-audit': 'ApiAuditFunction',
  'task-opener': 'TaskOpenerFunction',
  'event-reconciler': 'EventReconcilerFunction',
  'event-feed': 'EventFeedFunction',
  'event-sweep': 'EventSweepFunction',
} as const;

const output = (up: LocalStage, name: string): string => {
  const value = up.outputs[name];
  if (value === undefined) throw new Error(`the deployed stacks have no output ${name}`);
  return value;
};

export const functionsIn = (up: LocalStage): Record<string, string> =>
  Object.fromEntries(Object.entries(functionNames).map(([name, id]) => [name, output(up, id)]));

/** What CI, people and operations have in their hands. */
export const stageFor = async (
  up: LocalStage,
  { since, signal }: { readonly since: Date; readonly signal: AbortSignal },
): Promise<PlayedStage> => {
  const { people, password, folder } = localStatus();
  const [service] = up.stage.services;
  if (service === undefined) throw new Error('the local stage has no service');
  const bus = new EventBridgeClient({});
  const topics = new SNSClient({});
  const clientFor = (token: string) => createClient({ baseUrl: up.publicUrl, token: () => token });
  const tokens = new Map<string, string>();
  const tokenOf = async (id: string): Promise<string> => {
    const token = tokens.get(id) ?? (await localToken(id));
    tokens.set(id, token);
    return token;
  };
  return {
    shop: workshopOf(projectFolder, up.endpoint, signal),
    publicUrl: up.publicUrl,
    service: service.name,
    environment: service.environments[0] ?? 'production',
    waitScale: up.stage.waitScale,
    people,
    facts: factsOf(up, since),
    sample: createSample(output(up, 'SampleFunction')),
    functionEnv: { ...(await environmentOf(up)), STAGE_FILE: `${folder}/stage.json` },
    ci: async () => clientFor(await localToken('ci')),
    person: async (id) => clientFor(await tokenOf(id)),
    tokenOf,
    credentials: (id) => ({ login: people.find((person) => person.id === id)?.login ?? id, password: password ?? '' }),
    mails: localMail,
    emit: async (detail) => {
      await bus.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: output(up, 'BusName'),
              Source: 'holdpoint.play',
              DetailType: 'observation.reported',
              Detail: JSON.stringify(detail),
            },
          ],
        }),
      );
    },
    notify: async (message) => {
      await topics.send(new PublishCommand({ TopicArn: output(up, 'AlarmTopicArn'), Subject: 'ALARM', Message: JSON.stringify(message) }));
    },
  };
};

const factsOf = (up: LocalStage, since: Date): StageFacts => ({
  deployment: deploymentDigest(up.stage),
  alarmListeners: async () => {
    const { Subscriptions = [] } = await new SNSClient({}).send(
      new ListSubscriptionsByTopicCommand({ TopicArn: output(up, 'AlarmTopicArn') }),
    );
    return Subscriptions.length;
  },
  logged: async () => {
    const found = await callsIn({ functions: functionsIn(up), since });
    const total = (of: (one: (typeof found)[number]) => number): number => found.reduce((sum, one) => sum + of(one), 0);
    return { functions: found.length, calls: total(({ calls }) => calls), lines: total(({ lines }) => lines) };
  },
});

/** The variables of the deployed API functions, so that the handlers in one process use the very same tables and keys. */
const environmentOf = async (up: LocalStage): Promise<Record<string, string>> => {
  const client = new LambdaClient({});
  const names = (['ApiCiFunction', 'ApiPeopleFunction', 'ApiAuditFunction'] as const).map((id) => output(up, id));
  const found = await Promise.all(names.map((FunctionName) => client.send(new GetFunctionConfigurationCommand({ FunctionName }))));
  return Object.assign({}, ...found.map(({ Environment }) => Environment?.Variables ?? {})) as Record<string, string>;
};
