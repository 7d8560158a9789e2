import { describe, expect, test } from 'vitest';
import { genesis } from '../../lib/audit/lane.ts';
import { eventId } from '../../lib/audit/make-event.ts';
import { foldCheck } from '../../lib/evaluation/check-finding.ts';
import type { EvidenceRule } from '../../lib/registry/rules.ts';
import { check } from '../given.ts';
import { fold, judged, lane, now } from './judged-lane.ts';

const attested: EvidenceRule = { kind: 'attested/1', evidence: 'attestation', role: 'technical-lead' };
const waived = (until: string) => ['check.waived', { check: 'l', reason: genesis, until, by: 'p-lead', role: 'technical-lead' }] as const;

/** The judgement at a step of `lane` counts no more. */
const replaced = (step: string) =>
  ['check.replaced', { check: 'l', judgement: eventId('run/r', 'check/phase-1/l', step), by: ['later'] }] as const;

describe('the fold of a check', () => {
  test('the result of a later run or attempt takes the place of one that passed, in whatever order they arrive', () => {
    const old = judged({ reason: 'old', madeAt: '2026-03-02T09:00:00.000Z', goodUntil: '2026-03-02T10:00:00.000Z' });
    const later = judged({ producer: { run: 'other', attempt: 1 }, madeAt: '2026-03-02T09:00:00.001Z' });
    const retried = judged({ producer: { run: 'r', attempt: 2 }, madeAt: '2026-03-02T08:00:00.000Z' });
    for (const next of [later, retried])
      for (const events of [
        [old, next],
        [next, old],
      ])
        expect(fold(lane(...events.map((data) => ['check.judged', data] as const)))).toMatchObject({ verdict: 'pass', reason: 'fine' });
  });

  test('reports of one attempt are parts of one result: every one must pass', () => {
    const parts = [judged({}), judged({ verdict: 'fail', reason: 'one failed' }), judged({})];
    expect(fold(lane(...parts.map((data) => ['check.judged', data] as const)))).toMatchObject({
      verdict: 'fail',
      reason: 'one failed',
      subjects: [{ subject: '*/unit', verdict: 'fail' }],
    });
    expect(fold(lane(['check.judged', judged({})], ['check.judged', judged({})])).reason).toBe(
      '2 reports, every one passes; the first: fine',
    );
  });

  test('a failure counts until it is recorded that later reports cover it', () => {
    const failed = ['check.judged', judged({ verdict: 'fail', reason: 'broke' })] as const;
    const retried = ['check.judged', judged({ producer: { run: 'r', attempt: 2 }, attempt: 2 })] as const;
    expect(fold(lane(failed, retried))).toMatchObject({ verdict: 'fail', reason: 'broke' });
    expect(fold(lane(failed, retried, replaced('0')))).toMatchObject({
      verdict: 'pass',
      attempt: 2,
      reason: 'fine; passed on attempt 2',
    });
  });

  test('nothing is missing, not pass', () => {
    expect(fold([])).toMatchObject({ verdict: 'missing', basis: null, attempt: 0 });
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

  test('a proof before T0 ages until T0 only, and has no end afterwards', () => {
    const events = lane(['check.judged', judged({ goodUntil: '2026-03-02T11:00:00.000Z' })]);
    const foldAt = (agedUntil?: Date) =>
      foldCheck({ check: check('l', 'phase-1'), events, now, agedUntil, components: ['web'], local: false, shortened: false });
    expect(foldAt()).toMatchObject({ verdict: 'missing' });
    expect(foldAt(new Date('2026-03-02T10:59:59.999Z'))).toMatchObject({ verdict: 'pass', goodUntil: null });
    expect(foldAt(new Date('2026-03-02T11:00:00.000Z'))).toMatchObject({ verdict: 'missing' });
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
    const at = (attempt: number) => ({ attempt, producer: { run: 'r', attempt } });
    const events = lane(
      ['check.judged', judged({ subject: '*/unit', ...at(1) })],
      ['check.judged', judged({ subject: '*/unit', ...at(2) })],
      ['check.judged', judged({ subject: '*/smoke', ...at(1), verdict: 'fail' })],
      ['check.judged', judged({ subject: '*/smoke', ...at(2) })],
      ['check.judged', judged({ subject: '*/smoke', ...at(3) })],
      replaced('2'),
    );
    expect(fold(events).reason).toBe('fine; 2 sources, every one passes; passed on attempt 3');
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

  type Result = readonly [attempt: number, verdict: 'pass' | 'fail' | 'error' | 'inconclusive', subject?: string];
  test.each<[string, readonly Result[], readonly string[] | undefined]>([
    [
      'fails and passes again',
      [
        [1, 'pass'],
        [2, 'fail'],
        [3, 'pass'],
      ],
      ['pass', 'fail', 'pass'],
    ],
    [
      'passes once in between',
      [
        [1, 'fail'],
        [2, 'pass'],
        [3, 'error'],
      ],
      ['fail', 'pass', 'fail'],
    ],
    [
      'is repaired',
      [
        [1, 'fail'],
        [2, 'fail'],
        [3, 'pass'],
        [4, 'pass'],
      ],
      undefined,
    ],
    [
      'regresses',
      [
        [1, 'pass'],
        [2, 'fail'],
      ],
      undefined,
    ],
    [
      'could not be told once',
      [
        [1, 'pass'],
        [2, 'inconclusive'],
        [3, 'pass'],
      ],
      undefined,
    ],
    [
      'has a part that fails in one attempt',
      [
        [1, 'pass'],
        [1, 'fail'],
        [1, 'pass'],
        [2, 'pass'],
      ],
      undefined,
    ],
    [
      'fails in one of two sources',
      [
        [1, 'pass'],
        [1, 'fail', '*/other'],
        [2, 'pass'],
        [2, 'pass', '*/other'],
      ],
      undefined,
    ],
    ...['*/last-release', '*/computed', '*/own-drill'].map((subject): [string, Result[], undefined] => [
      `is judged anew by Holdpoint itself (${subject})`,
      [
        [1, 'pass'],
        [1, 'pass', subject],
        [2, 'fail', subject],
        [3, 'pass', subject],
      ],
      undefined,
    ]),
    [
      'alternates for long: the last ten are named',
      Array.from({ length: 13 }, (_, n): Result => [n + 1, n % 2 === 0 ? 'pass' : 'fail']),
      Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? 'fail' : 'pass')),
    ],
  ])('a check flaps when its results alternate: it %s', (_, results, expected) => {
    const events = results.map(([attempt, verdict, subject = '*/unit']) =>
      judged({ attempt, verdict, subject, producer: { run: 'r', attempt } }),
    );
    expect(fold(lane(...events.map((data) => ['check.judged', data] as const))).flapping).toEqual(expected);
  });
});
