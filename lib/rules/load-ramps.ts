import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { lastFinishedAt } from '../folds/deployment.ts';
import { baselineOf, type Figures, latestFigures } from '../folds/measurements.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { computedRule, type RunInputs } from './kind.ts';
import { atLeast, atMost, listed } from './parameter-words.ts';

/** Compares how many requests the service answered, window by window, with the rate of the run's baseline. */
export const loadRamps = computedRule({
  kind: 'load-ramps/1',
  description: "The rate of requests rises to that of the run's own baseline, and no step is too high.",
  parameters: {
    series: z.string(),
    /** The last windows must reach this share of the baseline's rate. */
    minSharePct: z.number().positive(),
    /** The most by which the rate may rise from one window to the next, as a share of the baseline's rate. */
    maxStepPct: z.number().positive(),
  },
  words: {
    series: listed('series'),
    minSharePct: atLeast("rate of the last windows, of the baseline's", '%'),
    maxStepPct: atMost("rise from one window to the next, of the baseline's rate", '%'),
  },
  bounds: { minSharePct: { least: 10, most: 100 }, maxStepPct: { most: 300 } },
  lanes: ['measurement', 'deployment'],
  supplier: 'series',
  drawn: ({ series, minSharePct }) => ({
    series: [series],
    limits: [{ figure: 'request-rate', sense: 'least', baselinePct: minSharePct, floor: 0, of: 'run' }],
  }),
  concernedBy: ({ series }, event) =>
    isType('figures.measured')(event) && (event.event.data.name === series || event.event.data.name === 'baseline'),
  judge: (rule, inputs) => {
    const finished = lastFinishedAt(inputs.lanes.deployment, inputs.release.artifacts);
    if (finished === undefined) return undefined;
    const measured = latestFigures(inputs.lanes.measurement, { name: rule.series, figure: 'request-rate', since: finished });
    const isWatched = inputs.lanes.measurement.some((one) => isType('figures.measured')(one) && one.event.data.name === rule.series);
    if (measured.length === 0 && isWatched)
      return { verdict: 'inconclusive', reason: 'the series says no rate of requests: send `requests` with each of its points' };
    const judged = measured.map((one) => judgeRamp(rule, one, inputs));
    return judged.find(({ verdict }) => verdict === 'fail') ?? judged.find(({ verdict }) => verdict !== 'pass') ?? judged[0];
  },
});

/** So many of the last windows show where the rate arrived. */
const lastWindows = 3;

const judgeRamp = (
  rule: { readonly minSharePct: number; readonly maxStepPct: number },
  { component, windows }: Figures,
  { lanes }: RunInputs,
): Judgement => {
  const normal = baselineOf(lanes.measurement, 'request-rate', component)?.requestsPerMinute ?? null;
  if (normal === null || normal === 0)
    return {
      verdict: 'inconclusive',
      reason: "the run's baseline says no rate of requests: send `requests` with each point of the series",
    };
  const rates = windows.flatMap(({ requestsPerMinute }) => requestsPerMinute ?? []);
  if (rates.length < windows.length || rates.length < 2)
    return { verdict: 'inconclusive', reason: 'the series says no rate of requests: send `requests` with each of its points' };
  const last = rates.slice(-lastWindows);
  const arrived = last.reduce((sum, rate) => sum + rate, 0) / last.length;
  const figures = `from ${rates[0]} to ${counted(Math.floor(arrived * 100) / 100, 'request')} per minute, baseline ${normal}`;
  const step = Math.max(...rates.map((rate, place) => (place === 0 ? 0 : rate - (rates[place - 1] ?? 0))));
  if (step * 100 > rule.maxStepPct * normal)
    return { verdict: 'fail', reason: `${figures}; a step of ${Math.ceil(step)}, at most ${rule.maxStepPct} % of the baseline expected` };
  if (arrived * 100 < rule.minSharePct * normal)
    return { verdict: 'inconclusive', reason: `${figures}; at least ${rule.minSharePct} % of the baseline expected` };
  return { verdict: 'pass', reason: figures };
};
