import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

type Props = { readonly group: string; readonly undelivered: sqs.IQueue };

/** One-time schedules for what happens at an instant, and a sweep every minute that does what was missed. */
export class Scheduling extends Construct {
  readonly group: string;
  readonly role: iam.Role;
  /** The schedules of the group. */
  readonly schedules: string;
  readonly undelivered: sqs.IQueue;

  constructor(scope: Construct, id: string, { group, undelivered }: Props) {
    super(scope, id);
    const { account } = Stack.of(this);
    const made = new scheduler.CfnScheduleGroup(this, 'Group', { name: group });
    this.group = made.ref;
    this.undelivered = undelivered;
    this.schedules = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${group}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    this.role = new iam.Role(this, 'ScheduleRole', {
      description: 'Lets one-time schedules ask the reconciler',
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnEquals: { 'aws:SourceArn': made.attrArn } },
      }),
    });
  }

  /** Wires what time drives. Apart from the constructor, because the reconciler is told the group and the role before it exists. */
  drive(reconciler: lambda.IFunction, sweep: lambda.IFunction): void {
    new iam.Policy(this, 'AskSettler', {
      roles: [this.role],
      statements: [
        new iam.PolicyStatement({ sid: 'Reconciler', actions: ['lambda:InvokeFunction'], resources: [reconciler.functionArn] }),
        new iam.PolicyStatement({ sid: 'Undelivered', actions: ['sqs:SendMessage'], resources: [this.undelivered.queueArn] }),
      ],
    });
    new events.Rule(this, 'Sweep', {
      schedule: events.Schedule.rate(Duration.minutes(1)),
      // An old beat is worth nothing: the next one reads everything that is due.
      targets: [
        new targets.LambdaFunction(sweep, { deadLetterQueue: this.undelivered, retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
      ],
      description: 'Asks the reconciler for everything that is due',
    });
  }
}
