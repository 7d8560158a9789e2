import { describe, expect, test } from 'vitest';
import { type DataOf, isType } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { giveEvidence } from '../../lib/run/commands/give-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { productionScope } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { check, checklistOf, ci, dependenciesOf, gate, givenRun, personIn } from '../given.ts';
import { machineOf } from '../machine.ts';
import { recordMadeAt } from '../samples.ts';
import { decideAs, serviceScope, typeOf, withdrawAs } from '../standing-given.ts';
import { becameStable } from './compared-tests.ts';

/** The figures of the last release that became production-stable, and those that people record in their place. */

const rule = baseChecklist.items.find(({ id }) => id === 'performance-as-expected')?.rule ?? expect.fail('no such line');
const comparing = checklistOf(
  [gate('phase-1'), gate('phase-2')],
  [
    check('performance', 'phase-1', { rule, owner: 'operations-lead' }),
    check('later', 'phase-2', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
  ],
);

let tokens = 0;
const begun = async (deps: FakeDependencies, version = '1.2.3') => {
  deps.controls.clock.advance(60_000);
  const run = await givenRun(deps, { version }, { ...ci, token: String(++tokens).padStart(64, '5') });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  return run;
};

const takenIn = async (deps: FakeDependencies, run: string): Promise<DataOf<'baseline.taken'>[]> =>
  (await deps.trail.read(`run/${run}`, { lane: 'measurement' })).filter(isType('baseline.taken')).map(({ event }) => event.data);

const figuresOf = (deps: FakeDependencies, run: string, step: string, said: Partial<DataOf<'figures.measured'>> = {}) =>
  deps.trail.append(
    {
      scope: `run/${run}`,
      lane: 'measurement',
      step,
      type: 'figures.measured',
      actor: { kind: 'system', id: 'evaluator' },
      data: {
        evidence: step,
        source: 'probe',
        component: null,
        name: 'stability',
        passed: true,
        from: '2026-02-20T08:00:00.000Z',
        to: '2026-02-21T08:00:00.000Z',
        points: 1440,
        errorRatePct: 0.1,
        p95Ms: 120,
        requestsPerMinute: null,
        windows: [],
        ...said,
      },
    },
    { parentHash: genesis },
  );

/** A world with a stable release 1.2.3 that was measured over its day. */
const released = async (said: Partial<DataOf<'figures.measured'>> = {}) => {
  const deps = dependenciesOf(comparing);
  const first = await begun(deps);
  await figuresOf(deps, first, 'early', { p95Ms: 900, to: '2026-02-20T20:00:00.000Z' });
  await figuresOf(deps, first, 'failed', { p95Ms: 950, passed: false, to: '2026-02-22T08:00:00.000Z' });
  await figuresOf(deps, first, 'other', { name: 'monitoring', p95Ms: 700 });
  await figuresOf(deps, first, 'day', said);
  const { stored } = await becameStable(deps, first, '1.2.3');
  return { deps, first, stableAt: stored.event.at, event: stored.event.id };
};

type Stated = { readonly madeAt?: Date; readonly caller?: typeof ci | ReturnType<typeof personIn>; readonly environment?: string | null };

const recorded = async (deps: FakeDependencies, changes: Readonly<Record<string, unknown>> = {}, stated: Stated = {}) => {
  const { madeAt = deps.clock.now(), caller = personIn(deps, 'operations-lead'), environment = 'production' } = stated;
  const bytes = recordMadeAt('baseline', madeAt, { tests: undefined, ...changes });
  const input = { service: 'shop', type: 'record', bytes, contentType: 'application/json', source: 'operations' };
  const about = environment === null ? {} : { environment };
  return giveEvidence(deps, { ...input, ...about, producerAttempt: 1, madeAt: madeAt.toISOString() }, caller);
};

const confirmed = async (deps: FakeDependencies, changes: Readonly<Record<string, unknown>> = {}, stated: Stated = {}): Promise<string> => {
  const given = await recorded(deps, changes, stated);
  const event = given.ok?.event ?? expect.fail(given.refused?.detail);
  expect(await decideAs(deps, event, personIn(deps, 'technical-lead'))).toMatchObject({ ok: { decision: 'confirmed' } });
  return event;
};

describe('a run takes its baseline', () => {
  test('from the last release that became production-stable: the last series of its day that passed', async () => {
    const { deps, first, stableAt, event } = await released();
    await becameStable(deps, 'a-newer-one', '1.2.4', 'deployed');
    expect(await takenIn(deps, await begun(deps, '1.2.5'))).toEqual([
      {
        from: { kind: 'run', run: first, version: '1.2.3', stableAt, event },
        figures: [
          {
            component: null,
            p95Ms: 120,
            errorRatePct: 0.1,
            series: { name: 'stability', from: '2026-02-20T08:00:00.000Z', to: '2026-02-21T08:00:00.000Z', points: 1440 },
          },
        ],
      },
    ]);
  });

  test('of each figure from the series that has it', async () => {
    const { deps, first } = await released({ errorRatePct: null });
    await figuresOf(deps, first, 'metric', { p95Ms: null, errorRatePct: 0.4, to: '2026-02-21T09:00:00.000Z' });
    const [taken] = await takenIn(deps, await begun(deps, '1.2.4'));
    expect(taken?.figures.map(({ p95Ms, errorRatePct }) => [p95Ms, errorRatePct])).toEqual([
      [null, 0.4],
      [120, null],
    ]);
  });

  test('from nowhere where no release became stable, and from one that becomes so while it waits', async () => {
    const deps = dependenciesOf(comparing);
    const first = await begun(deps);
    await figuresOf(deps, first, 'day');
    const run = await begun(deps, '1.2.4');
    const none = { from: { kind: 'none', why: 'no release has become production-stable in this environment yet' }, figures: [] };
    expect(await takenIn(deps, run)).toEqual([none]);
    await becameStable(deps, first, '1.2.3');
    await reconcileGate(deps, { run });
    expect(await takenIn(deps, run)).toMatchObject([none, { from: { kind: 'run', run: first }, figures: [{ p95Ms: 120 }] }]);
  });

  test('once: a further look reads what is new in the environment, and takes nothing', async () => {
    const { deps } = await released();
    // More events than one reading of the end of the lane has.
    for (let n = 0; n < 50; n += 1) await becameStable(deps, `later-${n}`, `1.3.${n}`, 'deployed');
    const run = await begun(deps, '1.4.0');
    const ranges: unknown[] = [];
    deps.controls.onCall((call, _caller, [scope, range]) => {
      if (call === 'store.query' && scope === productionScope) ranges.push(range);
    });
    await reconcileGate(deps, { run });
    expect(ranges).toEqual([{ lane: 'live', fromSeq: 52 }]);
    expect(await takenIn(deps, run)).toMatchObject([{ from: { version: '1.2.3' } }]);
    expect((await deps.trail.read(`run/${run}`, { lane: 'run' })).filter(isType('live.read'))).toHaveLength(1);
  });
});

describe('a recorded baseline', () => {
  test('counts where no release became stable, once a second person has confirmed it', async () => {
    const deps = dependenciesOf(comparing);
    const run = await begun(deps);
    const madeAt = deps.clock.now();
    const given = await recorded(deps, {}, { madeAt });
    expect(given.ok).toMatchObject({
      state: 'waits',
      judged: [{ check: 'performance', verdict: 'pass', reason: 'each run is compared with p95 180 ms, error rate 0.2 %' }],
    });
    await reconcileGate(deps, { run });
    expect((await takenIn(deps, run)).map(({ from }) => from.kind)).toEqual(['none']);
    const event = given.ok?.event ?? '';
    await decideAs(deps, event, personIn(deps, 'technical-lead'));
    await reconcileGate(deps, { run });
    expect((await takenIn(deps, run)).at(-1)).toEqual({
      from: {
        kind: 'recorded',
        event,
        carried: (await deps.trail.read(`run/${run}`, { lane: 'evidence/carried' }))[0]?.event.id,
        by: personIn(deps, 'operations-lead').id,
        madeAt: madeAt.toISOString(),
        givenAt: (await deps.trail.read(serviceScope, { lane: 'standing' }))[0]?.event.at,
      },
      figures: [{ component: null, p95Ms: 180, errorRatePct: 0.2, series: null }],
    });
  });

  test.each([
    ['does not take the place of a stable release by itself', {}, 0, 'run'],
    ['takes its place where it says so and is newer', { replacesLastStable: true }, 0, 'recorded'],
    ['takes no place of a release that became stable later', { replacesLastStable: true }, 3_600_000, 'run'],
  ])('%s', async (_, changes, olderMs, kind) => {
    const { deps } = await released();
    deps.controls.clock.advance(60_000);
    await confirmed(deps, changes, { madeAt: new Date(deps.clock.now().getTime() - olderMs) });
    expect((await takenIn(deps, await begun(deps, '1.2.4'))).map(({ from }) => from.kind)).toEqual([kind]);
  });

  test('counts no more when it is withdrawn, and what it had replaced does not come back', async () => {
    const deps = dependenciesOf(comparing);
    await confirmed(deps, { p95Ms: 100 });
    deps.controls.clock.advance(60_000);
    const run = await begun(deps);
    const event = await confirmed(deps, { p95Ms: 150 });
    await reconcileGate(deps, { run });
    await withdrawAs(deps, event, personIn(deps, 'technical-lead'));
    await reconcileGate(deps, { run });
    expect((await takenIn(deps, run)).map(({ from, figures }) => [from.kind, figures[0]?.p95Ms])).toEqual([
      ['recorded', 100],
      ['recorded', 150],
      ['none', undefined],
    ]);
  });

  test('of people stays when a job sends one with a time to come', async () => {
    const deps = dependenciesOf(comparing);
    await confirmed(deps, { p95Ms: 100 });
    deps.controls.clock.advance(60_000);
    const now = deps.clock.now();
    const bytes = recordMadeAt('baseline', new Date(now.getTime() + 3_600_000), { tests: undefined });
    const input = { service: 'shop', type: 'record', bytes, contentType: 'application/json', source: 'operations' };
    const sent = await giveEvidence(deps, { ...input, environment: 'production', producerAttempt: 1, madeAt: now.toISOString() }, ci);
    expect(typeOf(sent)).toBe('role-missing');
    expect(await takenIn(deps, await begun(deps))).toMatchObject([{ from: { kind: 'recorded' }, figures: [{ p95Ms: 100 }] }]);
  });

  test('is taken by no run that begins after its days, and kept by one that has taken it', async () => {
    const deps = dependenciesOf(comparing);
    await confirmed(deps, { validDays: 2 });
    const run = await begun(deps);
    deps.controls.clock.advance(3 * 86_400_000);
    await reconcileGate(deps, { run });
    expect((await takenIn(deps, run)).map(({ from }) => from.kind)).toEqual(['recorded']);
    expect((await takenIn(deps, await begun(deps, '1.2.4'))).map(({ from }) => from.kind)).toEqual(['none']);
  });

  test.each<[string, Readonly<Record<string, unknown>>, (deps: FakeDependencies) => Stated, string]>([
    ['a job', {}, () => ({ caller: ci }), 'role-missing'],
    ['somebody who answers for none of the checks', {}, (deps) => ({ caller: personIn(deps, 'product-owner') }), 'role-missing'],
    ['without the environment', {}, () => ({ environment: null }), 'evidence-not-standing'],
    ['that states nothing', { p95Ms: undefined, errorRatePct: undefined }, () => ({}), 'evidence-not-standing'],
    ['that states a p95 of 0', { p95Ms: 0 }, () => ({}), 'evidence-not-standing'],
    ['for longer than 90 days', { validDays: 91 }, () => ({}), 'evidence-unreadable'],
    ['whose days are over', {}, (deps) => ({ madeAt: new Date(deps.clock.now().getTime() - 61 * 86_400_000) }), 'evidence-time'],
  ])('is refused: %s', async (_, changes, stated, type) => {
    const deps = dependenciesOf(comparing);
    expect(typeOf(await recorded(deps, changes, stated(deps)))).toBe(type);
  });
});
