import { Aws, Fn, RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';

type Props = {
  /** A local or removable stage is deleted with its logs. */
  readonly stage: Pick<Stage, 'local' | 'removable'>;
  /** Name of the resource whose log AWS delivers; undefined where a role of ours writes the log. */
  readonly delivered?: string;
};

/** A log group with a retention of one year, retained when its stack is deleted. */
export const keptLog = (scope: Construct, { stage, delivered }: Props): logs.LogGroup =>
  new logs.LogGroup(scope, 'Logs', {
    ...(delivered === undefined ? {} : { logGroupName: deliveredName(delivered) }),
    retention: logs.RetentionDays.ONE_YEAR,
    removalPolicy: stage.local || stage.removable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });

/**
 * Under this prefix a delivery needs no entry in the account's resource policy for logs, whose size is limited. The suffix is unique to the
 * stack: the log group outlives it, and a later stack of the same name needs another log group name.
 */
const deliveredName = (by: string): string => `/aws/vendedlogs/${by}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;
