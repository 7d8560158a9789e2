import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { unmappedTerm } from '../feeds/feed.ts';

type Props = {
  readonly name: string;
  readonly feed: lambda.IFunction & { readonly logGroup: logs.ILogGroup };
  readonly queues: readonly sqs.IQueue[];
};

const period = Duration.minutes(5);

/**
 * What arrives and what does not. Events that belong to no service are counted and shown, and raise no alarm: an observed account has other
 * services, too. A name that is missing in the stage file shows here.
 */
export class FeedsDashboard extends Construct {
  constructor(scope: Construct, id: string, { name, feed, queues }: Props) {
    super(scope, id);
    const unmapped = new logs.MetricFilter(this, 'UnmappedEvents', {
      logGroup: feed.logGroup,
      filterPattern: logs.FilterPattern.allTerms(unmappedTerm),
      metricNamespace: `Holdpoint/${Stack.of(this).stackName}`,
      metricName: 'UnmappedEvents',
    });
    const sum = { period, statistic: cloudwatch.Stats.SUM };
    new cloudwatch.Dashboard(this, 'Feeds', {
      dashboardName: `${name}-feeds-${Stack.of(this).region}`,
      widgets: [
        [
          new cloudwatch.GraphWidget({
            title: 'Deliveries to the feed, and those with an event of no service of the stage',
            left: [feed.metricInvocations({ ...sum, label: 'deliveries' }), unmapped.metric({ ...sum, label: 'of no service' })],
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
            title: 'Events of no service of the stage',
            logGroupNames: [feed.logGroup.logGroupName],
            queryLines: [
              'fields @timestamp, declined, refused',
              `filter @message like /${unmappedTerm}/`,
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
