import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { observationKinds } from '../fields.ts';
import { lastFinishedAt } from '../folds/deployment.ts';
import { type Figures, latestFigures } from '../folds/measurements.ts';
import { originText, type Taken, takenBaseline, takenFigureOf, takenFigures } from '../folds/taken-baseline.ts';
import type { Judgement } from '../verdict.ts';
import {
  type ComparedFigure,
  comparedFigures,
  type FigureLimits,
  figureBounds,
  figureLimits,
  figureLimitWords,
  figureNames,
  judgeFigure,
} from './judge-figures.ts';
import { computedRule } from './kind.ts';
import { changesOpen, openObservation } from './observed.ts';
import { chosen, listed } from './parameter-words.ts';

/**
 * Compares what a series measured since the deployment with what the last release that became production-stable measured in its stable time, or with
 * what people recorded in its place. A release that is a little slower than the one before passes every comparison with itself; this one sees it.
 * Without a baseline nothing is proved.
 */
export const withinLastStable = computedRule({
  kind: 'within-last-stable/1',
  description:
    'Response times and the share of failed requests since the deployment are not much worse than those of the last release that became production-stable.',
  parameters: {
    /** The series of the earlier release. */
    stableSeries: z.string(),
    figures: z.array(z.enum(comparedFigures)).min(1),
    ...figureLimits,
    /** Bad observations of these kinds that nobody has labelled fail it, too. */
    kinds: z.array(z.enum(observationKinds)).min(1).optional(),
  },
  words: {
    stableSeries: listed('series of the earlier release'),
    figures: chosen('figures'),
    ...figureLimitWords,
    kinds: chosen('observations that fail it, too'),
  },
  bounds: figureBounds,
  lanes: ['measurement', 'deployment', 'observation'],
  supplier: 'series',
  windowed: true,
  drawn: ({ series, figures, maxWorsePct, floorMs = 0, floorPct = 0 }) => ({
    series: [series],
    limits: figures.map((figure) => ({
      figure,
      sense: 'most',
      baselinePct: 100 + maxWorsePct,
      floor: figure === 'p95' ? floorMs : floorPct,
      of: 'last-stable',
    })),
  }),
  comparesFigures: ({ stableSeries }) => stableSeries,
  concernedBy: ({ series, kinds = [] }, event) =>
    isType('baseline.taken')(event) || (isType('figures.measured')(event) && event.event.data.name === series) || changesOpen(kinds, event),
  judge: (rule, inputs) => {
    const finished = lastFinishedAt(inputs.lanes.deployment, inputs.release.artifacts);
    if (finished === undefined) return undefined;
    const open = openObservation(rule.kinds ?? [], inputs);
    if (open !== undefined) return open;
    const { measurement } = inputs.lanes;
    const measured = rule.figures.map((figure) => ({
      figure,
      all: latestFigures(measurement, { name: rule.series, figure, since: finished }),
    }));
    // The reconciler takes the baseline when it looks at the gate.
    const taken = takenBaseline(measurement);
    if (taken === undefined || measured.every(({ all }) => all.length === 0)) return undefined;
    const judged = measured.map(
      ({ figure, all }) => worst(all.map((one) => judgeOne(rule, figure, one, taken))) ?? notMeasured(rule, figure),
    );
    const bad = worst(judged);
    if (bad === undefined || taken.from.kind === 'none') return bad;
    const reason = bad.verdict === 'pass' ? judged.map((one) => one.reason).join('; ') : bad.reason;
    return { verdict: bad.verdict, reason: `${reason}; baseline: ${originText(taken.from)}${seriesText(taken)}` };
  },
});

const worst = (judged: readonly Judgement[]): Judgement | undefined =>
  judged.find(({ verdict }) => verdict === 'fail') ?? judged.find(({ verdict }) => verdict !== 'pass') ?? judged[0];

const notMeasured = ({ series }: FigureLimits, figure: ComparedFigure): Judgement => ({
  verdict: 'inconclusive',
  reason: `the series ${series} says no ${figureNames[figure]}`,
});

const judgeOne = (rule: FigureLimits, figure: ComparedFigure, measured: Figures, taken: Taken): Judgement => {
  const { from } = taken;
  if (from.kind === 'none')
    return {
      verdict: 'inconclusive',
      reason: `${from.why}: record a baseline (\`holdpoint schema baseline\`), or the owner of the check decides about an exception`,
    };
  const found = takenFigures(taken, figure, measured.component);
  const was = found === undefined ? null : takenFigureOf(figure, found);
  if (was !== null) return judgeFigure(rule, figure, measured, was);
  return {
    verdict: 'inconclusive',
    reason: `the baseline has no ${figureNames[figure]}: record one that replaces it, or the owner of the check decides about an exception`,
  };
};

/** When the earlier release measured it; nothing of figures that people stated. */
const seriesText = ({ figures }: Taken): string => {
  const [latest] = figures.flatMap(({ series }) => series ?? []).toSorted((a, b) => Date.parse(b.to) - Date.parse(a.to));
  return latest === undefined ? '' : `, ${latest.name} from ${latest.from}`;
};
