import { describe, expect, test } from 'vitest';
import { type BilledCounts, billed, costInWords, costOf, prices } from '../../lib/local/prices.ts';

const counts = (changes: Partial<BilledCounts> = {}): BilledCounts => ({
  ...(Object.fromEntries(billed.map((name) => [name, 0])) as BilledCounts),
  ...changes,
});

describe('the cost of what was counted', () => {
  // Worked out by hand from the list prices.
  test.each([
    ['transitions', 1000, 0.025],
    ['invocations', 1_000_000, 0.2],
    ['gigabyteSeconds', 1000, 0.0133334],
    ['writeUnits', 1_000_000, 0.625],
    ['readUnits', 1_000_000, 0.125],
    ['apiRequests', 1_000_000, 1],
    ['busEvents', 1_000_000, 1],
    ['schedules', 1_000_000, 1],
    ['mails', 1000, 0.1],
    ['pages', 1_000_000, 0.5],
    ['keyRequests', 10_000, 0.03],
    ['objectsWritten', 1000, 0.005],
    ['objectsRead', 1000, 0.0004],
    ['figuresRead', 1000, 0.01],
    ['logBytes', 2 ** 30, 0.5],
  ] as const)('%s: %d cost %d dollars', (name, count, dollars) => {
    const { total, parts } = costOf(counts({ [name]: count }));
    expect(parts[name]).toBeCloseTo(dollars, 12);
    expect(total).toBeCloseTo(dollars, 12);
    expect(Object.entries(parts).filter(([part, cost]) => part !== name && cost !== 0)).toEqual([]);
  });

  test('is the sum of its parts, one for each price', () => {
    const { total, parts } = costOf(counts({ transitions: 36, writeUnits: 900, readUnits: 4000, mails: 12 }));
    expect(Object.keys(parts)).toEqual(Object.keys(prices));
    expect(total).toBeCloseTo(0.0009 + 0.0005625 + 0.0005 + 0.0012, 12);
    expect(costInWords({ total, parts }, 2)).toBe('$0.0032 (mails 0.0012, transitions 0.0009)');
  });

  test.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY, -1, '3'])('refuses the count %s', (count) => {
    expect(() => costOf(counts({ mails: count as number }))).toThrow(/got .* for mails, expected a number from 0 up/);
  });

  test('refuses a count that is missing, and one that has no price', () => {
    const { mails: _, ...others } = counts();
    expect(() => costOf(others as BilledCounts)).toThrow(/undefined for mails/);
    expect(() => costOf({ ...counts(), dashboards: 1 } as BilledCounts)).toThrow(/got a count of dashboards/);
    expect(() => costOf({ ...counts(), toString: 1 } as never)).toThrow(/got a count of toString/);
  });
});
