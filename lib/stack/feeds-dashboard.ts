import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ambiguousTerm, unmappedTerm } from '../feeds/feed.ts';

type Props = {
  readonly name: string;
  readonly feed: lambda.IFunction & { readonly logGroup: logs.ILogGroup };
  readonly queues: readonly sqs.IQueue[];
};

const period = Duration.minutes(5);

/**
 * What arrives and what does not. Events that belong to no service are counted and shown, and raise no alarm: an observed account has other
 * services, too. A name that is missing in the stage file shows here, and so does one that fits too much.
 */
export class FeedsDashboard extends Construct {
  constructor(scope: Construct, id: string, { name, feed, queues }: Props) {
    super(scope, id);
    const counted = (metricName: string, term: string): logs.MetricFilter =>
      new logs.MetricFilter(this, metricName, {
        logGroup: feed.logGroup,
        filterPattern: logs.FilterPattern.allTerms(term),
        metricNamespace: `Holdpoint/${Stack.of(this).stackName}`,
        metricName,
      });
    const unmapped = counted('UnmappedEvents', unmappedTerm);
    const ambiguous = counted('AmbiguousEvents', ambiguousTerm);
    const sum = { period, statistic: cloudwatch.Stats.SUM };
    new cloudwatch.Dashboard(this, 'Feeds', {
      dashboardName: `${name}-feeds-${Stack.of(this).region}`,
      widgets: [
        [
          new cloudwatch.GraphWidget({
            title: 'Deliveries to the feed, and those with an event of no service of the stage or of more than it says',
            left: [
              feed.metricInvocations({ ...sum, label: 'deliveries' }),
              unmapped.metric({ ...sum, label: 'of no service' }),
              ambiguous.metric({ ...sum, label: 'recorded in several places' }),
            ],
            width: 12,
          }),
          new cloudwatch.GraphWidget({
            title: 'Dead-letter queues',
            left: queues.map((queue) =>
              queue.metricApproximateNumberOfMessagesVisible({ period, statistic: cloudwatch.Stats.MAXIMUM, label: queue.node.id }),
            ),
            width: 12,
          }),
        ],
        [
          new cloudwatch.LogQueryWidget({
            title: 'Events of no service of the stage, and events that were recorded in several places',
            logGroupNames: [feed.logGroup.logGroupName],
            queryLines: [
              'fields @timestamp, declined, refused',
              `filter @message like /${unmappedTerm}|${ambiguousTerm}/`,
              'sort @timestamp desc',
              'limit 50',
            ],
            width: 24,
          }),
        ],
      ],
    });
  }
}
