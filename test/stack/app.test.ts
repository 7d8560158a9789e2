import { describe, expect, test } from 'vitest';
import { defaultFunction, routes } from '../../lib/api/routes.ts';
import { functionNames } from '../../lib/lambda-manifest.ts';
import { arn, functionId, properties, queueId, real, resources } from './production-template.ts';
import { localStage, ofType, resourcesOf, templatesOf } from './synthesised.ts';

const local = templatesOf(localStage);
const uses = (value: unknown, reference: string): boolean => JSON.stringify(value).includes(JSON.stringify({ Ref: reference }));

describe('functions', () => {
  test('run on Node 24 on arm64, each with a limit on its time and a log that is kept', () => {
    const functions = properties('AWS::Lambda::Function');
    expect(functions).toHaveLength(functionNames.length);
    for (const { Runtime, Architectures, Handler, Timeout, LoggingConfig } of functions) {
      expect({ Runtime, Architectures, Handler }).toEqual({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      // The collector watches a service for four minutes, the others end sooner.
      expect(Timeout).toBeLessThanOrEqual(300);
      expect(LoggingConfig).toMatchObject({
        LogFormat: 'JSON',
        // A timeout and a crash of the process are warnings. Its absence is INFO for our own lines.
        SystemLogLevel: 'WARN',
        LogGroup: { Ref: expect.stringMatching(/Logs/) },
      });
      expect(LoggingConfig).not.toHaveProperty('ApplicationLogLevel');
    }
    for (const { RetentionInDays } of properties('AWS::Logs::LogGroup')) expect(RetentionInDays).toBe(365);
  });

  // API Gateway waits 30 seconds for an integration, and 10 for an authorizer.
  test.each([
    ['api-ci', 30],
    ['api-people', 30],
    ['api-audit', 30],
    ['api-authorizer', 10],
  ])('%s times out before the API does, which waits %d seconds', (name, seconds) => {
    expect(resources[functionId(name)]?.Properties.Timeout).toBeLessThan(seconds);
  });

  // An event before that would find a function without its permissions, and raise an alarm on the first day.
  test('are called by events only after they got their permissions', () => {
    const callers = [...ofType(resources, 'AWS::Events::Rule'), ...ofType(resources, 'AWS::SNS::Subscription')];
    for (const [id, { DependsOn, Properties }] of callers) {
      const called = functionNames.filter((name) => JSON.stringify(Properties).includes(`"${functionId(name)}"`));
      expect([id, called.length]).toEqual([id, 1]);
      expect([id, DependsOn]).toEqual([
        id,
        expect.arrayContaining([expect.stringMatching(new RegExp(`^${called[0]?.replaceAll('-', '')}Grants`))]),
      ]);
    }
  });

  test('send events that fail after the retries to a queue, if they are invoked asynchronously', () => {
    const configs = properties('AWS::Lambda::EventInvokeConfig');
    expect(configs.map(({ FunctionName }) => FunctionName)).toEqual(
      expect.arrayContaining(['event-reconciler', 'event-feed', 'event-sweep'].map((name) => ({ Ref: functionId(name) }))),
    );
    for (const { DestinationConfig, MaximumRetryAttempts } of configs) {
      expect(MaximumRetryAttempts).toBe(2);
      expect(DestinationConfig).toEqual({ OnFailure: { Destination: arn(queueId('FailedInvocations')) } });
    }
  });

  // Lambda checks it when the destination is set, so that a deployment would fail now and then.
  test('may send to that queue before it is set as their destination', () => {
    for (const [id, { DependsOn, Properties }] of ofType(resources, 'AWS::Lambda::EventInvokeConfig')) {
      const role = resources[(Properties.FunctionName as { Ref: string }).Ref]?.Properties.Role as { 'Fn::GetAtt': [string, string] };
      const allowing = [DependsOn ?? []].flat().map((policy) => resources[policy]);
      expect([id, allowing.map((policy) => [policy?.Type, policy?.Properties.Roles])]).toEqual([
        id,
        [['AWS::IAM::Policy', [{ Ref: role['Fn::GetAtt'][0] }]]],
      ]);
      expect(JSON.stringify(allowing)).toContain('"sqs:SendMessage"');
    }
  });
});

describe('the API', () => {
  test('has the routes of the table and the one for everything else, all behind the authorizer', () => {
    const [authorizer] = ofType(resources, 'AWS::ApiGatewayV2::Authorizer');
    const made = properties('AWS::ApiGatewayV2::Route');
    expect(made.map(({ RouteKey }) => RouteKey).sort()).toEqual(
      [...routes.map(({ method, path }) => `${method} ${path}`), '$default'].sort(),
    );
    for (const { AuthorizationType, AuthorizerId } of made)
      expect({ AuthorizationType, AuthorizerId }).toEqual({ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: authorizer?.[0] } });
  });

  test('sends each route to its function', () => {
    const behind = (key: string): string => {
      const route = properties('AWS::ApiGatewayV2::Route').find(({ RouteKey }) => RouteKey === key);
      const target = JSON.stringify(route?.Target);
      const [, integration] = ofType(resources, 'AWS::ApiGatewayV2::Integration').find(([id]) => target.includes(`"${id}"`)) ?? [];
      return functionNames.find((name) => JSON.stringify(integration?.Properties.IntegrationUri).includes(`"${functionId(name)}"`)) ?? '';
    };
    for (const route of routes)
      expect([route.path, behind(`${route.method} ${route.path}`)]).toEqual([route.path, `api-${route.function}`]);
    expect(behind('$default')).toBe(`api-${defaultFunction}`);
  });

  test('asks the authorizer for every request and keeps no answer', () => {
    expect(properties('AWS::ApiGatewayV2::Authorizer')).toEqual([
      expect.objectContaining({
        AuthorizerType: 'REQUEST',
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: true,
        AuthorizerResultTtlInSeconds: 0,
      }),
    ]);
    expect(properties('AWS::ApiGatewayV2::Authorizer')[0]).not.toHaveProperty('IdentitySource');
  });

  test('hands requests on as payload 2.0, waits longer than its functions, and answers under its own address', () => {
    const integrations = properties('AWS::ApiGatewayV2::Integration');
    expect(integrations).toHaveLength(4);
    for (const integration of integrations)
      expect(integration).toMatchObject({
        IntegrationType: 'AWS_PROXY',
        IntegrationMethod: 'POST',
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 30_000,
      });
    expect(properties('AWS::ApiGatewayV2::Stage')).toEqual([expect.objectContaining({ StageName: '$default', AutoDeploy: true })]);
  });

  // API Gateway refuses two changes of one API at the same time; the stage deploys whenever a route changes.
  test('is made one part after the other, and deployed when all routes are there', () => {
    const parts = ['Authorizer', 'Integration', 'Route', 'Stage'].flatMap((type) => ofType(resources, `AWS::ApiGatewayV2::${type}`));
    const next = new Map(parts.flatMap(([id, { DependsOn }]) => [DependsOn ?? []].flat().map((before) => [before, id] as const)));
    const [[first = ''] = []] = ofType(resources, 'AWS::ApiGatewayV2::Authorizer');
    const walked: string[] = [];
    for (let at: string | undefined = first; at !== undefined; at = next.get(at)) walked.push(at);
    expect(walked).toHaveLength(routes.length + 1 + 1 + 4 + 1);
    expect(resources[walked.at(-1) ?? '']?.Type).toBe('AWS::ApiGatewayV2::Stage');
  });

  test('logs where drift detection finds the log: without the wildcard that API Gateway drops', () => {
    const [stage] = properties('AWS::ApiGatewayV2::Stage') as { AccessLogSettings: { DestinationArn: unknown } }[];
    expect(JSON.stringify(stage?.AccessLogSettings.DestinationArn)).toMatch(/:log-group:",\{"Ref":"HttpLogs\w+"\}\]\]\}$/);
  });

  test('has a log with neither paths nor addresses', () => {
    const [stage] = properties('AWS::ApiGatewayV2::Stage') as { AccessLogSettings: { Format: string } }[];
    expect(stage?.AccessLogSettings.Format).toContain('$context.routeKey');
    // A message could hold a quotation mark, which would break the line.
    expect(stage?.AccessLogSettings.Format).not.toContain('$context.error.message"');
    expect(stage?.AccessLogSettings.Format).not.toMatch(/context\.path|rawPath|querystring|sourceIp|userAgent/);
  });
});

describe('feeds and time', () => {
  test('every target of a rule has a dead-letter queue that accepts messages from this rule, or from the rules of the feeds', () => {
    const rules = ofType(resources, 'AWS::Events::Rule');
    expect(rules.length).toBeGreaterThan(4);
    const policies = JSON.stringify(properties('AWS::SQS::QueuePolicy'));
    for (const [id, { Properties }] of rules) {
      for (const target of Properties.Targets as { DeadLetterConfig?: object }[])
        expect(target.DeadLetterConfig).toEqual({ Arn: arn(queueId('UndeliveredEvents')) });
      if (Properties.Name === undefined) expect(policies).toContain(JSON.stringify({ ArnEquals: { 'aws:SourceArn': arn(id) } }));
      else expect(Properties.Name).toMatch(/^holdpoint-production-feed-/);
    }
  });

  test('an execution that ended without an answer reaches the reconciler, with its run', () => {
    const [rule] = properties('AWS::Events::Rule').filter(({ EventPattern }) => JSON.stringify(EventPattern ?? {}).includes('aws.states'));
    expect(rule?.EventPattern).toMatchObject({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { status: ['ABORTED', 'FAILED', 'TIMED_OUT'] },
    });
    expect(JSON.stringify(rule?.EventPattern)).toContain(':stateMachine:holdpoint-production');
    expect(rule?.Targets).toMatchObject([
      {
        Arn: arn(functionId('event-reconciler')),
        InputTransformer: {
          InputPathsMap: { 'detail-name': '$.detail.name' },
          InputTemplate: '{"run":<detail-name>,"executionEnded":true}',
        },
      },
    ]);
  });

  test('our bus, the alarms of our services, and their notifications reach the feed; the sweep runs every minute', () => {
    const rules = properties('AWS::Events::Rule').map(({ EventPattern, ScheduleExpression, Targets }) => ({
      EventPattern,
      ScheduleExpression,
      to: (Targets as { Arn: unknown }[]).map(({ Arn }) => Arn),
    }));
    expect(rules).toEqual(
      expect.arrayContaining([
        { EventPattern: { 'detail-type': ['observation.reported'] }, ScheduleExpression: undefined, to: [arn(functionId('event-feed'))] },
        {
          EventPattern: {
            source: ['aws.cloudwatch'],
            'detail-type': ['CloudWatch Alarm State Change'],
            detail: { alarmName: [{ prefix: 'shop' }] },
          },
          ScheduleExpression: undefined,
          to: [arn(functionId('event-feed'))],
        },
        { EventPattern: undefined, ScheduleExpression: 'rate(1 minute)', to: [arn(functionId('event-sweep'))] },
      ]),
    );
    // The mailer listens to Holdpoint's own alarms (see operational-alarms.test.ts).
    expect(properties('AWS::SNS::Subscription')).toEqual(
      ['event-feed', 'alarm-mailer'].map((name) =>
        expect.objectContaining({
          Protocol: 'lambda',
          Endpoint: arn(functionId(name)),
          RedrivePolicy: { deadLetterTargetArn: arn(queueId('UndeliveredEvents')) },
        }),
      ),
    );
  });

  test("schedules are Scheduler's, of our group, and of this account", () => {
    const role = ofType(resources, 'AWS::IAM::Role').find(([id]) => id.startsWith('SchedulingScheduleRole'))?.[1].Properties
      .AssumeRolePolicyDocument as { Statement: object[] };
    const [group] = ofType(resources, 'AWS::Scheduler::ScheduleGroup');
    expect(role.Statement).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnEquals: { 'aws:SourceArn': arn(group?.[0] ?? '') },
        },
      },
    ]);
  });

  test('a log that outlives its stack does not block the name for the next stack', () => {
    for (const [id, { Properties, DeletionPolicy }] of ofType(resources, 'AWS::Logs::LogGroup'))
      expect([id, DeletionPolicy, Properties.LogGroupName === undefined || uses(Properties.LogGroupName, 'AWS::StackId')]).toEqual([
        id,
        'RetainExceptOnCreate',
        true,
      ]);
  });

  test('the state machine logs everything but the execution data, which holds task tokens', () => {
    const [machine] = properties('AWS::StepFunctions::StateMachine');
    expect(machine?.LoggingConfiguration).toMatchObject({ Level: 'ALL', IncludeExecutionData: false });
    expect(machine?.StateMachineType).toBe('STANDARD');
    expect(machine?.DefinitionSubstitutions).toEqual({ Opener: arn(functionId('gate-opener')) });
  });
});

describe('a local stage', () => {
  const types = (template: typeof real.app): readonly string[] =>
    [...new Set(Object.values(resourcesOf(template)).map(({ Type }) => Type))].sort();

  test('is the same app without what the emulator rejects, with its own mail sender and the service that a local run releases', () => {
    expect(types(real.app).filter((type) => !types(local.app).includes(type))).toEqual([
      'AWS::Events::Archive',
      'AWS::SES::ConfigurationSetEventDestination',
    ]);
    expect(types(local.app).filter((type) => !types(real.app).includes(type))).toEqual(['AWS::SES::EmailIdentity']);
    expect(types(local.data)).toEqual(types(real.data));
    expect(real.shop).toBeUndefined();
    expect(local.shop && ofType(resourcesOf(local.shop), 'AWS::Lambda::Alias').map(([, { Properties }]) => Properties.Name)).toEqual([
      'live',
      'staging',
    ]);
  });

  test('has the outputs that the CLI and the local stage read', () => {
    expect(Object.keys(local.app.toJSON().Outputs as object)).toEqual(
      expect.arrayContaining([
        'ApiUrl',
        'ApiId',
        'StateMachineArn',
        'BusName',
        'AlarmTopicArn',
        'GateOpenerFunction',
        'EventReconcilerFunction',
        'ApiCiFunction',
        'AuditTable',
        'TokensTable',
        'EvidenceBucket',
        'SessionKeyId',
        'CursorKeyId',
      ]),
    );
  });
});
