import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { verifyRun } from '../../lib/audit/verify-run.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { carriedInWords } from '../../lib/query/carried.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { readStanding } from '../../lib/query/standing-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenOpen, givenRun, junitReport, personIn, reportOfRun } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import {
  attestedForService,
  begun,
  carriedIn,
  decideAs,
  give,
  given,
  guidesOnly,
  serviceScope,
  standingChecklist,
  typeOf,
} from '../standing-given.ts';
import { explore, type Scenario } from './schedule-explorer.ts';

const day = 86_400_000;
const later = (deps: FakeDependencies, milliseconds: number): void => deps.controls.clock.advance(milliseconds);
/** Another release, which another job starts. */
const nextRun = async (deps: FakeDependencies) => {
  const run = await givenRun(deps, { version: '1.2.4' }, { ...ci, token: sha256('token-2') });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  return { run, machine };
};
const ofCheck = async (deps: FakeDependencies, run: string, id: string) => {
  const view = await readRun(deps, run);
  const found = view.ok?.gates.flatMap(({ checks }) => checks).find((one) => one.check === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
};

describe('what CI gives', () => {
  test('counts in a run that is open, and in one that starts later', async () => {
    const { deps, run, machine } = await begun();
    const answer = await given(deps);
    expect(answer).toMatchObject({
      state: 'counts',
      judged: [{ check: 'guides', verdict: 'pass' }],
      confirmedBy: [],
      alreadyRecorded: false,
    });
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
    const [origin] = await deps.trail.read(serviceScope, { lane: 'standing' });
    expect(await carriedIn(deps, run)).toMatchObject([
      { from: { scope: serviceScope, lane: 'standing', seq: 1, hash: origin?.hash, event: answer.event }, by: null, serves: ['guides'] },
    ]);
    later(deps, 3 * day);
    const next = await nextRun(deps);
    expect(next.machine.at()).toBe('phase-2');
    const shown = await ofCheck(deps, next.run, 'guides');
    expect(shown).toMatchObject({ verdict: 'pass', subjects: [{ subject: '*/carried/wiki' }] });
    expect(carriedInWords(shown)).toMatch(/^carried from 2026-03-02, counts until 2026-04-01$/);
  });

  test('expires in the run like any other evidence', async () => {
    const { deps, run, machine } = await begun(standingChecklist);
    await given(deps);
    await machine.settle();
    later(deps, 31 * day);
    expect(await ofCheck(deps, run, 'guides')).toMatchObject({ verdict: 'missing', reason: expect.stringContaining('too old') });
  });

  test('is not carried once it is too old', async () => {
    const deps = dependenciesOf(guidesOnly);
    await given(deps);
    later(deps, 31 * day);
    const { run } = await atFirstGate(deps);
    expect(await carriedIn(deps, run)).toEqual([]);
  });

  test('is recorded once, however often it is sent', async () => {
    const { deps } = await begun();
    const madeAt = deps.clock.now().toISOString();
    const first = await given(deps, { madeAt });
    expect(await given(deps, { madeAt })).toMatchObject({ event: first.event, alreadyRecorded: true });
    expect(await deps.trail.read(serviceScope, { lane: 'standing' })).toHaveLength(1);
  });

  test('replaces what the same source gave before', async () => {
    const { deps, run, machine } = await begun();
    await given(deps, { failures: 1, producerRun: 'job-1' });
    await machine.settle();
    expect(await ofCheck(deps, run, 'guides')).toMatchObject({ verdict: 'fail' });
    later(deps, 60_000);
    await given(deps, { producerRun: 'job-2' });
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
    // A later run takes the newest only.
    const next = await nextRun(deps);
    expect(await carriedIn(deps, next.run)).toMatchObject([{ producer: { run: 'job-2' } }]);
  });

  test('that cannot be read takes an older pass back, and is refused otherwise', async () => {
    const { deps, run, machine } = await begun(standingChecklist);
    const bytes = new TextEncoder().encode('<testsuites><testsuite');
    expect(typeOf(await give(deps, { bytes }))).toBe('evidence-unreadable');
    expect(await deps.trail.read(serviceScope, { lane: 'standing' })).toEqual([]);
    await given(deps, { producerRun: 'job-1' });
    later(deps, 60_000);
    expect(typeOf(await give(deps, { bytes, producerRun: 'job-2' }))).toBe('evidence-unreadable');
    await machine.settle();
    expect(await ofCheck(deps, run, 'guides')).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('beside what is sent to the run', () => {
  const sent = (deps: FakeDependencies, run: string, failures: number, source = 'wiki') =>
    recordEvidence(deps, reportOfRun(run, deps, junitReport(3, failures), { source, attempt: failures + 1 }), ci);

  test('neither hides a failing report, whichever comes first', async () => {
    const { deps, run, machine } = await begun();
    await sent(deps, run, 1);
    later(deps, 60_000);
    await given(deps);
    await machine.settle();
    expect(machine.at()).toBe('phase-1');
    expect(await ofCheck(deps, run, 'guides')).toMatchObject({ verdict: 'fail' });
    const other = await begun();
    await given(other.deps, { failures: 1 });
    await other.machine.settle();
    later(other.deps, 60_000);
    await sent(other.deps, other.run, 0);
    await other.machine.settle();
    expect(await ofCheck(other.deps, other.run, 'guides')).toMatchObject({ verdict: 'fail' });
  });

  test('a pass that has grown too old needs no renewal once the run has its own', async () => {
    const { deps, run, machine } = await begun(standingChecklist);
    await given(deps);
    await machine.settle();
    later(deps, 31 * day);
    await sent(deps, run, 0);
    expect(await ofCheck(deps, run, 'guides')).toMatchObject({ verdict: 'pass' });
  });
});

describe('a report that arrives while a gate settles', () => {
  test('is seen by the second reading: the answer is not sent', async () => {
    const { deps, run, machine } = await begun();
    await given(deps, { producerRun: 'job-1' });
    later(deps, 60_000);
    // The failing report arrives right behind the decision.
    let state: 'before' | 'decided' | 'given' = 'before';
    deps.controls.onCall(async (call, _caller, [stored]) => {
      if (state === 'decided') {
        state = 'given';
        await given(deps, { failures: 1, producerRun: 'job-2' });
      }
      const type = (stored as { readonly event?: { readonly type: string } } | undefined)?.event?.type;
      if (state === 'before' && call === 'store.insert' && type === 'gate.settled') state = 'decided';
    });
    await machine.settle();
    expect([state, machine.at()]).toEqual(['given', 'phase-1']);
    const lane = await deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' });
    expect(lane.some(isType('gate.regressed'))).toBe(true);
  });

  test('takes back a gate that has passed', async () => {
    const { deps, run, machine } = await begun();
    await given(deps, { producerRun: 'job-1' });
    await machine.settle();
    later(deps, 60_000);
    await given(deps, { failures: 1, producerRun: 'job-2' });
    await attest(deps, { request: anew(), run, check: 'later', statement: 'I have looked at it.' }, personIn(deps, 'technical-lead'));
    await machine.settle();
    expect(machine.at()).toBe('phase-2');
    expect((await readRun(deps, run)).ok?.outcome).toBe('blocked');
  });
});

describe('an auditor', () => {
  const verified = async (deps: FakeDependencies, run: string, standing?: 'without') =>
    verifyRun(
      {
        events: await deps.trail.read(`run/${run}`, { prefix: '' }),
        late: [],
        ...(standing === 'without' ? {} : { standing: await deps.trail.read(serviceScope, { prefix: '' }) }),
      },
      async () => true,
    );

  test('finds and verifies the origin of what a run carries', async () => {
    const { deps, run, machine } = await begun(standingChecklist);
    await given(deps);
    await decideAs(deps, await attestedForService(deps), personIn(deps, 'technical-lead'));
    await machine.settle();
    expect(await carriedIn(deps, run)).toHaveLength(2);
    expect(await verified(deps, run)).toBeUndefined();
    expect(await verified(deps, run, 'without')).toMatchObject({ lane: 'evidence/carried', seq: 1 });
  });
});

describe('the list', () => {
  test('shows what stands, for which checks and until when, and what is missing', async () => {
    const { deps } = await begun(standingChecklist);
    const { event } = await given(deps);
    await attestedForService(deps);
    expect(await readStanding(deps, 'shop')).toMatchObject({
      service: 'shop',
      evidence: [
        { type: 'attestation', state: 'waits', decidedBy: null },
        {
          event,
          type: 'junit',
          source: 'wiki',
          environment: null,
          state: 'counts',
          givenBy: ci.id,
          until: expect.stringContaining('2026-04-01T08:00:00'),
          checks: [{ check: 'guides', verdict: 'pass' }],
        },
      ],
      missing: [{ check: 'trained', environment: null }],
    });
    later(deps, 40 * day);
    expect((await readStanding(deps, 'shop')).evidence.map(({ state }) => state)).toEqual(['waits', 'too-old']);
  });
});

test('looking costs a run without standing checks nothing, and one with them one query', async () => {
  const looks = async (checklist: typeof guidesOnly): Promise<number> => {
    const { deps, run } = await begun(checklist);
    let asked = 0;
    deps.controls.onCall(async (call, _caller, [scope]) => {
      if (call === 'store.query' && scope === serviceScope) asked += 1;
    });
    await reconcileGate(deps, { run });
    return asked;
  };
  expect(await looks(checklistOf([gate('phase-1')], [check('a', 'phase-1')]))).toBe(0);
  expect(await looks(guidesOnly)).toBe(1);
});

test('in every order of their reads and writes, a decider and a failing report do not miss each other', async () => {
  const scenario = async (): Promise<Scenario> => {
    const deps = dependenciesOf(guidesOnly, { tickMs: 0 });
    const run = await givenRun(deps);
    await givenOpen(deps, run, 'phase-1');
    await given(deps, { producerRun: 'job-1', madeAt: '2026-03-02T07:00:00.000Z' });
    return {
      deps,
      lanes: ['gate/', 'standing'],
      processes: {
        decider: (own) => reconcileGate(own, { run }),
        giver: (own) => given(own, { failures: 1, producerRun: 'job-2' }),
      },
      check: async () => {
        // What the giver requested. Where the answer was out before, the next gate finds it.
        const { did } = await reconcileGate(deps, { run });
        if (did === 'nothing' || did === 'waiting') {
          await givenOpen(deps, run, 'phase-2');
          await reconcileGate(deps, { run });
        }
        const lane = await deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' });
        const passed = lane.filter(isType('gate.settled')).filter(({ event }) => event.data.outcome === 'passed');
        expect(passed.length > 0 && !lane.some(isType('gate.regressed'))).toBe(false);
      },
    };
  };
  const { orders } = await explore(scenario);
  expect(orders).toBeGreaterThan(1);
});
