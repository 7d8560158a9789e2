import { Aws, Fn, RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

type Props = {
  /** A local stage can be thrown away, its logs with it. */
  readonly local: boolean;
  /** Who has AWS deliver the log, where no role of ours writes it. */
  readonly delivered?: string;
};

/** A log that is kept for a year, also when its stack goes. */
export const keptLog = (scope: Construct, { local, delivered }: Props): logs.LogGroup =>
  new logs.LogGroup(scope, 'Logs', {
    ...(delivered === undefined ? {} : { logGroupName: deliveredName(delivered) }),
    retention: logs.RetentionDays.ONE_YEAR,
    removalPolicy: local ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  });

/**
 * Under this prefix the delivery needs no entry of its own in the account's policy of logs, which has room for a few only. The end is the stack's
 * own: the log outlives its stack, and the next stack of that name must not find the log's name taken.
 */
const deliveredName = (by: string): string => `/aws/vendedlogs/${by}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;
