import { join } from 'node:path';
import { ArnFormat, Aws, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';
import { type FunctionFacts, type FunctionName, factsOf, type Grant, type Target } from '../lambda-manifest.ts';
import { keptLog } from './logs.ts';
import { observedClusters } from './observed.ts';

type Props = {
  readonly name: FunctionName;
  readonly stage: Stage;
  readonly environment: Readonly<Record<string, string>>;
  readonly failedInvocations: sqs.IQueue;
  /** The folder with the bundles. */
  readonly bundles: string;
};

/** Targets with a wildcard in their resources, as cdk-nag writes them. */
export type Wildcards = Readonly<Partial<Record<Target, string | readonly string[]>>>;
/** What bounds a grant beside its resource. */
type Limits = { readonly mailFrom: string; readonly clusters: readonly string[] };

/**
 * The path of a function's role, in which its name stands. The policies of the audit table and of the evidence bucket name roles by it,
 * because their stack is deployed before the roles have names.
 */
export const rolePath = (stage: string, name: FunctionName): string => `/holdpoint/${stage}/${Aws.REGION}/${name}/`;
/** The ARNs of a function's role, for a comparison with `aws:PrincipalArn`. */
export const roleArnPattern = (stage: string, name: FunctionName): string =>
  `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role${rolePath(stage, name)}*`;

/** The name of a function that another one calls which it calls, too: references both ways would be a circle. */
export const functionNameOf = (stage: string, name: FunctionName): string => `holdpoint-${stage}-${name}`;

/** One Lambda function with its own bundle, role, log group and grants. */
export class TrustedFunction extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;
  /** What the function may do. Whatever calls the function by itself is made after it. */
  readonly grants: iam.Policy;
  private readonly facts: FunctionFacts;
  private readonly limits: Limits;

  constructor(scope: Construct, { name, stage, environment, failedInvocations, bundles }: Props) {
    super(scope, name);
    this.facts = factsOf(name);
    this.limits = { mailFrom: stage.mailFrom, clusters: observedClusters(Stack.of(this), stage) };
    const { seconds, mebibytes, invoked, settlesGates } = this.facts;
    const isAsynchronous = invoked === 'asynchronously';
    const logGroup = keptLog(this, { stage });
    this.role = new iam.Role(this, 'Role', {
      path: rolePath(stage.name, name),
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Holdpoint ${name}`,
    });
    this.function = new lambda.Function(this, 'Function', {
      ...(this.facts.named ? { functionName: functionNameOf(stage.name, name) } : {}),
      code: lambda.Code.fromAsset(join(bundles, name)),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      role: this.role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      // Our own line says what a call did and how long it took. Lambda's lines about calls that went well are more than half of a log.
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      timeout: Duration.seconds(seconds),
      memorySize: mebibytes,
      ...(settlesGates ? { reservedConcurrentExecutions: stage.reservedExecutions } : {}),
      environment,
      ...(isAsynchronous ? { retryAttempts: 2, maxEventAge: Duration.hours(1) } : {}),
      description: `Holdpoint ${name} (${stage.name})`,
    });
    // Not a child of the role: a function depends on everything under its role, and the reconciler's policy names the reconciler.
    const policy = new iam.Policy(this, 'Own', { roles: [this.role] });
    policy.addStatements(
      new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
    );
    if (isAsynchronous) {
      this.keepFailed(failedInvocations, policy);
      policy.addStatements(new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [failedInvocations.queueArn] }));
    }
    this.grants = new iam.Policy(this, 'Grants', { roles: [this.role] });
    this.acknowledge();
  }

  /** A failure destination gets the error with the event; a dead-letter queue would get the event alone. */
  private keepFailed(queue: sqs.IQueue, allowing: iam.Policy): void {
    const config = this.function.node.findChild('EventInvokeConfig').node.defaultChild as lambda.CfnEventInvokeConfig;
    config.destinationConfig = { onFailure: { destination: queue.queueArn } };
    // Lambda rejects a destination that the role may not send to yet, and CloudFormation would create both at once.
    config.node.addDependency(allowing);
  }

  /** Attaches the function's grants. `wildcards` names the targets whose members do not exist at deployment, as cdk-nag reports them. */
  grant(resources: Readonly<Record<Target, readonly string[]>>, wildcards: Wildcards): void {
    const grants = this.facts.grants.filter(({ on }) => resources[on].length > 0);
    this.grants.addStatements(...grants.map((grant) => statementOf(grant, resources, this.limits)));
    for (const { on } of grants)
      for (const wildcard of [wildcards[on] ?? []].flat())
        Validations.of(this.grants).acknowledge({
          id: `AwsSolutions-IAM5[Resource::${wildcard}]`,
          reason: on.startsWith('observed-')
            ? 'CloudWatch and ECS know no narrower resource for these requests, which only read. Tasks have no name before they run; listing them is bound to the named clusters.'
            : 'Evidence is named by its digest, an execution by its run, a schedule by its gate, a version of a function by its number, so none exists at deployment. The bucket, the machine, the group and the function are named.',
        });
  }

  private acknowledge(): void {
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaTracing',
      reason:
        'The audit trail and one log line per call show what happened to a run; traces would need an agent in the bundle and a permission on every resource.',
    });
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaDLQ',
      reason:
        this.facts.invoked === 'asynchronously'
          ? 'Events that still fail after the retries go to the failure destination, with their error.'
          : 'Invoked synchronously: the caller gets the error.',
    });
  }
}

const throughDynamo = (region: string): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
  StringEquals: { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` },
});

const statementOf = ({ on, actions }: Grant, resources: Readonly<Record<Target, readonly string[]>>, limits: Limits): iam.PolicyStatement =>
  new iam.PolicyStatement({
    sid: on
      .split('-')
      .map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)
      .join(''),
    actions: [...actions],
    resources: [...resources[on]],
    ...conditionsOf(on, limits),
  });

/**
 * Of the idempotency table, the records of sessions only, or those of uploads and the counters; the tokens key is used through DynamoDB only; the schedule role is passed to
 * Scheduler only; mails have the stage's sender; tasks are listed of the named clusters.
 */
const conditionsOf = (
  on: Target,
  { mailFrom, clusters }: Limits,
): { readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>> } => {
  if (on === 'uploads') return { conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['upload/*', 'quota/*'] } } };
  if (on === 'ended-sessions') return { conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['session/*'] } } };
  if (on === 'tokens-key') return { conditions: throughDynamo(Aws.REGION) };
  if (on === 'schedule-role') return { conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } } };
  if (on === 'mail') return { conditions: { StringEquals: { 'ses:FromAddress': /<([^>]*)>/.exec(mailFrom)?.[1] ?? mailFrom } } };
  if (on === 'observed-clusters') return { conditions: { ArnEquals: { 'ecs:cluster': clusters } } };
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
