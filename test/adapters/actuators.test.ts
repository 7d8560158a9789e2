import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createAwsCall, replyOf } from '../../lambdas/adapters/aws-call.ts';
import { createEcsServices } from '../../lambdas/adapters/ecs-services.ts';
import { createStepBus } from '../../lambdas/adapters/eventbridge-steps.ts';
import { createAliases, createFunctions } from '../../lambdas/adapters/lambda-platform.ts';
import { awsServer, failedFunction, restRefusal } from './aws-server.ts';
import { assumedRole, roleDenied } from './sts-answers.ts';

const bridge = mockClient(EventBridgeClient);
beforeEach(() => bridge.reset());
afterAll(() => bridge.restore());

const fault = (name: string, status?: number) => Object.assign(new Error('said so'), { name, $metadata: { httpStatusCode: status } });
const lambdaHost = 'https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions';

describe('an alias', () => {
  const given = (...answers: readonly (Response | Error)[]) => {
    const server = awsServer(...answers);
    return { ...server, aliases: createAliases(server.call) };
  };

  test('is read with its revision, and with whether other versions share the requests', async () => {
    const state = { FunctionVersion: '8', RevisionId: 'r' };
    const { asked, aliases } = given(
      Response.json({ ...state, RoutingConfig: { AdditionalVersionWeights: { 9: 0.1 } } }),
      Response.json(state),
      Response.json({}),
      new Response('not JSON'),
    );
    expect(await aliases.read({}, 'shop', 'live')).toEqual({ ok: { version: '8', revision: 'r', split: true } });
    expect(asked[0]).toMatchObject({ method: 'GET', url: `${lambdaHost}/shop/aliases/live`, body: '' });
    expect(asked[0]?.headers.get('authorization')).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/20260302\/eu-central-1\/lambda\/aws4_request/,
    );
    expect(await aliases.read({}, 'shop', 'live')).toEqual({ ok: { version: '8', revision: 'r', split: false } });
    expect(await aliases.read({}, 'shop', 'live')).toEqual({ refused: 'Lambda says no version of the alias live' });
    expect(await aliases.read({}, 'shop', 'live')).toEqual({ refused: 'Lambda says no version of the alias live' });
  });

  test('is set only from the revision that was read, and without weights', async () => {
    const { asked, aliases } = given(Response.json({}));
    expect(await aliases.point({}, 'shop', 'live', { version: '7', revision: 'r' })).toEqual({ ok: null });
    expect(asked[0]).toMatchObject({ method: 'PUT', url: `${lambdaHost}/shop/aliases/live` });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
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
    const { asked, aliases } = given(Response.json({ CodeSha256 }));
    const refused = { refused: 'Lambda says no digest of version 7' };
    expect(await aliases.digestOf({}, 'shop', '7')).toEqual(expected === undefined ? refused : { ok: expected });
    expect(asked[0]).toMatchObject({ method: 'GET', url: `${lambdaHost}/shop/configuration?Qualifier=7` });
  });

  test.each([
    ['PreconditionFailedException', 412, 'busy'],
    ['TooManyRequestsException', 429, 'busy'],
    ['ServiceException', 500, 'busy'],
    ['ResourceConflictException', 409, 'busy'],
    ['ResourceNotFoundException', 404, 'refused'],
    ['AccessDeniedException', 403, 'refused'],
  ] as const)('after %s (%s) is %s', async (name, status, kind) => {
    const point = given(restRefusal(status, name)).aliases.point({}, 'shop', 'live', { version: '7', revision: 'r' });
    expect(await point).toEqual({ [kind]: `lambda answered ${status} ${name} said so` });
  });

  test('whose answer is late is busy', async () => {
    const { aliases } = given(Object.assign(new Error('aborted'), { name: 'TimeoutError' }));
    expect(await aliases.read({}, 'shop', 'live')).toEqual({ busy: 'lambda did not answer: TimeoutError aborted' });
  });

  const elsewhere = 'arn:aws:lambda:us-east-1:111122223333:function:shop';
  test.each([
    [{}, elsewhere, `https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/${encodeURIComponent(elsewhere)}/aliases/live`],
    [{ region: 'eu-west-1' }, 'shop', 'https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/shop/aliases/live'],
  ])('of another region is asked there: %j %s', async (place, name, url) => {
    const { asked, aliases } = given(Response.json({}));
    await aliases.read(place, name, 'live');
    expect(asked[0]?.url).toBe(url);
  });

  test('in an account whose role is refused is not asked', async () => {
    const { asked, call, aliases } = given(roleDenied('not you'), roleDenied('not you'));
    expect(await aliases.read({ role: 'r' }, 'shop', 'live')).toEqual({ refused: 'sts answered 403 AccessDenied not you' });
    expect(await createFunctions(call).invoke({ role: 'r' }, 'f', {})).toEqual({ refused: 'sts answered 403 AccessDenied not you' });
    expect(asked.map(({ url }) => new URL(url).host)).toEqual(['sts.eu-central-1.amazonaws.com', 'sts.eu-central-1.amazonaws.com']);
  });

  test('whose role STS does not give in time was not called, so that it can be called again', async () => {
    const late = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    const { call } = awsServer(late as never);
    expect(await createFunctions(call).invoke({ role: 'r' }, 'f', {})).toHaveProperty('busy');
  });
});

describe('a function of the owners', () => {
  const invoked = (answer: Response | Error) => createFunctions(awsServer(answer).call).invoke({}, 'f', {});

  test('is invoked synchronously with the order', async () => {
    const { asked, call } = awsServer(Response.json({ ok: true }));
    expect(await createFunctions(call).invoke({}, 'close-shop', { run: 'r1' })).toEqual({ ok: { ok: true } });
    expect(asked[0]).toMatchObject({ method: 'POST', url: `${lambdaHost}/close-shop/invocations`, body: '{"run":"r1"}' });
    expect(asked[0]?.headers.get('x-amz-invocation-type')).toBe('RequestResponse');
  });

  test.each([
    ['throws', failedFunction(JSON.stringify({ errorMessage: 'no rights\nhere' })), { refused: 'it failed: no rights here' }],
    ['fails without a word', failedFunction(''), { refused: 'it failed: Unhandled' }],
    ['answers no JSON', new Response(''), { ok: null }],
    ['is throttled', restRefusal(429, 'TooManyRequestsException'), { busy: 'lambda answered 429 TooManyRequestsException said so' }],
    ['is missing', restRefusal(404, 'ResourceNotFoundException'), { refused: 'lambda answered 404 ResourceNotFoundException said so' }],
    ['cannot be reached', new TypeError('fetch failed'), { busy: 'lambda did not answer: TypeError fetch failed' }],
    ['takes too long', Object.assign(new Error(), { name: 'TimeoutError' }), { refused: 'it did not answer within 90 seconds' }],
  ])('that %s', async (_what, answer, expected) => {
    expect(await invoked(answer)).toEqual(expected);
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

const server = (...answers: readonly (Response | Error)[]) => {
  const given = awsServer(...answers);
  return { ...given, services: createEcsServices(given.call) };
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
