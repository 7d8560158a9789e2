import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { alarmsReady } from '../../lib/rules/alarms-ready.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { check, checklistOf, ci, dependenciesOf, gate, junitReport, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { lookedAt, withOwnLooks } from '../own-looks.ts';
import { begin, hour, type Story, toStability } from '../story.ts';

/** A look that found what is needed is not repeated, and a run that waits is not read every minute. */

const minute = 60_000;

/** A gate that waits for unit tests and for a look at the alarms, on a stage that names one. */
const waiting = async (): Promise<Story> => {
  const looked = check('alarms', 'phase-1', { needs: 'alarms', rule: alarmsReady.of({ maxUnknownSeconds: 3600 }) as never });
  const deps = dependenciesOf(
    checklistOf([gate('phase-1'), gate('phase-2')], [looked, check('unit-tests', 'phase-1'), check('b', 'phase-2')]),
  );
  Object.assign(deps.stage, { targets: { shop: { production: lookedAt } } });
  return { deps, ...(await atFirstGate(deps)) };
};
const requests = ({ deps }: Story): number => deps.controls.calls.filter((call) => call === 'reconciler.request').length;
const judged = async ({ deps, run }: Story) =>
  (await deps.trail.read(`run/${run}`, { lane: 'check/phase-1/alarms' }))
    .filter(isType('check.judged'))
    .map(({ event }) => event.data.verdict);

describe('a look at the alarms', () => {
  test('that was good is not repeated, and its gate is not reconciled again while it waits for days', async () => {
    const looks = withOwnLooks(await waiting());
    await looks.story.machine.settle();
    await looks.pass(10 * minute);
    expect(await judged(looks.story)).toEqual(['pass']);
    const before = requests(looks.story);
    await looks.pass(20 * hour);
    expect(requests(looks.story) - before).toBe(0);
    expect(await judged(looks.story)).toEqual(['pass']);
  });

  test('that was not good is repeated after 1, 2, 4 and then every 5 minutes, until it is good', async () => {
    let state: 'OK' | 'ALARM' = 'ALARM';
    const looks = withOwnLooks(await waiting(), () => state);
    await looks.pass(hour);
    const bad = await judged(looks.story);
    expect(bad.every((verdict) => verdict === 'fail')).toBe(true);
    expect(bad.length).toBeGreaterThanOrEqual(11);
    expect(bad.length).toBeLessThanOrEqual(15);
    state = 'OK';
    await looks.pass(7 * minute);
    expect((await judged(looks.story)).at(-1)).toBe('pass');
    const { deps, run, machine } = looks.story;
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
    await machine.settle();
    expect(machine.at()).not.toBe('phase-1');
  });

  test('whose request was lost is asked for again after a minute', async () => {
    const story = await waiting();
    expect(story.deps.controls.collector.tasks.splice(0)).toHaveLength(1);
    await withOwnLooks(story).pass(3 * minute);
    expect(await judged(story)).toEqual(['pass']);
  });
});

describe('the watch of every minute', () => {
  test.each([
    ['before T0', begin],
    ['behind the monitoring', () => toStability()],
  ])('reads nothing of a run %s', async (_, given) => {
    const { pass, counts, story } = withOwnLooks(await given());
    await pass(2 * minute);
    const read: unknown[] = [];
    story.deps.controls.onCall((call) => void (call === 'store.query' && read.push(call)));
    await pass(minute);
    expect(read).toEqual([]);
    expect(counts().watched).toBe(0);
  });
});
