import { describe, expect, test } from 'vitest';
import type { DueItem } from '../../lib/ports.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { storeDeadline } from '../../lib/run/gates/deadline.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { storeRecheck } from '../../lib/run/writing/recheck.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { check, checklistOf, ci, dependenciesOf, gate, givenRun, junitReport, personIn, reportOfRun, twoGates } from '../given.ts';
import { machineOf } from '../machine.ts';
import { begin, hour, type Story, toGoNoGo, toSignOff, toStability, toWindow } from '../story.ts';

const minute = 60_000;
const day = 24 * hour;

const itemsOf = ({ deps }: Pick<Story, 'deps'>) => [...deps.controls.due.items.values()];
const kindsOf = (story: Pick<Story, 'deps'>) => itemsOf(story).map(({ kind }) => kind);

describe('the due items of a run', () => {
  test.each([
    ['its first gate', begin],
    ['go / no-go', toGoNoGo],
    ['the deployment window', toWindow],
    ['the 24-hour review', toStability],
    ['the sign-off', toSignOff],
  ])('at %s: one deadline, however many gates have passed', async (_place, to) => {
    expect(kindsOf(await to())).toEqual(['deadline']);
  });

  test('after the end: the close item, until orphan lanes are recorded', async () => {
    const story = await toGoNoGo();
    await cancelRun(story.deps, { run: story.run, reason: 'The customer asked to wait.' }, personIn(story.deps, 'operations-lead'));
    await story.machine.settle();
    expect(kindsOf(story)).toEqual(['close']);
    expect(await story.deps.due.deadline(story.run)).toBeUndefined();
    story.deps.controls.clock.advance(4 * minute);
    await sweep(story.deps);
    await story.machine.settle();
    expect(itemsOf(story)).toEqual([]);
  });
});

describe('rechecks that are due', () => {
  test('are one request for each run, whose reconciliation deletes them all', async () => {
    const [story, other] = [await toGoNoGo(), await begin()];
    const rechecks = await Promise.all(['a', 'b', 'c'].map((step) => storeRecheck(story.deps, story.run, step)));
    const foreign = await storeRecheck({ ...other.deps, due: story.deps.due }, 'another-run', 'a');
    story.deps.controls.clock.advance(2 * minute);
    const { requests } = story.deps.controls.reconciler;
    await sweep(story.deps);
    const [of, not] = [
      requests.filter(({ run, item }) => run === story.run && item?.kind === 'recheck'),
      requests.filter(({ run }) => run !== story.run),
    ];
    expect(of.map(({ item, also = [] }) => [item, ...also].map((one) => one?.id).toSorted())).toEqual([
      rechecks.map(({ item }) => item.id).toSorted(),
    ]);
    expect(not).toEqual([{ run: 'another-run', item: foreign.item }]);
    await story.machine.settle();
    expect(kindsOf(story)).toEqual(['deadline']);
  });

  test('stay due when the reconciliation was not complete', async () => {
    const story = await toGoNoGo();
    const [first, second] = [await storeRecheck(story.deps, story.run, 'a'), await storeRecheck(story.deps, story.run, 'b')];
    const broken = { ...story.deps, trail: { ...story.deps.trail, read: () => Promise.reject(new Error('down')) } };
    await expect(reconcileGate(broken, { run: story.run, item: first.item, also: [second.item] })).rejects.toThrow();
    expect(kindsOf(story).filter((kind) => kind === 'recheck')).toHaveLength(2);
  });

  test('are nothing but rechecks: a deadline that a request names beside its item stays', async () => {
    const story = await toGoNoGo();
    const deadline = (await story.deps.due.deadline(story.run)) as DueItem;
    const { item } = await storeRecheck(story.deps, story.run, 'a');
    await reconcileGate(signingFor(['reconciler'], story.deps), { run: story.run, item, also: [deadline] });
    expect(itemsOf(story)).toEqual([deadline]);
  });
});

describe('a deadline', () => {
  const run = '20260302-080000-0000000000';
  const began = new Date('2026-03-02T08:00:00.000Z');
  const inMinutes = (minutes: number): Date => new Date(began.getTime() + minutes * minute);
  const store = (deps: FakeDependencies, minutes: number, at = began) =>
    storeDeadline({ due: deps.due, began: at, item: undefined }, run, inMinutes(minutes));
  const instants = (deps: FakeDependencies) => itemsOf({ deps }).map(({ at }) => at);

  test('moves to an earlier instant, never to a later one while it lies ahead', async () => {
    const deps = dependenciesOf(checklistOf([gate('phase-1')], [check('a', 'phase-1')]));
    await store(deps, 60);
    await store(deps, 90);
    expect(instants(deps)).toEqual([inMinutes(60).toISOString()]);
    await store(deps, 30);
    expect(instants(deps)).toEqual([inMinutes(30).toISOString()]);
    expect((await deps.due.deadline(run))?.at).toBe(inMinutes(30).toISOString());
  });

  test('moves to a later instant when a reconciliation has read the run after it', async () => {
    const deps = dependenciesOf(checklistOf([gate('phase-1')], [check('a', 'phase-1')]));
    await store(deps, 30);
    await store(deps, 60, inMinutes(31));
    expect(instants(deps)).toEqual([inMinutes(60).toISOString()]);
  });

  test('of two reconciliations that store one at once, the earlier instant stays', async () => {
    for (const [first, second] of [
      [30, 60],
      [60, 30],
      [30, 30],
    ] as const) {
      const deps = dependenciesOf(checklistOf([gate('phase-1')], [check('a', 'phase-1')]));
      await store(deps, 90);
      await Promise.all([store(deps, first), store(deps, second)]);
      expect(instants(deps)).toEqual([inMinutes(30).toISOString()]);
    }
  });

  test('and a recheck of the same instant are two items', async () => {
    const deps = dependenciesOf(checklistOf([gate('phase-1')], [check('a', 'phase-1')]), { tickMs: 0 });
    const recheck = await storeRecheck(deps, run, 'step');
    await storeDeadline({ due: deps.due, began: deps.clock.now(), item: undefined }, run, new Date(recheck.item.at));
    expect(kindsOf({ deps }).sort()).toEqual(['deadline', 'recheck']);
    await recheck.done();
    expect(kindsOf({ deps })).toEqual(['deadline']);
  });
});

/** A report that is good for an hour, and a check that stays open: the gate waits, and its picture changes in an hour. */
const expiring = checklistOf(
  [gate('phase-1'), gate('phase-2')],
  [
    check('unit-tests', 'phase-1', { maxAgeSeconds: 3600 }),
    check('trained', 'phase-1', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
    check('later', 'phase-2', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
  ],
);

const opened = async (checklist = twoGates): Promise<Story> => {
  const deps = dependenciesOf(checklist);
  const run = await givenRun(deps);
  const machine = machineOf(deps, run);
  await machine.begin();
  return { deps, run, machine };
};
/** Does once what was requested, as a function that is not invoked again when it fails. */
const reconcileRequested = async ({ deps }: Pick<Story, 'deps'>): Promise<void> => {
  for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
};
const report = ({ deps, run }: Story) => recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);

/** Leaves the deadline as the only item: nothing else brings the run back. */
const requestedWithoutItem = (story: Story): Story => {
  const { due, reconciler } = story.deps.controls;
  for (const [key, { kind }] of due.items) if (kind === 'recheck') due.items.delete(key);
  reconciler.requests.splice(0, Number.POSITIVE_INFINITY, { run: story.run });
  return story;
};

type Case = {
  readonly name: string;
  readonly given: () => Promise<Story>;
  /** Until then the sweep must have brought about what follows. */
  readonly within: number;
  readonly follows: (story: Story) => Promise<boolean>;
};

const cases: readonly Case[] = [
  {
    name: 'the first deadline of a gate',
    given: () => opened(),
    within: 7 * day + 5 * minute,
    follows: async ({ deps, run }) => (await readRun(deps, run)).ok?.outcome === 'expired',
  },
  {
    name: 'an earlier deadline',
    given: async () => {
      const story = await opened(expiring);
      await reconcileRequested(story);
      await report(story);
      return story;
    },
    within: 7 * day + 5 * minute,
    follows: async ({ deps, run }) => (await readRun(deps, run)).ok?.outcome === 'expired',
  },
  {
    name: 'an earlier deadline, requested without a due item',
    given: async () => {
      const story = await opened(expiring);
      await reconcileRequested(story);
      await report(story);
      return requestedWithoutItem(story);
    },
    within: 7 * day + 5 * minute,
    follows: async ({ deps, run }) => (await readRun(deps, run)).ok?.outcome === 'expired',
  },
  {
    name: 'a later deadline after one that has passed',
    given: async () => {
      const story = await opened(expiring);
      await reconcileRequested(story);
      await report(story);
      await reconcileRequested(story);
      story.deps.controls.clock.advance(hour + minute);
      await sweep(story.deps);
      return story;
    },
    within: 7 * day + 5 * minute,
    follows: async ({ deps, run }) => (await readRun(deps, run)).ok?.outcome === 'expired',
  },
  {
    name: 'a gate that passes',
    given: async () => {
      const story = await opened();
      await reconcileRequested(story);
      await report(story);
      return story;
    },
    within: 3 * minute,
    follows: async ({ deps, run }) =>
      deps.controls.workflow.answers.length === 1 && (await readRun(deps, run)).ok?.gates[0]?.state === 'passed',
  },
  {
    name: 'the end of a run',
    given: async () => {
      const story = await opened();
      await reconcileRequested(story);
      await cancelRun(story.deps, { run: story.run, reason: 'The customer asked to wait.' }, personIn(story.deps, 'operations-lead'));
      return story;
    },
    within: 8 * day,
    follows: async (story) => (await readRun(story.deps, story.run)).ok?.closed === true && itemsOf(story).length === 0,
  },
];

/** The sweep of every minute in which something is due. */
const sweepOnly = async (story: Story, until: number): Promise<void> => {
  const { clock, due } = story.deps.controls;
  for (let turn = 0; turn < 60; turn += 1) {
    const next = [...due.items.values()].map(({ at }) => Date.parse(at)).sort((a, b) => a - b)[0];
    if (next === undefined || next > until) return;
    const now = clock.now().getTime();
    clock.advance(Math.max(minute, next - now));
    await sweep(story.deps);
    await story.machine.settle();
  }
  throw new Error('the due items of the run do not come to an end');
};

const bookkeeping = /^due\.(put|moveDeadline|done)$/;

describe('a reconciliation that crashes at a write of its due items and is not invoked again', () => {
  test.each(cases)('$name', async ({ given, within, follows }) => {
    const clean = await given();
    const before = clean.deps.controls.calls.filter((call) => bookkeeping.test(call)).length;
    await reconcileRequested(clean);
    const writes = clean.deps.controls.calls.filter((call) => bookkeeping.test(call)).length - before;
    expect(writes).toBeGreaterThan(1);
    await sweepOnly(clean, clean.deps.controls.clock.now().getTime() + within);
    expect(await follows(clean), 'without a crash').toBe(true);
    for (const when of ['before', 'after'] as const) {
      for (let place = 1; place <= writes; place += 1) {
        const story = await given();
        let seen = 0;
        story.deps.controls.onCall((call) => {
          if (!bookkeeping.test(call)) return;
          seen += 1;
          if (seen === place) story.deps.controls.failNext(call, when);
        });
        const what = `write ${place} of ${writes} failing ${when} it persisted`;
        await expect(reconcileRequested(story), what).rejects.toThrow('planned');
        story.deps.controls.onCall(undefined);
        story.deps.controls.reconciler.requests.splice(0);
        const ended = (await readRun(story.deps, story.run)).ok?.closed === true;
        if (!ended) expect(itemsOf(story).length, what).toBeGreaterThan(0);
        await sweepOnly(story, story.deps.controls.clock.now().getTime() + within);
        expect(await follows(story), what).toBe(true);
        expect(kindsOf(story), what).not.toContain('recheck');
        // The one item too many that a crash may leave is gone when its instant has passed.
        await sweepOnly(story, story.deps.controls.clock.now().getTime() + 7 * day);
        expect(kindsOf(story).length, what).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('a reconciliation that crashes between its settle event and the answer', () => {
  test('is taken over within two minutes, even when it was requested without a due item', async () => {
    const story = await opened();
    await reconcileRequested(story);
    await report(story);
    requestedWithoutItem(story);
    story.deps.controls.failNext('workflow.succeed', 'before');
    await expect(reconcileRequested(story)).rejects.toThrow('planned');
    await sweepOnly(story, story.deps.controls.clock.now().getTime() + 2 * minute);
    expect(story.machine.at()).toBe('phase-2');
  });
});
