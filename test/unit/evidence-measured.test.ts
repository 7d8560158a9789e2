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
    return judgeEvidence(rule, factsOf('series', points(rule.evidence === 'series' ? rule.series : '', list))).verdict;
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

  describe('a gap of more than twelve minutes extends the four hours', () => {
    const hour = 3600;
    const stretch = (from: number, to: number): Point[] => every(30, (to - from) / 30 + 1).map(([second]): Point => [from + second]);
    const judged = (list: readonly Point[]) => judgeEvidence(ruleOf('continued-monitoring'), factsOf('series', points('monitoring', list)));
    const time = (second: number): string => new Date(second * 1000).toISOString();
    test.each<[string, readonly Point[], string, string]>([
      ['no gap', stretch(0, 4 * hour), 'pass', 'p95 5 ms'],
      ['a minute too short', stretch(0, 4 * hour - 60), 'inconclusive', `must go on until ${time(4 * hour)}`],
      ['a gap of twelve minutes', [...stretch(0, hour), ...stretch(hour + 720, 4 * hour)], 'pass', 'p95 5 ms'],
      [
        'a longer one',
        [...stretch(0, hour), ...stretch(hour + 780, 4 * hour)],
        'inconclusive',
        `ended at ${time(hour + 780)}: the series must go on until ${time(5 * hour + 780)}`,
      ],
      [
        'gone on for long enough',
        [...stretch(0, hour), ...stretch(hour + 780, 5 * hour + 780)],
        'pass',
        `without a long gap since ${time(hour + 780)}`,
      ],
      [
        'two gaps, the last one counts',
        [...stretch(0, hour), ...stretch(hour + 7200, 4 * hour), ...stretch(4 * hour + 780, 6 * hour)],
        'inconclusive',
        `until ${time(8 * hour + 780)}`,
      ],
      [
        'failures before the gap count',
        [...stretch(0, hour).map(([second]): Point => [second, false]), ...stretch(2 * hour, 6 * hour)],
        'fail',
        'failed expected',
      ],
    ])('%s', (_what, list, expected, reason) => {
      expect(judged(list)).toEqual({ verdict: expected, reason: expect.stringContaining(reason) });
    });

    test('facts of an older version say how long the longest gap was, and not when: it may have been the last minutes', () => {
      const {
        gaps: _gaps,
        windows: _windows,
        ...old
      } = factsOf('series', points('monitoring', [...stretch(0, hour), ...stretch(2 * hour, 7 * hour)]));
      expect(judgeEvidence(ruleOf('continued-monitoring'), old).reason).toContain(`until ${time(11 * hour)}`);
    });
  });

  test.each<[string, readonly number[], readonly (readonly [number, number])[]]>([
    ['equal intervals', [0, 1, 2, 3], [[3, 1]]],
    ['a longer one at the end', [0, 1, 2, 9], [[9, 7]]],
    [
      'longer and longer ones from the end',
      [0, 8, 12, 14],
      [
        [8, 8],
        [12, 4],
        [14, 2],
      ],
    ],
    [
      'a longer one behind a short one',
      [0, 3, 11, 13],
      [
        [11, 8],
        [13, 2],
      ],
    ],
    ['one point', [0], []],
  ])('gaps of %s', (_what, times, expected) => {
    const { gaps } = factsOf(
      'series',
      points(
        'soak',
        times.map((second): Point => [second]),
      ),
    );
    expect(gaps).toEqual(expected.map(([until, seconds]) => ({ until: new Date(until * 1000).toISOString(), seconds })));
  });

  test('of many gaps the shortest are one, as long as the longest of them and as late as the last', () => {
    const times = [0];
    for (let gap = 41; gap > 0; gap -= 1) times.push((times.at(-1) ?? 0) + gap);
    const { gaps = [] } = factsOf(
      'series',
      points(
        'soak',
        times.map((second): Point => [second]),
      ),
    );
    expect(gaps).toHaveLength(20);
    expect(gaps.at(-1)).toEqual({ until: new Date((times.at(-1) ?? 0) * 1000).toISOString(), seconds: 22 });
    expect(gaps.at(-2)?.seconds).toBe(23);
  });

  describe('windows', () => {
    const rated = (list: readonly (readonly [second: number, requests?: number])[]) =>
      factsOf(
        'series',
        json({
          schema: 'holdpoint.series/1',
          name: 'monitoring',
          points: list.map(([second, requests]) => ({
            at: new Date(second * 1000).toISOString(),
            ok: true,
            latencyMs: 5,
            ...(requests === undefined ? {} : { requests }),
          })),
        }),
      );
    test.each([
      ['one point', 1, 1],
      ['nine points', 9, 1],
      ['ten points', 10, 2],
      ['a thousand', 1000, 10],
    ])('%s: %i points make %i', (_what, count, expected) => {
      expect(factsOf('series', points('soak', every(1, count))).windows).toHaveLength(expected);
    });

    test('a stretch without points is left out', () => {
      const windows = factsOf('series', points('soak', [...every(1, 50), [1000]])).windows ?? [];
      expect(windows.map((one) => one.points)).toEqual([50, 1]);
    });

    test('requests are counted from the first point on', () => {
      expect(
        rated([
          [0, 999],
          [60, 10],
          [120, 20],
        ]),
      ).toMatchObject({ requestsPerMinute: 15 });
      expect(rated(Array.from({ length: 11 }, (_, n) => [n * 60, n === 0 ? 999 : 10 * n])).windows).toMatchObject([
        { requestsPerMinute: 20 },
        { requestsPerMinute: 90 },
      ]);
    });

    test.each([
      ['a point that does not count', [[0, 1], [60], [120, 1]] as const],
      ['no point that counts', [[0], [60]] as const],
      ['one point', [[0, 5]] as const],
    ])('%s: no rate', (_what, list) => {
      expect(rated(list)).not.toHaveProperty('requestsPerMinute');
    });
  });

  describe('performance verified stable', () => {
    const rising = (latencies: readonly number[]) =>
      judgeEvidence(
        ruleOf('performance-verified-stable'),
        factsOf(
          'series',
          points(
            'monitoring',
            latencies.flatMap((ms, n) => every(60, 10).map(([second]): Point => [n * 600 + second, true, ms])),
          ),
        ),
      );
    const ten = (ms: (n: number) => number): number[] => Array.from({ length: 10 }, (_, n) => ms(n));
    test.each<[string, readonly number[], string]>([
      ['steady', ten(() => 300), 'pass'],
      ['falling', ten((n) => 900 - n * 80), 'pass'],
      ['rising by half of the usual', ten((n) => 300 + (n - 4.5) * 16), 'pass'],
      ['rising by more', ten((n) => 300 + (n - 4.5) * 18), 'fail'],
      ['a steep rise that stays below the floor', ten((n) => 10 + n * 10), 'pass'],
      ['one slow window at the end', [...ten(() => 300).slice(1), 3000], 'pass'],
      ['up and down', ten((n) => 300 + (n % 2) * 200), 'pass'],
      ['six windows', [300, 300, 300], 'pass'],
      ['four windows', [300, 300], 'inconclusive'],
    ])('%s', (_what, latencies, expected) => {
      expect(rising(latencies).verdict).toBe(expected);
    });

    test('facts of an older version show no trend', () => {
      const { windows: _windows, ...old } = factsOf('series', points('monitoring', every(60, 100)));
      expect(judgeEvidence(ruleOf('performance-verified-stable'), old).verdict).toBe('inconclusive');
    });
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
