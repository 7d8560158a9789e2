import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';

type Props = {
  readonly stage: Stage;
  readonly leftovers: sqs.IQueue;
  readonly undelivered: sqs.IQueue;
  readonly sweep: lambda.IFunction;
  readonly api: string;
};

/** Long enough that one slow minute is none, short enough for somebody who waits for a release. */
const period = Duration.minutes(5);

/**
 * Who watches the watcher: what went wrong with Holdpoint itself, told to the operations leads past Holdpoint's own mails. A run's
 * troubles are not here; those open its incident gate.
 */
export class OperationalAlarms extends Construct {
  private readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, { stage, leftovers, undelivered, sweep, api }: Props) {
    super(scope, id);
    this.topic = this.createTopic(stage);
    const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD: least, LESS_THAN_THRESHOLD: below } = cloudwatch.ComparisonOperator;
    const { NOT_BREACHING, BREACHING } = cloudwatch.TreatMissingData;
    const waiting = { period, statistic: cloudwatch.Stats.MAXIMUM };
    this.alarm('Leftovers', 'A function gave up on what it was asked, after its retries: read the queue of leftovers.', {
      metric: leftovers.metricApproximateNumberOfMessagesVisible(waiting),
      comparisonOperator: least,
      treatMissingData: NOT_BREACHING,
    });
    this.alarm('Undelivered', 'An event, a schedule or a notification did not reach its function: read the queue of the undelivered.', {
      metric: undelivered.metricApproximateNumberOfMessagesVisible(waiting),
      comparisonOperator: least,
      treatMissingData: NOT_BREACHING,
    });
    this.alarm('Silent', 'The sweep has not beaten: nothing that is due is done, deadlines and windows included.', {
      metric: sweep.metricInvocations({ period, statistic: cloudwatch.Stats.SUM }),
      comparisonOperator: below,
      treatMissingData: BREACHING,
    });
    this.alarm('Faults', 'The API answers with faults of its own: read the logs of its functions.', {
      metric: new cloudwatch.Metric({
        namespace: 'AWS/ApiGateway',
        metricName: '5xx',
        dimensionsMap: { ApiId: api },
        period,
        statistic: cloudwatch.Stats.SUM,
      }),
      threshold: 5,
      comparisonOperator: least,
      treatMissingData: NOT_BREACHING,
    });
  }

  private alarm(
    id: string,
    alarmDescription: string,
    props: Omit<cloudwatch.AlarmProps, 'threshold' | 'evaluationPeriods'> & { readonly threshold?: number },
  ): void {
    const alarm = new cloudwatch.Alarm(this, id, { threshold: 1, ...props, evaluationPeriods: 1, alarmDescription });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }

  /** Subscribers confirm once, by the mail that they get; other channels subscribe to the topic themselves. Locally nobody is mailed. */
  private createTopic({ roster, local }: Stage): sns.Topic {
    const topic = new sns.Topic(this, 'Topic', { displayName: 'Holdpoint about itself', enforceSSL: true });
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } } }),
    );
    for (const { address, roles } of local ? [] : roster)
      if (roles.includes('operations-lead')) topic.addSubscription(new subscriptions.EmailSubscription(address));
    new CfnOutput(Stack.of(this), 'WatchTopicArn', { value: topic.topicArn });
    return topic;
  }
}
