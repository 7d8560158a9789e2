import { Aws, CfnOutput, Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EventPattern } from '../feeds/event-pattern.ts';
import { feeds } from '../feeds/index.ts';

/** Who may change what in this account to take a release back. */
export type ActuatorProps = {
  /** ARN of the role of Holdpoint's actuator function: nobody else may assume the role. */
  readonly trustedRole: string;
  /** Both sides name it, so that Holdpoint cannot be made to act for somebody else. */
  readonly externalId: string;
  /** ARNs of functions whose alias may be shifted. */
  readonly functions: readonly string[];
  /** ARNs of functions that a step may invoke, with their version or alias where one is named. */
  readonly invoked: readonly string[];
  /** ARNs of ECS services that may be updated. */
  readonly services: readonly string[];
};

type Props = {
  /** ARN of the bus of the stage: the output `BusArn` of Holdpoint's stack, which may be in another account and region. */
  readonly bus: string;
  readonly actuator?: ActuatorProps | undefined;
};

/** Name of the actuators' role. Roles belong to an account, and the construct to a region of it. */
export const actuatorRoleName = `HoldpointActuator-${Aws.REGION}`;

/**
 * What a workload account deploys in each of its regions: it forwards the events that Holdpoint reads to the bus of the stage, and holds the
 * role with which Holdpoint takes a release back. Events that cannot be forwarded stay in a queue for 14 days.
 */
export class HoldpointFeed extends Construct {
  readonly undelivered: sqs.CfnQueue;
  readonly actuator: iam.CfnRole | undefined;
  /** One policy of the actuators' role for each kind of resource that it may change. */
  readonly permissions: { readonly [kind in 'functions' | 'invoked' | 'services']?: iam.CfnRolePolicy } = {};

  constructor(scope: Construct, id: string, { bus, actuator }: Props) {
    super(scope, id);
    this.undelivered = new sqs.CfnQueue(this, 'Undelivered', {
      sqsManagedSseEnabled: true,
      messageRetentionPeriod: Duration.days(14).toSeconds(),
    });
    const role = this.forwardingRole(bus);
    const rules = this.forward(bus, role);
    this.admit(rules);
    new CfnOutput(this, 'UndeliveredQueueUrl', { value: this.undelivered.ref, description: 'Events that could not be forwarded' });
    if (actuator === undefined) return;
    this.actuator = this.actuatorRole(actuator);
    this.permissions = this.permit(this.actuator, actuator);
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

  private actuatorRole({ trustedRole, externalId }: ActuatorProps): iam.CfnRole {
    return new iam.CfnRole(this, 'Actuator', {
      roleName: actuatorRoleName,
      description: 'Lets Holdpoint take releases back',
      assumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Principal: { AWS: trustedRole },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': externalId } },
      }),
    });
  }

  private permit(role: iam.CfnRole, { functions, invoked, services }: ActuatorProps): HoldpointFeed['permissions'] {
    const made = (id: string, ...statements: readonly object[]): iam.CfnRolePolicy =>
      new iam.CfnRolePolicy(this, id, { roleName: role.ref, policyName: id, policyDocument: policy(...statements) });
    const allow = (actions: readonly string[], resources: readonly string[]) => ({ Effect: 'Allow', Action: actions, Resource: resources });
    return {
      ...(functions.length === 0
        ? {}
        : {
            functions: made('ShiftAliases', allow(['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetFunctionConfiguration'], functions)),
          }),
      ...(invoked.length === 0 ? {} : { invoked: made('InvokeFunctions', allow(['lambda:InvokeFunction'], invoked)) }),
      ...(services.length === 0
        ? {}
        : {
            services: made(
              'UpdateServices',
              allow(['ecs:DescribeServices', 'ecs:UpdateService'], services),
              // ECS offers this action for all task definitions only.
              allow(['ecs:DescribeTaskDefinition'], ['*']),
            ),
          }),
    };
  }
}

const policy = (...statements: readonly object[]): object => ({ Version: '2012-10-17', Statement: statements });
