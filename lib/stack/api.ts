import { ArnFormat, CfnOutput, type CfnResource, Stack } from 'aws-cdk-lib';
import * as gateway from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { RouteFunction } from '../api/operation.ts';
import { defaultFunction, routes } from '../api/routes.ts';
import { type ThrottleKind, throttles } from '../api/throttle.ts';
import type { Stage } from '../checklist/stage.ts';
import { keptLog } from './logs.ts';

const all = [
  ...routes.map(({ method, path, function: served, throttle }) => ({ key: `${method} ${path}`, to: served, throttle })),
  { key: '$default', to: defaultFunction, throttle: 'elsewhere' },
] as const;

/** The spelling of CloudFormation inside of a map. */
const settingsOf = (kind: ThrottleKind) => ({
  ThrottlingRateLimit: throttles[kind].rate,
  ThrottlingBurstLimit: throttles[kind].burst,
});

/** Longer than the longest function, within API Gateway's 30 seconds. */
const waitMs = 30_000;

/** One line per request. Without path, query and address, because links are secrets and the audit trail has the actors. */
const accessLog = JSON.stringify({
  request: '$context.requestId',
  at: '$context.requestTimeEpoch',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationMs: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
  error: '$context.error.responseType',
  authorizer: '$context.authorizer.error',
});

type Props = {
  readonly functions: Readonly<Record<RouteFunction, lambda.IFunction>>;
  readonly authorizer: lambda.IFunction;
  readonly stage: Stage;
};

/**
 * The HTTP API: one route for each entry of the route table, all behind the authorizer. The authorizer is called for every request: it caches
 * nothing and has no identity source, so it also gets requests without a token. Our functions refuse, not the authorizer.
 */
export class PublicApi extends Construct {
  readonly id: string;
  readonly url: string;
  /** The access log, one line a request. */
  readonly accessLog: logs.ILogGroup;

  constructor(scope: Construct, id: string, { functions, authorizer, stage }: Props) {
    super(scope, id);
    const api = new gateway.CfnApi(this, 'Api', {
      name: `Holdpoint of ${Stack.of(this).stackName}`,
      protocolType: 'HTTP',
      description: 'Runs, evidence, approvals, audit',
      // What stands before the domain, such as a firewall, is not walked around.
      disableExecuteApiEndpoint: stage.domain !== undefined,
    });
    this.id = api.ref;
    this.url = api.attrApiEndpoint;
    this.accessLog = keptLog(this, { stage, delivered: `apis/${Stack.of(this).stackName}` });
    const last = this.createRoutes(api, { functions, authorizer });
    const served = this.createStage(api);
    // The stage deploys by itself whenever a route changes, and refuses settings of a route that does not exist: it is made when all are there.
    served.node.addDependency(last);
    const { hostname } = new URL(stage.publicUrl);
    if (stage.domain !== undefined) this.createDomain(hostname, stage.domain.certificateArn, served);
    this.output('ApiUrl', this.url);
    const mapped = stage.local || stage.domain !== undefined;
    this.output('ApiId', this.id, mapped ? undefined : `Map the domain ${hostname} to this API, stage $default`);
  }

  private createRoutes(api: gateway.CfnApi, { functions, authorizer }: Pick<Props, 'functions' | 'authorizer'>): CfnResource {
    // API Gateway refuses changes of one API at the same time ("concurrent modification"), and CloudFormation makes in parallel what it may.
    const inOrder: CfnResource[] = [];
    const after = (made: CfnResource): void => {
      const before = inOrder.at(-1);
      if (before !== undefined) made.addDependency(before);
      inOrder.push(made);
    };
    this.allow('Authorizer', authorizer, `${api.ref}/authorizers/*`);
    const guard = new gateway.CfnAuthorizer(this, 'Guard', {
      apiId: api.ref,
      name: 'who-calls',
      authorizerType: 'REQUEST',
      authorizerPayloadFormatVersion: '2.0',
      enableSimpleResponses: true,
      authorizerResultTtlInSeconds: 0,
      authorizerUri: this.uriOf(authorizer),
    });
    after(guard);
    const targets = Object.fromEntries(
      Object.entries(functions).map(([name, fn]) => {
        this.allow(`Function-${name}`, fn, `${api.ref}/*/*`);
        const integration = new gateway.CfnIntegration(this, `Integration-${name}`, {
          apiId: api.ref,
          integrationType: 'AWS_PROXY',
          integrationMethod: 'POST',
          payloadFormatVersion: '2.0',
          timeoutInMillis: waitMs,
          integrationUri: this.uriOf(fn),
        });
        after(integration);
        return [name, `integrations/${integration.ref}`];
      }),
    );
    for (const { key, to } of all) {
      const route = new gateway.CfnRoute(this, `Route ${key.replaceAll('/', ' ')}`, {
        apiId: api.ref,
        routeKey: key,
        target: targets[to] ?? '',
        authorizationType: 'CUSTOM',
        authorizerId: guard.ref,
      });
      after(route);
    }
    return inOrder.at(-1) ?? guard;
  }

  private allow(id: string, fn: lambda.IFunction, what: string): void {
    const { partition, region, account } = Stack.of(this);
    fn.addPermission(`Api-${id}`, {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: `arn:${partition}:execute-api:${region}:${account}:${what}`,
      scope: this,
    });
  }

  private uriOf(fn: lambda.IFunction): string {
    const { partition, region } = Stack.of(this);
    return `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${fn.functionArn}/invocations`;
  }

  private createStage(api: gateway.CfnApi): gateway.CfnStage {
    // Without the `:*` of the group's own ARN, which API Gateway drops: drift detection would report it for ever.
    const destinationArn = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: this.accessLog.logGroupName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return new gateway.CfnStage(this, 'Stage', {
      apiId: api.ref,
      stageName: '$default',
      autoDeploy: true,
      // A route without settings of its own would be one that nobody thought of.
      defaultRouteSettings: { throttlingRateLimit: throttles.elsewhere.rate, throttlingBurstLimit: throttles.elsewhere.burst },
      routeSettings: Object.fromEntries(all.map(({ key, throttle }) => [key, settingsOf(throttle)])),
      accessLogSettings: { destinationArn, format: accessLog },
    });
  }

  /** The DNS record is the customer's: a CNAME or an alias from the domain to the target. */
  private createDomain(domainName: string, certificateArn: string, served: gateway.CfnStage): void {
    const domain = new gateway.CfnDomainName(this, 'Domain', {
      domainName,
      domainNameConfigurations: [{ certificateArn, endpointType: 'REGIONAL', securityPolicy: 'TLS_1_2' }],
    });
    new gateway.CfnApiMapping(this, 'Mapping', { apiId: served.apiId, domainName: domain.ref, stage: served.ref });
    this.output('DomainTarget', domain.attrRegionalDomainName, `Target of the DNS record of ${domainName}`);
    this.output('DomainTargetZone', domain.attrRegionalHostedZoneId, 'Hosted zone of the target, for a Route 53 alias record');
  }

  private output(id: string, value: string, description?: string): void {
    new CfnOutput(Stack.of(this), id, { value, ...(description === undefined ? {} : { description }) });
  }
}
