import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';
import type { Capabilities } from './capabilities.ts';

/** How long the bus keeps what it carried. The trail is the record; this is for a second reading after a mistake. */
const archiveDays = 400;

type Props = { readonly feed: lambda.IFunction; readonly undeliveredEvents: sqs.IQueue; readonly stage: Stage; readonly can: Capabilities };

/** What the world reports, on three ways to one function: our own bus, changes of CloudWatch alarms, and their notifications through SNS. */
export class Feeds extends Construct {
  readonly bus: events.EventBus;
  readonly alarms: sns.Topic;

  constructor(scope: Construct, id: string, { feed, undeliveredEvents, stage, can }: Props) {
    super(scope, id);
    this.bus = new events.EventBus(this, 'Bus', {
      eventBusName: `holdpoint-${stage.name}`,
      description: 'Observations of deployed services',
    });
    if (can.busArchive)
      this.bus.archive('Archive', { eventPattern: { account: [Stack.of(this).account] }, retention: Duration.days(archiveDays) });
    const target = () =>
      new targets.LambdaFunction(feed, { deadLetterQueue: undeliveredEvents, retryAttempts: 10, maxEventAge: Duration.hours(2) });
    new events.Rule(this, 'Observations', {
      eventBus: this.bus,
      eventPattern: { detailType: ['observation.reported'] },
      targets: [target()],
      description: 'Reports of our own bus',
    });
    new events.Rule(this, 'Alarms', {
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        detail: { alarmName: stage.services.map(({ alarmPrefix }) => ({ prefix: alarmPrefix })) },
      },
      targets: [target()],
      description: 'Alarms of the services of this stage',
    });
    this.alarms = this.createTopic(feed, undeliveredEvents);
    new CfnOutput(Stack.of(this), 'BusName', { value: this.bus.eventBusName });
    new CfnOutput(Stack.of(this), 'AlarmTopicArn', { value: this.alarms.topicArn });
  }

  private createTopic(feed: lambda.IFunction, undeliveredEvents: sqs.IQueue): sns.Topic {
    const topic = new sns.Topic(this, 'AlarmTopic', { displayName: 'Alarm notifications for Holdpoint', enforceSSL: true });
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } } }),
    );
    topic.addSubscription(new subscriptions.LambdaSubscription(feed, { deadLetterQueue: undeliveredEvents }));
    return topic;
  }
}
