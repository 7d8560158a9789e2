import { describe, expect, test } from 'vitest';
import { type ObservedResource, resourceKinds } from '../../lib/checklist/observed-resources.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import { patternLimit } from '../../lib/feeds/event-pattern.ts';
import { localStage, ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

type Pattern = {
  readonly source?: readonly string[];
  readonly 'detail-type'?: readonly string[];
  readonly resources?: readonly unknown[];
  readonly detail?: Readonly<Record<string, unknown>>;
};
type Rule = { readonly pattern: Pattern; readonly own: boolean; readonly name: string };

const resourcesNamed = (name: string): ObservedResource[] => resourceKinds.map((kind) => ({ kind, name, environment: 'production' }));
const stageWith = (count: number): Stage => ({
  ...realStage,
  services: Array.from({ length: count }, (_, place) => ({
    name: `service-${place}`,
    environments: ['production'],
    alarmPrefix: `${String(place).padStart(4, '0')}-service-`,
    resources: resourcesNamed(`service-${String(place).padStart(4, '0')}-production`),
  })),
});

const rulesOf = (stage: Stage): readonly Rule[] =>
  ofType(resourcesOf(templatesOf(stage).app), 'AWS::Events::Rule').flatMap(([, { Properties }]) =>
    // Those of the feeds have names.
    Properties.EventPattern === undefined || Properties.Name === undefined
      ? []
      : [{ pattern: Properties.EventPattern as Pattern, own: Properties.EventBusName !== undefined, name: String(Properties.Name) }],
  );
const of = (rules: readonly Rule[], source: string, own: boolean): readonly Pattern[] =>
  rules.filter((rule) => rule.own === own && rule.pattern.source?.[0] === source).map(({ pattern }) => pattern);

describe('the rules of the feeds', () => {
  const rules = rulesOf({ ...realStage, services: [{ ...stageWith(1).services[0], name: 'shop' } as Stage['services'][number]] });
  const name = 'service-0000-production';

  test('take what names a resource of the stage from the default bus', () => {
    expect(of(rules, 'aws.ecs', false)).toEqual([
      { source: ['aws.ecs'], 'detail-type': ['ECS Task State Change'], detail: { lastStatus: ['STOPPED'], group: [`service:${name}`] } },
      {
        source: ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        detail: { lastStatus: ['STOPPED'], clusterArn: [{ suffix: `:cluster/${name}` }] },
      },
      { source: ['aws.ecs'], 'detail-type': ['ECS Deployment State Change'], resources: [{ suffix: `/${name}` }] },
      { source: ['aws.ecs'], 'detail-type': ['ECS Deployment State Change'], resources: [{ wildcard: `*:service/${name}/*` }] },
    ]);
    expect(of(rules, 'aws.codedeploy', false)).toMatchObject([{ detail: { application: [name] } }]);
    expect(of(rules, 'aws.rds', false)).toMatchObject([
      { detail: { Tags: { 'holdpoint:service': [{ exists: true }] } } },
      { detail: { SourceIdentifier: [name] } },
    ]);
    expect(of(rules, 'aws.lambda', false)).toEqual([
      {
        source: ['aws.lambda'],
        'detail-type': ['AWS API Call via CloudTrail'],
        detail: {
          eventSource: ['lambda.amazonaws.com'],
          eventName: ['UpdateFunctionCode', 'UpdateFunctionConfiguration', 'UpdateAlias', 'CreateAlias', 'DeleteAlias'].map((prefix) => ({
            prefix,
          })),
          requestParameters: { functionName: [name, { suffix: `:function:${name}` }] },
        },
      },
    ]);
    expect(of(rules, 'aws.autoscaling', false)).toMatchObject([{ detail: { AutoScalingGroupName: [name] } }]);
    expect(of(rules, 'aws.health', false)).toMatchObject([
      { detail: { affectedEntities: { tags: { 'holdpoint:service': [{ exists: true }] } } } },
      { detail: { service: ['ECS', 'FARGATE', 'CODEDEPLOY', 'RDS', 'LAMBDA', 'EC2', 'AUTOSCALING'] } },
    ]);
  });

  test('take everything of a source from the own bus, so that what belongs to nobody is counted', () => {
    const sources = ['aws.ecs', 'aws.codedeploy', 'aws.rds', 'aws.lambda', 'aws.autoscaling', 'aws.health'];
    const own = sources.flatMap((source) => of(rules, source, true));
    expect(own.map((pattern) => [pattern['detail-type']?.[0], Object.keys(pattern.detail ?? {})])).toEqual([
      ['ECS Task State Change', ['lastStatus']],
      ['ECS Deployment State Change', []],
      ['CodeDeploy Deployment State-change Notification', []],
      ['RDS DB Instance Event', []],
      ['AWS API Call via CloudTrail', ['eventSource', 'eventName']],
      ['EC2 Instance Terminate Successful', []],
      ['AWS Health Event', []],
    ]);
  });

  test('name nothing on the default bus for a stage without resources, except what says itself whose it is', () => {
    const bare = rulesOf(realStage).filter(
      ({ own, pattern }) => !own && /^aws\.(ecs|codedeploy|rds|lambda|autoscaling|health)$/.test(pattern.source?.[0] ?? ''),
    );
    expect(bare.map(({ name: rule }) => rule).sort()).toEqual(['holdpoint-production-feed-Databases', 'holdpoint-production-feed-Health']);
  });

  test('of a thousand services hold every name once, each below the limit of EventBridge, on a bus that has room for others', () => {
    const all = rulesOf(stageWith(1000));
    for (const { pattern } of all) expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(patternLimit);
    const groups = of(all, 'aws.ecs', false).flatMap(({ detail }) => (detail?.group ?? []) as string[]);
    expect([groups.length, new Set(groups).size]).toEqual([1000, 1000]);
    const databases = of(all, 'aws.rds', false).flatMap(({ detail }) => (detail?.SourceIdentifier ?? []) as string[]);
    expect([databases.length, new Set(databases).size]).toEqual([1000, 1000]);
    expect(new Set(all.map(({ name: rule, own }) => `${own} ${rule}`)).size).toBe(all.length);
    expect(all.filter(({ own }) => !own).length).toBeLessThanOrEqual(260);
    expect(all.filter(({ own }) => own).length).toBeLessThanOrEqual(30);
  });

  test('are refused when a bus has no room for them', () => {
    expect(() => templatesOf(stageWith(2000))).toThrow(/need \d+ rules on the default bus, which takes 300 .*: name clusters instead/);
    const long = Array.from({ length: 900 }, (_, place) => ({
      kind: 'lambda-function' as const,
      name: `${String(place).padStart(4, '0')}-${'x'.repeat(200)}`,
      environment: 'production',
    }));
    const services = realStage.services.map((one) => ({ ...one, resources: long }));
    expect(() => templatesOf({ ...realStage, services })).toThrow(/need \d+ rules/);
  });

  test('have their events that belong to nobody, or may belong to several, counted and on a dashboard, with every dead-letter queue', () => {
    const resources = resourcesOf(templatesOf(realStage).app);
    const filters = ofType(resources, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties);
    const board = JSON.stringify(ofType(resources, 'AWS::CloudWatch::Dashboard'));
    for (const term of ['UnmappedEvent', 'AmbiguousEvent']) {
      expect(filters.filter(({ FilterPattern }) => FilterPattern === `"${term}"`)).toMatchObject([
        {
          LogGroupName: { Ref: expect.stringMatching(/^eventfeedLogs/) as unknown },
          MetricTransformations: [{ MetricName: `${term}s`, MetricValue: '1' }],
        },
      ]);
      expect(board).toContain(`${term}s`);
    }
    for (const [queue] of ofType(resources, 'AWS::SQS::Queue')) expect(board).toContain(queue);
  });

  test('reach a local stage without the policy of the bus, which the emulator refuses', () => {
    const local = resourcesOf(templatesOf({ ...localStage, observedAccounts: ['222233334444'] }).app);
    expect(ofType(local, 'AWS::Events::EventBusPolicy')).toEqual([]);
  });
});

test('a dead-letter queue parks what the sweep received fifty times and nobody took', () => {
  const resources = resourcesOf(templatesOf(realStage).app);
  const queues = ofType(resources, 'AWS::SQS::Queue');
  const parked = queues.find(([id]) => id.startsWith('ParkedMessages'))?.[0];
  expect(queues.map(([id, { Properties }]) => [id === parked, Properties.RedrivePolicy, Properties.VisibilityTimeout])).toEqual(
    expect.arrayContaining([
      [true, undefined, undefined],
      [false, { deadLetterTargetArn: { 'Fn::GetAtt': [parked, 'Arn'] }, maxReceiveCount: 50 }, 300],
    ]),
  );
});
