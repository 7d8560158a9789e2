import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countWords, matches } from '../../lib/browser/matching.ts';
import { nextPause, pauseInUse, shortest } from '../../lib/browser/pace.ts';
import { passedWords, relativeWords } from '../../lib/console/relative.ts';

const now = Date.parse('2026-03-02T08:00:00.000Z');
const away = (seconds: number): string => new Date(now + seconds * 1000).toISOString();

describe('relative words', () => {
  test.each([
    [0, 'just now'],
    [0.9, 'now'],
    [-0.9, 'just now'],
    [1, 'in 1 s'],
    [-59, '59 s ago'],
    [60, 'in 1 min'],
    [-119, '1 min ago'],
    [3_599, 'in 59 min'],
    [-3_600, '1 h ago'],
    [86_400, 'in 24 h'],
    [3 * 86_400 - 1, 'in 71 h'],
    [3 * 86_400, 'in 3 days'],
    [-400 * 86_400, '400 days ago'],
  ])('of an instant %d seconds away', (seconds, words) => {
    expect(relativeWords(away(seconds), now)).toBe(words);
  });

  test.each([
    [45, 'in 45 s'],
    [725, 'in 12 min 5 s'],
    [5_400, 'in 1 h 30 min'],
    [90_061, 'in 25 h 1 min'],
    [14 * 86_400 - 1, 'in 13 days 23 h'],
    [-725, '12 min ago'],
  ])('of a deadline %d seconds away have two units', (seconds, words) => {
    expect(relativeWords(away(seconds), now, true)).toBe(words);
  });

  test('never say that more time is left than there is', () => {
    const size = { s: 1, min: 60, h: 3600, day: 86_400, days: 86_400 } as const;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.boolean(), (milliseconds, isPrecise) => {
        const words = relativeWords(new Date(now + milliseconds * 1000 - 1).toISOString(), now, isPrecise);
        const said = [...words.matchAll(/(\d+) (days?|h|min|s)/g)].reduce(
          (sum, [, count, unit]) => sum + Number(count) * size[unit as keyof typeof size],
          0,
        );
        expect(said * 1000).toBeLessThanOrEqual(milliseconds * 1000 - 1);
      }),
    );
  });

  test('are empty for what is no instant', () => {
    expect(relativeWords('when-released', now)).toBe('');
  });
});

test.each([
  [100, 300, true, '1 min 40 s of 5 min, 3 min 20 s left'],
  [0, 300, true, '0 s of 5 min, 5 min left'],
  [300, 300, true, '5 min of 5 min, 0 s left'],
  [301.5, 300, true, '5 min 1 s of 5 min, 1 s over'],
  [120, 300, false, '2 min of 5 min'],
  [420, 300, false, '7 min of 5 min, 2 min over'],
])('%d seconds of %d (running: %s)', (passed, limit, isRunning, words) => {
  expect(passedWords(passed, limit, isRunning)).toBe(words);
});

describe('the pause between two looks', () => {
  const pauses = (found: 'same' | 'failed', count: number): number[] =>
    Array.from({ length: count }).reduce<number[]>((all) => [...all, nextPause(all.at(-1) ?? shortest, found)], [shortest]);

  test('grows to half a minute while nothing changes, and to a minute while nothing answers', () => {
    expect(pauses('same', 6)).toEqual([5_000, 7_500, 11_250, 16_875, 25_312.5, 30_000, 30_000]);
    expect(pauses('failed', 5)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  test('is short again after a change, and while somebody uses the page', () => {
    expect([nextPause(30_000, 'changed'), pauseInUse(28_000), pauseInUse(900)]).toEqual([5_000, 5_000, 900]);
  });
});

describe('the filter', () => {
  test.each([
    ['Load testing completed', 'load', true],
    ['Load testing completed', 'COMPLETED load', true],
    ['Load testing completed', 'load soak', false],
    ['Load testing completed', '', true],
    ['a.b', 'a*b', false],
  ])('of "%s" by "%s": %s', (text, typed, found) => {
    expect(matches(text, typed)).toBe(found);
  });

  test('counts', () => {
    expect([countWords(0, 91), countWords(1, 91), countWords(12, 91)]).toEqual(['None of 91 matches', '1 of 91 matches', '12 of 91 match']);
  });
});
