import { type AttributeValue, DynamoDBClient, PutItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { reconcile } from '../../lambdas/event-reconciler.ts';
import { handler as sweep } from '../../lambdas/event-sweep.ts';
import { open } from '../../lambdas/gate-opener.ts';
import { receiverVariables } from '../../lib/lambda-grants.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, dependenciesOf, eventsOf, givenOpen, givenRun, personIn, twoGates } from '../given.ts';
import { listeningLog } from './requests.ts';

let deps: FakeDependencies;
let run: string;
beforeEach(async () => {
  deps = dependenciesOf(twoGates);
  run = await givenRun(deps);
});

describe('the opener', () => {
  const opening = (changes: object = {}) => ({
    schemaVersion: 1,
    run,
    gate: 'phase-1',
    entry: '2026-03-02T08:00:01.000Z',
    token: deps.controls.workflow.issue('very-secret-task-token'),
    execution: `execution/${run}`,
    graph: deps.definitions.current().graph,
    ...changes,
  });
  const waits: number[] = [];
  const opened = (event: unknown, log = listeningLog()) =>
    open(deps, event, log, async (milliseconds) => {
      waits.push(milliseconds);
    });
  beforeEach(() => {
    waits.length = 0;
  });

  test('stores the token, records the opening, asks the reconciler, and answers the workflow nothing', async () => {
    expect(await opened(opening())).toEqual({ run, gate: 'phase-1', adopted: false });
    expect(await eventsOf(deps, run)).toContain('gate/phase-1 gate.opened');
    expect(await deps.tokens.get(run, 'phase-1', '2026-03-02T08:00:01.000Z')).toMatchObject({ token: 'very-secret-task-token' });
    expect(deps.controls.reconciler.requests).toMatchObject([{ run, item: { kind: 'recheck' } }]);
    expect(deps.controls.workflow.answers).toEqual([]);
  });

  test('called again for the same entry opens nothing new; another entry is another opening', async () => {
    await opened(opening());
    expect(await opened(opening())).toMatchObject({ adopted: true });
    expect(await opened(opening({ entry: '2026-03-02T09:00:00.000Z' }))).toMatchObject({ adopted: false });
    expect((await eventsOf(deps, run)).filter((event) => event.endsWith('gate.opened'))).toHaveLength(2);
  });

  test('retries after a fault, and logs no token', async () => {
    const log = listeningLog();
    for (let n = 0; n < 3; n += 1) deps.controls.failNext('tokens.put', 'before', new Error('no table'));
    expect(await opened(opening(), log)).toMatchObject({ gate: 'phase-1', adopted: false });
    expect(log.lines.map(({ fields }) => fields)).toEqual([1, 2, 3].map((attempt) => ({ run, gate: 'phase-1', attempt })));
    expect(JSON.stringify(log.lines)).not.toContain('very-secret');
    expect(waits).toEqual([100, 400, 1000]);
  });

  test('throws after the last retry, so that the state leads to the incident gate', async () => {
    for (let n = 0; n < 50; n += 1) deps.controls.failNext('tokens.put', 'before', new Error('no table'));
    await expect(opened(opening())).rejects.toThrow('no table');
    expect(waits).toEqual([100, 400, 1000, 3000]);
    expect(await eventsOf(deps, run)).not.toContain('gate/phase-1 gate.opened');
  });

  test.each([[{}], [undefined], [{ schemaVersion: 2 }]])('refuses to open for %j', async (event) => {
    await expect(opened(event)).rejects.toThrow();
    expect(deps.controls.tokens.items.size).toBe(0);
  });
});

describe('the reconciler', () => {
  test('reconciles a waiting gate without answering the workflow', async () => {
    await givenOpen(deps, run, 'phase-1');
    expect(await reconcile(deps, { run })).toMatchObject({ run, gate: 'phase-1', did: 'waiting' });
    expect(deps.controls.workflow.answers).toEqual([]);
  });

  test('answers the workflow once when the gate passes, however often it is invoked', async () => {
    const attested = dependenciesOf({
      ...twoGates,
      items: twoGates.items.map((check) => ({
        ...check,
        rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const,
      })),
    });
    deps = attested;
    run = await givenRun(deps);
    await givenOpen(deps, run, 'phase-1');
    await attest(
      deps,
      { request: anew(), run, check: 'unit-tests', statement: 'I have run them by hand.' },
      personIn(deps, 'technical-lead'),
    );
    const results = await Promise.all([1, 2, 3].map(() => reconcile(deps, { run })));
    expect(results.filter((one) => 'did' in one && one.did === 'delivered').length).toBeGreaterThanOrEqual(1);
    expect(deps.controls.workflow.answers).toHaveLength(1);
    expect((await eventsOf(deps, run)).filter((event) => event.endsWith('gate.settled'))).toHaveLength(1);
  });

  test('deletes the due item that it was called for', async () => {
    await givenOpen(deps, run, 'phase-1');
    const item = { at: '2026-03-02T08:00:30.000Z', run, kind: 'recheck', id: 'a1' } as const;
    await deps.due.put(item);
    await reconcile(deps, { run, item });
    expect([...deps.controls.due.items.values()]).not.toContainEqual(item);
  });

  test('ignores an unknown run without a fault', async () => {
    expect(await reconcile(deps, { run: '20260302-080000-nosuchrun0' })).toMatchObject({ did: 'unknown-run' });
  });

  test.each([[undefined], [{}], [{ run: '' }], [{ run: 'r', item: { kind: 'other' } }], ['text']])('declines %j', async (event) => {
    expect(await reconcile(deps, event)).toMatchObject({ declined: expect.stringContaining('not a request to reconcile') as unknown });
  });

  test('throws a fault, so that Lambda retries', async () => {
    await givenOpen(deps, run, 'phase-1');
    deps.controls.failNext('store.query', 'before', new Error('no table'));
    await expect(reconcile(deps, { run })).rejects.toThrow('no table');
  });
});

describe('the sweep', () => {
  const dynamo = mockClient(DynamoDBClient);
  const context = { awsRequestId: 'request-1' } as Context;
  /** The run has the letter of the item. */
  const item = (id: string) => ({ at: '2026-03-02T08:00:00.000Z', run: `run-${id[0]}`, kind: 'recheck', id });
  const stored = (id: string): Record<string, AttributeValue> => ({
    pk: { S: 'due' },
    sk: { S: id },
    v: { S: JSON.stringify(item(id)) },
  });
  /** What was asked of Lambda. */
  const requested: object[] = [];
  beforeEach(() => {
    dynamo.reset();
    requested.length = 0;
    vi.stubEnv('AUDIT_TABLE', 'audit');
    vi.stubEnv('RUNS_TABLE', 'runs');
    vi.stubEnv('RECONCILER_FUNCTION', 'reconciler');
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'key');
    for (const name of receiverVariables) vi.stubEnv(name, name);
    for (const name of ['UNDELIVERED_EVENTS_URL', 'FAILED_INVOCATIONS_URL', 'PARKED_MESSAGES_URL']) vi.stubEnv(name, name);
    queues.clear();
    asked.length = 0;
    vi.stubGlobal('fetch', async (url: string, { headers, body }: { headers: Headers; body: string }) => {
      const [, FunctionName] = /\/functions\/(\w+)\/invocations$/.exec(url) ?? [];
      if (FunctionName !== undefined) {
        requested.push({ FunctionName, InvocationType: headers.get('x-amz-invocation-type'), request: JSON.parse(body) as unknown });
        const isRefused = refusing !== undefined && body.includes(refusing);
        return isRefused
          ? new Response('', { status: 404, headers: { 'x-amzn-errortype': 'ResourceNotFoundException' } })
          : new Response('', { status: 202 });
      }
      const { QueueUrl } = JSON.parse(body) as { QueueUrl: string };
      const action = headers.get('x-amz-target') ?? '';
      asked.push(`${action} ${QueueUrl}`);
      if (QueueUrl === failing) return new Response('{}', { status: 503 });
      const Messages = action === 'AmazonSQS.ReceiveMessage' ? queues.get(QueueUrl)?.splice(0, 10) : undefined;
      return Response.json(Messages === undefined ? {} : { Messages });
    });
  });
  /** Messages of the dead-letter queues, by the variables that name them; what was asked of SQS; the queue that is out of order. */
  const queues = new Map<string, object[]>();
  const asked: string[] = [];
  let failing: string | undefined;
  /** The due item whose request Lambda refuses. */
  let refusing: string | undefined;
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
    failing = undefined;
    refusing = undefined;
  });
  afterAll(() => {
    dynamo.restore();
  });

  /** What a sweep says in its log line, from which the figure of the alarm is made. */
  const logged = async () => {
    const lines: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    await sweep({}, context).finally(() => write.mockRestore());
    const [{ requested: sent, oldestWaitSeconds, oldestWait } = expect.fail('no line')] = lines.map((line) => JSON.parse(line));
    return { requested: sent, oldestWaitSeconds, oldestWait } as const;
  };

  test('hands every due item to the reconciler, the rechecks of a run together, and reads nothing else', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [stored('a1'), stored('b1'), stored('a2')] });
    const passed = (Date.now() - Date.parse(item('a1').at)) / 1000;
    const { oldestWaitSeconds, ...swept } = await logged();
    expect(swept).toEqual({ requested: 2, oldestWait: 'run-a' });
    expect(Number(oldestWaitSeconds) - passed).toBeLessThan(5);
    expect(requested).toEqual(
      [
        { run: 'run-a', item: item('a1'), also: [item('a2')] },
        { run: 'run-b', item: item('b1') },
      ].map((request) => ({
        FunctionName: 'reconciler',
        InvocationType: 'Event',
        request,
      })),
    );
    expect(dynamo.calls()).toHaveLength(1);
  });

  test('requests what it knows beside an item of a newer version, and counts that in its log', async () => {
    const newer = { ...stored('a0'), v: { S: JSON.stringify({ ...item('a0'), kind: 'escalation' }) } };
    dynamo.on(QueryCommand).resolves({ Items: [newer, stored('a1')] });
    expect(await sweep({}, context)).toMatchObject({ requested: 1, unknownItems: 1 });
    expect(requested).toMatchObject([{ request: { run: 'run-a', item: item('a1') } }]);
  });

  test('with nothing due costs one read and no request', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [] });
    expect(await logged(), 'the figure of the alarm is sent at each sweep').toEqual({ requested: 0, oldestWaitSeconds: 0 });
    expect([dynamo.calls().length, requested]).toEqual([1, []]);
    expect(asked).toEqual(['UNDELIVERED_EVENTS_URL', 'FAILED_INVOCATIONS_URL'].map((queue) => `AmazonSQS.ReceiveMessage ${queue}`));
  });

  const dead = (body: object, attributes: object = {}) => ({
    ReceiptHandle: 'receipt',
    Body: JSON.stringify(body),
    Attributes: { SentTimestamp: '1772438400000' },
    MessageAttributes: attributes,
  });

  test('hands a dead message to its function again and removes it', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [] });
    queues.set('FAILED_INVOCATIONS_URL', [
      dead({
        requestContext: { functionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:FEED_FUNCTION:$LATEST' },
        requestPayload: { id: 'e1' },
      }),
    ]);
    expect(await sweep({}, context)).toEqual({ requested: 0, oldestWaitSeconds: 0, redriven: 1 });
    expect(requested).toEqual([{ FunctionName: 'FEED_FUNCTION', InvocationType: 'Event', request: { id: 'e1', redriven: 1 } }]);
    expect(asked).toContain('AmazonSQS.DeleteMessage FAILED_INVOCATIONS_URL');
  });

  test('with a queue out of order does what is due and looks into the other one, and then fails itself', async () => {
    failing = 'UNDELIVERED_EVENTS_URL';
    dynamo.on(QueryCommand).resolves({ Items: [stored('a1')] });
    await expect(sweep({}, context)).rejects.toThrow('ReceiveMessage: sqs answered 503');
    expect(requested).toHaveLength(1);
    expect(asked).toContain('AmazonSQS.ReceiveMessage FAILED_INVOCATIONS_URL');
  });

  test('asked to rebuild, stores a due item for every run of the trail, page by page', async () => {
    const key = { scope: { S: 'run/r2' }, place: { S: 'gate/phase-1#00000001' } };
    dynamo.on(ScanCommand).resolvesOnce({ Items: [{ scope: { S: 'run/r1' } }], LastEvaluatedKey: key });
    dynamo.on(ScanCommand, { ExclusiveStartKey: key }).resolves({ Items: [{ scope: { S: 'run/r2' } }] });
    expect(await sweep({ rebuild: true }, context)).toEqual({ found: 2, next: null });
    expect(dynamo.commandCalls(ScanCommand)[0]?.args[0].input).toMatchObject({
      TableName: 'audit',
      ProjectionExpression: '#scope',
      ExpressionAttributeValues: { ':first': { S: 'run#00000001' }, ':run': { S: 'run/' } },
    });
    const items = dynamo.commandCalls(PutItemCommand).map(({ args }) => JSON.parse(args[0].input.Item?.v?.S ?? '') as object);
    expect(items).toMatchObject(['r1', 'r2'].map((run) => ({ run, kind: 'rebuild' })));
    expect(requested).toEqual([]);
    await expect(sweep({ rebuild: 'yes' }, context)).rejects.toThrow('rebuild');
  });

  test('makes the other requests when one fails, and then fails itself', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [stored('a1'), stored('b1')] });
    refusing = 'a1';
    await expect(sweep({}, context)).rejects.toThrow('lambda answered 404 ResourceNotFoundException');
    expect(requested).toHaveLength(2);
  });
});
