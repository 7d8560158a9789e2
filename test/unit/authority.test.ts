import { describe, expect, it } from 'vitest';
import { authorityMessage, unauthorised, vouchFor } from '../../lib/audit/authority.ts';
import { type AuditEvent, authoritiesOf, type Draft, type EventType, eventTypes, type Stored } from '../../lib/audit/event.ts';
import type { AuthorityKind } from '../../lib/audit/event-definition.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import { createVerifier } from '../../lib/audit/verifier.ts';
import { verifyRun } from '../../lib/audit/verify-run.ts';
import { fakeAuthority } from '../fakes/services.ts';

const at = new Date('2026-03-02T08:00:00.000Z');
const scope = 'run/r1';

const cancelled = (step = 'cancelled', by = 'p-1'): Draft<'run.cancelled'> => ({
  scope,
  lane: 'run',
  step,
  type: 'run.cancelled',
  actor: { kind: 'person', id: by },
  data: { by, reason: genesis },
});
const refused = (step: string): Draft<'request.refused'> => ({
  scope,
  lane: 'refusal',
  step,
  type: 'request.refused',
  actor: { kind: 'ci', id: 'ci-main' },
  data: { action: 'a', type: 't', detail: 'd' },
});
const stored = (draft: Draft<EventType>, mac: string | null, seq = 1, prev = genesis): Stored =>
  makeEvent(draft, { seq, prev }, at, mac) as Stored;
const { verify } = fakeAuthority([]);
const macOf = (draft: Draft, kind: AuthorityKind = 'people'): Promise<string | null> =>
  fakeAuthority([kind]).sign(kind, authorityMessage(draft));

describe('who must vouch for an event', () => {
  const kindsOf = (type: EventType, data: object = {}): string =>
    authoritiesOf({ type, data } as unknown as AuditEvent).join(' or ') || 'any writer';

  it('is fixed for each type: a type that changes sides is a change of who is trusted', () => {
    const byKind = new Map<string, EventType[]>();
    for (const type of eventTypes.filter((one) => !['evidence.recorded', 'evidence.carried', 'check.judged'].includes(one)))
      byKind.set(kindsOf(type), [...(byKind.get(kindsOf(type)) ?? []), type].sort());
    expect(Object.fromEntries(byKind)).toEqual({
      people: [
        'approval.answered',
        'approval.recalled',
        'approval.reopened',
        'change.explained',
        'check.exception-revoked',
        'check.not-applicable',
        'check.waived',
        'environment.freed',
        'follow-up.answered',
        'freeze.override-approved',
        'freeze.override-requested',
        'incident.decided',
        'observation.labelled',
        'profile.answered',
        'profile.proposed',
        'rollback.data-decided',
        'rollback.decided',
        'rollback.step-handled',
        'rollback.triggered',
        'run.cancelled',
        'run.rescheduled',
        'standing.decided',
        'standing.withdrawn',
        'target.adopted',
        'target.proposed',
        'work.announced',
      ],
      reconciler: [
        'approval.invalidated',
        'approval.mailed',
        'approval.overtaken',
        'approval.requested',
        'approval.withdrawn',
        'baseline.taken',
        'drill.recorded',
        'environment.claimed',
        'environment.kept',
        'environment.live',
        'environment.shared',
        'follow-up.opened',
        'gate.delivered',
        'gate.notified',
        'gate.overdue',
        'gate.settled',
        'lane.closed',
        'lane.ended',
        'lane.orphaned',
        'live.read',
        'mail.claimed',
        'notice.sent',
        'rollback.budget-breached',
        'rollback.budget-warned',
        'rollback.paged',
        'rollback.proof-requested',
        'rollback.step-requested',
        'rollback.step-skipped',
        'rollback.target-fixed',
        'run.closed',
        'run.ended',
        'run.superseded',
        'signal.raised',
      ],
      'any writer': [
        'alarm.unknown',
        'change.unaccounted',
        'check.replaced',
        'check.withdrawn',
        'definition.published',
        'deployment.admitted',
        'deployment.failed',
        'deployment.finished',
        'deployment.read-back',
        'deployment.seen',
        'deployment.started',
        'figures.measured',
        'gate.opened',
        'gate.regressed',
        'job.waiting',
        'mail.undelivered',
        'observation.recorded',
        'probe.measured',
        'request.refused',
        'rollback.step-done',
        'rollback.step-failed',
        'rollback.step-proved',
        'rollback.writes-read',
        'roster.published',
        'run.started',
        'standing.read',
        'target.read-back',
      ],
    });
  });

  it('is the reconciler for carried evidence that a person gave', () => {
    expect([kindsOf('evidence.carried', { by: 'p-1' }), kindsOf('evidence.carried', { by: null })]).toEqual(['reconciler', 'any writer']);
  });

  it('is the people function where a person decided, and the reconciler where nobody had to', () => {
    for (const type of ['environment.freed', 'rollback.data-decided', 'rollback.decided', 'rollback.triggered'] as const)
      expect([type, kindsOf(type, { by: 'p-1' }), kindsOf(type, { by: null })]).toEqual([type, 'people', 'reconciler']);
  });

  it('is the people function for an attestation, and either function for its judgement', () => {
    expect(kindsOf('evidence.recorded', { evidence: 'attestation' })).toBe('people');
    expect(kindsOf('evidence.recorded', { evidence: 'junit' })).toBe('any writer');
    expect(kindsOf('check.judged', { by: 'p-1' })).toBe('people or reconciler');
    expect(kindsOf('check.judged', { by: null })).toBe('any writer');
  });
});

describe('the message that is signed', () => {
  it('names the step, the actor and the data, and not the place or the time', () => {
    const draft = cancelled();
    const message = authorityMessage(draft);
    expect(message).toMatch(/^holdpoint\/event\/1\n[0-9a-f]{64}$/);
    const places = [makeEvent(draft, { seq: 1, prev: genesis }, at), makeEvent(draft, { seq: 7, prev: 'a'.repeat(64) }, new Date(0))];
    for (const { event } of places) expect(authorityMessage(event)).toBe(message);
    const others: readonly Draft[] = [
      { ...draft, scope: 'run/r2' },
      { ...draft, lane: 'other' },
      { ...draft, step: 'other' },
      { ...draft, actor: { kind: 'ci', id: 'p-1' } },
      { ...draft, data: { ...draft.data, by: 'p-2' } },
    ];
    expect(new Set([message, ...others.map(authorityMessage)]).size).toBe(6);
  });
});

describe('vouching', () => {
  it('gives no MAC where none is called for, and asks no key', async () => {
    const asked: string[] = [];
    const sign = async (kind: string): Promise<null> => {
      asked.push(kind);
      return null;
    };
    expect(await vouchFor({ sign }, refused('1'))).toBeNull();
    expect(asked).toEqual([]);
  });

  it('fails in a function that has not the key', async () => {
    await expect(vouchFor(fakeAuthority([]), cancelled())).rejects.toThrow('only the people function may record it');
    await expect(vouchFor(fakeAuthority(['reconciler']), cancelled())).rejects.toThrow('only the people function may record it');
    expect(await vouchFor(fakeAuthority(['people']), cancelled())).toBe(await macOf(cancelled()));
  });
});

describe('an event that its writer may not have recorded', () => {
  it('is named: without a MAC, with one of another key or step, and with one that is not called for', async () => {
    const good = [stored(refused('1'), null), stored(cancelled(), await macOf(cancelled()))];
    expect(await unauthorised(good, verify)).toBeUndefined();
    const bad: readonly [Stored, string][] = [
      [stored(cancelled(), null), 'carries no MAC of the people key'],
      [stored(cancelled(), await macOf(cancelled(), 'reconciler')), 'is not of the people key'],
      [stored(cancelled(), await macOf(cancelled('another'))), 'is not of the people key'],
      [stored(cancelled('cancelled', 'p-2'), await macOf(cancelled())), 'is not of the people key'],
      [stored(refused('2'), await macOf(refused('2'))), 'none is called for'],
    ];
    for (const [event, reason] of bad) {
      const found = await unauthorised([...good, event, stored(cancelled('later'), null)], verify);
      expect(found?.reason).toContain(event.event.id);
      expect(found?.reason).toContain(reason);
    }
  });

  it('is the first of many, however they are verified', async () => {
    const many = await Promise.all(
      Array.from({ length: 60 }, async (_, n) =>
        stored(cancelled(`${n}`), n === 33 || n === 50 ? null : await macOf(cancelled(`${n}`)), n + 1),
      ),
    );
    expect(await unauthorised(many, verify)).toMatchObject({ lane: 'run', seq: 34 });
  });

  it('is asked about once in the life of a process, and again as long as it is bad', async () => {
    let asked = 0;
    const counted: typeof verify = (...args) => {
      asked += 1;
      return verify(...args);
    };
    const verifier = createVerifier({ verify: counted, signsFor: [] });
    const good = stored(cancelled(), await macOf(cancelled()));
    const wrong = stored(cancelled('other'), await macOf(cancelled()));
    for (let turn = 0; turn < 3; turn += 1) expect(await verifier.firstBad([good])).toBeUndefined();
    expect(asked).toBe(1);
    for (let turn = 0; turn < 3; turn += 1) expect(await verifier.firstBad([good, wrong])).toMatchObject({ lane: 'run' });
    expect(asked).toBe(4);
  });

  it('fails the verification of a whole run, in its late scope, too', async () => {
    const opened = stored(refused('1'), null);
    const fine = stored(cancelled(), await macOf(cancelled()), 1, opened.hash);
    expect(await verifyRun({ events: [opened, fine], late: [] }, verify)).toBeUndefined();
    expect(await verifyRun({ events: [opened, stored(cancelled(), null, 1, opened.hash)], late: [] }, verify)).toMatchObject({
      lane: 'run',
    });
    const late = stored({ ...cancelled(), scope: 'late/r1' }, null);
    expect(await verifyRun({ events: [opened, fine], late: [late] }, verify)).toMatchObject({ lane: 'run', seq: 1 });
    expect(await verifyRun({ events: [fine, { ...opened, hash: genesis }], late: [] }, verify)).toMatchObject({ lane: 'refusal' });
  });
});
