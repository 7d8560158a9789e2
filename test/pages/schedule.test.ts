import { describe, expect, test } from 'vitest';
import type { Freeze } from '../../lib/checklist/freezes.ts';
import { runText } from '../../lib/cli/show-run.ts';
import { runPage } from '../../lib/console/run.ts';
import { readRunWithWords } from '../../lib/query/run-view.ts';
import { overrideFreeze } from '../../lib/run/commands/override-freeze.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { anew, check, checklistOf, dependenciesOf, gate, givenRun, personIn } from '../given.ts';
import { textOf } from './page-text.ts';

const freeze: Freeze = {
  name: 'Quarter end',
  zone: 'Europe/Berlin',
  weekly: { days: ['tue'], from: '08:00', to: '14:00' },
  reason: 'The books are closed.',
};

/** A run whose T0 was moved into a freeze that one person wants to override. */
const shown = async () => {
  const deps = dependenciesOf(checklistOf([gate('t-minus-2h', { role: 't0' })], [check('backup', 't-minus-2h')]), {
    stage: { freezes: { shop: [freeze] } },
  });
  const run = await givenRun(deps);
  const lead = personIn(deps, 'operations-lead');
  const moved = { run, plannedT0: '2026-03-03T09:00:00.000Z', reason: 'The database team is ill.', request: anew() };
  expect((await rescheduleRun(deps, moved, lead)).refused).toBeUndefined();
  await overrideFreeze(deps, { run, freeze: freeze.name, reason: 'The books are closed already.' }, lead);
  const view = (await readRunWithWords(deps, run)).ok ?? expect.fail('no run');
  return { deps, run, view, lead };
};

describe('a T0 that was moved into a freeze', () => {
  test('stands on the page of the run in plain words, with UTC and the time of the zone', async () => {
    const { deps, view, run } = await shown();
    const names = (id: string): string => deps.roster.person(id)?.name ?? id;
    const page = textOf({ html: String(await runPage({ id: 'p-operations1', roles: [] }, view, names, deps.clock.now())) });
    expect(page).toContain('Planned T0 2026-03-03 09:00:00 UTC');
    expect(page).toMatch(
      /T0 was moved on .* by Ole Operations: from as soon as every gate before it has passed to 2026-03-03 09:00:00 UTC/,
    );
    expect(page).toContain('The database team is ill.');
    expect(page).toContain(
      'from 2026-03-03 07:00:00 UTC until 2026-03-03 13:00:00 UTC (2026-03-03 08:00 until 2026-03-03 14:00, Europe/Berlin)',
    );
    expect(page).toContain('waits for a second person Quarter end');
    await overrideFreeze(deps, { run, freeze: freeze.name, reason: 'It does not touch the books.' }, personIn(deps, 'product-owner'));
    const after = (await readRunWithWords(deps, run)).ok ?? expect.fail('no run');
    expect(after.freezes).toMatchObject([{ overridden: true }]);
    expect(textOf({ html: String(await runPage({ id: 'p-operations1', roles: [] }, after, names, deps.clock.now())) })).toMatch(
      /overridden Quarter end: Ole Operations and Petra Product on /,
    );
  });

  test('is shown by holdpoint status', async () => {
    const { view } = await shown();
    const text = runText({ ...view, people: [] } as never, '', { coloured: false, columns: undefined, all: false, page: 'https://x' });
    expect(text).toContain('planned T0 2026-03-03 09:00:00 UTC, moved from as soon as every gate before it has passed');
    expect(text).toContain(
      'Freeze Quarter end (The books are closed.): 2026-03-03 07:00:00 UTC to 2026-03-03 13:00:00 UTC (2026-03-03 08:00 to 2026-03-03 14:00 Europe/Berlin); T0 does not come before it ends',
    );
    expect(text).toContain('The override of the freeze Quarter end waits for a second person.');
  });
});
