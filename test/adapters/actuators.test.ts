import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetAliasCommand, GetFunctionConfigurationCommand, InvokeCommand, LambdaClient, UpdateAliasCommand } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type AwsAccess, createAwsCall, replyOf } from '../../lambdas/adapters/aws-call.ts';
import { createEcsServices } from '../../lambdas/adapters/ecs-services.ts';
import { createStepBus } from '../../lambdas/adapters/eventbridge-steps.ts';
import { createLambdaAt } from '../../lambdas/adapters/lambda-at.ts';
import { createAliases, createFunctions } from '../../lambdas/adapters/lambda-platform.ts';
import { assumedRole, roleDenied } from './sts-answers.ts';

const lambda = mockClient(LambdaClient);
const bridge = mockClient(EventBridgeClient);
beforeEach(() => {
  lambda.reset();
  bridge.reset();
});
afterAll(() => {
  lambda.restore();
  bridge.restore();
});

const client = new LambdaClient({ region: 'eu-central-1', maxAttempts: 1 });
const aliases = createAliases(async () => client);
const functions = createFunctions(async () => client);
const fault = (name: string, status?: number) => Object.assign(new Error('said so'), { name, $metadata: { httpStatusCode: status } });

describe('an alias', () => {
  test('is read with its revision, and with whether other versions share the requests', async () => {
    lambda.on(GetAliasCommand).resolves({ FunctionVersion: '8', RevisionId: 'r', RoutingConfig: { AdditionalVersionWeights: { 9: 0.1 } } });
    expect(await aliases.read({}, 'shop', 'live')).toEqual({ ok: { version: '8', revision: 'r', split: true } });
    expect(lambda.call(0).args[0].input).toEqual({ FunctionName: 'shop', Name: 'live' });
    lambda.on(GetAliasCommand).resolves({ FunctionVersion: '8', RevisionId: 'r' });
    expect(await aliases.read({}, 'shop', 'live')).toEqual({ ok: { version: '8', revision: 'r', split: false } });
    lambda.on(GetAliasCommand).resolves({});
    expect(await aliases.read({}, 'shop', 'live')).toEqual({ refused: 'Lambda says no version of the alias live' });
  });

  test('is set only from the revision that was read, and without weights', async () => {
    lambda.on(UpdateAliasCommand).resolves({});
    expect(await aliases.point({}, 'shop', 'live', { version: '7', revision: 'r' })).toEqual({ ok: null });
    expect(lambda.call(0).args[0].input).toEqual({
      FunctionName: 'shop',
      Name: 'live',
      FunctionVersion: '7',
      RevisionId: 'r',
      RoutingConfig: { AdditionalVersionWeights: {} },
    });
  });

  test.each([
    ['0011'.repeat(16), `sha256:${'0011'.repeat(16)}`],
    [Buffer.from('0011'.repeat(16), 'hex').toString('base64'), `sha256:${'0011'.repeat(16)}`],
    ['short', undefined],
    [undefined, undefined],
  ])('has a version whose code has the digest that Lambda writes as %s', async (CodeSha256, expected) => {
    lambda.on(GetFunctionConfigurationCommand).resolves({ CodeSha256 });
    const refused = { refused: 'Lambda says no digest of version 7' };
    expect(await aliases.digestOf({}, 'shop', '7')).toEqual(expected === undefined ? refused : { ok: expected });
    expect(lambda.call(0).args[0].input).toEqual({ FunctionName: 'shop', Qualifier: '7' });
  });

  test.each([
    ['PreconditionFailedException', 412, 'busy'],
    ['TooManyRequestsException', 429, 'busy'],
    ['ServiceException', 500, 'busy'],
    ['ResourceConflictException', 409, 'busy'],
    ['TimeoutError', undefined, 'busy'],
    ['ResourceNotFoundException', 404, 'refused'],
    ['AccessDeniedException', 403, 'refused'],
  ] as const)('after %s (%s) is %s', async (name, status, kind) => {
    lambda.on(UpdateAliasCommand).rejects(fault(name, status));
    expect(await aliases.point({}, 'shop', 'live', { version: '7', revision: 'r' })).toEqual({ [kind]: `${name}: said so` });
  });

  test.each([
    [{}, 'arn:aws:lambda:us-east-1:111122223333:function:shop', 'us-east-1'],
    [{ region: 'eu-west-1' }, 'shop', 'eu-west-1'],
  ])('of another region is asked there: %j %s', async (place, name, region) => {
    const { credentialsOf } = createAwsCall(server().access);
    const made = await createLambdaAt({ credentialsOf }, { maxAttempts: 1 })(place, name);
    if ('failed' in made) return expect.fail(made.failed);
    expect([await made.config.region(), (await made.config.credentials()).accessKeyId]).toEqual([region, 'AKID']);
  });

  test('in an account whose role is refused is not asked', async () => {
    const refused = async () => ({ failed: 'sts answered 403 AccessDenied', message: 'not you', busy: false });
    expect(await createAliases(refused).read({ role: 'r' }, 'shop', 'live')).toEqual({ refused: 'sts answered 403 AccessDenied not you' });
    expect(await createFunctions(refused).invoke({ role: 'r' }, 'f', {})).toEqual({ refused: 'sts answered 403 AccessDenied not you' });
    expect(lambda.calls()).toEqual([]);
  });
});

describe('a function of the owners', () => {
  const payload = (value: unknown) => new Uint8Array(Buffer.from(JSON.stringify(value))) as never;

  test('is invoked synchronously with the order', async () => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 200, Payload: payload({ ok: true }) });
    expect(await functions.invoke({}, 'close-shop', { run: 'r1' })).toEqual({ ok: { ok: true } });
    const { Payload, ...input } = lambda.call(0).args[0].input as { Payload: Buffer };
    expect(input).toEqual({ FunctionName: 'close-shop', InvocationType: 'RequestResponse' });
    expect(JSON.parse(Payload.toString())).toEqual({ run: 'r1' });
  });

  test('that throws, is throttled, is missing or answers no JSON', async () => {
    lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled', Payload: payload({ errorMessage: 'no rights\nhere' }) });
    expect(await functions.invoke({}, 'f', {})).toEqual({ refused: 'it failed: no rights here' });
    lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled' });
    expect(await functions.invoke({}, 'f', {})).toEqual({ refused: 'it failed: Unhandled' });
    lambda.on(InvokeCommand).resolves({});
    expect(await functions.invoke({}, 'f', {})).toEqual({ ok: null });
    lambda.on(InvokeCommand).rejects(fault('TooManyRequestsException', 429));
    expect(await functions.invoke({}, 'f', {})).toHaveProperty('busy');
    lambda.on(InvokeCommand).rejects(fault('ResourceNotFoundException', 404));
    expect(await functions.invoke({}, 'f', {})).toHaveProperty('refused');
  });
});

describe('the bus', () => {
  const bus = createStepBus(new EventBridgeClient({ region: 'eu-central-1' }), { bus: 'holdpoint-test', source: 'https://h.example.com' });
  const event = {
    id: 'r1/stop-requests/do/1',
    type: 'rollback.step-requested',
    subject: 'r1',
    time: '2026-03-02T08:00:00.000Z',
    data: { a: 1 },
  };

  test('gets a CloudEvent as the detail', async () => {
    bridge.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: 'e' }] });
    expect(await bus.put(event)).toEqual({ ok: null });
    const { Entries: [entry] = [] } = bridge.call(0).args[0].input as { Entries?: { Detail: string }[] };
    expect(entry).toMatchObject({
      EventBusName: 'holdpoint-test',
      Source: 'holdpoint',
      DetailType: event.type,
      Time: new Date(event.time),
    });
    expect(JSON.parse(entry?.Detail ?? '')).toEqual({
      specversion: '1.0',
      source: 'https://h.example.com',
      datacontenttype: 'application/json',
      ...event,
    });
  });

  test('may take the call and not the event', async () => {
    bridge.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'later' }] });
    expect(await bus.put(event)).toEqual({ busy: 'EventBridge: InternalFailure later' });
    bridge.on(PutEventsCommand).rejects(fault('AccessDeniedException', 400));
    expect(await bus.put(event)).toEqual({ refused: 'EventBridge: AccessDeniedException: said so' });
  });
});

/** A server that answers in turn, and what it was asked. */
const server = (...answers: readonly (Response | Error)[]) => {
  const asked: { url: string; headers: Headers; body: string }[] = [];
  const left = [...answers];
  const access: AwsAccess = {
    session: 'holdpoint-test-actuator',
    tries: 1,
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' }),
    clock: { now: () => new Date('2026-03-02T08:00:00.000Z') },
    region: 'eu-central-1',
    fetch: async (url, init) => {
      asked.push({ url: String(url), headers: new Headers(init?.headers), body: String(init?.body) });
      const answer = left.shift();
      if (answer instanceof Error || answer === undefined) throw answer ?? new Error('nothing left');
      return answer;
    },
  };
  return { asked, access, services: createEcsServices(createAwsCall(access).call) };
};

describe('a service of ECS', () => {
  const described = {
    services: [
      {
        status: 'ACTIVE',
        deployments: [
          { status: 'ACTIVE', taskDefinition: 'arn:jobs:12', createdAt: 1_772_000_000 },
          { status: 'PRIMARY', taskDefinition: 'arn:jobs:13', createdAt: 1_772_438_400.5 },
        ],
      },
    ],
  };

  test('is read by its primary deployment, with a signed request', async () => {
    const { asked, services } = server(Response.json(described));
    expect(await services.read({}, 'shop', 'jobs')).toEqual({
      ok: { taskDefinition: 'arn:jobs:13', deployedAt: '2026-03-02T08:00:00.500Z' },
    });
    expect(asked[0]?.url).toBe('https://ecs.eu-central-1.amazonaws.com/');
    expect(asked[0]?.headers.get('x-amz-target')).toBe('AmazonEC2ContainerServiceV20141113.DescribeServices');
    expect(asked[0]?.headers.get('authorization')).toMatch(/^AWS4-HMAC-SHA256 Credential=AKID\/20260302\/eu-central-1\/ecs\/aws4_request/);
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ cluster: 'shop', services: ['jobs'] });
  });

  test('is deployed anew, with another task definition or the present one', async () => {
    const { asked, services } = server(Response.json({}), Response.json({}));
    expect(await services.deploy({}, 'shop', 'jobs', 'jobs:12')).toEqual({ ok: null });
    expect(await services.deploy({}, 'shop', 'jobs', null)).toEqual({ ok: null });
    expect(asked.map(({ body }) => JSON.parse(body))).toEqual([
      { cluster: 'shop', service: 'jobs', taskDefinition: 'jobs:12', forceNewDeployment: true },
      { cluster: 'shop', service: 'jobs', forceNewDeployment: true },
    ]);
  });

  test.each([
    [Response.json({ services: [], failures: [{ reason: 'MISSING' }] }), { refused: 'the cluster shop has no active service jobs' }],
    [Response.json({ services: [{ status: 'ACTIVE', deployments: [] }] }), { refused: expect.stringContaining('another controller') }],
    [new Response('not JSON'), { refused: 'the cluster shop has no active service jobs' }],
    [
      Response.json({ __type: 'com.amazonaws.ecs#ThrottlingException', message: 'slow down' }, { status: 400 }),
      { busy: 'ecs answered 400 ThrottlingException slow down' },
    ],
    [
      Response.json({ __type: 'ClusterNotFoundException', message: 'no cluster' }, { status: 400 }),
      { refused: 'ecs answered 400 ClusterNotFoundException no cluster' },
    ],
    [new Response('', { status: 503 }), { busy: 'ecs answered 503' }],
    [new TypeError('fetch failed'), { busy: 'ecs did not answer: TypeError fetch failed' }],
  ])('that cannot be read: %#', async (answer, expected) => {
    expect(await server(answer).services.read({}, 'shop', 'jobs')).toEqual(expected);
  });

  test('in an account whose role is refused is not asked', async () => {
    const { asked, services } = server(roleDenied('not you'));
    expect(await services.read({ role: 'r' }, 'shop', 'jobs')).toEqual({ refused: 'sts answered 403 AccessDenied not you' });
    expect(asked.map(({ url }) => url)).toEqual(['https://sts.eu-central-1.amazonaws.com/']);
  });
});

describe('a role', () => {
  const role = 'arn:aws:iam::444455556666:role/back';
  const given = (expires: string) => assumedRole({ id: 'ASIA', secret: 's/+=', token: 't==', expires });

  test('is taken once while its session lasts', async () => {
    const { asked, access } = server(given('2026-03-02T08:15:00Z'));
    const { credentialsOf } = createAwsCall(access);
    const credentials = { accessKeyId: 'ASIA', secretAccessKey: 's/+=', sessionToken: 't==' };
    expect(await credentialsOf({ role })).toEqual(credentials);
    expect(await credentialsOf({ role, region: 'us-east-1' })).toEqual(credentials);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe('https://sts.eu-central-1.amazonaws.com/');
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: 'holdpoint-test-actuator',
      DurationSeconds: '900',
    });
  });

  test('is taken again before its session ends, and may be refused', async () => {
    const { access } = server(given('2026-03-02T08:02:00Z'), roleDenied('not you'), new Response('<nothing/>'));
    const { credentialsOf } = createAwsCall(access);
    const refusal = async () => {
      const answer = await credentialsOf({ role });
      return 'failed' in answer ? replyOf(answer) : 'credentials';
    };
    expect(await refusal()).toBe('credentials');
    expect(await refusal()).toEqual({ refused: 'sts answered 403 AccessDenied not you' });
    expect(await refusal()).toEqual({ refused: `sts gave no credentials for ${role}` });
  });

  test('that demands an external id gets it, and has a session for each', async () => {
    const { asked, access } = server(given('2026-03-02T08:15:00Z'), given('2026-03-02T08:15:00Z'));
    const { credentialsOf } = createAwsCall(access);
    const place = { role, externalId: 'a-shared-secret-text' };
    for (const one of [place, place, { ...place, externalId: 'another-secret' }])
      expect(await credentialsOf(one)).not.toHaveProperty('failed');
    expect(asked.map(({ body }) => new URLSearchParams(body).get('ExternalId'))).toEqual(['a-shared-secret-text', 'another-secret']);
  });
});
