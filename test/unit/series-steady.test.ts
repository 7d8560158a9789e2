import { expect, test } from 'vitest';
import type { SeriesFacts } from '../../lib/evidence/series.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { seriesSteady } from '../../lib/rules/series-steady.ts';

/** A series of five windows whose times do not rise. */
const watched = (failed: number): SeriesFacts =>
  ({
    type: 'series',
    points: 200,
    failed,
    windows: Array.from({ length: 5 }, (_, n) => ({ from: `2026-03-01T0${n}:00:00.000Z`, points: 40, failed: failed / 5, p95Ms: 100 })),
  }) as unknown as SeriesFacts;
const rule = (maxFailurePct?: number) =>
  seriesSteady.of({
    series: 'monitoring',
    minWindows: 5,
    maxRisePct: 50,
    floorMs: 100,
    ...(maxFailurePct === undefined ? {} : { maxFailurePct }),
  });

test.each([
  [0, 'pass'],
  [10, 'pass'],
  [11, 'inconclusive'],
  [200, 'inconclusive'],
] as const)('with %i of 200 points failed the trend is %s where 5 %% may', (failed, verdict) => {
  expect(judgeEvidence(rule(5), watched(failed)).verdict).toBe(verdict);
});

test('a definition of an older version sets no such limit', () => {
  expect(judgeEvidence(rule(), watched(200)).verdict).toBe('pass');
});
