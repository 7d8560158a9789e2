import { describe, expect, test } from 'vitest';
import { functionNames } from '../../lib/lambda-manifest.ts';
import { arn, functionId, properties, queueId, resources } from './production-template.ts';
import { ofType } from './synthesised.ts';

describe('who may call', () => {
  const named = (value: unknown): string => JSON.stringify(value);

  test('each function is called by its one service, for the one thing that calls it', () => {
    const allowed = properties('AWS::Lambda::Permission').map(({ Action, FunctionName, Principal, SourceArn }) => ({
      Action,
      of: functionNames.find((name) => named(FunctionName).includes(`"${functionId(name)}"`)),
      Principal,
      from: named(SourceArn),
    }));
    const of = (type: string): readonly string[] => ofType(resources, type).map(([id]) => id);
    const invoke = 'lambda:InvokeFunction';
    const rule = (part: string): string => named(arn(of('AWS::Events::Rule').find((id) => id.includes(part)) ?? ''));
    const topic = (part: string): string => named({ Ref: of('AWS::SNS::Topic').find((id) => id.startsWith(part)) ?? '' });
    const byTopic = { Action: invoke, Principal: 'sns.amazonaws.com' };
    const [api = ''] = of('AWS::ApiGatewayV2::Api');
    const ofApi = (what: string) => expect.stringMatching(new RegExp(`:execute-api:.*"Ref":"${api}"},"${what.replaceAll('*', '\\*')}"`));
    const gateway = { Action: invoke, Principal: 'apigateway.amazonaws.com' };
    const byRule = { Action: invoke, Principal: 'events.amazonaws.com' };
    const expected = [
      { ...gateway, of: 'api-authorizer', from: ofApi('/authorizers/*') },
      ...['api-ci', 'api-people', 'api-audit', 'api-webhooks'].map((name) => ({ ...gateway, of: name, from: ofApi('/*/*') })),
      { ...byRule, of: 'event-feed', from: expect.stringContaining(':rule/holdpoint-production-feed-*"') },
      { ...byRule, of: 'event-feed', from: expect.stringMatching(/:rule\/",\{"Ref":"FeedsBus\w+"\},"\/holdpoint-production-feed-\*"/) },
      { ...byRule, of: 'event-sweep', from: rule('Sweep') },
      { ...byRule, of: 'event-upload', from: rule('Uploads') },
      // By an event of the execution's end, never by the machine itself.
      { ...byRule, of: 'event-reconciler', from: rule('Ended') },
      { ...byTopic, of: 'event-feed', from: topic('Feeds') },
      { ...byTopic, of: 'alarm-mailer', from: topic('OperationsTopic') },
    ];
    expect(allowed).toEqual(expect.arrayContaining(expected));
    expect(allowed).toHaveLength(expected.length);
  });

  test('the state machine is only run by Step Functions of this account', () => {
    const role = ofType(resources, 'AWS::IAM::Role').find(([id]) => id.startsWith('GateMachineRole'))?.[1].Properties
      .AssumeRolePolicyDocument;
    expect((role as { Statement: object[] }).Statement).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'states.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  test('the topic accepts notifications of this account from CloudWatch and keeps those that it cannot deliver', () => {
    const topic = ofType(resources, 'AWS::SNS::Topic').find(([id]) => id.startsWith('Feeds'))?.[0] ?? '';
    const [policy] = properties('AWS::SNS::TopicPolicy').filter(({ Topics }) => JSON.stringify(Topics).includes(`"${topic}"`)) as {
      PolicyDocument: { Statement: { Effect: string; Principal: unknown }[] };
    }[];
    expect(policy?.PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow')).toEqual([
      expect.objectContaining({
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        Resource: { Ref: topic },
      }),
    ]);
    const queues = properties('AWS::SQS::QueuePolicy').flatMap(
      ({ PolicyDocument }) => (PolicyDocument as { Statement: Record<string, unknown>[] }).Statement,
    );
    expect(queues).toContainEqual({
      Action: 'sqs:SendMessage',
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Resource: arn(queueId('UndeliveredEvents')),
      Condition: { ArnEquals: { 'aws:SourceArn': { Ref: topic } } },
    });
  });
});
