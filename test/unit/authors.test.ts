import { expect, test } from 'vitest';
import type { DataOf } from '../../lib/audit/event.ts';
import { digestOf } from '../../lib/canonical-json.ts';
import { record } from '../../lib/rules/record-within.ts';
import { authorsIn } from '../../lib/run/state/authors.ts';
import { check, checklistOf, gate } from '../given.ts';
import { judged, lane } from './judged-lane.ts';

/** Who wrote the release, by the digests in the judgements of the check that lists its commits. */

const scan = { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['scan'], maxLevel: 'none' } as never;
const reviewed = check('reviewed', 'phase-1', {
  rule: record('reviews', { minCommits: 1 }) as never,
  sources: [{ id: 'scan', rule: scan, asks: 'needed' }],
});
const authors = (...all: readonly Partial<DataOf<'check.judged'>>[]) =>
  authorsIn(
    {
      context: { checklist: checklistOf([gate('phase-1')], [reviewed]), own: [] },
      allChecks: new Map([['check/phase-1/reviewed', lane(...all.map((one) => ['check.judged', judged(one)] as const))]]),
    },
    { id: 'phase-1' },
  );

const tina = digestOf(['tina']);
const scanned = { subject: '*/ci/scan', source: 'scan' };

test('the authors are known although a further source of the line names nobody', () => {
  expect(authors({ authors: tina }, scanned)).toEqual([tina]);
});

test('a list of the line itself that does not say who wrote the commits leaves them unknown', () => {
  expect(authors({ authors: tina }, { subject: '*/other' })).toBeNull();
});

test('a further source alone tells no authors', () => {
  expect(authors({ ...scanned, authors: tina })).toBeNull();
});
