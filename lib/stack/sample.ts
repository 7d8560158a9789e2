import { fileURLToPath } from 'node:url';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** The service that a local run releases: one function with versions, and the alias `live` as production. */
export class SampleStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, { ...props, description: 'The sample service that the local run releases.' });
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'The sample service',
    });
    new iam.Policy(this, 'Own', {
      roles: [role],
      statements: [new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] })],
    });
    const service = new lambda.Function(this, 'Service', {
      code: lambda.Code.fromAsset(fileURLToPath(new URL('./sample-app/', import.meta.url))),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      role,
      logGroup,
      timeout: Duration.seconds(5),
      memorySize: 256,
    });
    const live = new lambda.Alias(this, 'Live', { aliasName: 'live', version: service.currentVersion });
    for (const id of ['Serverless-LambdaTracing', 'Serverless-LambdaDLQ'])
      Validations.of(service).acknowledge({ id, reason: 'A sample that answers health questions synchronously, in local stages only.' });
    new CfnOutput(this, 'SampleFunction', { value: service.functionName });
    new CfnOutput(this, 'SampleAlias', { value: live.aliasName });
  }
}
