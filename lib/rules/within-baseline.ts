import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { observationKinds } from '../fields.ts';
import { lastFinishedAt } from '../folds/deployment.ts';
import { baselineOf, type Figures, figureOf, latestFigures } from '../folds/measurements.ts';
import type { Judgement } from '../verdict.ts';
import {
  type ComparedFigure,
  comparedFigures,
  type FigureLimits,
  figureBounds,
  figureLimits,
  figureLimitWords,
  judgeFigure,
} from './judge-figures.ts';
import { computedRule, type RunInputs } from './kind.ts';
import { changesOpen, openObservation } from './observed.ts';
import { chosen } from './parameter-words.ts';

/**
 * Compares what a series measured since the deployment with the run's own baseline. Without a baseline nothing is proved.
 */
export const withinBaseline = computedRule({
  kind: 'within-baseline/1',
  description: "A figure of a series since the deployment is not much worse than the run's own baseline.",
  parameters: {
    figure: z.enum(comparedFigures),
    ...figureLimits,
    /** Bad observations of these kinds that nobody has labelled fail it, too. */
    kinds: z.array(z.enum(observationKinds)).min(1).optional(),
  },
  words: {
    figure: chosen('figure'),
    ...figureLimitWords,
    kinds: chosen('observations that fail it, too'),
  },
  bounds: figureBounds,
  lanes: ['measurement', 'deployment', 'observation'],
  supplier: 'series',
  windowed: true,
  drawn: ({ series, figure, maxWorsePct, floorMs = 0, floorPct = 0 }) => ({
    series: [series],
    limits: [{ figure, sense: 'most', baselinePct: 100 + maxWorsePct, floor: figure === 'p95' ? floorMs : floorPct, of: 'run' }],
  }),
  concernedBy: ({ series, kinds = [] }, event) =>
    (isType('figures.measured')(event) && (event.event.data.name === series || event.event.data.name === 'baseline')) ||
    changesOpen(kinds, event),
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

const judgeFigures = (rule: FigureLimits & { readonly figure: ComparedFigure }, measured: Figures, { lanes }: RunInputs): Judgement => {
  const baseline = baselineOf(lanes.measurement, rule.figure, measured.component);
  if (baseline === undefined)
    return { verdict: 'inconclusive', reason: 'the run has no baseline: no series `baseline` satisfied its check before the deployment' };
  const { verdict, reason } = judgeFigure(rule, rule.figure, measured, figureOf(rule.figure, baseline) ?? 0);
  return { verdict, reason: `${reason}; baseline: this run's own, from ${baseline.from}` };
};
