import type { SeriesFacts } from '../evidence/series.ts';
import { measures } from './measures.ts';

export const seriesMeasures = measures('series', (facts: SeriesFacts, { passed }) => [
  {
    type: 'figures.measured',
    data: {
      name: facts.name,
      passed,
      from: facts.from,
      to: facts.to,
      points: facts.points,
      failed: facts.failed,
      p95Ms: facts.p95Ms,
      longestGapSeconds: facts.longestGapSeconds,
      requestsPerMinute: facts.requestsPerMinute ?? null,
      windows: facts.windows ?? [],
    },
  },
]);
