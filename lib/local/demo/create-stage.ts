import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { createClient } from '../../api/client.ts';
import { type LocalStage, localMail, localStatus, localToken } from '../commands.ts';
import { deploymentDigest, type Outputs, outputOf } from '../deploy.ts';
import { projectFolder } from '../paths.ts';
import { countCalls, sampleFunction } from './run-cost.ts';
import { createSampleApp } from './sample-app.ts';
import type { DemoStage, StageFacts } from './stage.ts';
import { createWorkspace } from './workspace.ts';

/** Connects the demo to the deployed stage. `since`: only log lines after this instant count. */
export const createStage = async (
  up: LocalStage,
  { since, signal }: { readonly since: Date; readonly signal: AbortSignal },
): Promise<DemoStage> => {
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
    workspace: createWorkspace(projectFolder, up.endpoint, signal),
    publicUrl: up.publicUrl,
    service: service.name,
    environment: service.environments[0] ?? 'production',
    people,
    facts: factsOf(up, since),
    sample: createSampleApp(outputOf(up.outputs, sampleFunction)),
    functionEnv: { ...(await apiVariables(up.outputs)), STAGE_FILE: `${folder}/stage.json` },
    ci: async () => clientFor(await localToken('ci')),
    person: async (id) => clientFor(await tokenOf(id)),
    tokenOf,
    credentials: (id) => ({ login: people.find((person) => person.id === id)?.login ?? id, password: password ?? '' }),
    mails: localMail,
    emit: async (detail) => {
      const entry = { Source: 'holdpoint.demo', DetailType: 'observation.reported', Detail: JSON.stringify(detail) };
      await bus.send(new PutEventsCommand({ Entries: [{ EventBusName: outputOf(up.outputs, 'BusName'), ...entry }] }));
    },
    notify: async (message) => {
      const TopicArn = outputOf(up.outputs, 'AlarmTopicArn');
      await topics.send(new PublishCommand({ TopicArn, Subject: 'ALARM', Message: JSON.stringify(message) }));
    },
  };
};

const factsOf = (up: LocalStage, since: Date): StageFacts => ({
  deployment: deploymentDigest(up.stage),
  alarmListeners: async () => {
    const TopicArn = outputOf(up.outputs, 'AlarmTopicArn');
    const { Subscriptions = [] } = await new SNSClient({}).send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    return Subscriptions.length;
  },
  logged: async () => {
    const found = await countCalls({ outputs: up.outputs, since });
    const total = (count: (one: (typeof found)[number]) => number): number => found.reduce((sum, one) => sum + count(one), 0);
    return { functions: found.length, calls: total(({ calls }) => calls), lines: total(({ lines }) => lines) };
  },
});

/** The variables of the deployed API functions. With them the load test's server uses the same tables and keys. */
const apiVariables = async (outputs: Outputs): Promise<Record<string, string>> => {
  const client = new LambdaClient({});
  const names = (['ApiCiFunction', 'ApiPeopleFunction', 'ApiAuditFunction'] as const).map((name) => outputOf(outputs, name));
  const found = await Promise.all(names.map((FunctionName) => client.send(new GetFunctionConfigurationCommand({ FunctionName }))));
  return Object.assign({}, ...found.map(({ Environment }) => Environment?.Variables ?? {})) as Record<string, string>;
};
