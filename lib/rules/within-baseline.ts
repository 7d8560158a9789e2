import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { excerpt, quoted } from '../canonical-json.ts';
import { observationKinds } from '../fields.ts';
import { firstFinishedAt, lastFinishedAt } from '../folds/deployment.ts';
import { baselineOf, type Figures, figureOf, latestFigures, worsePct } from '../folds/measurements.ts';
import type { Judgement } from '../verdict.ts';
import { computedRule, type RunInputs } from './kind.ts';
import { confirmedAndRed, observedSince } from './observed.ts';

/**
 * Compares what a series measured since the deployment with the run's own baseline. Without a baseline nothing is proved.
 */
export const withinBaseline = computedRule({
  kind: 'within-baseline/1',
  description: "A figure of a series since the deployment is not much worse than the run's own baseline.",
  parameters: {
    series: z.string(),
    figure: z.enum(['p95', 'error-rate']),
    maxWorsePct: z.number().min(0),
    /** What is not above it counts as normal, whatever the baseline: milliseconds for `p95`, percent for `error-rate`. */
    floorMs: z.number().min(0).optional(),
    floorPct: z.number().min(0).optional(),
    minPoints: z.int().min(1),
    /** The series must cover so much time. */
    minDurationSeconds: z.number().positive().optional(),
    /** Bad observations of these kinds that nobody has labelled fail it, too. */
    kinds: z.array(z.enum(observationKinds)).min(1).optional(),
  },
  bounds: {
    maxWorsePct: { most: 200 },
    floorMs: { most: 2000 },
    floorPct: { most: 5 },
    minPoints: { least: 5 },
    minDurationSeconds: { least: 1 },
  },
  lanes: ['measurement', 'deployment', 'observation'],
  supplier: 'series',
  windowed: true,
  drawn: ({ series, figure, maxWorsePct, floorMs = 0, floorPct = 0 }) => ({
    series: [series],
    limits: [{ figure, sense: 'most', baselinePct: 100 + maxWorsePct, floor: figure === 'p95' ? floorMs : floorPct }],
  }),
  concernedBy: ({ series, kinds = [] }, event) =>
    (isType('figures.measured')(event) && (event.event.data.name === series || event.event.data.name === 'baseline')) ||
    (kinds.length > 0 &&
      (isType('observation.labelled')(event) ||
        (isType('observation.recorded')(event) && event.event.data.bad && kinds.some((kind) => kind === event.event.data.kind)))),
  judge: (rule, inputs) => {
    const finished = lastFinishedAt(inputs.lanes.deployment, inputs.release.artifacts);
    if (finished === undefined) return undefined;
    const open = openObservation(rule.kinds ?? [], inputs);
    if (open !== undefined) return open;
    const measured = latestFigures(inputs.lanes.measurement, { name: rule.series, figure: rule.figure, since: finished });
    if (measured.length === 0) return undefined;
    const judged = measured.map((one) => judgeFigures(rule, one, inputs));
    return judged.find(({ verdict }) => verdict === 'fail') ?? judged.find(({ verdict }) => verdict !== 'pass') ?? judged[0];
  },
});

type Limits = {
  readonly series: string;
  readonly figure: 'p95' | 'error-rate';
  readonly maxWorsePct: number;
  readonly floorMs?: number | undefined;
  readonly floorPct?: number | undefined;
  readonly minPoints: number;
  readonly minDurationSeconds?: number | undefined;
};

const judgeFigures = (rule: Limits, measured: Figures, { lanes }: RunInputs): Judgement => {
  const baseline = baselineOf(lanes.measurement, rule.figure, measured.component);
  if (baseline === undefined)
    return { verdict: 'inconclusive', reason: 'the run has no baseline: no series `baseline` satisfied its check before the deployment' };
  const unit = rule.figure === 'p95' ? 'ms' : '%';
  const floor = (rule.figure === 'p95' ? rule.floorMs : rule.floorPct) ?? 0;
  const [now, was] = [figureOf(rule.figure, measured) ?? 0, figureOf(rule.figure, baseline) ?? 0];
  const name = rule.figure === 'p95' ? 'p95' : 'error rate';
  const figures = `${name} ${rounded(now)} ${unit} over ${measured.points} points of ${rule.series}, baseline ${rounded(was)} ${unit}`;
  if (worsePct(now, was, floor) > rule.maxWorsePct)
    return {
      verdict: 'fail',
      reason: `${figures}; at most ${rule.maxWorsePct} % worse expected${floor > 0 ? `, or ${floor} ${unit}` : ''}`,
    };
  if (measured.points < rule.minPoints)
    return { verdict: 'inconclusive', reason: `${figures}; at least ${rule.minPoints} points expected` };
  const seconds = (Date.parse(measured.to) - Date.parse(measured.from)) / 1000;
  if (rule.minDurationSeconds !== undefined && seconds < rule.minDurationSeconds)
    return { verdict: 'inconclusive', reason: `${figures}, over ${seconds} s; at least ${rule.minDurationSeconds} s expected` };
  return { verdict: 'pass', reason: figures };
};

/** Rounded to the worse side, so that a figure beyond a limit never looks like the limit. */
const rounded = (figure: number): number => Math.ceil(figure * 100) / 100;

const openObservation = (kinds: readonly string[], inputs: RunInputs): Judgement | undefined => {
  if (kinds.length === 0 || firstFinishedAt(inputs.lanes.deployment, inputs.release.artifacts) === undefined) return undefined;
  const bad = observedSince(inputs).filter((one) => one.bad && kinds.includes(one.kind));
  const open = bad.find(({ label }) => label === undefined);
  if (open === undefined) return confirmedAndRed(bad);
  const reason = `open observation ${open.observation} (${open.kind}) of ${quoted(open.subject, 200)}: label or explain it`;
  return { verdict: 'fail', reason: excerpt(reason, 300) };
};
