import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../../lib/api/client.ts';
import { createOutput } from '../../lib/local/demo/output.ts';
import { dollarsOf, firstGateOf, firstGateText } from '../../lib/local/demo/result.ts';
import { costOfRun, countRunCost } from '../../lib/local/demo/run-cost.ts';
import { effectsText, reportsText } from '../../lib/local/demo/sending.ts';
import { readFinalRun, trailText } from '../../lib/local/demo/trail-closing.ts';
import type { GateView, RunView } from '../../lib/query/view.ts';

const runView = (change: Partial<RunView>): RunView =>
  ({ run: 'r1', outcome: 'production-stable', closed: true, events: 5, deviations: [], disclosures: [], ...change }) as RunView;

describe('the end of a demo', () => {
  /** An auditor who reads one view after the other. */
  const auditor = (...views: readonly Partial<RunView>[]) => {
    let reads = 0;
    const client = {
      readRun: async () => ({ ok: runView(views[Math.min(reads++, views.length - 1)] ?? {}) }),
      listRunEvents: async () => ({ ok: { events: [{ type: 'run.closed', data: { lanes: ['a', 'b', 'c'] } }] } }),
    };
    return { client: client as unknown as Client, reads: () => reads };
  };
  const { signal } = new AbortController();

  test('waits until the trail is closed, so that all events are counted', async () => {
    const { client } = auditor({ closed: false, events: 3 }, { closed: false, events: 4 }, { closed: true, events: 5 });
    const final = await readFinalRun(client, 'r1', signal);
    expect([final.view.closed, final.view.events, final.lanes]).toEqual([true, 5, 3]);
    expect(trailText(final)).toContain('5 events in 3 lanes');
  });

  test.each(['blocked', 'running'])('does not wait for a run that is %s, because its trail stays open', async (outcome) => {
    const { client, reads } = auditor({ closed: false, outcome });
    const final = await readFinalRun(client, 'r1', signal);
    expect([reads(), final.lanes]).toEqual([1, null]);
    expect(trailText(final)).toContain('The audit trail is open');
  });

  test('stops waiting when the demo is interrupted', async () => {
    const { client } = auditor({ closed: false });
    await expect(readFinalRun(client, 'r1', AbortSignal.abort(new Error('interrupted')))).rejects.toThrow();
  });
});

describe('the cost of a run', () => {
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
  const report = 'REPORT RequestId: 1\tDuration: 4.2 ms\tBilled Duration: 5 ms\tMemory Size: 512 MB\tMax Memory Used: 90 MB';
  const line = 'INFO {"units":{"writeUnits":2,"readUnits":1.5},"requests":{"keyRequests":3,"pages":1}}';
  const call = [{ message: line }, { message: report }];
  const counted = () =>
    countRunCost(
      {
        execution: 'arn',
        outputs: { ApiCiFunction: 'ci', EventSweepFunction: 'sweep', ShopFunction: 'shop', ApiId: 'a1' },
        since: new Date(),
      },
      1,
    );

  test('is an error when no log line contains capacity units', async () => {
    logs.on(FilterLogEventsCommand).resolves({ events: [{ message: report }] });
    await expect(counted()).rejects.toThrow('cannot be counted');
  });

  test('includes all pages of the logs of every function except the sweep and the shop', async () => {
    logs.on(FilterLogEventsCommand).resolves({ events: call });
    logs.on(FilterLogEventsCommand, { nextToken: undefined }).resolves({ events: call, nextToken: 'next' });
    expect(await counted()).toMatchObject({ transitions: 2, invocations: 2, writeUnits: 4, readUnits: 3 });
    expect(logs.calls().every(({ args: [command] }) => JSON.stringify(command.input).includes('/aws/lambda/ci'))).toBe(true);
  });

  test('contains the billed durations, the requests that AWS bills by the piece, and the bytes of the logs', async () => {
    logs.on(FilterLogEventsCommand).resolves({ events: call });
    const { billed, ...figures } = await counted();
    const history = [
      { type: 'TaskStateEntered', id: 1, timestamp: new Date() },
      { type: 'TaskScheduled', id: 2, timestamp: new Date() },
      { type: 'SucceedStateEntered', id: 3, timestamp: new Date() },
    ].reduce((bytes, event) => bytes + JSON.stringify(event).length + 26, 0);
    expect(billed).toEqual({
      ...figures,
      gigabyteSeconds: 0.0025,
      apiRequests: 1,
      keyRequests: 3,
      objectsWritten: 0,
      objectsRead: 0,
      schedules: 0,
      pages: 1,
      busEvents: 0,
      figuresRead: 0,
      logBytes: line.length + report.length + 2 * 26 + history,
    });
    expect(costOfRun({ billed }, 10).parts).toMatchObject({ transitions: 0.00005, mails: 0.001 });
    expect(dollarsOf({ billed }, 10).dollars).toBeCloseTo(costOfRun({ billed }, 10).total, 12);
  });

  test('is an error when a function logs requests without a price', async () => {
    const line = '{"units":{"writeUnits":1,"readUnits":1},"requests":{"stampsBought":1}}';
    logs.on(FilterLogEventsCommand).resolves({ events: [{ message: line }, { message: report }] });
    await expect(counted()).rejects.toThrow('logged requests without a price: stampsBought');
  });

  test('is an error when a call shows no billed duration', async () => {
    logs.on(FilterLogEventsCommand).resolves({ events: [...call, { message: 'REPORT RequestId: 2 Duration: 5 ms' }] });
    await expect(counted()).rejects.toThrow('no billed duration');
  });

  test('is counted again until two counts are equal', async () => {
    logs
      .on(FilterLogEventsCommand)
      .resolvesOnce({ events: [] })
      .resolvesOnce({ events: call })
      .resolves({ events: [...call, ...call] });
    expect(await counted()).toMatchObject({ invocations: 2, writeUnits: 4 });
  });

  test('is an error when an answer may be truncated', async () => {
    logs.on(FilterLogEventsCommand).resolves({ events: Array.from({ length: 10_000 }, () => ({ message: 'x' })) });
    await expect(counted()).rejects.toThrow(/cannot be counted/);
  });
});

describe('the output of a demo', () => {
  const capture = (terminal: object = {}) => {
    let text = '';
    const stream = {
      write: (chunk: string) => {
        text += chunk;
      },
      ...terminal,
    } as unknown as NodeJS.WriteStream;
    return { output: createOutput(stream), text: () => text };
  };
  const people = [{ id: 'p-2f84d6b1ol', name: 'Omar Haddad' }];
  const gate = {
    title: 'Pre-Deployment Verification',
    state: 'blocked',
    reasons: ['No test fails: fail, \u001b[2Jbroken'],
    checks: [
      { title: 'No regressions in existing features', verdict: 'fail', basis: 'measured', reason: '3 tests, 1 failed: \u001b[2Jbroken' },
    ],
  } as unknown as GateView;

  test('contains in a log no step counters, no repetition and no control characters', () => {
    const { output, text } = capture();
    output.progress('deploying the app');
    for (let step = 0; step < 15; step += 1) output.progress(`Holdpoint-local-App ${step}/15`);
    output.progress('waiting');
    output.progress('waiting');
    output.openGate(gate, people);
    expect(
      text()
        .split('\n')
        .filter((line) => line.includes('…')),
    ).toEqual(['  … deploying the app', '  … waiting']);
    expect(text()).toContain('[measured] 3 tests, 1 failed: [2Jbroken');
    expect(text().replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  test('names people instead of their ids, and shows instants as people read them', () => {
    const { output, text } = capture();
    const reason = 'waived by p-2f84d6b1ol until 2026-03-02T08:00:41.240Z, asked by p-00000000xx';
    output.settledGate({ ...gate, checks: gate.checks.map((one) => ({ ...one, reason })) }, people);
    output.openGate({ ...gate, reasons: [reason], checks: [] }, people);
    output.line('announced until 2026-03-02T08:00:41.240Z');
    const said = 'waived by Omar Haddad until 2026-03-02 08:00:41 UTC, asked by p-00000000xx';
    expect(text().match(/[^\s\]].*2026.*/g)).toEqual([
      expect.stringContaining(said),
      `→ ${said}`,
      'announced until 2026-03-02 08:00:41 UTC',
    ]);
  });

  test('fits the width of the terminal', () => {
    const { output, text } = capture({ isTTY: true, columns: 60 });
    output.openGate(gate, people);
    output.progress('a'.repeat(200));
    const visible = text().replace(new RegExp(`${String.fromCharCode(27)}\\[\\d*[mK]`, 'g'), '');
    expect(Math.max(...visible.split(/[\r\n]/).map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});

describe('the seconds to the first gate', () => {
  const began = Date.parse('2026-03-02T08:00:00.000Z');
  const gate = (id: string, state: string, settledAt: string | null) => ({ id, state, openedAt: null, settledAt });
  const parts = [{ name: 'local stage set up', seconds: 30 }];

  test('are those from the command to the earliest gate that passed, with the parts until then', () => {
    const gates = [
      gate('phase-1', 'passed', '2026-03-02T08:00:41.240Z'),
      gate('phase-2', 'passed', '2026-03-02T08:00:59.000Z'),
      gate('phase-3', 'blocked', '2026-03-02T08:00:01.000Z'),
    ];
    const asked: number[] = [];
    const first = firstGateOf({ gates }, began, (instant) => {
      asked.push(instant);
      return parts;
    });
    expect([first, asked]).toEqual([{ seconds: 41.2, parts }, [began + 41_240]]);
    expect(first === null ? '' : firstGateText(first)).toBe(
      'the first gate passed 41.2 s after the command; until then: local stage set up 30.0 s',
    );
  });

  test('are unknown where no gate passed', () => {
    expect(firstGateOf({ gates: [gate('phase-1', 'blocked', null)] }, began, () => parts)).toBeNull();
    expect(firstGateOf(undefined, began, () => parts)).toBeNull();
  });

  test('parts that ended later are left out', () => {
    const output = createOutput({ write: () => true } as unknown as NodeJS.WriteStream);
    output.part('load test')();
    expect(output.parts().map(({ name }) => name)).toEqual(['load test']);
    expect(output.parts(Date.now() + 1000)).toHaveLength(1);
    expect(output.parts(began)).toEqual([]);
  });
});

describe('what was sent', () => {
  test('is said in one line: the sources of each type', () => {
    const sent = [
      { type: 'record', source: 'user-guide' },
      { type: 'junit', source: 'unit' },
      { type: 'record', source: 'backup' },
    ];
    expect(reportsText(sent)).toBe('junit (unit), record (backup, user-guide)');
  });

  test('counts each passing check once and names every other one', () => {
    const effects = [
      ['no-secrets', 'pass'],
      ['no-regressions', 'pass'],
      ['no-regressions', 'pass'],
      ['logs-private', 'fail'],
      ['sarif of biome', 'counts for no check'],
    ] as const;
    expect(effectsText(effects)).toBe('2 checks pass, logs-private fail, sarif of biome counts for no check');
    expect(effectsText([])).toBe('0 checks pass');
  });
});
