import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../../lib/api/client.ts';
import { endOfTrail, inWords } from '../../lib/local/demo/closing.ts';
import { countFigures } from '../../lib/local/demo/figures.ts';
import { createShow } from '../../lib/local/demo/output.ts';
import type { GateView, RunView } from '../../lib/query/view.ts';

const runView = (change: Partial<RunView>): RunView =>
  ({ run: 'r1', outcome: 'production-stable', closed: true, events: 5, deviations: [], disclosures: [], ...change }) as RunView;

describe('the end of a play', () => {
  /** An auditor who sees the run as it is at each further look. */
  const auditor = (...looks: readonly Partial<RunView>[]) => {
    let look = 0;
    const client = {
      readRun: async () => ({ ok: runView(looks[Math.min(look++, looks.length - 1)] ?? {}) }),
      listRunEvents: async () => ({ ok: { events: [{ type: 'run.closed', data: { lanes: ['a', 'b', 'c'] } }] } }),
    };
    return { client: client as unknown as Client, looked: () => look };
  };
  const { signal } = new AbortController();

  test('is awaited until the trail is closed, so that every figure holds the closing', async () => {
    const { client } = auditor({ closed: false, events: 3 }, { closed: false, events: 4 }, { closed: true, events: 5 });
    const { view, lanes } = await endOfTrail(client, 'r1', signal);
    expect([view.closed, view.events, lanes]).toEqual([true, 5, 3]);
    expect(inWords(view, lanes)).toContain('5 events in 3 lanes');
  });

  test.each(['blocked', 'running'])('is not awaited while the run is %s: nothing closes that', async (outcome) => {
    const { client, looked: result } = auditor({ closed: false, outcome });
    const { view, lanes } = await endOfTrail(client, 'r1', signal);
    expect([result(), lanes]).toEqual([1, null]);
    expect(inWords(view, lanes)).toContain('The trail is open');
  });

  test('ends with the play', async () => {
    const { client } = auditor({ closed: false });
    await expect(endOfTrail(client, 'r1', AbortSignal.abort(new Error('interrupted')))).rejects.toThrow();
  });
});

describe('the figures of a play', () => {
  const logs = mockClient(CloudWatchLogsClient);
  const lambda = mockClient(LambdaClient);
  const machine = mockClient(SFNClient);
  beforeEach(() => {
    lambda.on(GetFunctionConfigurationCommand).resolves({});
    machine.on(GetExecutionHistoryCommand).resolvesOnce({
      events: [
        { type: 'TaskStateEntered', id: 1, timestamp: new Date() },
        { type: 'TaskScheduled', id: 2, timestamp: new Date() },
      ],
      nextToken: 'more',
    });
    machine.on(GetExecutionHistoryCommand, { nextToken: 'more' }).resolves({
      events: [{ type: 'SucceedStateEntered', id: 3, timestamp: new Date() }],
    });
  });
  afterEach(() => {
    for (const mock of [logs, lambda, machine]) mock.reset();
  });
  afterAll(() => {
    for (const mock of [logs, lambda, machine]) mock.restore();
  });
  const call = [{ message: 'INFO {"units":{"writeUnits":2,"readUnits":1.5}}' }, { message: 'REPORT RequestId: 1 Duration: 5 ms' }];
  const counted = () => countFigures({ execution: 'arn', functions: { 'api-ci': 'ci', 'event-sweep': 'sweep' }, since: new Date() }, 1);

  test('cannot be counted from log lines that say nothing of their cost', async () => {
    logs.on(FilterLogEventsCommand).resolves({ events: [{ message: 'REPORT RequestId: 1 Duration: 5 ms' }] });
    await expect(counted()).rejects.toThrow('cannot be counted');
  });

  test('are those of every page, and of every function but the sweep', async () => {
    logs.on(FilterLogEventsCommand).resolves({ events: call });
    logs.on(FilterLogEventsCommand, { nextToken: undefined }).resolves({ events: call, nextToken: 'next' });
    expect(await counted()).toEqual({ transitions: 2, invocations: 2, writeUnits: 4, readUnits: 3 });
    expect(logs.calls().every(({ args: [command] }) => JSON.stringify(command.input).includes('/aws/lambda/ci'))).toBe(true);
  });

  test('are counted again until a late line changes nothing any more', async () => {
    logs
      .on(FilterLogEventsCommand)
      .resolvesOnce({ events: [] })
      .resolvesOnce({ events: call })
      .resolves({ events: [...call, ...call] });
    expect(await counted()).toMatchObject({ invocations: 2, writeUnits: 4 });
  });

  test('are none when an answer may have been cut off', async () => {
    logs.on(FilterLogEventsCommand).resolves({ events: Array.from({ length: 10_000 }, () => ({ message: 'x' })) });
    await expect(counted()).rejects.toThrow(/cannot be counted/);
  });
});

describe('what a play prints', () => {
  const paper = (terminal: object = {}) => {
    let text = '';
    const stream = {
      write: (chunk: string) => {
        text += chunk;
      },
      ...terminal,
    } as unknown as NodeJS.WriteStream;
    return { show: createShow(stream), text: () => text };
  };
  const gate = {
    title: 'Pre-Deployment Verification',
    state: 'blocked',
    reasons: ['No test fails: fail, \u001b[2Jbroken'],
    checks: [
      { title: 'No regressions in existing features', verdict: 'fail', basis: 'measured', reason: '3 tests, 1 failed: \u001b[2Jbroken' },
    ],
  } as unknown as GateView;

  test('is no noise in a log: no steps, nothing twice, nothing that steers a terminal', () => {
    const { show, text } = paper();
    show.progress('deploying the app');
    for (let step = 0; step < 15; step += 1) show.progress(`Holdpoint-local-App ${step}/15`);
    show.progress('waiting');
    show.progress('waiting');
    show.held(gate);
    expect(
      text()
        .split('\n')
        .filter((line) => line.includes('…')),
    ).toEqual(['  … deploying the app', '  … waiting']);
    expect(text()).toContain('[observed] 3 tests, 1 failed: [2Jbroken');
    expect(text().replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  test('fits its terminal', () => {
    const { show, text } = paper({ isTTY: true, columns: 60 });
    show.held(gate);
    show.progress('a'.repeat(200));
    const visible = text().replace(new RegExp(`${String.fromCharCode(27)}\\[\\d*[mK]`, 'g'), '');
    expect(Math.max(...visible.split(/[\r\n]/).map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});
