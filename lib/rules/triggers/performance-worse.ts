import * as z from 'zod';
import { isType, type Stored } from '../../audit/event.ts';
import { baselineOf, compared, type Figure, type Figures } from '../../folds/measurements.ts';
import { type Measured, type TriggerInputs, triggerRule } from './kind.ts';

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
        const windows = windowsIn(measured.filter((one) => seriesOf(one) === name));
        const found = firstRow(windows, { ...rule, figure, floor: figure === 'p95' ? rule.floorMs : rule.floorPct }, inputs);
        return found === undefined ? [] : [found];
      }),
    );
  },
});

type Event = Stored<'figures.measured'>;
type Window = { readonly of: Figures; readonly from: string; readonly points: number; readonly failed: number; readonly p95Ms: number };

const seriesOf = ({ event: { data } }: Event): string => JSON.stringify([data.name, data.component, data.source]);

/** A deployment that is under way makes answers slow: series count that began after its last finish. */
const measuredSince = ({ deployment, measurement, since = '' }: TriggerInputs): readonly Event[] => {
  const finished = deployment.findLast(isType('deployment.finished'))?.event.at;
  if (finished === undefined) return [];
  return measurement
    .filter(isType('figures.measured'))
    .filter(({ event: { at, data } }) => data.name !== 'baseline' && data.from >= finished && at > since);
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
  let row: readonly Window[] = [];
  for (const window of windows) {
    const baseline = baselineOf(measurement, window.of.component);
    const { worsePct } = baseline === undefined ? { worsePct: 0 } : compared(limits.figure, window, baseline, limits.floor);
    row = window.points >= limits.minPoints && worsePct > limits.maxWorsePct ? [...row, window] : [];
    if (baseline !== undefined && row.length >= limits.windowsInARow) return found(row, baseline, limits);
  }
  return undefined;
};

const found = (row: readonly Window[], baseline: Figures, { figure, floor }: Limits): Measured => {
  const unit = figure === 'p95' ? 'ms' : '%';
  const each = row.map((window) => Math.ceil(compared(figure, window, baseline, floor).now * 100) / 100).join(' and ');
  const was = compared(figure, baseline, baseline, 0).now;
  return {
    detail: `${figure === 'p95' ? 'p95' : 'error rate'} of ${row[0]?.of.name} ${each} ${unit} in consecutive windows, baseline ${Math.ceil(was * 100) / 100} ${unit}`,
    evidence: [...new Set([...row.map(({ of }) => of.evidence), baseline.evidence])],
  };
};
