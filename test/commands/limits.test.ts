import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes, observationLanes, sortKey } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import type { Quotas } from '../../lib/quotas.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { limits } from '../../lib/run/commands/limits.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import type { FakeDependencies } from '../fakes.ts';
import { ci, dependenciesOf, givenOpen, givenRun, junitReport, personIn, reportOfRun, startInput, twoGates } from '../given.ts';

/** What callers may store, and that nothing is stored of what is refused. */

/** The counters as if so much had been used up under every key that matches. */
const usedUp = (deps: FakeDependencies, key: RegExp, name: string, counted: number): FakeDependencies => {
  const quotas: Quotas = {
    take: async (uses) => {
      const use = uses.findIndex((one) => key.test(one.key));
      const amount = uses[use]?.amounts.find((one) => one.name === name);
      return amount !== undefined && counted + amount.add > amount.most ? { use, name, counted } : undefined;
    },
  };
  return { ...deps, quotas };
};

const opened = async (): Promise<{ readonly deps: FakeDependencies; readonly run: string }> => {
  const deps = dependenciesOf(twoGates);
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  return { deps, run };
};
const stored = (deps: FakeDependencies): number => deps.controls.evidence.objects.size;

describe('a report', () => {
  test.each([
    ['the run holds as many reports as it may', /^run\//, 'pieces', limits.pieces.most.run, '2000 at most', 'merge the reports'],
    ["the job's token has sent as many as it may", /^token\//, 'pieces', limits.pieces.most.token, '1000 at most', 'another job'],
    ['the identity has sent as many as it may on one day', /^ci\//, 'pieces', limits.pieces.most.day, '5000 at most', 'midnight UTC'],
    ['the run holds as many bytes as it may', /^run\//, 'bytes', limits.bytes.most.run, '1073741824 at most', 'merge the reports'],
    ['the token has sent as many bytes as it may', /^token\//, 'bytes', limits.bytes.most.token, '536870912 at most', 'another job'],
    ['the identity has sent as many bytes on one day', /^ci\//, 'bytes', limits.bytes.most.day, '5368709120 at most', 'midnight UTC'],
  ])('is refused with the figures, before anything is stored, when %s', async (_when, key, name, counted, expected, fix) => {
    const { deps, run } = await opened();
    const before = stored(deps);
    const { refused } = await recordEvidence(usedUp(deps, key, name, counted), reportOfRun(run, deps, junitReport(3)), ci);
    expect(refused).toMatchObject({ type: 'limit-reached', expected });
    expect(refused?.got).toMatch(new RegExp(`^${counted} and \\d+ more$`));
    expect(refused?.fix).toContain(fix);
    expect(stored(deps)).toBe(before);
    expect(await deps.trail.read(`run/${run}`, { prefix: 'evidence/' })).toEqual([]);
  });

  test('is refused as the source too many, and a report of a known source is taken', async () => {
    const { deps, run } = await opened();
    const send = (source: string) => recordEvidence(deps, reportOfRun(run, deps, junitReport(1), { source }), ci);
    expect((await send('unit')).refused).toBeUndefined();
    for (let n = 1; n < limits.sources.most.run; n += 1) await deps.quotas.take([source(run, `s${n}`)]);
    expect((await send('one-too-many')).refused).toMatchObject({ type: 'limit-reached', got: '300 and 1 more', expected: '300 at most' });
    expect((await send('unit')).refused).toBeUndefined();
    expect((await deps.trail.read(`run/${run}`, { prefix: 'evidence/' })).map(({ event }) => event.lane)).not.toContain(
      'evidence/junit/one-too-many',
    );
  });

  // A run whose lanes do not fit into the event that lists them could never be closed.
  test('of the last source leaves room for the end of the run', () => {
    const lane = { lane: `evidence/cyclonedx/${'s'.repeat(64)}`, seq: 99_999_999, head: 'f'.repeat(64) };
    expect(limits.sources.most.run * JSON.stringify(lane).length).toBeLessThan(100_000);
  });

  test('that cannot be read and is stored all the same is counted, too', async () => {
    const { deps, run } = await opened();
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
    const broken = reportOfRun(run, deps, new TextEncoder().encode('<testsuite'), { attempt: 2 });
    const full = usedUp(deps, /^run\//, 'pieces', limits.pieces.most.run);
    const before = stored(deps);
    expect((await recordEvidence(full, broken, ci)).refused?.type).toBe('limit-reached');
    expect(stored(deps)).toBe(before);
    expect((await recordEvidence(deps, broken, ci)).refused?.type).toBe('evidence-unreadable');
    expect(stored(deps)).toBeGreaterThan(before);
  });

  test('that is refused uses nothing up', async () => {
    const { deps, run } = await opened();
    await recordEvidence(deps, { ...reportOfRun(run, deps, junitReport(1)), commit: 'c'.repeat(40) }, ci);
    expect(deps.controls.quotas.counters.size).toBe(0);
  });

  test.each([20, 200])('of %i jobs at once never passes a limit together', async (jobs) => {
    const deps = dependenciesOf(twoGates);
    const use = { key: 'run/r', until: new Date(), amounts: [{ name: 'pieces', add: 1, most: 10 }] };
    const over = await Promise.all(Array.from({ length: jobs }, () => deps.quotas.take([use])));
    expect(over.filter((one) => one === undefined)).toHaveLength(10);
  });
});

const source = (run: string, value: string) => ({
  key: `run/${run}`,
  until: new Date('2027-01-01T00:00:00.000Z'),
  amounts: [],
  distinct: { name: 'sources', value, most: limits.sources.most.run },
});

const seen = (n: number, changes: object = {}) =>
  ({
    observation: `o-${n}`,
    kind: 'alarm',
    bad: true,
    subject: `web-${n}`,
    summary: 'The alarm rang.',
    observedAt: '2026-03-02T08:00:00.000Z',
    ...changes,
  }) as const;

/** Observations of the feed as they would stand in the lane of `o-7`, without the time that recording them one by one takes. */
const fillLane = async (deps: FakeDependencies, run: string, length: number): Promise<void> => {
  const scope = `run/${run}`;
  const [started] = (await deps.trail.read(scope, { lane: 'run' })).filter(isType('run.started'));
  let prev = started?.hash ?? '';
  const lane = lanes.observation('o-7');
  const items = deps.controls.store.tables.get(scope);
  for (let seq = 1; seq <= length; seq += 1) {
    const data = { ...seen(seq), observation: 'o-7', words: null, via: 'bus' as const };
    const at = deps.clock.now();
    const actor = { kind: 'system', id: 'feed' } as const;
    const event = makeEvent({ scope, lane, step: `s${seq}`, type: 'observation.recorded', actor, data }, { seq, prev }, at);
    items?.set(sortKey(lane, seq), event as never);
    prev = event.hash;
  }
};

describe('an observation', () => {
  test.each([
    ['run', /^run\//, limits.observations.most.run],
    ['token', /^token\//, limits.observations.most.token],
    ['identity', /^ci\//, limits.observations.most.day],
  ])('of CI is refused when the %s has as many as it may', async (_whose, key, most) => {
    const { deps, run } = await opened();
    const { refused } = await observe(usedUp(deps, key, 'observations', most), { ...seen(1), run }, ci);
    expect(refused).toMatchObject({ type: 'limit-reached', got: `${most} and 1 more`, expected: `${most} at most` });
    expect(await deps.trail.read(`run/${run}`, { prefix: lanes.observations })).toEqual([]);
  });

  test('of a person is counted by person and run, and their words are not kept when it is refused', async () => {
    const { deps, run } = await opened();
    const before = deps.controls.people.texts.size;
    const lead = personIn(deps, 'operations-lead');
    const full = usedUp(deps, /^person\//, 'observations', limits.observations.most.day);
    expect((await observe(full, { ...seen(1), run }, lead)).refused?.type).toBe('limit-reached');
    expect(deps.controls.people.texts.size).toBe(before);
    await observe(deps, { ...seen(1), run }, lead);
    expect([...deps.controls.quotas.counters.keys()].map((key) => key.split('/')[0])).toEqual(['person', 'run']);
  });

  const feed = (deps: FakeDependencies, n: number, changes: object = {}) =>
    feedObservation(deps, { ...seen(n, changes), service: 'shop', environment: 'production', via: 'bus' });

  test('of the feed is never refused; on a crowded run what a subject said last is recorded once a minute', async () => {
    const { deps, run } = await opened();
    await fillLane(deps, run, Math.ceil(limits.observations.most.run / observationLanes));
    const length = async () => (await deps.trail.read(`run/${run}`, { prefix: lanes.observations })).length;
    const full = await length();
    const again = await feed(deps, 7, { observation: 'o-7', observedAt: '2026-03-02T08:00:59.000Z' });
    expect(again).toMatchObject([{ run, alreadyRecorded: true }]);
    expect(await length()).toBe(full);
    // Another subject, another minute and another state are news, also the same state after it.
    for (const [n, changes] of [
      [20_000, {}],
      [7, { observedAt: '2026-03-02T08:01:00.000Z' }],
      [7, { bad: false, observedAt: '2026-03-02T08:01:10.000Z' }],
      [7, { bad: true, observedAt: '2026-03-02T08:01:20.000Z' }],
    ] as const)
      expect((await feed(deps, n, changes))[0]?.alreadyRecorded).toBe(false);
    expect(await length()).toBe(full + 4);
  }, 60_000);
});

describe('refusals', () => {
  const guess = (deps: FakeDependencies, n: number, caller = ci) => startRun(deps, { ...startInput, service: `guess-${n}` }, caller);
  const scopeOf = (caller: string) => `refused/2026-03-02/${caller}`;

  test('of one caller are recorded twenty times a minute, and another caller is recorded beside', async () => {
    const deps = dependenciesOf(twoGates, { tickMs: 0 });
    for (let n = 0; n < 60; n += 1) await guess(deps, n);
    await guess(deps, 0, { ...ci, id: 'ci-other' });
    expect(await deps.trail.read(scopeOf('ci-main'), { prefix: '' })).toHaveLength(20);
    expect(await deps.trail.read(scopeOf('ci-other'), { prefix: '' })).toHaveLength(1);
    deps.controls.clock.advance(60_000);
    for (let n = 0; n < 60; n += 1) await guess(deps, n);
    expect(await deps.trail.read(scopeOf('ci-main'), { prefix: '' })).toHaveLength(40);
  });

  test('read the last twenty of their lane and nothing else, however long it is', async () => {
    const deps = dependenciesOf(twoGates, { tickMs: 0 });
    for (let minute = 0; minute < 10; minute += 1) {
      for (let n = 0; n < 20; n += 1) await guess(deps, n);
      deps.controls.clock.advance(60_000);
    }
    const asked: unknown[] = [];
    deps.controls.onCall((call, _caller, args) => {
      if (call === 'store.query') asked.push(args);
    });
    await guess(deps, 1);
    expect(asked).toEqual([[scopeOf('ci-main'), { lane: 'refusal', last: 20 }]]);
  });

  test('of several callers on one run fill a minute together, and the first of each other caller is recorded all the same', async () => {
    const deps = dependenciesOf(twoGates, { tickMs: 0 });
    const run = await givenRun(deps);
    const parentHash = (await deps.trail.read(`run/${run}`, { lane: 'run' }))[0]?.hash ?? '';
    const fill = (n: number, id: string) =>
      deps.trail.append(
        {
          scope: `run/${run}`,
          lane: 'refusal',
          step: `filled ${n}`,
          type: 'request.refused',
          actor: { kind: 'ci', id },
          data: { action: 'evidence', type: 'commit-mismatch', detail: `filled ${n}` },
        },
        { parentHash },
      );
    const send = (n: number, id: string) =>
      recordEvidence(deps, { ...reportOfRun(run, deps, junitReport(1)), type: `guess-${n}` }, { ...ci, id });
    for (let n = 0; n < 19; n += 1) await fill(n, n % 2 === 0 ? 'ci-main' : 'ci-other');
    for (let n = 0; n < 10; n += 1) await send(n, n % 2 === 0 ? 'ci-main' : 'ci-other');
    for (let n = 0; n < 5; n += 1) await send(n, 'ci-third');
    const by = (await deps.trail.read(`run/${run}`, { lane: 'refusal' })).map(({ event }) => event.actor.id);
    expect(by).toHaveLength(21);
    expect(by.filter((id) => id === 'ci-third')).toHaveLength(1);
  });

  test('of an identity with any name stand in a scope that has one', async () => {
    const deps = dependenciesOf(twoGates);
    const id = 'team A/#1';
    await guess(deps, 1, { ...ci, id });
    const scopes = [...deps.controls.store.tables.keys()].filter((scope) => scope.startsWith('refused/'));
    expect(scopes).toEqual([expect.stringMatching(/^refused\/2026-03-02\/[0-9a-f]{32}$/)]);
  });
});
