import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Key, packed } from '../../lib/evidence/entries.ts';
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

test('a line counts as the same in a section with and without lines that no file has', () => {
  const section = (...records: string[]): string => `${['SF:a.ts', ...records, 'end_of_record'].join('\n')}\n`;
  const text = section('DA:5,0') + section('DA:5,1', `DA:${'9'.repeat(20)},1`);
  expect(inspected('lcov', text).words).toMatchObject({ lines: { covered: 1, total: 2 } });
});
