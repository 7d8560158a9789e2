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
import { feeds } from '../feeds/index.ts';
import type { Capabilities } from './capabilities.ts';

/** How long the bus archives its events. The trail is the record; the archive is for a replay after a mistake of ours. */
const archiveDays = 400;

type Props = { readonly feed: lambda.IFunction; readonly undeliveredEvents: sqs.IQueue; readonly stage: Stage; readonly can: Capabilities };

/** Connects every feed of lib/feeds to one function, by EventBridge rules and the topic for alarm notifications. */
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
    for (const { wiring } of feeds)
      if (wiring.kind === 'rule') {
        const { rule, description, bus, pattern } = wiring;
        new events.Rule(this, rule, {
          ...(bus === 'own' ? { eventBus: this.bus } : {}),
          eventPattern: pattern(stage),
          targets: [
            new targets.LambdaFunction(feed, { deadLetterQueue: undeliveredEvents, retryAttempts: 10, maxEventAge: Duration.hours(2) }),
          ],
          description,
        });
      }
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
