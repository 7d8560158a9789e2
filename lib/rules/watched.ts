import * as z from 'zod';
import type { SeriesFacts } from '../evidence/series.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import type { Drawn } from './kind.ts';
import { atLeast, atMost, listed } from './parameter-words.ts';

/** What the rules share that ask whether a probe watched a service for long enough. They differ in what a gap does. */

const watchedParameters = {
  /** Name of the series that it judges: `soak`, `health`, `monitoring`, `stability`. */
  series: z.string(),
  minDurationSeconds: z.number().positive(),
  minPoints: z.int().min(2),
  /** The longest gap that does no harm, as a share of the duration. */
  maxGapPct: z.number().positive(),
  maxFailurePct: z.number().min(0).max(100),
  maxP95Ms: z.number().positive(),
};
type Watched = { readonly [P in keyof typeof watchedParameters]: z.output<(typeof watchedParameters)[P]> };

const watchedWords = {
  series: listed('series'),
  minDurationSeconds: atLeast('length', 's'),
  minPoints: atLeast('points'),
  maxGapPct: atMost('longest gap, of the length', '%'),
  maxFailurePct: atMost('failed points', '%'),
  maxP95Ms: atMost('95th percentile of the response times', 'ms'),
};

const watchedBounds = {
  minDurationSeconds: { least: 1 },
  minPoints: { least: 10 },
  maxGapPct: { most: 100 },
  maxFailurePct: { most: 50 },
  maxP95Ms: { most: 60_000 },
} as const;

/** For every rule that judges one series by its name. */
export const ofSeries = {
  wants: ({ series }: { readonly series: string }): string => `a series with the name ${series}`,
  appliesTo: (rule: { readonly series: string }, facts: SeriesFacts): boolean => facts.name === rule.series,
  file: ({ series }: { readonly series: string }): string => `${series}.series.json`,
};

export const figuresOf = ({ points, durationSeconds, failed, p95Ms }: SeriesFacts): string =>
  `${counted(points, 'point')} over ${durationSeconds} s, ${failed} failed, p95 ${Math.ceil(p95Ms)} ms`;

/** The longest gap that a rule stands, in seconds. A longer one leaves a stretch that nobody watched. */
export const longestGapOf = ({ minDurationSeconds, maxGapPct }: Watched): number => (minDurationSeconds * maxGapPct) / 100;

/** What a person sees of a series that is judged so. */
const drawnOf = (rule: Watched): Drawn => ({
  series: [rule.series],
  limits: [
    { figure: 'p95', sense: 'most', value: rule.maxP95Ms },
    { figure: 'error-rate', sense: 'most', value: rule.maxFailurePct },
  ],
  maxGapSeconds: longestGapOf(rule),
});

/** What the definitions of these rules have in common. */
export const watched = {
  evidence: 'series',
  parameters: watchedParameters,
  words: watchedWords,
  bounds: watchedBounds,
  ...ofSeries,
  drawn: drawnOf,
} as const;

/** The service did badly while it was watched, however long that was. */
export const failureOf = ({ maxFailurePct, maxP95Ms }: Watched, facts: SeriesFacts): Judgement | undefined => {
  if (facts.failed * 100 > maxFailurePct * facts.points)
    return { verdict: 'fail', reason: `${figuresOf(facts)}; at most ${maxFailurePct} % failed expected` };
  if (facts.p95Ms > maxP95Ms) return { verdict: 'fail', reason: `${figuresOf(facts)}; p95 of ${maxP95Ms} ms at most expected` };
  return undefined;
};

export const tooFewPoints = ({ minPoints }: Watched, facts: SeriesFacts): Judgement | undefined =>
  facts.points < minPoints
    ? { verdict: 'inconclusive', reason: `${figuresOf(facts)}; at least ${counted(minPoints, 'point')} expected` }
    : undefined;
