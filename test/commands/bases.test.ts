import { expect, test } from 'vitest';
import { deviate } from '../../lib/checklist/deviations.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { check, checklistOf, ci, dependenciesOf, gate, givenOpen, givenRun, reportOfRun } from '../given.ts';
import { series } from '../report-fixtures.ts';

/** The basis of a check says that less time was measured only where that is so. */

const soak = {
  kind: 'series-covers/1',
  evidence: 'series',
  series: 'soak',
  minDurationSeconds: 60,
  minPoints: 20,
  maxGapPct: 50,
  maxFailurePct: 1,
  maxP95Ms: 1000,
} as const;

test.each([
  ['minDurationSeconds', 60, 30, 'shortened'],
  ['maxFailurePct', 1, 5, 'measured'],
  ['minPoints', 20, 10, 'measured'],
] as const)('a deviation of %s from %d to %d: %s', async (parameter, document, here, basis) => {
  const whole = checklistOf([gate('phase-1')], [check('soak', 'phase-1', { rule: soak })]);
  const why = { reason: 'a reason of twenty signs at least', approver: 'operations-lead' } as const;
  const deps = dependenciesOf(deviate(whole, [{ check: 'soak', parameter, document, here, ...why }]));
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  const bytes = series('soak', deps.clock.now().getTime() - 61_000, 61, 61);
  const sent = await recordEvidence(deps, { ...reportOfRun(run, deps, bytes), type: 'series' }, ci);
  expect(sent.refused).toBeUndefined();
  const view = (await readRun(deps, run)).ok ?? expect.fail('no run');
  expect(view.gates[0]?.checks[0]).toMatchObject({ verdict: 'pass', basis });
  expect(view.deviations).toMatchObject([{ check: 'soak', parameter, here }]);
});
