import { describe, expect, test } from 'vitest';
import { billedRequests } from '../../lambdas/adapters/billed-requests.ts';
import { isAsExpected, type RunResult, resultOf } from '../../lib/local/demo/result.ts';
import { rollbackLines } from '../../lib/local/demo/rollback-text.ts';
import type { RunCost } from '../../lib/local/demo/run-cost.ts';
import { demoRunSchema } from '../../lib/local/printed.ts';
import type { RollbackView } from '../../lib/query/rollback-view.ts';
import type { RunView } from '../../lib/query/view.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 2, 2, 8, 0, seconds)).toISOString();
const step = (id: string, change: Partial<RollbackView['steps'][number]> = {}): RollbackView['steps'][number] => ({
  id,
  title: id,
  outcome: 'done',
  reason: null,
  attempts: 1,
  startedAt: at(5),
  endedAt: at(7),
  proof: { evidence: ['e1'], at: at(7), detail: '1 probe, all answered as expected' },
  attempt: null,
  chosen: null,
  ...change,
});
const rollback: RollbackView = {
  isDrill: false,
  target: null,
  waits: null,
  events: [],
  triggers: [
    {
      trigger: 'critical-feature-not-working',
      title: 'Critical feature not working',
      by: null,
      reason: null,
      detail: '3 of 3 tries',
      evidence: [],
      at: at(0),
    },
  ],
  interrupted: 'monitoring-4h',
  decision: { decision: 'roll-back', how: 'person', by: 'p-1', for: null, at: at(4) },
  continued: 0,
  steps: [
    step('stop-requests'),
    step('restore-database', { outcome: 'not-applicable', reason: 'the service has no data', startedAt: null, endedAt: null, proof: null }),
    step('verify-health', { outcome: 'failed', reason: 'status 500', endedAt: null, proof: null }),
  ],
  data: null,
  requestsStopped: false,
  budgets: [
    { budget: 'decision', limitSeconds: 300, seconds: 4, since: at(0), until: at(4), met: true, over: false },
    { budget: 'execution', limitSeconds: 600, seconds: 3, since: at(4), until: null, met: true, over: false },
  ],
};
const view = {
  run: 'r1',
  outcome: 'rolled-back',
  waitScale: 1440,
  events: 5,
  checkCounts: { pass: 1 },
  gates: [],
  definition: { digest: 'd' },
  rollback,
} as unknown as RunView;
const counted = { transitions: 1, invocations: 1, writeUnits: 1, readUnits: 1 };
const cost = {
  ...counted,
  billed: {
    ...counted,
    ...Object.fromEntries(billedRequests.map((name) => [name, 0])),
    gigabyteSeconds: 0,
    apiRequests: 0,
    logBytes: 0,
  },
} as RunCost;

describe('the result of a run that was taken back', () => {
  test('has trigger, measured seconds, steps with proofs, and budgets', () => {
    expect(resultOf(view, cost, { mails: 1 }).rollback).toEqual({
      trigger: 'critical-feature-not-working',
      decidedSeconds: 4,
      executedSeconds: null,
      verifiedSeconds: null,
      totalSeconds: null,
      steps: [
        { id: 'stop-requests', outcome: 'done', proof: { evidence: ['e1'], at: at(7) } },
        { id: 'restore-database', outcome: 'not-applicable', proof: null },
        { id: 'verify-health', outcome: 'failed', proof: null },
      ],
      // A budget that still runs is not met, nor one that was not reached.
      budgets: {
        decision: { limitSeconds: 300, met: true },
        execution: { limitSeconds: 600, met: false },
        verification: { limitSeconds: 300, met: false },
        total: { limitSeconds: 1200, met: false },
      },
    });
  });

  test('has the members that the schema of the demo describes', () => {
    const printed = resultOf(view, cost, { mails: 1 });
    expect(demoRunSchema.parse(printed)).toEqual(printed);
  });

  test('which has no other outcome of a step, and no other budgets, than the schema names', () => {
    const printed = resultOf(view, cost, { mails: 1 });
    const { steps = [], budgets } = printed.rollback ?? {};
    const changed = (change: object) => demoRunSchema.safeParse({ ...printed, rollback: { ...printed.rollback, ...change } }).success;
    for (const outcome of ['done', 'kept', 'failed', 'not-applicable', 'open'])
      expect(changed({ steps: steps.map((one) => ({ ...one, outcome })) }), outcome).toBe(true);
    expect(changed({ steps: steps.map((one) => ({ ...one, outcome: 'skipped' })) })).toBe(false);
    expect(changed({ budgets: { ...budgets, recovery: { limitSeconds: 1, met: true } } })).toBe(false);
    const { total: _total, ...three } = budgets ?? {};
    expect(changed({ budgets: three })).toBe(false);
  });

  test('a run without a rollback has none', () => {
    expect(resultOf({ ...view, rollback: null }, cost, { mails: 0 })).not.toHaveProperty('rollback');
  });

  test.each([
    [['production-stable', 'rolled-back'], true],
    [['production-stable'], false],
    [['production-stable', 'rolled-back-unverified'], false],
    [['blocked', 'rolled-back'], false],
    [[], false],
  ])('%j is the expected end: %s', (outcomes, expected) => {
    expect(isAsExpected(outcomes.map((outcome) => ({ outcome }) as RunResult))).toBe(expected);
  });
});

describe('the printed rollback', () => {
  const lines = rollbackLines(rollback, (id) => (id === 'p-1' ? 'Omar Haddad' : id));

  test('names trigger, who decided, each step with proof and time, and each budget with what was measured', () => {
    expect(lines.filter(({ ok }) => ok === true).map(({ text }) => text)).toEqual([
      'trigger: Critical feature not working (3 of 3 tries) at 08:00:00',
      'decision: roll-back, by Omar Haddad at 08:00:04',
      '1. stop-requests: done in 2.0 s, proved at 08:00:07: 1 probe, all answered as expected',
      '2. restore-database: not-applicable, the service has no data',
      'decision: 4 s, at most 300 s',
    ]);
  });

  test('marks what failed and what still runs', () => {
    expect(lines.filter(({ ok }) => ok === false).map(({ text }) => text)).toEqual([
      '3. verify-health: failed, status 500',
      'execution: 3 s so far, at most 600 s',
    ]);
  });
});
