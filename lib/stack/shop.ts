import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import * as gateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

type Props = StackProps & {
  /** Holdpoint's topic for alarm notifications. */
  readonly alarms: sns.ITopic;
  /** The base address of the service, and of the same in staging. */
  readonly url: string;
  readonly stagingUrl: string;
  /** The folders of the bundled handlers: of the service, and of the function that stops its requests. */
  readonly bundle: string;
  readonly stopBundle: string;
};

/** Fixed, because the stage file names what is probed and set back, and it is bundled before anything is deployed. */
export const shopNames = {
  service: 'shop',
  stopRequests: 'shop-stop-requests',
  live: 'live',
  staging: 'staging',
  alarm: 'shop-production-errors',
  namespace: 'Shop',
} as const;
/** What both functions of the service have in common. */
const onLambda = {
  handler: 'index.handler',
  runtime: lambda.Runtime.NODEJS_24_X,
  architecture: lambda.Architecture.ARM_64,
  timeout: Duration.seconds(10),
  memorySize: 256,
} as const;
/** The service answers every method of these paths itself, so that it can say which there are. */
const paths = ['/health', '/orders', '/orders/{id}'];

/**
 * The service that a local run releases (lib/local/shop): a function with versions, the aliases `live` and `staging` behind an HTTP API each,
 * orders, an alarm on what fails through `live`, and the function that stops requests. Both aliases read the same orders; nobody uses `staging`.
 */
export class ShopStack extends Stack {
  constructor(scope: Construct, id: string, { alarms, url, stagingUrl, bundle, stopBundle, ...props }: Props) {
    super(scope, id, { ...props, description: 'The service shop, which the local run releases.' });
    const orders = new dynamodb.Table(this, 'Orders', {
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const service = this.createFunction(orders, bundle);
    const live = new lambda.Alias(this, 'Live', { aliasName: shopNames.live, version: service.currentVersion });
    const staging = new lambda.Alias(this, 'Staging', { aliasName: shopNames.staging, version: service.currentVersion });
    const api = this.createApi(this, 'shop', live);
    const stagingApi = this.createApi(new Construct(this, 'StagingApi'), 'shop-staging', staging);
    this.createStopRequests(orders, stopBundle, { production: api.ref, staging: stagingApi.ref });
    const alarm = this.createAlarm(alarms);
    const outputs = {
      ShopFunction: service.functionName,
      ShopAlias: live.aliasName,
      ShopUrl: url,
      ShopApiId: api.ref,
      ShopStagingUrl: stagingUrl,
      ShopStagingApiId: stagingApi.ref,
      ShopTable: orders.tableName,
      ShopAlarm: alarm.alarmName,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }

  private createFunction(orders: dynamodb.ITable, bundle: string): lambda.Function {
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'The service shop',
    });
    const metrics = new iam.PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': shopNames.namespace } },
    });
    const own = new iam.Policy(this, 'Own', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
        new iam.PolicyStatement({ actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan'], resources: [orders.tableArn] }),
        metrics,
      ],
    });
    Validations.of(own).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'PutMetricData has no resources; the condition limits it to the namespace of the service.',
    });
    const service = new lambda.Function(this, 'Service', {
      functionName: shopNames.service,
      // A version that is deleted with the next deployment could not be gone back to.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
      code: lambda.Code.fromAsset(bundle),
      ...onLambda,
      role,
      logGroup,
      environment: {
        SHOP_TABLE: orders.tableName,
        SHOP_NAMESPACE: shopNames.namespace,
        // For all clients of a local stage. No secret: everybody who reads this file knows it.
        SHOP_TOKEN: 'local-demo',
      },
    });
    acknowledgeExample(service);
    return service;
  }

  /** Holdpoint invokes it in a rollback. It changes nothing but the items that stop requests. */
  private createStopRequests(orders: dynamodb.ITable, bundle: string, apis: Readonly<Record<string, string>>): void {
    const logGroup = new logs.LogGroup(this, 'StopLogs', { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'StopRole', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'The stop of requests of the service shop',
    });
    new iam.Policy(this, 'StopOwn', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
        new iam.PolicyStatement({
          actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
          resources: [orders.tableArn],
          conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['stopped:*'] }, Null: { 'dynamodb:LeadingKeys': 'false' } },
        }),
      ],
    });
    const stop = new lambda.Function(this, 'StopRequests', {
      functionName: shopNames.stopRequests,
      code: lambda.Code.fromAsset(bundle),
      ...onLambda,
      role,
      logGroup,
      environment: { SHOP_TABLE: orders.tableName, SHOP_APIS: this.toJsonString(apis) },
    });
    acknowledgeExample(stop);
  }

  private createApi(scope: Construct, name: string, alias: lambda.Alias): gateway.CfnApi {
    const { partition, region, account } = this;
    const api = new gateway.CfnApi(scope, 'Api', { name, protocolType: 'HTTP', description: 'Orders' });
    alias.addPermission('Api', {
      principal: new iam.ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: `arn:${partition}:execute-api:${region}:${account}:${api.ref}/*/*`,
    });
    const integration = new gateway.CfnIntegration(scope, 'Integration', {
      apiId: api.ref,
      integrationType: 'AWS_PROXY',
      integrationMethod: 'POST',
      payloadFormatVersion: '2.0',
      integrationUri: `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${alias.functionArn}/invocations`,
    });
    const stage = new gateway.CfnStage(scope, 'Stage', {
      apiId: api.ref,
      stageName: '$default',
      autoDeploy: true,
      defaultRouteSettings: { throttlingRateLimit: 200, throttlingBurstLimit: 400 },
    });
    for (const id of ['AwsSolutions-APIG1', 'Serverless-APIGWAccessLogging'])
      Validations.of(stage).acknowledge({ id, reason: 'The service logs one line for each request itself.' });
    for (const path of paths) {
      const route = new gateway.CfnRoute(scope, `Route ${path.replaceAll('/', ' ')}`, {
        apiId: api.ref,
        routeKey: `ANY ${path}`,
        target: `integrations/${integration.ref}`,
      });
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'Everybody may read; the service asks for its token on writes.',
      });
      stage.addDependency(route);
    }
    return api;
  }

  /** Red as soon as one request through the alias fails, and only by what the service measures itself. */
  private createAlarm(alarms: sns.ITopic): cloudwatch.Alarm {
    const errors = new cloudwatch.Metric({
      namespace: shopNames.namespace,
      metricName: 'Errors',
      dimensionsMap: { Alias: shopNames.live },
      statistic: 'Sum',
      period: Duration.seconds(10),
    });
    const alarm = new cloudwatch.Alarm(this, 'Errors', {
      alarmName: shopNames.alarm,
      alarmDescription: 'A request to the shop in production failed.',
      metric: errors,
      threshold: 0,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(alarms));
    alarm.addOkAction(new SnsAction(alarms));
    return alarm;
  }
}

const acknowledgeExample = (one: lambda.Function): void => {
  for (const rule of ['Serverless-LambdaTracing', 'Serverless-LambdaDLQ'])
    Validations.of(one).acknowledge({ id: rule, reason: 'An example that answers synchronously, in local stages only.' });
};
