import { type AttributeValue, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { reconcile } from '../../lambdas/event-reconciler.ts';
import { handler as sweep } from '../../lambdas/event-sweep.ts';
import { open } from '../../lambdas/task-opener.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, dependenciesOf, eventsOf, givenOpen, givenRun, personIn, twoGates } from '../given.ts';
import { listeningLog } from './asking.ts';

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
    expect(deps.controls.reconciler.requests).toMatchObject([{ run, gate: 'phase-1' }]);
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
  test('reconciles a waiting gate, and answers nothing', async () => {
    await givenOpen(deps, run, 'phase-1');
    expect(await reconcile(deps, { run, gate: 'phase-1' })).toMatchObject({ run, gate: 'phase-1', did: 'waiting' });
    expect(deps.controls.workflow.answers).toEqual([]);
  });

  test('answers the workflow once when the gate passes, however often it is called', async () => {
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
    const results = await Promise.all([1, 2, 3].map(() => reconcile(deps, { run, gate: 'phase-1' })));
    expect(results.filter((one) => 'did' in one && one.did === 'delivered').length).toBeGreaterThanOrEqual(1);
    expect(deps.controls.workflow.answers).toHaveLength(1);
    expect((await eventsOf(deps, run)).filter((event) => event.endsWith('gate.settled'))).toHaveLength(1);
  });

  test('deletes the due item of its request', async () => {
    await givenOpen(deps, run, 'phase-1');
    const item = { at: '2026-03-02T08:00:30.000Z', run, kind: 'promise', gate: 'phase-1' } as const;
    await deps.due.put(item);
    await reconcile(deps, { run, gate: 'phase-1', item });
    expect([...deps.controls.due.items.values()]).not.toContainEqual(item);
  });

  test('answers a request for an unknown run without a fault', async () => {
    expect(await reconcile(deps, { run: '20260302-080000-nosuchrun0', gate: 'phase-1' })).toMatchObject({ did: 'unknown-run' });
  });

  test.each([[undefined], [{}], [{ run: '' }], [{ run: 'r', gate: 'g', item: { kind: 'other' } }], ['text']])(
    'declines %j',
    async (event) => {
      expect(await reconcile(deps, event)).toMatchObject({
        declined: expect.stringContaining('not a request to the reconciler') as unknown,
      });
    },
  );

  test('throws a fault, so that Lambda retries', async () => {
    await givenOpen(deps, run, 'phase-1');
    deps.controls.failNext('store.query', 'before', new Error('no table'));
    await expect(reconcile(deps, { run, gate: 'phase-1' })).rejects.toThrow('no table');
  });
});

describe('the sweep', () => {
  const dynamo = mockClient(DynamoDBClient);
  const lambda = mockClient(LambdaClient);
  const context = { awsRequestId: 'request-1' } as Context;
  const item = (gate: string) => ({ at: '2026-03-02T08:00:00.000Z', run: 'run-1', kind: 'settle', gate });
  const stored = (gate: string): Record<string, AttributeValue> => ({
    pk: { S: 'due' },
    sk: { S: gate },
    v: { S: JSON.stringify(item(gate)) },
  });
  const asked = (): unknown[] =>
    lambda.commandCalls(InvokeCommand).map(({ args }) => {
      const { FunctionName, InvocationType, Payload } = args[0].input;
      return { FunctionName, InvocationType, ask: JSON.parse(Buffer.from(Payload as Uint8Array).toString()) as unknown };
    });
  beforeEach(() => {
    dynamo.reset();
    lambda.reset();
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
    vi.stubEnv('RUNS_TABLE', 'runs');
    vi.stubEnv('RECONCILER_FUNCTION', 'reconciler');
    vi.stubEnv('AWS_REGION', 'eu-central-1');
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => {
    dynamo.restore();
    lambda.restore();
  });

  test('hands every due item to the reconciler, and reads nothing else', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [stored('phase-1'), stored('phase-2')] });
    expect(await sweep({}, context)).toEqual({ requested: 2 });
    expect(asked()).toEqual(
      ['phase-1', 'phase-2'].map((gate) => ({
        FunctionName: 'reconciler',
        InvocationType: 'Event',
        ask: { run: 'run-1', gate, item: item(gate) },
      })),
    );
    expect(dynamo.calls()).toHaveLength(1);
  });

  test('with nothing due costs one read and calls nothing', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [] });
    expect(await sweep({}, context)).toEqual({ requested: 0 });
    expect([dynamo.calls().length, asked()]).toEqual([1, []]);
  });

  test('hands the others on when one is not taken, and says so', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [stored('phase-1'), stored('phase-2')] });
    lambda.on(InvokeCommand).rejectsOnce(new Error('throttled')).resolves({ StatusCode: 202 });
    await expect(sweep({}, context)).rejects.toThrow('throttled');
    expect(asked()).toHaveLength(2);
  });
});
