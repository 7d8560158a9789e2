import { Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { observedResources } from '../../lib/stack/observed.ts';
import { observing } from './observing.ts';
import { ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

type Statement = { readonly Sid?: string; readonly Action: unknown; readonly Resource: unknown; readonly Condition?: unknown };

const statementsOf = (stage = observing): readonly Statement[] =>
  ofType(resourcesOf(templatesOf(stage).app), 'AWS::IAM::Policy')
    .filter(([id]) => id.startsWith('eventcollectorGrants'))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { readonly Statement: readonly Statement[] }).Statement);
const grantOf = (sid: string, stage = observing): Statement | undefined => statementsOf(stage).find(({ Sid }) => Sid === sid);
const here = (service: string, rest: string): unknown => ({
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:${service}:`, { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:${rest}`]],
});

describe('the collector of a stage that names what it looks at', () => {
  test('may read these functions, these services, their tasks, and take these roles', () => {
    expect(grantOf('ObservedFunctions')).toMatchObject({
      Action: ['lambda:GetAlias', 'lambda:GetFunctionConfiguration'],
      Resource: [here('lambda', 'function:shop-orders'), here('lambda', 'function:shop-orders:live')],
    });
    expect(grantOf('ObservedServices')).toMatchObject({ Action: 'ecs:DescribeServices', Resource: here('ecs', 'service/shop/web') });
    expect(grantOf('ObservedTasks')).toMatchObject({ Action: 'ecs:DescribeTasks', Resource: here('ecs', 'task/shop/*') });
    expect(grantOf('ObservedRoles')).toMatchObject({
      Action: 'sts:AssumeRole',
      Resource: ['arn:aws:iam::222233334444:role/metrics', 'arn:aws:iam::222233334444:role/observer'],
    });
  });

  test('lists tasks of the named clusters only, and reads figures, which have no narrower resource', () => {
    expect(grantOf('ObservedClusters')).toMatchObject({
      Action: 'ecs:ListTasks',
      Resource: '*',
      Condition: { ArnEquals: { 'ecs:cluster': [here('ecs', 'cluster/shop')] } },
    });
    expect(grantOf('ObservedDefinitions')).toMatchObject({ Action: 'ecs:DescribeTaskDefinition', Resource: '*' });
    expect(grantOf('ObservedFigures')).toMatchObject({
      Action: ['cloudwatch:DescribeAlarmHistory', 'cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'],
      Resource: '*',
    });
  });

  test('looks every minute; with nothing to probe no rule calls it, and it may read nothing', () => {
    const watches = (stage: typeof observing) =>
      ofType(resourcesOf(templatesOf(stage).app), 'AWS::Events::Rule').filter(([id]) => id.startsWith('SchedulingWatch'));
    expect(watches(observing).map(([, { Properties }]) => Properties)).toMatchObject([
      {
        ScheduleExpression: 'rate(1 minute)',
        Targets: [{ Input: '{"watch":true}', DeadLetterConfig: expect.anything() as unknown, RetryPolicy: { MaximumRetryAttempts: 0 } }],
      },
    ]);
    expect(watches(realStage)).toEqual([]);
    expect(statementsOf(realStage).filter(({ Sid }) => Sid?.startsWith('Observed'))).toEqual([]);
  });
});

test('a metric that names a region and no role is read with own rights, whatever role reads the alarms', () => {
  const metric = { id: 'errors', is: 'error-rate', namespace: 'N', metric: 'Errors', statistic: 'Sum' };
  const figuresOf = (metrics: readonly object[]): readonly string[] => {
    const cloudwatch = { role: 'arn:aws:iam::222233334444:role/metrics' };
    const production = targetsSchema.parse({ components: [{ component: 'web', platform: { kind: 'reported' } }], metrics, cloudwatch });
    const [service] = realStage.services;
    if (service === undefined) throw new Error('the stage has no service');
    return observedResources(new Stack(), { services: [{ ...service, targets: { production } }] })['observed-figures'];
  };
  expect(figuresOf([metric])).toEqual([]);
  expect(figuresOf([{ ...metric, region: 'eu-west-1' }])).toEqual(['*']);
});

test('restarts and writes are read with own rights where they name no role, and by their role elsewhere', () => {
  const role = 'arn:aws:iam::222233334444:role/observer';
  const writes = { namespace: 'AWS/DynamoDB', metric: 'ConsumedWriteCapacityUnits' };
  const observed = (more: object) => {
    const components = [{ component: 'web', platform: { kind: 'reported' } }];
    const production = targetsSchema.parse({
      components,
      restarts: [
        { kind: 'ecs-service', cluster: 'main', service: 'web', ...more },
        { kind: 'rds-instance', name: 'shop-db', ...more },
      ],
      rollback: { 'restore-database': { by: { kind: 'person' }, writes: { ...writes, ...more } } },
    });
    const [service] = realStage.services;
    if (service === undefined) throw new Error('the stage has no service');
    return observedResources(new Stack(), { services: [{ ...service, targets: { production } }] });
  };
  const own = observed({});
  expect([own['observed-figures'], own['observed-histories'], own['observed-clusters'], own['observed-definitions']]).toEqual([
    ['*'],
    ['*'],
    ['*'],
    [],
  ]);
  expect(own['observed-services'].map((arn) => arn.split(':').at(-1))).toEqual(['service/main/web']);
  const { 'observed-roles': roles, ...rest } = observed({ role });
  expect(roles).toEqual([role]);
  expect(Object.values(rest).flat()).toEqual([]);
});

describe('targets', () => {
  const components = [{ component: 'web', platform: { kind: 'reported' } }];
  const probe = { id: 'home', url: 'https://shop.example.com/', expect: {} };
  test.each([
    ['two probes of one id', { probes: [probe, probe] }, 'two probes have the id home'],
    ['a method that may change something', { probes: [{ ...probe, method: 'POST' }] }, 'the probe home sends POST'],
    ['a body without a word', { probes: [{ ...probe, body: '{}' }] }, 'the probe home has a body'],
    ['a probe that takes minutes', { probes: [{ ...probe, inARow: 20, expect: { maxMs: 30_000 } }] }, 'could take longer than 60 s'],
    [
      'a rollback that names an unknown probe',
      { probes: [probe], rollback: { 'restart-services': { by: { kind: 'person' }, proof: ['gone'] } } },
      'the rollback names the probe gone',
    ],
    [
      'a probe of both a stop and its end',
      { probes: [probe], rollback: { 'stop-requests': { by: { kind: 'person' }, stopped: ['home'], accepting: ['home'] } } },
      'the probe home cannot show both that requests are stopped and that they are accepted',
    ],
    [
      'a critical probe of a stop',
      {
        probes: [
          { ...probe, critical: true },
          { ...probe, id: 'open' },
        ],
        rollback: { 'stop-requests': { by: { kind: 'person' }, stopped: ['home'], accepting: ['open'] } },
      },
      'it cannot be critical',
    ],
    [
      'an external id of no role',
      {
        components: [
          { component: 'web', platform: { kind: 'lambda-alias', function: 'web', alias: 'live', externalId: 'secret-of-both' } },
        ],
      },
      'the platform of web has an externalId and no role',
    ],
    [
      'an external id of an actuator without a role',
      { rollback: { 'restart-services': { by: { kind: 'lambda', function: 'f', externalId: 'secret-of-both' } } } },
      'the actuator of restart-services has an externalId and no role',
    ],
    [
      'an external id of figures without a role',
      { cloudwatch: { externalId: 'secret-of-both' } },
      'cloudwatch has an externalId and no role',
    ],
    [
      'an external id that STS does not take',
      { cloudwatch: { role: 'arn:aws:iam::222233334444:role/r', externalId: 'a b' } },
      'Invalid string',
    ],
  ])('with %s are refused', (_what, changes, message) => {
    const read = targetsSchema.safeParse({ components, ...changes });
    expect(read.error?.issues.map((issue) => issue.message).join('\n')).toContain(message);
  });

  test('may name what changes nothing, and anything in a staging environment', () => {
    expect(targetsSchema.safeParse({ components, probes: [{ ...probe, method: 'POST', safe: true, body: '{}' }] }).success).toBe(true);
    expect(targetsSchema.safeParse({ components, staging: true, probes: [{ ...probe, method: 'DELETE' }] }).success).toBe(true);
  });
});
