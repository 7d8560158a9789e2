import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../lib/evidence/records/reviews.ts';
import { recordSampleOf } from '../samples.ts';
import { changed, factsOf, parsed } from './records.ts';

const [own, older] = ['a'.repeat(40), 'b'.repeat(40)];
type Commit = Parameters<typeof refusalOf>[0];
type Review = Commit['reviews'][number];
const review = (by: string, state: Review['state'], more: Partial<Review> = {}): Review => ({
  by,
  at: '2026-02-27T10:00:00Z',
  commit: own,
  state,
  ...more,
});
const commit = (...reviews: Review[]): Commit => ({ commit: own, author: 'ada', committers: ['alan'], reviews });
const laterAt = '2026-02-27T11:00:00Z';

describe('a commit of the record `reviews`', () => {
  test.each<readonly [string, Commit, RegExp | undefined]>([
    ['approved by somebody else', commit(review('grace', 'approved')), undefined],
    ['approved, and talked about later', commit(review('grace', 'approved'), review('grace', 'commented', { at: laterAt })), undefined],
    [
      'approved after changes were requested',
      commit(review('grace', 'changes-requested'), review('grace', 'approved', { at: laterAt })),
      undefined,
    ],
    ['requested changes, which somebody dismissed', commit(review('linus', 'dismissed'), review('grace', 'approved')), undefined],
    ['approved by its author in capitals', commit(review(' ADA', 'approved')), /nobody but its author/],
    ['approved by its committer', commit(review('Alan', 'approved')), /nobody but its author/],
    ['approved by a program', commit(review('renovate', 'approved', { withoutWeight: 'bot' })), /a program approved it, and nobody else/],
    [
      'approved by an account without rights',
      commit(review('ada-2', 'approved', { withoutWeight: 'no-write-access' })),
      /somebody without write access approved it, and nobody else/,
    ],
    [
      'approved by a program and by a person',
      commit(review('renovate', 'approved', { withoutWeight: 'bot' }), review('grace', 'approved')),
      undefined,
    ],
    [
      'refused by a program',
      commit(review('lint', 'changes-requested', { withoutWeight: 'bot' }), review('grace', 'approved')),
      /changes are still/,
    ],
    ['approved before a later push', commit(review('grace', 'approved', { commit: older })), /only an older commit/],
    ['dismissed', commit(review('grace', 'approved'), review('grace', 'dismissed', { at: laterAt })), /nobody but its author/],
    [
      'dismissed at the instant of the approval',
      commit(review('grace', 'dismissed'), review('GRACE', 'approved')),
      /nobody but its author/,
    ],
    [
      'refused at the instant of the approval',
      commit(review('grace', 'changes-requested'), review('grace', 'approved')),
      /changes are still/,
    ],
    [
      'approved at the same instant in another zone',
      commit(review('grace', 'dismissed', { at: '2026-02-27T12:00:00+02:00' }), review('grace', 'approved')),
      /nobody/,
    ],
  ])('%s', (_, given, expected) => {
    const refusal = refusalOf(given);
    if (expected === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatch(expected);
  });

  test('reads the same whatever order its reviews have', () => {
    const one = fc.record({
      by: fc.constantFrom('grace', 'Grace', 'linus', 'ada'),
      at: fc.constantFrom('2026-02-27T10:00:00Z', laterAt),
      commit: fc.constant(own),
      state: fc.constantFrom<Review['state']>('approved', 'changes-requested', 'commented', 'dismissed'),
    });
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 6 }).chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(refusalOf(commit(...shuffled))).toBe(refusalOf(commit(...all)));
        },
      ),
    );
  });

  test.each(['  ', '\u00a0', '\u200b\u200d'])('is not approved by a name that shows nothing: %j', (by) => {
    const record = changed('commits.0.reviews.0.by', by)(recordSampleOf('reviews'));
    expect(parsed(record).refused?.got).toContain('one line that shows something');
    expect(factsOf(recordSampleOf('reviews')).faultsCount).toBe(0);
  });
});
