import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { EvidenceRule } from '../../lib/registry/rules.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { factsOf, json, refusalOf } from './parsed.ts';

const ruleOf = (check: string): EvidenceRule => baseChecklist.items.find(({ id }) => id === check)?.rule as EvidenceRule;

describe('series', () => {
  type Point = readonly [second: number, ok?: boolean, latencyMs?: number];
  const points = (name: string, list: readonly Point[]) =>
    json({
      schema: 'holdpoint.series/1',
      name,
      points: list.map(([second, ok = true, latencyMs = 5]) => ({ at: new Date(second * 1000).toISOString(), ok, latencyMs })),
    });
  const every = (seconds: number, count: number): Point[] => Array.from({ length: count }, (_, n) => [n * seconds]);
  const verdict = (check: string, list: readonly Point[]) => {
    const rule = ruleOf(check);
    return judgeEvidence(rule, factsOf('series', points(rule.kind === 'series-covers/1' ? rule.series : '', list))).verdict;
  };

  test('is computed from its points', () => {
    expect(
      factsOf(
        'series',
        points('soak', [
          [0, true, 10],
          [10, false, 20],
          [40, true, 30],
        ]),
      ),
    ).toMatchObject({
      points: 3,
      failed: 1,
      durationSeconds: 40,
      longestGapSeconds: 30,
      p95Ms: 30,
    });
  });

  test('failures that are quick do not make the answers look faster', () => {
    const quick = every(60, 1000).map(([at], n): Point => (n % 2 === 0 ? [at, false, 0] : [at, true, n % 19 === 0 ? 900 : 5]));
    expect(factsOf('series', points('soak', quick)).p95Ms).toBe(900);
  });

  test('one point has no duration', () => {
    expect(factsOf('series', points('soak', [[0]]))).toMatchObject({ points: 1, durationSeconds: 0, longestGapSeconds: 0 });
    expect(verdict('soak-24h', [[0]])).toBe('inconclusive');
  });

  test.each<[string, string, readonly Point[], string]>([
    ['a day, every minute', 'soak-24h', every(60, 1441), 'pass'],
    ['a second short of a day', 'soak-24h', every(59.999, 1441), 'inconclusive'],
    ['all points in one second', 'soak-24h', every(0.0005 * 2, 1441), 'inconclusive'],
    ['all points at the beginning and one at the end', 'soak-24h', [...every(1, 1440), [86_400]], 'inconclusive'],
    ['a gap of an hour', 'soak-24h', [...every(60, 721), ...every(60, 720).map(([at]): Point => [at + 46_800])], 'inconclusive'],
    ['too many failures', 'soak-24h', every(60, 1441).map(([at], n): Point => [at, n > 1]), 'fail'],
    ['ten responses at a usual interval', 'health-checks-passing', every(10, 10), 'pass'],
    ['ten responses in a second', 'health-checks-passing', every(0.1, 10), 'inconclusive'],
    ['no request for most of a minute', 'health-checks-passing', [...every(1, 10), [60]], 'inconclusive'],
    ['one failed response', 'health-checks-passing', [...every(10, 10), [100, false]], 'fail'],
    ['four hours, every half minute', 'continued-monitoring', every(30, 481), 'pass'],
  ])('%s (%s)', (_what, check, list, expected) => {
    expect(verdict(check, list)).toBe(expected);
  });

  test.each([
    ['times that go back', points('soak', [[10], [9]]), 'point 2'],
    ['doubled times', points('soak', [[10], [10]]), 'point 2'],
    ['no points', points('soak', []), 'points'],
    [
      'an invalid time',
      json({ schema: 'holdpoint.series/1', name: 'soak', points: [{ at: '2026-03-02T08:00:00+99:99', ok: true, latencyMs: 1 }] }),
      'points.0.at',
    ],
    [
      'a time without a zone',
      json({ schema: 'holdpoint.series/1', name: 'soak', points: [{ at: '2026-03-02T08:00:00', ok: true, latencyMs: 1 }] }),
      'points.0.at',
    ],
    ['a negative latency', points('soak', [[1, true, -1]]), 'points.0.latencyMs'],
    ['a claim beside the points', json({ schema: 'holdpoint.series/1', name: 'soak', durationSeconds: 86_400, points: [] }), ''],
  ])('refuses %s', (_what, report, got) => {
    expect(refusalOf('series', report).got).toContain(got);
  });

  test('offsets are read', () => {
    const at = (text: string) => ({ at: text, ok: true, latencyMs: 1 });
    const report = json({
      schema: 'holdpoint.series/1',
      name: 'soak',
      points: [at('2026-03-02T09:00:00+01:00'), at('2026-03-02T08:00:01Z')],
    });
    expect(factsOf('series', report)).toMatchObject({ from: '2026-03-02T08:00:00.000Z', durationSeconds: 1 });
  });

  test('a long series is read', () => {
    expect(factsOf('series', points('soak', every(1, 20_000)))).toMatchObject({ points: 20_000, longestGapSeconds: 1 });
  });
});
