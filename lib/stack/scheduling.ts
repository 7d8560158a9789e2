import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { TrustedFunction } from './functions.ts';

type Props = { readonly group: string; readonly undeliveredEvents: sqs.IQueue };

/** One-time schedules call the reconciler at an instant; a sweep every minute does what a lost call left undone. */
export class Scheduling extends Construct {
  readonly group: string;
  readonly role: iam.Role;
  /** The schedules of the group. */
  readonly schedules: string;
  readonly undeliveredEvents: sqs.IQueue;

  constructor(scope: Construct, id: string, { group, undeliveredEvents }: Props) {
    super(scope, id);
    const { account } = Stack.of(this);
    const made = new scheduler.CfnScheduleGroup(this, 'Group', { name: group });
    this.group = made.ref;
    this.undeliveredEvents = undeliveredEvents;
    this.schedules = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${group}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    this.role = new iam.Role(this, 'ScheduleRole', {
      description: 'Lets one-time schedules call the reconciler',
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnEquals: { 'aws:SourceArn': made.attrArn } },
      }),
    });
  }

  /** Not in the constructor, because the reconciler's variables name the group and the role: it is made after them. */
  connect(reconciler: lambda.IFunction, sweep: TrustedFunction): void {
    new iam.Policy(this, 'CallReconciler', {
      roles: [this.role],
      statements: [
        new iam.PolicyStatement({ sid: 'Reconciler', actions: ['lambda:InvokeFunction'], resources: [reconciler.functionArn] }),
        new iam.PolicyStatement({ sid: 'UndeliveredEvents', actions: ['sqs:SendMessage'], resources: [this.undeliveredEvents.queueArn] }),
      ],
    });
    const rule = new events.Rule(this, 'Sweep', {
      schedule: events.Schedule.rate(Duration.minutes(1)),
      // No retry: the next sweep reads everything that is due.
      targets: [
        new targets.LambdaFunction(sweep.function, {
          deadLetterQueue: this.undeliveredEvents,
          retryAttempts: 0,
          maxEventAge: Duration.minutes(1),
        }),
      ],
      description: 'Calls the reconciler for everything that is due',
    });
    rule.node.addDependency(sweep.grants);
  }

  /** From T0 on somebody must look at a released service at once, and not only when an alarm says so. */
  watch(collector: TrustedFunction): void {
    const rule = new events.Rule(this, 'Watch', {
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [
        new targets.LambdaFunction(collector.function, {
          event: events.RuleTargetInput.fromObject({ watch: true }),
          deadLetterQueue: this.undeliveredEvents,
          // No retry: the next look is a minute later.
          retryAttempts: 0,
          maxEventAge: Duration.minutes(1),
        }),
      ],
      description: 'Probes the services of open runs from T0 on',
    });
    rule.node.addDependency(collector.grants);
  }
}
