import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
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
});
