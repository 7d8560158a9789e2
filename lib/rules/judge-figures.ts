import * as z from 'zod';
import { type Figures, figureOf, worsePct } from '../folds/measurements.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { atLeast, atMost, listed, upTo } from './parameter-words.ts';

/** What a series must keep beside a baseline: parameters of a rule. */
export const figureLimits = {
  series: z.string(),
  maxWorsePct: z.number().min(0),
  /** What is not above it counts as normal, whatever the baseline: milliseconds for `p95`, percent for `error-rate`. */
  floorMs: z.number().min(0).optional(),
  floorPct: z.number().min(0).optional(),
  minPoints: z.int().min(1),
  /** The series must cover so much time. */
  minDurationSeconds: z.number().positive().optional(),
};
const limitsSchema = z.object(figureLimits);
export type FigureLimits = Readonly<z.infer<typeof limitsSchema>>;

export const figureLimitWords = {
  series: listed('series'),
  maxWorsePct: atMost('worse than the baseline', '%'),
  floorMs: upTo('response times that count as normal', 'ms'),
  floorPct: upTo('failed requests that count as normal', '%'),
  minPoints: atLeast('points'),
  minDurationSeconds: atLeast('length', 's'),
};

/** How far a profile may go with them. */
export const figureBounds = {
  maxWorsePct: { most: 200 },
  floorMs: { most: 2000 },
  floorPct: { most: 5 },
  minPoints: { least: 5 },
  minDurationSeconds: { least: 1 },
} as const;

export const comparedFigures = ['p95', 'error-rate'] as const;
export type ComparedFigure = (typeof comparedFigures)[number];
export const figureNames: Readonly<Record<ComparedFigure, string>> = { p95: 'p95', 'error-rate': 'error rate' };

/** Compares a figure of a series with that of a baseline. The reason has both; the caller adds where the baseline comes from. */
export const judgeFigure = (rule: FigureLimits, figure: ComparedFigure, measured: Figures, was: number): Judgement => {
  const unit = figure === 'p95' ? 'ms' : '%';
  const floor = (figure === 'p95' ? rule.floorMs : rule.floorPct) ?? 0;
  const now = figureOf(figure, measured) ?? 0;
  const said = `${figureNames[figure]} ${rounded(now)} ${unit} over ${counted(measured.points, 'point')} of ${rule.series}, baseline ${rounded(was)} ${unit}`;
  if (worsePct(now, was, floor) > rule.maxWorsePct)
    return { verdict: 'fail', reason: `${said}; at most ${rule.maxWorsePct} % worse expected${floor > 0 ? `, or ${floor} ${unit}` : ''}` };
  if (measured.points < rule.minPoints)
    return { verdict: 'inconclusive', reason: `${said}; at least ${counted(rule.minPoints, 'point')} expected` };
  const seconds = (Date.parse(measured.to) - Date.parse(measured.from)) / 1000;
  if (rule.minDurationSeconds !== undefined && seconds < rule.minDurationSeconds)
    return { verdict: 'inconclusive', reason: `${said}, over ${seconds} s; at least ${rule.minDurationSeconds} s expected` };
  return { verdict: 'pass', reason: said };
};

/** Rounded to the worse side, so that a figure beyond a limit never looks like the limit. */
const rounded = (figure: number): number => Math.ceil(figure * 100) / 100;
