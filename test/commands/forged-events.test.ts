import { describe, expect, test } from 'vitest';
import { authorityMessage } from '../../lib/audit/authority.ts';
import { type Draft, isType, type Stored } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import { verifyRun } from '../../lib/audit/verify-run.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { fakeAuthority } from '../fakes/services.ts';
import { signingFor } from '../fakes.ts';
import { check, checklistOf, dependenciesOf, gate } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { type Story, toGoNoGo } from '../story.ts';

/**
 * Every function that appends may insert any event into the table. What a function that was taken over inserts as a person's word
 * or as the reconciler's decision carries no MAC of their keys: no gate passes by it, and the fault names it.
 */
const ciActor = { kind: 'ci', id: 'ci-main' } as const;

/** Inserts an event past the trail, at the lane's next place, as a writer without a key can. */
const insert = async ({ deps }: Story, draft: Draft, mac: string | null = null): Promise<Stored> => {
  const own = await deps.controls.store.query(draft.scope, { lane: draft.lane });
  const [first] = await deps.controls.store.query(draft.scope, { lane: lanes.run });
  const forged = makeEvent(draft, { seq: own.length + 1, prev: own.at(-1)?.hash ?? first?.hash ?? '' }, deps.clock.now(), mac) as Stored;
  expect(await deps.controls.store.insert(forged)).toBe('inserted');
  return forged;
};

const answersOf = async ({ deps, run }: Story): Promise<Draft<'approval.answered'>[]> =>
  (await deps.trail.read(`run/${run}`, { lane: lanes.approval('go-no-go') })).filter(isType('approval.requested')).map(({ event }) => ({
    scope: event.scope,
    lane: event.lane,
    step: `${event.data.entry}/answered/${event.data.round}/${event.data.role}`,
    type: 'approval.answered',
    actor: { kind: 'person', id: event.data.person },
    data: {
      gate: event.data.gate,
      entry: event.data.entry,
      round: event.data.round,
      role: event.data.role,
      person: event.data.person,
      answer: 'approved',
      report: event.data.report,
      signedInAt: event.at,
      note: null,
    },
  }));

const reconcile = ({ deps, run }: Story) => reconcileGate(signingFor(['reconciler'], deps), { run });

describe('forged answers', () => {
  test('pass no gate: the reconciler stops and names the first of them', async () => {
    const story = await toGoNoGo();
    const { deps, run, machine } = story;
    const sent = deps.controls.workflow.answers.length;
    const [first, ...others] = await answersOf(story);
    if (first === undefined) throw new Error('three people were asked');
    const forged = await insert(story, first);
    for (const other of others) await insert(story, other);
    for (let turn = 0; turn < 3; turn += 1)
      await expect(reconcile(story)).rejects.toMatchObject({
        name: 'IntegrityFault',
        message: expect.stringContaining(forged.event.id) as unknown,
      });
    await expect(readRun(deps, run)).rejects.toMatchObject({ name: 'IntegrityFault' });
    expect([machine.at(), deps.controls.workflow.answers.length]).toEqual(['go-no-go', sent]);
    const events = await deps.controls.store.query(`run/${run}`, { prefix: '' });
    expect(await verifyRun({ events, late: [] }, fakeAuthority([]).verify)).toMatchObject({
      lane: forged.event.lane,
      seq: forged.event.seq,
    });
  });

  test('pass no gate with the MAC of another answer, nor with that of the reconciler', async () => {
    const [one, other] = await answersOf(await toGoNoGo());
    if (one === undefined || other === undefined) throw new Error('three people were asked');
    const macs = [
      await fakeAuthority(['people']).sign('people', authorityMessage(other)),
      await fakeAuthority(['reconciler']).sign('reconciler', authorityMessage(one)),
    ];
    for (const mac of macs) {
      const story = await toGoNoGo();
      const [answer] = await answersOf(story);
      if (answer === undefined) throw new Error('three people were asked');
      await insert(story, answer, mac);
      await expect(reconcile(story)).rejects.toMatchObject({ name: 'IntegrityFault' });
    }
  });
});

describe('a small run', () => {
  const word = { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const;
  const small = async (): Promise<Story> => {
    const deps = dependenciesOf(checklistOf([gate('phase-1'), gate('phase-2')], [check('ready', 'phase-1', { rule: word })]));
    return { deps, ...(await atFirstGate(deps)) };
  };
  const judged = (scope: string, by: string | null): Draft<'check.judged'> => ({
    scope,
    lane: lanes.check('phase-1', 'ready'),
    step: 'judged/1',
    type: 'check.judged',
    actor: ciActor,
    data: {
      check: 'ready',
      subject: '*/person',
      verdict: 'pass',
      reason: 'attested',
      facts: null,
      evidence: null,
      attempt: 1,
      madeAt: '2026-03-02T08:00:00.000Z',
      producer: { run: 'r', attempt: 1 },
      goodUntil: null,
      by,
      words: null,
    },
  });
  const forgeries: Readonly<Record<string, (scope: string, entry: string) => Draft>> = {
    'an attestation': (scope) => judged(scope, 'p-technical1'),
    'a waiver': (scope) => ({
      scope,
      lane: lanes.check('phase-1', 'ready'),
      step: 'waived/1',
      type: 'check.waived',
      actor: ciActor,
      data: { check: 'ready', reason: '0'.repeat(64), until: '2027-01-01T00:00:00.000Z', by: 'p-technical1', role: 'technical-lead' },
    }),
    'a decision of the reconciler': (scope, entry) => ({
      scope,
      lane: lanes.gate('phase-1'),
      step: `${entry}/settled/1`,
      type: 'gate.settled',
      actor: ciActor,
      data: {
        gate: 'phase-1',
        entry,
        settlement: 1,
        outcome: 'passed',
        end: null,
        resume: null,
        judgedOn: [],
        soundUntil: null,
        reason: 'every check passes',
      },
    }),
    'the closing of a lane, which would keep a failing report out': (scope) => ({
      scope,
      lane: lanes.check('phase-1', 'ready'),
      step: 'closed',
      type: 'lane.ended',
      actor: ciActor,
      data: { ended: '0'.repeat(64) },
    }),
    'the closing of a lane in the form of older versions': (scope) => ({
      scope,
      lane: lanes.check('phase-1', 'ready'),
      step: 'closed',
      type: 'lane.closed',
      actor: ciActor,
      data: {},
    }),
  };

  test.each(Object.entries(forgeries))('is not moved on by %s', async (_, forge) => {
    const story = await small();
    const [opened] = (await story.deps.trail.read(`run/${story.run}`, { lane: lanes.gate('phase-1') })).filter(isType('gate.opened'));
    const forged = await insert(story, forge(`run/${story.run}`, opened?.event.data.entry ?? ''));
    await expect(reconcile(story)).rejects.toMatchObject({
      name: 'IntegrityFault',
      message: expect.stringContaining(forged.event.id) as unknown,
    });
    expect(story.deps.controls.workflow.answers).toEqual([]);
  });

  test('takes no judgement for an attestation that names no person', async () => {
    const story = await small();
    await insert(story, judged(`run/${story.run}`, null));
    expect(await reconcile(story)).toMatchObject({ did: 'waiting' });
    expect((await readRun(story.deps, story.run)).ok?.gates[0]?.checks[0]?.verdict).toBe('missing');
  });
});
