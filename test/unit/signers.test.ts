import { describe, expect, test } from 'vitest';
import type { Authorship, Signers } from '../../lib/audit/events/approval.ts';
import { type MaySign, maySign } from '../../lib/folds/signers.ts';

type Signature = Parameters<typeof maySign>[1];

/** A word for each signature: the person, their deputy after a slash, and + for an author, ? for somebody who may be one. */
const signature = (word: string, place: number): Signature => {
  const [, person = '', deputy, sign = ''] = /^(\w+)(?:\/(\w+))?([+?]?)$/.exec(word) ?? [];
  const authors: Readonly<Record<string, Authorship>> = { '+': 'yes', '?': 'unknown' };
  return {
    role: `role-${place}`,
    person: deputy ?? person,
    ...(deputy === undefined ? {} : { for: person }),
    author: authors[sign] ?? 'no',
  };
};

/** What becomes of each signature, in the order in which they are given: one that does not count is as if it was not given. */
const signed = (words: readonly string[], signers: Signers | undefined): readonly MaySign[] => {
  const given: Signature[] = [];
  return words.map((word, place) => {
    const next = signature(word, place);
    const may = maySign(given, next, signers);
    if (may === 'yes') given.push(next);
    return may;
  });
};

const ofThree: Signers = { roles: 3, distinctPeople: 3, nonAuthors: 1 };
const ofTwo: Signers = { ...ofThree, distinctPeople: 2 };

describe('who may sign beside others', () => {
  test.each<[string, string, Signers | undefined, string]>([
    ['three people sign', 'a b c', ofThree, 'yes yes yes'],
    ['one person signs in two roles', 'a a c', ofThree, 'yes second-role yes'],
    ['older rounds demand three people, too', 'a a c', undefined, 'yes second-role yes'],
    ['a deputy is also the person for whom they sign', 'a b/d a/e', ofThree, 'yes yes second-role'],
    ['a deputy signs for two people', 'a/d b/d c', ofThree, 'yes second-role yes'],
    ['two authors and somebody else', 'a+ b+ c', ofThree, 'yes yes yes'],
    ['the last one is an author as all others', 'a+ b+ c+', ofThree, 'yes yes all-authors'],
    ['the last one may be an author', 'a+ b? c?', ofThree, 'yes yes all-authors'],
    ['the one who is no author signs first', 'a b+ c+', ofThree, 'yes yes yes'],
    ['older rounds ask for no authors', 'a+ b+ c+', undefined, 'yes yes yes'],
    ['of a team of two one person signs in two roles', 'a b a', ofTwo, 'yes yes yes'],
    ['of a team of two one person signs first in two roles', 'a a b', ofTwo, 'yes yes yes'],
    ['never one person alone', 'a a a', ofTwo, 'yes yes second-role'],
    ['never one person alone, with the word of a deputy', 'a a/d d', ofTwo, 'yes yes second-role'],
    ['of a team of two authors nobody is left', 'a+ b+ a+', ofTwo, 'yes yes all-authors'],
    ['of a team of two one is no author', 'a+ a+ b', ofTwo, 'yes yes yes'],
  ])('%s', (_what, words, signers, outcome) => {
    expect(signed(words.split(' '), signers).join(' ')).toBe(outcome);
  });

  test('whatever people do, three roles that count come from enough people, and from somebody who is no author', () => {
    const words = ['a', 'a+', 'b', 'b+', 'b?', 'c+', 'a/d', 'd+'];
    for (const signers of [ofThree, ofTwo])
      for (const first of words)
        for (const second of words)
          for (const third of words)
            for (const fourth of words) {
              const given: Signature[] = [];
              // The roles that are missing are asked until nobody answers any more.
              for (const word of [first, second, third, fourth]) {
                const next = signature(word, given.length);
                if (given.length < 3 && maySign(given, next, signers) === 'yes') given.push(next);
              }
              if (given.length < 3) continue;
              const names = new Set(given.map(({ person, for: principal }) => principal ?? person));
              expect(names.size).toBeGreaterThanOrEqual(signers.distinctPeople);
              expect(given.some(({ author }) => author === 'no')).toBe(true);
            }
  });
});
