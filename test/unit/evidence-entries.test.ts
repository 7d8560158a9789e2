import fc from 'fast-check';
import { expect, test } from 'vitest';
import { haveSameKeys, type Key, mergedEntries, packed } from '../../lib/evidence/entries.ts';
import { inspected } from './parsed.ts';

/** What a report says of each line, branch or function, as it is kept in little memory. */

const lines = fc.oneof(fc.nat(500), fc.nat(999_999_999), fc.integer({ min: 2 ** 30 - 2, max: 2 ** 53 - 1 }));
const names = fc.oneof(fc.string(), fc.constantFrom('4,0,a && b', 'a\nb'));

test.each<[string, fc.Arbitrary<Key>]>([
  ['lines in any order', lines],
  ['names', names],
  ['both', fc.oneof(lines, names)],
])('every entry comes back: %s', (_what, key) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.boolean())), (all) => {
      const entries = new Map<Key, boolean>(all);
      const kept = packed(entries);
      expect([...kept]).toEqual([...entries].map(([name, hit]) => [String(name), hit]));
      expect([kept.size, kept.hits]).toEqual([entries.size, [...entries.values()].filter(Boolean).length]);
    }),
  );
});

const few = fc.nat(8);
const partsOf = (key: fc.Arbitrary<Key>) => fc.array(fc.array(fc.tuple(key, fc.boolean())), { maxLength: 4 });

test.each<[string, fc.Arbitrary<Key>]>([
  ['lines', few],
  ['names', few.map((n) => `f${n},0`)],
  ['both, and lines as texts', fc.oneof(few, few.map(String), fc.constant(2 ** 30))],
])('parts add up: %s', (_what, key) => {
  fc.assert(
    fc.property(partsOf(key), (given) => {
      // Within one part a line has one form.
      const kept = given.map((all) => packed(new Map(new Map(all.map((entry) => [String(entry[0]), entry])).values())));
      const names = new Set(kept.flatMap((one) => [...one].map(([name]) => name)));
      const isHit = (name: string): boolean => kept.some((one) => [...one].some(([other, hit]) => other === name && hit));
      const merged = mergedEntries(kept);
      expect(new Map(merged)).toEqual(new Map([...names].map((name) => [name, isHit(name)])));
      expect([merged.size, merged.hits]).toEqual([names.size, [...names].filter(isHit).length]);
    }),
  );
});

test.each<[string, readonly Key[], readonly Key[], boolean]>([
  ['the same lines', [1, 2, 5], [1, 2, 5], true],
  ['in another order', [5, 1, 2], [1, 2, 5], true],
  ['as many others', [1, 2, 5], [1, 2, 6], false],
  ['fewer', [1, 2], [1, 2, 5], false],
  ['beside one that no file has', [1, '-4'], ['-4', 1], true],
  ['none', [], [], false],
])('whether two files are alike: %s', (_what, one, other, expected) => {
  const entries = (keys: readonly Key[], hit: boolean) => packed(new Map(keys.map((key) => [key, hit])));
  expect(haveSameKeys(entries(one, true), entries(other, false))).toBe(expected);
});

test('a line counts as the same in a section with and without lines that no file has', () => {
  const section = (...records: string[]): string => `${['SF:a.ts', ...records, 'end_of_record'].join('\n')}\n`;
  const text = section('DA:5,0') + section('DA:5,1', `DA:${'9'.repeat(20)},1`);
  expect(inspected('lcov', text).words).toMatchObject({ lines: { covered: 1, total: 2 } });
});
