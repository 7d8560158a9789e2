import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import type { AwsCall } from '../../lambdas/adapters/aws-call.ts';
import { createCloudWatchReader } from '../../lambdas/adapters/cloudwatch-reader.ts';
import { createEcsServices } from '../../lambdas/adapters/ecs-services.ts';
import { createAliases, createFunctions } from '../../lambdas/adapters/lambda-platform.ts';
import { createPlatformHistory } from '../../lambdas/adapters/platform-history.ts';
import { createPlatformReader } from '../../lambdas/adapters/platform-reader.ts';
import { HoldpointFeed } from '../../lib/stack/holdpoint-feed.ts';
import type { ActuatorProps, ObserverProps } from '../../lib/stack/holdpoint-feed-roles.ts';
import { mayAssume } from './simulation.ts';
import { ofType, type Resources, resourcesOf } from './synthesised.ts';

/** The two roles that a workload account has for Holdpoint: each may do exactly what the adapters of its function call. */

const bus = 'arn:aws:events:eu-central-1:111122223333:event-bus/holdpoint-production';
const alias = 'arn:aws:lambda:eu-central-1:222233334444:function:orders';
const service = 'arn:aws:ecs:eu-central-1:222233334444:service/main/web';
const cluster = 'arn:aws:ecs:eu-central-1:222233334444:cluster/main';
const roleOf = (name: string) => `arn:aws:iam::111122223333:role/holdpoint/production/eu-central-1/${name}/Role`;
const externalId = 'a-shared-secret-text';
const actuator: ActuatorProps = {
  trustedRole: roleOf('event-actuator'),
  externalId,
  functions: [alias],
  invoked: [alias],
  services: [service],
};
const observer: ObserverProps = {
  trustedRole: roleOf('event-collector'),
  externalId,
  functions: [alias],
  services: [service],
  clusters: [cluster],
  figures: true,
  histories: true,
};
const made = (props: object): Resources => {
  const stack = new Stack(new App(), 'Workload');
  new HoldpointFeed(stack, 'Feed', { bus, ...props });
  return resourcesOf(Template.fromStack(stack));
};
type Statement = { readonly Action: readonly string[]; readonly Resource: unknown; readonly Condition?: unknown };
const statementsOf = (resources: Resources): readonly Statement[] =>
  ofType(resources, 'AWS::IAM::RolePolicy').flatMap(
    ([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement,
  );
const actionsOf = (resources: Resources): readonly string[] => [...new Set(statementsOf(resources).flatMap(({ Action }) => Action))].sort();

/** IAM's name of a service, where it is not that of its host. */
const prefixes: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };
/** IAM calls the invocation of a function by another name than its request. */
const actions: Readonly<Record<string, string>> = { Invoke: 'InvokeFunction' };

/** What AWS answers, so far that every adapter goes on to its next request. */
const answers: Readonly<Record<string, object>> = {
  GetAlias: { FunctionVersion: '7', RevisionId: 'r' },
  GetFunctionConfiguration: { Version: '7', CodeSha256: Buffer.alloc(32, 7).toString('base64') },
  DescribeServices: {
    services: [
      {
        status: 'ACTIVE',
        taskDefinition: 'web:7',
        events: [],
        deployments: [{ status: 'PRIMARY', taskDefinition: 'web:7', createdAt: 1 }],
      },
    ],
  },
  ListTasks: { taskArns: ['t'] },
  DescribeTasks: { tasks: [{ taskArn: 't', taskDefinitionArn: 'web:7', lastStatus: 'RUNNING', containers: [{ name: 'web' }] }] },
  DescribeTaskDefinition: { taskDefinition: { containerDefinitions: [{ name: 'web', image: 'shop:1' }] } },
};
const recording = () => {
  const called = new Set<string>();
  const call: AwsCall = async (_place, { service: host, operation }) => {
    called.add(`${prefixes[host] ?? host}:${actions[operation] ?? operation}`);
    return {
      text:
        host === 'rds' || host === 'autoscaling' ? `<${operation}Result></${operation}Result>` : JSON.stringify(answers[operation] ?? {}),
    };
  };
  return { call, all: (): readonly string[] => [...called].sort() };
};

describe('the reading role', () => {
  test('may do what the adapters of the collector call, and nothing else', async () => {
    const { call, all } = recording();
    const reader = createPlatformReader(call);
    await reader.running({ kind: 'lambda-alias', function: 'orders', alias: 'live' });
    await reader.running({ kind: 'ecs-service', cluster: 'main', service: 'web' });
    const figures = createCloudWatchReader(call);
    await figures.alarms({}, ['a']);
    await figures.history({}, 'a', '2026-03-02T08:00:00.000Z');
    await figures.points({}, [{ namespace: 'N', metric: 'M', dimensions: {}, statistic: 'Sum', period: 60, from: 0, until: 60_000 }]);
    const history = createPlatformHistory(call);
    await history.service({}, 'main', 'web');
    await history.activities({}, 'workers', '2026-03-02T08:00:00.000Z');
    await history.databaseEvents({}, { kind: 'rds-instance', name: 'db' }, '2026-03-02T08:00:00.000Z');
    expect(actionsOf(made({ observer }))).toEqual(all());
    expect(all()).toContain('ecs:ListTasks');
  });

  test('is bound to the named functions, services and clusters, and changes nothing', () => {
    const statements = statementsOf(made({ observer }));
    expect(statements.map(({ Action: [first], Resource, Condition }) => [first, Resource, Condition])).toEqual([
      ['lambda:GetAlias', [alias], undefined],
      ['ecs:DescribeServices', [service], undefined],
      ['ecs:ListTasks', ['*'], { ArnEquals: { 'ecs:cluster': [cluster] } }],
      ['ecs:DescribeTaskDefinition', ['*'], undefined],
      ['cloudwatch:DescribeAlarms', ['*'], undefined],
      ['autoscaling:DescribeScalingActivities', ['*'], undefined],
    ]);
    for (const action of actionsOf(made({ observer }))) expect(action).toMatch(/:(Get|List|Describe)/);
    const none = { ...observer, functions: [], services: [], clusters: [], figures: false, histories: false };
    expect(statementsOf(made({ observer: none }))).toEqual([]);
  });
});

describe('the acting role', () => {
  test('may do what the adapters of the actuator call, and nothing else', async () => {
    const { call, all } = recording();
    const aliases = createAliases(call);
    await aliases.read({}, 'orders', 'live');
    await aliases.digestOf({}, 'orders', '7');
    await aliases.point({}, 'orders', 'live', { version: '7', revision: 'r' });
    await createFunctions(call).invoke({}, 'f', {});
    const services = createEcsServices(call);
    await services.read({}, 'main', 'web');
    await services.deploy({}, 'main', 'web', null);
    expect(actionsOf(made({ actuator }))).toEqual(all());
  });
});

describe.each([
  ['Actuator', { actuator }, roleOf('event-actuator'), roleOf('event-collector')],
  ['Observer', { observer }, roleOf('event-collector'), roleOf('event-actuator')],
] as const)('%s', (id, props, trusted, other) => {
  const trustOf = (): unknown =>
    ofType(made(props), 'AWS::IAM::Role').find(([name]) => name.startsWith(`Feed${id}`))?.[1].Properties.AssumeRolePolicyDocument;
  const role = `arn:aws:iam::222233334444:role/Holdpoint${id}-eu-central-1`;

  test.each<[string, string, Readonly<Record<string, string>>, string]>([
    ['its function with the external id', trusted, { 'sts:ExternalId': externalId }, 'Allowed'],
    ['its function with another external id', trusted, { 'sts:ExternalId': 'another-secret-text' }, 'denied'],
    ['its function without one', trusted, {}, 'denied'],
    ['another function of Holdpoint', other, { 'sts:ExternalId': externalId }, 'denied'],
  ])('can be taken by %s: %s', async (_what, principal, context, expected) => {
    const answer = await mayAssume(principal, role, { trust: trustOf(), context });
    expect(answer === 'Allowed' ? 'Allowed' : 'denied').toBe(expected);
  });
});

test('only EventBridge of the same account can take the role that forwards', async () => {
  const trust = ofType(made({}), 'AWS::IAM::Role').find(([name]) => name.startsWith('FeedForwarding'))?.[1].Properties
    .AssumeRolePolicyDocument;
  const own = JSON.parse(JSON.stringify(trust).replaceAll('{"Ref":"AWS::AccountId"}', '"222233334444"')) as unknown;
  const answerTo = (sourceAccount: string, principal = 'events.amazonaws.com') =>
    mayAssume(principal, 'arn:aws:iam::222233334444:role/Forwarding', { trust: own, context: { 'aws:SourceAccount': sourceAccount } });
  expect(await answerTo('222233334444')).toBe('Allowed');
  expect(await answerTo('999999999999')).not.toBe('Allowed');
  expect(await answerTo('222233334444', 'scheduler.amazonaws.com')).not.toBe('Allowed');
});
