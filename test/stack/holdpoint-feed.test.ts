import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { feeds } from '../../lib/feeds/index.ts';
import { HoldpointFeed } from '../../lib/stack/holdpoint-feed.ts';
import { holdpointFeedTemplate, holdpointFeedText } from '../../lib/stack/holdpoint-feed-template.ts';
import { ofType, type Resource, type Resources, resourcesOf } from './synthesised.ts';

const bus = 'arn:aws:events:eu-central-1:111122223333:event-bus/holdpoint-production';
const lambda = 'arn:aws:lambda:eu-central-1:222233334444:function:orders';
const service = 'arn:aws:ecs:eu-central-1:222233334444:service/main/web';
const trustedRole = 'arn:aws:iam::111122223333:role/holdpoint/production/eu-central-1/actuator/Role';
const cluster = 'arn:aws:ecs:eu-central-1:222233334444:cluster/main';
const observer = {
  trustedRole,
  externalId: 'a-shared-secret-text',
  functions: [lambda],
  services: [service],
  clusters: [cluster],
  figures: true,
  histories: true,
};
const actuator = { trustedRole, externalId: 'a-shared-secret-text', functions: [lambda], invoked: [`${lambda}:live`], services: [service] };

const made = (props: Partial<ConstructorParameters<typeof HoldpointFeed>[2]> = {}): Resources => {
  const stack = new Stack(new App(), 'Workload');
  new HoldpointFeed(stack, 'Feed', { bus, ...props });
  return resourcesOf(Template.fromStack(stack));
};
const properties = (resources: Resources, type: string): readonly Resource['Properties'][] =>
  ofType(resources, type).map(([, { Properties }]) => Properties);

describe('a workload account', () => {
  const resources = made({ actuator });
  const [[queue = ''] = []] = ofType(resources, 'AWS::SQS::Queue');

  test('forwards the events of every feed to the bus, with a queue for those that do not arrive', () => {
    const forwarded = feeds.flatMap(({ wiring }) => (wiring.kind === 'rule' && wiring.forwarded !== undefined ? [wiring.forwarded] : []));
    expect(forwarded).toHaveLength(9);
    const rules = properties(resources, 'AWS::Events::Rule');
    expect(rules.map(({ EventPattern }) => EventPattern)).toEqual(
      forwarded.map(({ detailType, ...pattern }) => ({ ...pattern, 'detail-type': detailType })),
    );
    const role = ofType(resources, 'AWS::IAM::Role').find(([id]) => id.startsWith('FeedForwarding'))?.[0];
    for (const { Targets } of rules)
      expect(Targets).toMatchObject([
        { Arn: bus, RoleArn: { 'Fn::GetAtt': [role, 'Arn'] }, DeadLetterConfig: { Arn: { 'Fn::GetAtt': [queue, 'Arn'] } } },
      ]);
  });

  test('lets EventBridge put events on that bus only, and into the queue only for its rules', () => {
    const forwarding = properties(resources, 'AWS::IAM::Role').find(({ Policies }) => Policies !== undefined);
    expect(forwarding?.Policies).toMatchObject([
      { PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: bus }] } },
    ]);
    expect(JSON.stringify(forwarding?.AssumeRolePolicyDocument)).toContain('"aws:SourceAccount":{"Ref":"AWS::AccountId"}');
    const [policy] = properties(resources, 'AWS::SQS::QueuePolicy');
    const rules = ofType(resources, 'AWS::Events::Rule').map(([id]) => ({ 'Fn::GetAtt': [id, 'Arn'] }));
    expect(policy?.PolicyDocument).toMatchObject({
      Statement: [
        { Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Condition: { ArnEquals: { 'aws:SourceArn': rules } } },
        { Effect: 'Deny' },
      ],
    });
  });

  test("lets Holdpoint's actuator alone take releases back", () => {
    const role = properties(resources, 'AWS::IAM::Role').find(({ RoleName }) => RoleName !== undefined);
    expect(role?.RoleName).toEqual({ 'Fn::Join': ['', ['HoldpointActuator-', { Ref: 'AWS::Region' }]] });
    expect(role?.AssumeRolePolicyDocument).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: trustedRole },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': 'a-shared-secret-text' } },
        },
      ],
    });
  });

  test('can be observed by two stages: each has roles of its own', () => {
    const names = (stage: string | undefined) =>
      JSON.stringify(properties(made({ actuator, observer, stage }), 'AWS::IAM::Role').flatMap(({ RoleName }) => RoleName ?? []));
    const all = [undefined, 'production', 'trial'].map(names);
    expect(new Set(all).size).toBe(3);
    expect(all[1]).toContain('"HoldpointActuator-production-"');
    expect(all[1]).toContain('"HoldpointObserver-production-"');
    expect(() => made({ stage: 'Two words' })).toThrow('HoldpointFeed: stage: got "Two words"');
  });

  test('has an alarm on what was not forwarded, for the named topics', () => {
    const [[, alarm] = []] = ofType(resources, 'AWS::CloudWatch::Alarm');
    expect(alarm?.Properties).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
    expect(alarm?.Properties).not.toHaveProperty('AlarmActions');
    const topic = 'arn:aws:sns:eu-central-1:222233334444:operations';
    const [[, told] = []] = ofType(made({ alarmTopics: [topic] }), 'AWS::CloudWatch::Alarm');
    expect(told?.Properties).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
  });

  test('without an actuator has no role for it, and with one only for what is named', () => {
    const bare = made();
    expect([ofType(bare, 'AWS::IAM::Role').length, ofType(bare, 'AWS::IAM::RolePolicy')]).toEqual([1, []]);
    const one = made({ actuator: { ...actuator, invoked: [], services: [] } });
    expect(ofType(one, 'AWS::IAM::RolePolicy').map(([id]) => id)).toEqual([expect.stringMatching(/ShiftAliases/)]);
  });
});

describe('the ready template', () => {
  const text = readFileSync(new URL('../../lib/stack/holdpoint-feed.yaml', import.meta.url), 'utf8');
  const template = holdpointFeedTemplate() as { readonly Resources: Resources; readonly Parameters: object; readonly Outputs: object };

  test('is what the construct makes; `npm run docs` writes it anew', () => {
    expect(text).toBe(holdpointFeedText());
    expect(parse(text)).toEqual(JSON.parse(JSON.stringify(template)));
  });

  test('needs no bootstrap, no asset and no value but the bus', () => {
    expect(Object.keys(template.Parameters)).toEqual([
      'BusArn',
      'Stage',
      'ActuatorFunctionRoleArn',
      'CollectorFunctionRoleArn',
      'ExternalId',
      'AliasFunctionArns',
      'InvokedFunctionArns',
      'EcsServiceArns',
      'EcsClusterArns',
      'ReadFigures',
      'ReadHistories',
      'AlarmTopicArn',
    ]);
    const required = Object.entries(template.Parameters).filter(([, parameter]) => !('Default' in (parameter as object)));
    expect(required.map(([name]) => name)).toEqual(['BusArn']);
  });

  test('names its roles after the stage, where one is given', () => {
    const named = ofType(template.Resources, 'AWS::IAM::Role').flatMap(([, { Properties }]) => Properties.RoleName ?? []);
    const region = { Ref: 'AWS::Region' };
    expect(named).toEqual(
      ['HoldpointActuator-', 'HoldpointObserver-'].map((role) => ({
        'Fn::If': ['HasStage', { 'Fn::Join': ['', [role, { Ref: 'Stage' }, '-', region]] }, { 'Fn::Join': ['', [role, region]] }],
      })),
    );
  });

  test('has the resources of the construct, of which those of the roles depend on their parameters', () => {
    const types = (resources: Resources) =>
      Object.values(resources)
        .map(({ Type }) => Type)
        .sort();
    expect(types(template.Resources)).toEqual(types(made({ actuator, observer })));
    const conditions = Object.entries(template.Resources).flatMap(([id, resource]) =>
      'Condition' in resource ? [[id.replace(/^Feed|[0-9A-F]{8}$/g, ''), (resource as { Condition: string }).Condition]] : [],
    );
    expect(conditions).toEqual([
      ['Actuator', 'HasActuator'],
      ['ShiftAliases', 'HasShiftAliases'],
      ['InvokeFunctions', 'HasInvokeFunctions'],
      ['UpdateServices', 'HasUpdateServices'],
      ['Observer', 'HasObserver'],
      ['ReadAliases', 'HasReadAliases'],
      ['ReadServices', 'HasReadServices'],
      ['ReadFigures', 'HasReadFigures'],
      ['ReadHistories', 'HasReadHistories'],
    ]);
  });
});
