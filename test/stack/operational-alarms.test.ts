import { describe, expect, test } from 'vitest';
import { signals } from '../../lib/notification.ts';
import { arn, functionId, properties, queueId, resources } from './production-template.ts';
import { localStage, ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

const [topic = ''] = ofType(resources, 'AWS::SNS::Topic').flatMap(([id]) => (id.startsWith('OperationsTopic') ? [id] : []));

describe('a problem of Holdpoint itself', () => {
  test('raises an alarm: failed invocations, undelivered events, a stopped sweep, a failing API, a flood, a failed execution, throttling', () => {
    const [api = ''] = ofType(resources, 'AWS::ApiGatewayV2::Api').map(([id]) => id);
    const alarms = properties('AWS::CloudWatch::Alarm');
    const watched = alarms.map((alarm) => [
      alarm.MetricName,
      (alarm.Dimensions as { Value: unknown }[] | undefined)?.[0]?.Value,
      alarm.Statistic,
      `${alarm.ComparisonOperator} ${alarm.Threshold}`,
      alarm.TreatMissingData,
    ]);
    const waiting = 'ApproximateNumberOfMessagesVisible';
    const [least, below] = ['GreaterThanOrEqualToThreshold', 'LessThanThreshold'];
    expect(watched).toEqual([
      [waiting, { 'Fn::GetAtt': [queueId('FailedInvocations'), 'QueueName'] }, 'Maximum', `${least} 1`, 'notBreaching'],
      [waiting, { 'Fn::GetAtt': [queueId('UndeliveredEvents'), 'QueueName'] }, 'Maximum', `${least} 1`, 'notBreaching'],
      [waiting, { 'Fn::GetAtt': [queueId('ParkedMessages'), 'QueueName'] }, 'Maximum', `${least} 1`, 'notBreaching'],
      // A sweep that is gone sends no figure at all.
      ['Invocations', { Ref: functionId('event-sweep') }, 'Sum', `${below} 1`, 'breaching'],
      ['5xx', { Ref: api }, 'Sum', `${least} 5`, 'notBreaching'],
      ['Count', { Ref: api }, 'Sum', `${least} 30000`, 'notBreaching'],
      ['4xx', { Ref: api }, 'Sum', `${least} 3000`, 'notBreaching'],
      ['ThrottledRequests', undefined, 'Sum', `${least} 100`, 'notBreaching'],
      ['ExecutionsFailed', expect.anything(), 'Sum', `${least} 1`, 'notBreaching'],
      // Of the whole account: its functions share the concurrency.
      ['Throttles', undefined, 'Sum', `${least} 1`, 'notBreaching'],
      ['RosterUnusable', undefined, 'Sum', `${least} 1`, 'notBreaching'],
      ...signals.map((name) => [name, undefined, 'Sum', `${least} 1`, 'notBreaching']),
      ['OldestOpenWait', undefined, 'Maximum', `${least} 900`, 'notBreaching'],
      ['UnaccountedChanges', undefined, 'Sum', `${least} 1`, 'notBreaching'],
    ]);
    const ofExecutions = alarms.find(({ MetricName }) => MetricName === 'ExecutionsFailed');
    expect(JSON.stringify(ofExecutions?.Dimensions)).toContain(':stateMachine:holdpoint-production"');
  });

  // The gateway counts 429 among the 4xx only.
  test('counts 429 in the access log', () => {
    const [filter] = properties('AWS::Logs::MetricFilter');
    expect(filter?.FilterPattern).toBe('{ $.status = "429" }');
    const log = (filter?.LogGroupName as { readonly Ref: string } | undefined)?.Ref;
    expect(JSON.stringify(properties('AWS::ApiGatewayV2::Stage')[0]?.AccessLogSettings)).toContain(`{"Ref":"${log}"}`);
    type Counted = { readonly MetricName: string; readonly MetricNamespace: string; readonly MetricValue: string };
    const [metric] = (filter?.MetricTransformations ?? []) as Counted[];
    const alarm = properties('AWS::CloudWatch::Alarm').find(({ MetricName }) => MetricName === metric?.MetricName);
    expect([metric?.MetricValue, metric?.MetricNamespace]).toEqual(['1', alarm?.Namespace]);
  });

  test('is published to the topic, and so is its end', () => {
    for (const { AlarmActions, OKActions, ActionsEnabled } of properties('AWS::CloudWatch::Alarm'))
      expect([AlarmActions, OKActions, ActionsEnabled]).toEqual([[{ Ref: topic }], [{ Ref: topic }], undefined]);
    const policies = properties('AWS::SNS::TopicPolicy').filter(({ Topics }) => JSON.stringify(Topics).includes(`"${topic}"`));
    expect(JSON.stringify(policies)).toContain('"Principal":{"Service":"cloudwatch.amazonaws.com"}');
  });

  test('is counted in the log of every function that reads the roster', () => {
    const filters = properties('AWS::Logs::MetricFilter').filter(({ FilterPattern }) => FilterPattern === '"RosterUnusable"');
    expect(filters.map(({ LogGroupName }) => (LogGroupName as { Ref: string }).Ref.replace(/Logs.*/, '')).sort()).toEqual(
      ['alarm-mailer', 'api-audit', 'api-authorizer', 'api-ci', 'api-people', 'event-reconciler'].map((name) => name.replaceAll('-', '')),
    );
    const counted = filters.map(
      ({ MetricTransformations }) => (MetricTransformations as { MetricName: string; MetricNamespace: string }[])[0],
    );
    const alarm = properties('AWS::CloudWatch::Alarm').find(({ MetricName }) => MetricName === 'RosterUnusable');
    for (const one of counted)
      expect(one).toMatchObject({ MetricName: alarm?.MetricName, MetricNamespace: alarm?.Namespace, MetricValue: '1' });
  });

  test.each([
    ['real', realStage],
    ['local', localStage],
  ] as const)('is mailed by a function on a %s stage', (_which, stage) => {
    const { app } = templatesOf(stage);
    const subscribed = ofType(resourcesOf(app), 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties);
    expect(subscribed.filter(({ TopicArn }) => JSON.stringify(TopicArn) === JSON.stringify({ Ref: topic }))).toEqual([
      {
        Protocol: 'lambda',
        TopicArn: { Ref: topic },
        Endpoint: arn(functionId('alarm-mailer')),
        RedrivePolicy: { deadLetterTargetArn: arn(queueId('UndeliveredEvents')) },
      },
    ]);
    expect(subscribed.filter(({ Protocol }) => Protocol !== 'lambda')).toEqual([]);
  });

  test.each([
    ['OldestOpenWait', 'event-sweep', '{ $.oldestWaitSeconds >= 0 }', '$.oldestWaitSeconds'],
    ['ReviewFailed', 'event-reconciler', '"ReviewFailed"', '1'],
    ['T0Missed', 'event-reconciler', '"T0Missed"', '1'],
    ['RollbackBudgetBreached', 'event-reconciler', '"RollbackBudgetBreached"', '1'],
  ])('%s is counted in the log of %s', (name, logs, pattern, value) => {
    const filters = properties('AWS::Logs::MetricFilter').filter(({ FilterPattern }) => FilterPattern === pattern);
    const alarm = properties('AWS::CloudWatch::Alarm').find(({ MetricName }) => MetricName === name);
    expect(filters.map(({ LogGroupName }) => (LogGroupName as { Ref: string }).Ref.replace(/Logs.*/, ''))).toEqual([
      logs.replaceAll('-', ''),
    ]);
    expect(filters[0]?.MetricTransformations).toEqual([
      { MetricName: name, MetricNamespace: alarm?.Namespace ?? expect.fail('no alarm'), MetricValue: value },
    ]);
  });

  test('stands on the dashboard, each alarm with its figure', () => {
    const [body] = properties('AWS::CloudWatch::Dashboard')
      .map(({ DashboardBody }) => JSON.stringify(DashboardBody))
      .filter((one) => one.includes('OldestOpenWait'));
    for (const { MetricName } of properties('AWS::CloudWatch::Alarm')) {
      const [id] = ofType(resources, 'AWS::CloudWatch::Alarm').find(([, one]) => one.Properties.MetricName === MetricName) ?? [];
      expect(body?.split(`"${id}"`).length, `${MetricName} in the overview and in a widget of its own`).toBeGreaterThanOrEqual(3);
    }
  });

  test('cannot stay unseen in a dead-letter queue: every queue has an alarm', () => {
    const watched = JSON.stringify(properties('AWS::CloudWatch::Alarm'));
    for (const [id] of ofType(resources, 'AWS::SQS::Queue')) expect(watched).toContain(JSON.stringify(arn(id)).replace('Arn', 'QueueName'));
  });
});
