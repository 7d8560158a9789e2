import { describe, expect, test } from 'vitest';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { check, checklistOf, ci, dependenciesOf, gate, startInput } from '../given.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('a planned T0 in the past', () => {
  test.each([
    ['a week ago', -7 * 24 * 60, true],
    ['six minutes ago', -6, true],
    ['four minutes ago, by a clock that is behind', -4, false],
    ['in an hour', 60, false],
  ])('%s', async (_, minutes, refused) => {
    const deps = dependenciesOf(checklistOf([gate('t-minus-2h', { role: 't0' })], [check('backup', 't-minus-2h')]));
    const plannedT0 = new Date(deps.clock.now().getTime() + minutes * minute).toISOString();
    expect((await startRun(deps, { ...startInput, plannedT0 }, ci)).refused?.type).toBe(refused ? 'planned-t0' : undefined);
  });

  test.each(['0001-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'])('%s is refused, too', async (plannedT0) => {
    const deps = dependenciesOf(checklistOf([gate('t-minus-2h', { role: 't0' })], [check('backup', 't-minus-2h')]));
    expect((await startRun(deps, { ...startInput, plannedT0 }, ci)).refused).toMatchObject({ type: 'planned-t0', got: plannedT0 });
  });

  test('refuses no repetition of a start that was cut off', async () => {
    const deps = dependenciesOf(checklistOf([gate('t-minus-2h', { role: 't0' })], [check('backup', 't-minus-2h')]));
    const input = { ...startInput, plannedT0: new Date(deps.clock.now().getTime() + hour).toISOString() };
    const first = await startRun(deps, input, ci);
    deps.controls.clock.advance(2 * hour);
    expect((await startRun(deps, input, ci)).ok?.run).toBe(first.ok?.run);
  });
});
