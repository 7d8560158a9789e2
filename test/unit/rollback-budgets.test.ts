import { describe, expect, test } from 'vitest';
import { rollbackStepIds } from '../../lib/audit/events/rollback.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { budgetsOf, tookOf } from '../../lib/folds/rollback-budgets.ts';
import { rollbackView } from '../../lib/query/rollback-view.ts';
import { withinBudget } from '../../lib/rules/within-budget.ts';
import { at, stored } from '../lane-events.ts';

/** A decision that took so many seconds. */
const laneOf = (seconds: number) => [
  stored('rollback', 'rollback.triggered', 0, {
    trigger: 'data-corruption-detected',
    by: null,
    reason: null,
    detail: 'rows differ',
    evidence: [],
    decides: false,
  }),
  decided(seconds),
];
const decided = (seconds: number) => {
  const one = stored('rollback', 'rollback.decided', 0, { round: 1, decision: 'roll-back', how: 'silence', by: null, reason: null });
  return { ...one, event: { ...one.event, at: new Date(Date.parse(at(0)) + seconds * 1000).toISOString() } };
};

const shown = (seconds: number) => {
  const lane = laneOf(seconds);
  const context = { checklist: baseChecklist, started: { event: { data: {} } }, ended: { event: {} } };
  const view = rollbackView({
    context,
    gates: { entries: [] },
    events: lane,
    lane,
    now: new Date(at(60)),
    stage: { targets: {} },
  } as never);
  return view?.budgets.find(({ budget }) => budget === 'decision');
};

describe('a budget', () => {
  test.each([
    [299.96, true, 300],
    [300, true, 300],
    [300.001, false, 300.1],
    [300.04, false, 300.1],
    [301, false, 301],
  ])('is met with its last second and breached behind it, to every reader: %d s of 300', (seconds, met, figure) => {
    expect(shown(seconds)).toMatchObject({ limitSeconds: 300, met, seconds: figure });
    const rule = withinBudget.of({ budget: 'decision', limitSeconds: 300 });
    expect(withinBudget.judge(rule, { lanes: { rollback: laneOf(seconds) }, now: new Date(at(60)) } as never)).toEqual({
      verdict: met ? 'pass' : 'fail',
      reason: `${figure.toFixed(1)} s, the budget is 300 s`,
    });
  });

  test.each([
    ['while it runs', null],
    ['when it has ended', at(5.001)],
  ])('is breached 60 milliseconds behind its limit %s, and its figure says so', (_when, until) => {
    expect(tookOf({ since: at(0), until }, 300, new Date(at(5.001)))).toEqual({ seconds: 300.1, met: false });
    expect(tookOf({ since: at(0), until: at(5) }, 300, new Date(at(60)))).toEqual({ seconds: 300, met: true });
  });
});

/** A rejected sign-off triggers nothing: people are paged about it, and the same clocks run. */
describe('the budgets of a round without a trigger', () => {
  const paged = (round: number, minutes: number, why: 'opened' | 'reminder' = 'opened') =>
    stored('rollback', 'rollback.paged', minutes, { round, why });
  const settled = (round: number, minutes: number, decision: 'roll-back' | 'continue') =>
    stored('rollback', 'rollback.decided', minutes, { round, decision, how: 'person', by: 'p-1', reason: null });
  const begun = (lane: readonly ReturnType<typeof paged>[]) => budgetsOf(lane).map(({ budget, since, until }) => [budget, since, until]);

  test('begin with the first page of that round, and run while nobody has decided', () => {
    expect(begun([])).toEqual([]);
    expect(begun([paged(1, 0), paged(1, 4, 'reminder')])).toEqual([
      ['decision', at(0), null],
      ['total', at(0), null],
    ]);
  });

  test('count the hours until a decision against it', () => {
    const lane = [paged(1, 0), settled(1, 120, 'roll-back')];
    expect(begun(lane)).toEqual([
      ['decision', at(0), at(120)],
      ['execution', at(120), null],
      ['total', at(0), null],
    ]);
    const [decision] = budgetsOf(lane);
    expect(decision && tookOf(decision, 300, new Date(at(121)))).toEqual({ seconds: 7200, met: false });
    const rule = withinBudget.of({ budget: 'decision', limitSeconds: 300 });
    expect(withinBudget.judge(rule, { lanes: { rollback: lane }, now: new Date(at(121)) } as never)).toMatchObject({ verdict: 'fail' });
  });

  test('begin anew with the page of the next round, not with that of the round before', () => {
    expect(begun([paged(1, 0), settled(1, 3, 'continue'), paged(2, 600), paged(2, 604, 'reminder')])).toEqual([
      ['decision', at(600), null],
      ['total', at(600), null],
    ]);
  });

  test('begin with what came first: a trigger that is added later does not start them again', () => {
    const trigger = laneOf(1)
      .slice(0, 1)
      .map((one) => ({ ...one, event: { ...one.event, at: at(2) } }));
    for (const [lane, began] of [
      [[paged(1, 0), ...trigger], 0],
      [[...trigger, paged(1, 2.01)], 2],
    ] as const)
      expect(begun(lane)).toEqual([
        ['decision', at(began), null],
        ['total', at(began), null],
      ]);
  });
});

describe('a rollback that a person ended', () => {
  const step = 'monitor-stability';
  const own = { step, action: 'do', attempt: 1 } as const;
  const before = [
    ...laneOf(60),
    ...rollbackStepIds
      .filter((id) => id !== step)
      .map((id) => stored('rollback', 'rollback.step-skipped', 2, { step: id, reason: 'not needed here' })),
    stored('rollback', 'rollback.step-requested', 2, { ...own, actuator: 'none' }),
    stored('rollback', 'rollback.proof-requested', 2, { ...own, proof: 1 }),
  ];
  const ended = stored('rollback', 'rollback.step-handled', 4, { step, choice: 'end', by: 'p-1', reason: 'a'.repeat(64), evidence: [] });
  const proved = (minutes: number) =>
    stored('rollback', 'rollback.step-proved', minutes, { ...own, proof: 1, proved: true, detail: 'healthy', evidence: [] });
  const verified = (lane: ReturnType<typeof laneOf>[number][]) => budgetsOf(lane).find(({ budget }) => budget === 'verification')?.until;

  test('before the last proof came does not take its time from that proof: nobody would have recorded the breach', () => {
    expect(verified([...before, proved(7)])).toBe(at(7));
    expect(verified([...before, ended, proved(7)])).toBeNull();
  });

  test('after the last proof keeps its time', () => {
    expect(verified([...before, proved(3), ended])).toBe(at(3));
  });
});
