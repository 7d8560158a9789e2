import { expect, test } from 'vitest';
import { gateOf } from '../../lib/checklist/definition.ts';
import { missedT0 } from '../../lib/run/state/t0.ts';
import { checklistOf, gate } from '../given.ts';

const checklist = checklistOf([gate('t-minus-2h', { role: 't0' }), gate('phase-5')], []);
const planned = '2026-03-29T01:30:00.000Z';
const missedAfter = (minutes: number, plannedT0: string = planned, at = 't-minus-2h'): boolean =>
  missedT0({ checklist, plannedT0 } as never, gateOf(checklist, at) as never, new Date(Date.parse(planned) + minutes * 60_000)) !==
  undefined;

test.each([
  [59, false],
  [59.99999, false],
  [60, true],
  [61, true],
  [-60, false],
])('a planned T0 is missed after 60 minutes: %d minutes later', (minutes, missed) => {
  expect(missedAfter(minutes)).toBe(missed);
});

test('a run that deploys when it is released misses nothing, and no gate behind T0 does', () => {
  expect(missedAfter(600, 'when-released')).toBe(false);
  expect(missedAfter(600, planned, 'phase-5')).toBe(false);
});
