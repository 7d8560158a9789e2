import { join } from 'node:path';
import { ArnFormat, Aws, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';
import type { FunctionName } from './bundle.ts';
import { type Grant, grants, type Target } from './grants.ts';
import { keptLog } from './logs.ts';

/** Seconds that a function may take, and its memory in MiB (which is its share of a processor, too). */
const sizes: Readonly<Record<FunctionName, { readonly seconds: number; readonly mebibytes: number }>> = {
  'api-authorizer': { seconds: 10, mebibytes: 512 },
  'api-ci': { seconds: 29, mebibytes: 1024 },
  'api-people': { seconds: 29, mebibytes: 1024 },
  'api-audit': { seconds: 29, mebibytes: 1024 },
  'task-opener': { seconds: 30, mebibytes: 512 },
  'event-reconciler': { seconds: 120, mebibytes: 1024 },
  'event-feed': { seconds: 60, mebibytes: 512 },
  'event-sweep': { seconds: 30, mebibytes: 512 },
};

/** Invoked without anybody waiting: what fails for good is kept in the queue of leftovers. */
const asynchronous: readonly FunctionName[] = ['event-reconciler', 'event-feed', 'event-sweep'];

type Props = {
  readonly name: FunctionName;
  readonly stage: Stage;
  readonly environment: Readonly<Record<string, string>>;
  readonly leftovers: sqs.IQueue;
  /** Where the bundles lie. */
  readonly bundles: string;
};

/** One function per trust: its own bundle, role, log group and grants. */
export class TrustedFunction extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;
  readonly trust: FunctionName;

  constructor(scope: Construct, { name, stage, environment, leftovers, bundles }: Props) {
    super(scope, name);
    this.trust = name;
    const { seconds, mebibytes } = sizes[name];
    const logGroup = keptLog(this, { local: stage.local });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Holdpoint ${name}`,
    });
    this.function = new lambda.Function(this, 'Function', {
      code: lambda.Code.fromAsset(join(bundles, name)),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      role: this.role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      timeout: Duration.seconds(seconds),
      memorySize: mebibytes,
      environment,
      ...(asynchronous.includes(name) ? { retryAttempts: 2, maxEventAge: Duration.hours(1) } : {}),
      description: `Holdpoint ${name} (${stage.name})`,
    });
    // Not under the role: a function waits for everything under its role, and the reconciler's policy names the reconciler.
    const policy = new iam.Policy(this, 'Own', { roles: [this.role] });
    policy.addStatements(
      new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
    );
    if (asynchronous.includes(name)) {
      this.keepLeftovers(leftovers, policy);
      policy.addStatements(new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [leftovers.queueArn] }));
    }
    this.acknowledge();
  }

  /** The destination of failures gets the error beside the event, where a dead-letter queue would get the event alone. */
  private keepLeftovers(leftovers: sqs.IQueue, allowing: iam.Policy): void {
    const config = this.function.node.findChild('EventInvokeConfig').node.defaultChild as lambda.CfnEventInvokeConfig;
    config.destinationConfig = { onFailure: { destination: leftovers.queueArn } };
    // Lambda refuses a destination that the function's role may not send to yet, and CloudFormation makes both at once.
    config.node.addDependency(allowing);
  }

  /** Writes the policy of this function out of the table of grants. `open` names those targets whose members nobody can list beforehand, as cdk-nag shows them. */
  grant(resources: Readonly<Record<Target, readonly string[]>>, open: Readonly<Partial<Record<Target, string>>>): void {
    const policy = new iam.Policy(this, 'Grants', { roles: [this.role] });
    policy.addStatements(...grants[this.trust].map((grant) => statementOf(grant, resources)));
    for (const { on } of grants[this.trust])
      if (open[on] !== undefined)
        Validations.of(policy).acknowledge({
          id: `AwsSolutions-IAM5[Resource::${open[on]}]`,
          reason:
            'Evidence is named by its digest, an execution by its run, a schedule by its gate. The bucket, the machine and the group are named.',
        });
  }

  private acknowledge(): void {
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaTracing',
      reason:
        'A run is followed by its trail and by one log line per call with the run in it; traces would need an agent in the bundle and a permission on every resource.',
    });
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaDLQ',
      reason: asynchronous.includes(this.trust)
        ? 'What fails for good goes to the destination of failures, with its error.'
        : 'Invoked synchronously: whoever calls gets the fault.',
    });
  }
}

const throughDynamo = (region: string): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
  StringEquals: { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` },
});

const statementOf = ({ on, actions }: Grant, resources: Readonly<Record<Target, readonly string[]>>): iam.PolicyStatement =>
  new iam.PolicyStatement({
    sid: on
      .split('-')
      .map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)
      .join(''),
    actions: [...actions],
    resources: [...resources[on]],
    ...conditionsOf(on),
  });

/** The tokens' key serves through DynamoDB only; the schedules' role may be handed to Scheduler only. */
const conditionsOf = (on: Target): { readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>> } => {
  if (on === 'tokens-key') return { conditions: throughDynamo(Aws.REGION) };
  if (on === 'schedule-role') return { conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } } };
  return {};
};

/** The ARN of a machine's executions. */
export const executionsOf = (scope: Construct, machineName: string): string =>
  Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${machineName}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
