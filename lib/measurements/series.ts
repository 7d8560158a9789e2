import type { SeriesFacts } from '../evidence/series.ts';
import { measures, rounded } from './measures.ts';

export const seriesMeasures = measures('series', (facts: SeriesFacts, { passed }) => [
  {
    type: 'figures.measured',
    data: {
      name: facts.name,
      passed,
      from: facts.from,
      to: facts.to,
      points: facts.points,
      errorRatePct: errorRate(facts),
      p95Ms: facts.p95Ms,
      requestsPerMinute: facts.requestsPerMinute ?? null,
      windows: (facts.windows ?? []).map(({ failed, ...window }) => ({ ...window, errorRatePct: errorRate({ failed, ...window }) })),
    },
  },
]);

const errorRate = ({ failed, points }: { readonly failed: number; readonly points: number }): number =>
  points === 0 ? 0 : rounded((failed * 100) / points);
