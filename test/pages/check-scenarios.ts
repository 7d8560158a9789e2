import { coverageAtLeast } from '../../lib/rules/coverage-at-least.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { anew } from '../given.ts';
import { recordSampleOf } from '../samples.ts';
import * as given from './page-scenarios.ts';

/** Runs with a check whose parts are judged one by one, in the states in which people meet its page. */

const features = ['cart', 'checkout', 'orders', 'search', 'vouchers'];
export const covered = 'coverage-per-feature';

const lcov = (shares: Readonly<Record<string, number>>): Uint8Array =>
  new TextEncoder().encode(
    Object.entries(shares)
      .map(([id, share]) =>
        [`SF:src/${id}/a.ts`, ...Array.from({ length: 100 }, (_, at) => `DA:${at + 1},${at < share ? 1 : 0}`), 'end_of_record\n'].join(
          '\n',
        ),
      )
      .join(''),
  );

/** The coverage of each feature, in percent; those that are not named have 90. */
export const cover = async (story: given.Story, shares: Readonly<Record<string, number>>, attempt = 1): Promise<void> => {
  await given.send(story, 'lcov', lcov({ ...Object.fromEntries(features.map((id) => [id, 90])), ...shares }), { attempt });
  await story.machine.settle();
};

/** At the first gate, with two features under their floor. */
export const underFloor = async (shares: Readonly<Record<string, number>> = { checkout: 12, search: 55 }): Promise<given.Story> => {
  const whole = given.checklist();
  const rule = coverageAtLeast.of({
    metric: 'lines',
    floorPct: 70,
    per: 'feature',
    features: features.map((id) => ({ id, paths: [`src/${id}/**`] })),
  });
  const items = whole.items.map((item) => (item.id === covered ? { ...item, rule } : item));
  const story = await given.begin({}, given.pagesStage(), { ...whole, items });
  await cover(story, shares);
  return story;
};

export const waivePart = async (
  story: given.Story,
  subject?: string,
  hours = 48,
  reason = `Tests follow. ${given.hostile}`,
): Promise<void> => {
  const done = await waive(
    story.deps,
    {
      request: anew(),
      run: story.run,
      check: covered,
      reason,
      until: new Date(story.deps.clock.now().getTime() + hours * 3_600_000).toISOString(),
      ...(subject === undefined ? {} : { subject: { kind: 'feature', id: subject } as const }),
    },
    given.callerOf(story, given.technical),
  );
  if (done.refused) throw new Error(JSON.stringify(done.refused));
  await story.machine.settle();
};

/** 220 features with long names, all under their floor; 22 attempts, and ten waivers with long reasons. */
export const crowded = async (): Promise<given.Story> => {
  const ids = Array.from({ length: 220 }, (_, at) => `feature-${at}-${'x'.repeat(40)}`);
  const whole = given.checklist();
  const rule = coverageAtLeast.of({
    metric: 'lines',
    floorPct: 70,
    per: 'feature',
    features: ids.map((id) => ({ id, paths: [`src/${id}/**`] })),
  });
  const items = whole.items.map((item) => (item.id === covered ? { ...item, rule } : item));
  const story = await given.begin({}, given.pagesStage(), { ...whole, items });
  const report = lcov(Object.fromEntries(ids.map((id) => [id, 5])));
  for (let attempt = 1; attempt <= 22; attempt += 1) await given.send(story, 'lcov', report, { attempt });
  for (const id of ids.slice(0, 10)) await waivePart(story, id, 48, '"<€&'.repeat(500));
  return story;
};

/** Two hours before T0: operations have several checks to attest. */
export const beforeT0 = async (plannedT0?: string): Promise<given.Story> => {
  const story = await given.atGoNoGo(plannedT0 === undefined ? undefined : { plannedT0 });
  for (const id of [given.technical, given.operations, given.product]) await given.answerAs(story, id, 'approved');
  await story.machine.settle();
  return story;
};

/** Signed a day before T0: nobody may attest before the last two hours. */
export const longBeforeT0 = async (): Promise<given.Story> => beforeT0('2026-03-04T08:00:00.000Z');

/** Two hours before T0 with a schedule of the team, made so many hours from now, that has nobody on duty: beside what a person attests. */
export const uncoveredTeam = async (hours = 0): Promise<given.Story> => {
  const story = await beforeT0();
  const from = story.deps.clock.now();
  const at = new Date(from.getTime() + hours * 3_600_000);
  const until = new Date(from.getTime() + 9 * 3_600_000);
  const record = { ...recordSampleOf('schedule'), at, window: { from, until }, shifts: [] };
  await given.send(story, 'record', new TextEncoder().encode(JSON.stringify(record)), { source: 'deployment-team' });
  await story.machine.settle();
  return story;
};

/** Attests a check of operations as somebody who holds the role, too. */
export const attestFirst = async (story: given.Story, check: string): Promise<void> => {
  const colleague = { ...given.callerOf(story, given.technical), roles: ['operations-lead'] as const };
  const done = await attest(story.deps, { request: anew(), run: story.run, check, statement: 'I was there before you.' }, colleague);
  if (done.refused) throw new Error(JSON.stringify(done.refused));
  await story.machine.settle();
};
