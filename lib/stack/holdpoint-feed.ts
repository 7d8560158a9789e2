import { Aws, CfnOutput, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { stageNamePattern } from '../checklist/stage.ts';
import type { EventPattern } from '../feeds/event-pattern.ts';
import { feeds } from '../feeds/index.ts';
import { type ActuatorProps, actuatorRole, type MadeRole, type ObserverProps, observerRole } from './holdpoint-feed-roles.ts';

type Props = {
  /** ARN of the bus of the stage: the output `BusArn` of Holdpoint's stack, which may be in another account and region. */
  readonly bus: string;
  /**
   * The name of that stage, which stands in the names of the roles. Needed where two stages of Holdpoint observe this account and region:
   * each has roles of its own then.
   */
  readonly stage?: string | undefined;
  /** Which functions of Holdpoint may do what in this account. */
  readonly actuator?: ActuatorProps | undefined;
  readonly observer?: ObserverProps | undefined;
  /** ARNs of SNS topics of this region that hear of events which could not be forwarded. */
  readonly alarmTopics?: readonly string[] | undefined;
};

/**
 * What a workload account deploys in each of its regions: it forwards the events that Holdpoint reads to the bus of the stage, and holds the
 * roles with which Holdpoint takes a release back and sees what runs. Events that cannot be forwarded stay in a queue for 14 days, with an
 * alarm.
 */
export class HoldpointFeed extends Construct {
  readonly undelivered: sqs.CfnQueue;
  readonly alarm: cloudwatch.CfnAlarm;
  readonly actuator: MadeRole | undefined;
  readonly observer: MadeRole | undefined;

  constructor(scope: Construct, id: string, { bus, stage, actuator, observer, alarmTopics }: Props) {
    super(scope, id);
    if (stage !== undefined && !stageNamePattern.test(stage))
      throw new Error(`HoldpointFeed: stage: got ${JSON.stringify(stage)}, expected the name of the stage as its stage file has it`);
    this.undelivered = new sqs.CfnQueue(this, 'Undelivered', {
      sqsManagedSseEnabled: true,
      messageRetentionPeriod: Duration.days(14).toSeconds(),
    });
    this.alarm = this.alarmOnUndelivered(alarmTopics ?? []);
    const role = this.forwardingRole(bus);
    const rules = this.forward(bus, role);
    this.admit(rules);
    new CfnOutput(this, 'UndeliveredQueueUrl', { value: this.undelivered.ref, description: 'Events that could not be forwarded' });
    if (actuator !== undefined) this.actuator = actuatorRole(this, { ...actuator, stage });
    if (observer !== undefined) this.observer = observerRole(this, { ...observer, stage });
  }

  /** Not by the bus: what lies in the queue is what the bus did not take, and the alarm would lie beside it. */
  private alarmOnUndelivered(topics: readonly string[]): cloudwatch.CfnAlarm {
    return new cloudwatch.CfnAlarm(this, 'UndeliveredAlarm', {
      alarmDescription:
        'Events of this account could not be forwarded to Holdpoint. The attributes of the messages in the queue name the rule and the error. Mend the cause (the policy of the bus, its ARN, the role), then start a redrive or delete the messages: what did not reach Holdpoint shows in its reviews as a difference.',
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensions: [{ name: 'QueueName', value: this.undelivered.attrQueueName }],
      statistic: 'Maximum',
      period: Duration.minutes(5).toSeconds(),
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      treatMissingData: 'notBreaching',
      ...(topics.length === 0 ? {} : { alarmActions: [...topics], okActions: [...topics] }),
    });
  }

  private forwardingRole(bus: string): iam.CfnRole {
    return new iam.CfnRole(this, 'Forwarding', {
      description: 'Lets EventBridge forward events to Holdpoint',
      assumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      policies: [{ policyName: 'Bus', policyDocument: policy({ Effect: 'Allow', Action: 'events:PutEvents', Resource: bus }) }],
    });
  }

  private forward(bus: string, role: iam.CfnRole): readonly events.CfnRule[] {
    return feeds.flatMap(({ wiring }) => {
      if (wiring.kind !== 'rule' || wiring.forwarded === undefined) return [];
      const { source, detailType, resources, detail }: EventPattern = wiring.forwarded;
      return [
        new events.CfnRule(this, wiring.rule, {
          description: `${wiring.rule} for Holdpoint`,
          eventPattern: {
            ...(source === undefined ? {} : { source }),
            ...(detailType === undefined ? {} : { 'detail-type': detailType }),
            ...(resources === undefined ? {} : { resources }),
            ...(detail === undefined ? {} : { detail }),
          },
          targets: [
            {
              id: 'Holdpoint',
              arn: bus,
              roleArn: role.attrArn,
              deadLetterConfig: { arn: this.undelivered.attrArn },
              retryPolicy: { maximumRetryAttempts: 100, maximumEventAgeInSeconds: Duration.hours(6).toSeconds() },
            },
          ],
        }),
      ];
    });
  }

  private admit(rules: readonly events.CfnRule[]): void {
    const queue = this.undelivered;
    new sqs.CfnQueuePolicy(this, 'UndeliveredPolicy', {
      queues: [queue.ref],
      policyDocument: policy(
        {
          Sid: 'Rules',
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: queue.attrArn,
          Condition: { ArnEquals: { 'aws:SourceArn': rules.map(({ attrArn }) => attrArn) } },
        },
        {
          Sid: 'EncryptedOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sqs:*',
          Resource: queue.attrArn,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ),
    });
  }
}

const policy = (...statements: readonly object[]): object => ({ Version: '2012-10-17', Statement: statements });
