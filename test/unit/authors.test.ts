import { expect, test } from 'vitest';
import type { DataOf, Stored } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import { digestOf } from '../../lib/canonical-json.ts';
import { record } from '../../lib/rules/record-within.ts';
import { authorsIn } from '../../lib/run/state/authors.ts';
import { check, checklistOf, gate } from '../given.ts';

/** Who wrote the release, by the digests in the judgements of the line that lists its commits. */

const scan = { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['scan'], maxLevel: 'none' } as never;
const reviewed = check('reviewed', 'phase-1', {
  rule: record('reviews', { minCommits: 1 }) as never,
  sources: [{ id: 'scan', rule: scan, asks: 'needed' }],
});
const lane = 'check/phase-1/reviewed';
const said = (place: number, changes: Partial<DataOf<'check.judged'>>): Stored =>
  makeEvent(
    {
      scope: 'run/r',
      lane,
      step: `${place}`,
      type: 'check.judged',
      actor: { kind: 'system', id: 'evaluator' },
      data: {
        check: 'reviewed',
        subject: '*/ci',
        verdict: 'pass',
        reason: 'fine',
        facts: genesis,
        evidence: 'e',
        attempt: 1,
        madeAt: '2026-03-02T08:00:00.000Z',
        producer: { run: 'r', attempt: 1 },
        goodUntil: null,
        by: null,
        words: null,
        ...changes,
      },
    },
    { seq: place, prev: genesis },
    new Date('2026-03-02T08:00:00.000Z'),
  ) as Stored;

const authors = (...events: readonly Stored[]) => authorsIn(checklistOf([gate('phase-1')], [reviewed]), new Map([[lane, events]]));

const tina = digestOf(['tina']);
const scanned = { subject: '*/ci/scan', source: 'scan' };

test('the authors are known although a further source of the line names nobody', () => {
  expect(authors(said(1, { authors: tina }), said(2, scanned))).toEqual([tina]);
});

test('a list of the line itself that does not say who wrote the commits leaves them unknown', () => {
  expect(authors(said(1, { authors: tina }), said(2, { subject: '*/other' }))).toBeNull();
});

test('a further source alone tells no authors', () => {
  expect(authors(said(1, { ...scanned, authors: tina }))).toBeNull();
});
