import * as z from 'zod';
import { isType, type Stored } from '../../audit/event.ts';
import { baselineOf, type Figure, type Figures, figureOf, firstInARow, worsePct } from '../../folds/measurements.ts';
import { atLeast, atMost, upTo } from '../parameter-words.ts';
import { isNew, type Measured, type TriggerInputs, triggerRule } from './kind.ts';

/** A run without a baseline triggers nothing; its checks against the baseline are inconclusive then, and hold their gate. */
export const performanceWorse = triggerRule({
  kind: 'trigger-performance-worse/1',
  description:
    "Response times or the share of failed requests were much worse than the run's own baseline in consecutive windows of a series.",
  parameters: {
    maxWorsePct: z.number().min(0),
    windowsInARow: z.int().min(1),
    /** A window with fewer points shows nothing. */
    minPoints: z.int().min(1),
    /** What is not above it counts as normal, whatever the baseline. */
    floorMs: z.number().min(0),
    floorPct: z.number().min(0),
  },
  words: {
    maxWorsePct: atMost("worse than the run's own baseline", '%'),
    windowsInARow: atLeast('windows in a row that show it'),
    minPoints: atLeast('points of a window'),
    floorMs: upTo('response times that count as normal', 'ms'),
    floorPct: upTo('failed requests that count as normal', '%'),
  },
  bounds: {
    maxWorsePct: { least: 10, most: 200 },
    windowsInARow: { least: 2, most: 10 },
    minPoints: { least: 5 },
    floorMs: { most: 2000 },
    floorPct: { most: 5 },
  },
  lanes: ['measurement', 'deployment'],
  concernedBy: (_rule, event) => isType('figures.measured')(event) && event.event.data.name !== 'baseline',
  measure: (rule, inputs) => {
    const measured = measuredSince(inputs);
    const series = [...new Set(measured.map(seriesOf))];
    return series.flatMap((name) =>
      (['p95', 'error-rate'] as const).flatMap((figure) => {
        const windows = windowsIn(measured.filter((one) => seriesOf(one) === name && figureOf(figure, one.event.data) !== null));
        const found = firstRow(windows, { ...rule, figure, floor: figure === 'p95' ? rule.floorMs : rule.floorPct }, inputs);
        return found === undefined ? [] : [found];
      }),
    );
  },
});

type Event = Stored<'figures.measured'>;
type Window = Figures['windows'][number] & { readonly of: Figures };

const seriesOf = ({ event: { data } }: Event): string => JSON.stringify([data.name, data.component, data.source, data.metric]);

/** A deployment that is under way makes answers slow: series count that began after its last finish. */
const measuredSince = ({ deployment, measurement, ...decided }: TriggerInputs): readonly Event[] => {
  const finished = deployment.findLast(isType('deployment.finished'))?.event.at;
  if (finished === undefined) return [];
  return measurement
    .filter(isType('figures.measured'))
    .filter(({ event: { at, data } }) => data.name !== 'baseline' && data.from >= finished && isNew(decided, at, data.evidence));
};

/** Of reports that overlap the latest one counts: it has what the others had, too. */
const windowsIn = (reports: readonly Event[]): readonly Window[] => {
  const kept: Figures[] = [];
  for (const { event } of reports.toSorted((a, b) => Date.parse(b.event.data.to) - Date.parse(a.event.data.to)))
    if (kept.every(({ from }) => event.data.to <= from)) kept.push(event.data);
  return kept.reverse().flatMap((of) => of.windows.map((window) => ({ ...window, of })));
};

type Limits = {
  readonly maxWorsePct: number;
  readonly windowsInARow: number;
  readonly minPoints: number;
  readonly figure: Figure;
  readonly floor: number;
};

const firstRow = (windows: readonly Window[], limits: Limits, { measurement }: TriggerInputs): Measured | undefined => {
  const { figure, floor, minPoints, maxWorsePct, windowsInARow } = limits;
  const baselineFor = (window: Window): Figures | undefined => baselineOf(measurement, figure, window.of.component);
  const row = firstInARow(windows, windowsInARow, (window) => {
    const baseline = baselineFor(window);
    const [now, was] = [figureOf(figure, window), baseline && figureOf(figure, baseline)];
    return now !== null && was != null && window.points >= minPoints && worsePct(now, was, floor) > maxWorsePct;
  });
  const last = row?.at(-1);
  const baseline = last && baselineFor(last);
  return row === undefined || baseline === undefined ? undefined : found(row, baseline, figure);
};

const found = (row: readonly Window[], baseline: Figures, figure: Figure): Measured => {
  const unit = figure === 'p95' ? 'ms' : '%';
  const each = row.map((window) => shown(figureOf(figure, window))).join(' and ');
  const name = figure === 'p95' ? 'p95' : 'error rate';
  const of = row[0]?.of;
  const series = of?.metric === undefined ? of?.name : `${of.metric} in ${of.name}`;
  return {
    detail: `${name} of ${series} ${each} ${unit} in consecutive windows, baseline ${shown(figureOf(figure, baseline))} ${unit}`,
    evidence: [...new Set([...row.map(({ of }) => of.evidence), baseline.evidence])],
  };
};

const shown = (figure: number | null): number => Math.ceil((figure ?? 0) * 100) / 100;
