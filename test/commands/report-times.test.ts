import { beforeEach, describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { artifact, ci, dependenciesOf, junitReport, reportOfRun, twoGates } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { series } from '../report-fixtures.ts';
import { type Story, send, toWindow } from '../story.ts';

/** When a report counts as made: the earliest of its own time, what its sender claims, and its receipt. */

const minute = 60_000;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const suite = (timestamp: string, failing = false): Uint8Array =>
  text(`<testsuite name="smoke" timestamp="${timestamp}"><testcase name="a">${failing ? '<failure/>' : ''}</testcase></testsuite>`);

describe('at an open gate', () => {
  let deps: FakeDependencies;
  let run: string;
  let machine: Awaited<ReturnType<typeof atFirstGate>>['machine'];
  beforeEach(async () => {
    deps = dependenciesOf(twoGates);
    ({ run, machine } = await atFirstGate(deps));
    begin = deps.clock.now().getTime();
  });
  let begin: number;
  /** Minutes from the begin of the test; the clock in memory moves on by a millisecond at each reading. */
  const from = (minutes: number): string => new Date(begin + minutes * minute).toISOString();
  const minutesOf = (instant: string): number => Math.round((Date.parse(instant) - begin) / minute);
  const sent = async (bytes: Uint8Array, changes: object = {}) => {
    const answer = await recordEvidence(deps, { ...reportOfRun(run, deps, bytes), ...changes }, ci);
    expect(answer.refused).toBeUndefined();
    return answer.ok;
  };
  const recorded = async () =>
    (await deps.trail.read(`run/${run}`, { prefix: 'evidence/' }))
      .filter(isType('evidence.recorded'))
      .map(({ event }) => minutesOf(event.data.madeAt));
  const verdict = async () => (await readRun(deps, run)).ok?.gates[0]?.checks[0]?.verdict;

  test.each([
    ['the own time of the report, whatever the sender claims', -60, 0, -60],
    ['what the sender claims, where the report says later', 2, -30, -30],
    ['the receipt, where both clocks are ahead', 3, 4, 0],
  ])('it is %s', async (_, own, claimed, counts) => {
    await sent(suite(from(own)), { madeAt: from(claimed) });
    expect(await recorded()).toEqual([counts]);
  });

  test('a local time without zone makes a report of the last days old, and changes nothing about one of today', async () => {
    const local = (minutes: number): string => from(minutes).slice(0, 23);
    await sent(suite(local(-30)));
    await sent(suite(local(-48 * 60)), { source: 'old' });
    expect(await recorded()).toEqual(expect.arrayContaining([0, -36 * 60]));
  });

  test("a pass from a producer whose clock is ahead does not hide the next attempt's failure", async () => {
    await sent(junitReport(3), { madeAt: from(4), producerRun: 'one' });
    deps.controls.clock.advance(minute);
    await sent(junitReport(3, 2), { producerRun: 'two' });
    await machine.settle();
    expect(await verdict()).toBe('fail');
    expect(machine.at()).toBe('phase-1');
  });

  test('a passing report of yesterday clears no failure of today, although it is sent now', async () => {
    await sent(suite(from(-10), true), { producerRun: 'today' });
    await sent(suite(from(-24 * 60)), { producerRun: 'resent' });
    expect(await verdict()).toBe('fail');
    await sent(suite(from(-1)), { producerRun: 'again' });
    expect(await verdict()).toBe('pass');
  });

  test('a report from the future is inconclusive, says why, and leaves no older pass standing', async () => {
    await sent(suite(from(-10)));
    const answer = await sent(suite(from(60)), { producerAttempt: 2 });
    expect(answer?.judged).toMatchObject([{ verdict: 'inconclusive', reason: expect.stringContaining(`made at ${from(60)}`) as unknown }]);
    expect(await verdict()).toBe('inconclusive');
    await sent(suite(from(-1)), { producerAttempt: 3 });
    expect(await verdict()).toBe('pass');
  });

  test('repeating an older failing report records nothing and regresses nothing', async () => {
    const madeAt = from(0);
    const bad = { madeAt, producerAttempt: 1 };
    await sent(junitReport(3, 1), bad);
    await sent(junitReport(3), { madeAt, producerAttempt: 2 });
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
    expect(await sent(junitReport(3, 1), bad)).toMatchObject({ alreadyRecorded: true });
    await machine.settle();
    const gate = (await readRun(deps, run)).ok?.gates[0];
    expect([gate?.state, gate?.checks[0]?.verdict]).toEqual(['passed', 'pass']);
    expect((await deps.trail.read(`run/${run}`, { prefix: 'gate/' })).filter(isType('gate.regressed'))).toEqual([]);
  });
});

describe('after the deployment', () => {
  let story: Story;
  const report = (state: 'started' | 'finished') =>
    reportDeployment(story.deps, { run: story.run, state, environment: 'production', component: 'web', digest: artifact }, ci);
  beforeEach(async () => {
    story = await toWindow();
    await report('started');
    story.deps.controls.clock.advance(minute);
    await report('finished');
    story.deps.controls.clock.advance(minute);
  });
  const ago = (ms: number): string => new Date(story.deps.clock.now().getTime() - ms).toISOString();

  test('smoke tests from before it do not count, although they are sent as if made now', async () => {
    const old = await send(story, 'junit', suite(ago(3 * minute)), { source: 'smoke' });
    expect(old.notCounted).toContainEqual({
      check: 'smoke-tests-run',
      why: expect.stringContaining('before deployment.finished') as unknown,
    });
    expect(old.judged.map(({ check }) => check)).not.toContain('smoke-tests-run');
    const now = await send(story, 'junit', suite(ago(minute / 2)), { source: 'smoke' });
    expect(now.judged.map(({ check }) => check)).toContain('smoke-tests-run');
  });

  test('a probe of last week proves no window of now', async () => {
    const lastWeek = story.deps.clock.now().getTime() - 7 * 24 * 3_600_000;
    const old = await send(story, 'series', series('health', lastWeek, 60, 61), { source: 'health' });
    expect(old.judged).toEqual([]);
    expect(old.notCounted.length).toBeGreaterThan(0);
  });

  test('a series that began before the component was deployed again no longer counts', async () => {
    const began = story.deps.clock.now().getTime();
    story.deps.controls.clock.advance(2 * minute);
    await send(story, 'series', series('health', began, 100, 41), { source: 'health' });
    const health = async () =>
      (await readRun(story.deps, story.run)).ok?.gates
        .flatMap(({ checks }) => checks)
        .find(({ check }) => check === 'health-checks-passing')?.verdict;
    expect(await health()).toBe('pass');
    story.deps.controls.clock.advance(-minute);
    await report('started');
    await report('finished');
    expect(await health()).toBe('missing');
  });
});
