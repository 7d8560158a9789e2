import { describe, expect, test } from 'vitest';
import type { DataOf, Stored } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import type { Item } from '../../lib/checklist/definition.ts';
import { foldCheck } from '../../lib/evaluation/check-finding.ts';
import type { EvidenceRule } from '../../lib/registry/rules.ts';
import { check } from '../given.ts';

const attested: EvidenceRule = { kind: 'attested/1', evidence: 'attestation', role: 'technical-lead' };
const at = '2026-03-02T08:00:00.000Z';
const now = new Date('2026-03-02T12:00:00.000Z');
const judged = (changes: Partial<DataOf<'check.judged'>>): DataOf<'check.judged'> => ({
  check: 'l',
  subject: '*/unit',
  verdict: 'pass',
  reason: 'fine',
  facts: genesis,
  evidence: 'e',
  attempt: 1,
  madeAt: '2026-03-02T08:00:00.000Z',
  goodUntil: null,
  by: null,
  words: null,
  ...changes,
});
const lane = (...events: readonly (readonly ['check.judged' | 'check.waived' | 'check.not-applicable', object])[]): Stored[] =>
  events.map(
    ([type, data], place) =>
      makeEvent(
        { scope: 'run/r', lane: 'check/phase-1/l', step: `${place}`, type, actor: { kind: 'system', id: 's' }, data } as never,
        { seq: place + 1, prev: genesis },
        new Date(at),
      ) as Stored,
  );
const fold = (events: Stored[], changes: Partial<Item> = {}, components = ['web']) =>
  foldCheck({ check: check('l', 'phase-1', changes), events, now, components, local: false, shortened: false });
const waived = (until: string) => ['check.waived', { check: 'l', reason: genesis, until, by: 'p-lead', role: 'technical-lead' }] as const;

describe('the fold of a check', () => {
  test('of one source what was made last counts, in whatever order it arrived', () => {
    const fail = judged({ verdict: 'fail', reason: 'broke', madeAt: '2026-03-02T09:00:00.000Z' });
    const pass = judged({ madeAt: '2026-03-02T08:59:59.999Z', attempt: 2 });
    expect(fold(lane(['check.judged', fail], ['check.judged', pass])).verdict).toBe('fail');
    expect(fold(lane(['check.judged', pass], ['check.judged', fail])).verdict).toBe('fail');
    expect(fold(lane(['check.judged', fail], ['check.judged', { ...pass, madeAt: fail.madeAt }])).verdict).toBe('pass');
  });

  test('nothing is missing, not pass', () => {
    expect(fold([])).toMatchObject({ verdict: 'missing', basis: null, attempt: 0 });
  });

  test('the latest judgement of a subject counts, and a pass after a fail says so', () => {
    expect(fold(lane(['check.judged', judged({ verdict: 'fail' })], ['check.judged', judged({ attempt: 2 })]))).toMatchObject({
      verdict: 'pass',
      attempt: 2,
      reason: 'fine; passed on attempt 2',
    });
  });

  test('a passing source does not hide the failing report of another', () => {
    expect(
      fold(lane(['check.judged', judged({ verdict: 'fail', reason: 'one failed' })], ['check.judged', judged({ subject: '*/smoke' })])),
    ).toMatchObject({ verdict: 'fail', reason: 'one failed' });
  });

  test('an artifact check needs every component', () => {
    const one = lane(['check.judged', judged({ subject: 'web/ci' })]);
    expect(fold(one, { scope: 'artifact' }, ['web', 'api'])).toMatchObject({
      verdict: 'missing',
      reason: 'no evidence yet for the component api',
    });
    expect(fold(one, { scope: 'artifact' }, ['web']).verdict).toBe('pass');
  });

  test('a proof past its age is missing again', () => {
    expect(fold(lane(['check.judged', judged({ goodUntil: '2026-03-02T12:00:00.000Z' })])).verdict).toBe('missing');
    expect(fold(lane(['check.judged', judged({ goodUntil: '2026-03-02T12:00:00.001Z' })])).verdict).toBe('pass');
  });

  test('a waiver helps until its instant, and never hides a pass', () => {
    const failing = ['check.judged', judged({ verdict: 'fail' })] as const;
    expect(fold(lane(failing, waived('2026-03-03T00:00:00.000Z')))).toMatchObject({
      verdict: 'waived',
      basis: 'waived',
      goodUntil: '2026-03-03T00:00:00.000Z',
    });
    expect(fold(lane(failing, waived('2026-03-02T12:00:00.000Z'))).verdict).toBe('fail');
    expect(fold(lane(['check.judged', judged({})], waived('2026-03-03T00:00:00.000Z'))).verdict).toBe('pass');
  });

  test('a waiver of a check that nobody may waive is none', () => {
    const events = lane(['check.judged', judged({ verdict: 'fail' })], waived('2026-03-03T00:00:00.000Z'));
    expect(fold(events, { waivable: false })).toMatchObject({ verdict: 'fail', basis: 'measured' });
  });

  test('the attempt that is named is of the source that had failed', () => {
    const events = lane(
      ['check.judged', judged({ subject: '*/unit', attempt: 1 })],
      ['check.judged', judged({ subject: '*/unit', attempt: 2 })],
      ['check.judged', judged({ subject: '*/smoke', attempt: 1, verdict: 'fail' })],
      ['check.judged', judged({ subject: '*/smoke', attempt: 2 })],
      ['check.judged', judged({ subject: '*/smoke', attempt: 3 })],
    );
    expect(fold(events).reason).toBe('fine; 2 reports, every one passes; passed on attempt 3');
    expect(fold(events.slice(0, 2)).reason).toBe('fine');
  });

  test('not applicable counts on an optional check only', () => {
    const declared = lane(['check.not-applicable', { check: 'l', reason: genesis, by: 'p-lead', role: 'technical-lead' }]);
    expect(fold(declared, { optional: true }).verdict).toBe('not-applicable');
    expect(fold(declared).verdict).toBe('missing');
  });

  test('an attested check needs a judgement that names a person', () => {
    expect(fold(lane(['check.judged', judged({})]), { rule: attested })).toMatchObject({ verdict: 'missing', basis: null });
    expect(fold(lane(['check.judged', judged({ by: 'p-lead' })]), { rule: attested }).verdict).toBe('pass');
  });

  test('the basis says whose word it is', () => {
    const events = lane(['check.judged', judged({})]);
    const rule = attested;
    const said = lane(['check.judged', judged({ by: 'p-lead', words: genesis })]);
    expect(fold(events).basis).toBe('measured');
    expect(fold(said, { rule }).basis).toBe('attested');
    expect(
      foldCheck({ check: check('l', 'phase-1', { rule }), events: said, now, components: [], local: true, shortened: false }).basis,
    ).toBe('simulated');
    expect(foldCheck({ check: check('l', 'phase-1'), events, now, components: [], local: true, shortened: true }).basis).toBe('shortened');
  });
});
