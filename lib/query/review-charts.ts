import { isType, type Stored } from '../audit/event.ts';
import { baselineOf, type Figure, type Figures, figureOf } from '../folds/measurements.ts';
import { takenBaseline, takenFigureOf, takenFigures } from '../folds/taken-baseline.ts';
import type { StoredFacts } from '../registry/evidence.ts';
import type { Drawn, DrawnLimit } from '../rules/kind.ts';
import { trendOf } from '../rules/series-steady.ts';

export type { Figure };

/** What was measured in a window of a review, ready to be drawn: pure. Instants are milliseconds since 1970. */

export type Interval = { readonly from: number; readonly to: number };
/** One figure over a stretch of time. `points`: of how many requests or periods it is. */
export type Stretch = Interval & { readonly value: number; readonly points: number };

/** A figure of one report. */
export type Stroke = {
  /** Id of the event that holds the figures. */
  readonly report: string;
  readonly source: string;
  readonly component: string | null;
  readonly stretches: readonly Stretch[];
  /** The line of the trend, where a check judges it. */
  readonly trend: (Interval & { readonly start: number; readonly end: number }) | null;
};

export type ChartLimit = {
  readonly check: string;
  readonly sense: DrawnLimit['sense'];
  readonly value: number;
  /** The component whose baseline it follows; null where it is for all. */
  readonly component: string | null;
  /** Of a share of the baseline: the baseline, and how many percent of it the limit is. */
  readonly of: { readonly baseline: number; readonly pct: number } | null;
};

export type Chart = {
  readonly series: string;
  readonly figure: Figure;
  readonly strokes: readonly Stroke[];
  readonly limits: readonly ChartLimit[];
  /** Checks that compare it with a baseline which the run does not have. */
  readonly withoutBaseline: readonly string[];
  /** Stretches of the window so far in which nobody measured it. */
  readonly gaps: readonly Interval[];
  /** Whether each stretch is the highest of several values of a metric. */
  readonly isHighest: boolean;
};

/** A check of the gate that judges series, by its title. */
export type Line = { readonly check: string; readonly drawn: Drawn };
/** A report that measured something in the window. */
export type Report = { readonly id: string; readonly at: string; readonly figures: Figures };

const figures = ['p95', 'error-rate', 'request-rate'] as const satisfies readonly Figure[];
/** More reports in one window than a picture can show side by side: the newest ones are drawn. */
const mostReports = 6;
/** A metric with more points is drawn as so many stretches. */
const mostStretches = 24;

/** The reports of these series that belong to a window. One that a later report contains is left out. */
export const reportsIn = (
  lane: readonly Stored[],
  names: ReadonlySet<string>,
  window: Interval,
): { readonly reports: readonly Report[]; readonly leftOut: number } => {
  const within = lane.filter(isType('figures.measured')).flatMap(({ event: { id, at, data } }): Report[] => {
    const overlaps = Date.parse(data.from) < window.to && Date.parse(data.to) >= window.from;
    return names.has(data.name) && overlaps && data.points > 0 ? [{ id, at, figures: data }] : [];
  });
  const own = within.filter((one, place) => !within.some((other, later) => later > place && contains(other.figures, one.figures)));
  return { reports: own.slice(-mostReports), leftOut: Math.max(0, own.length - mostReports) };
};

const contains = (a: Figures, b: Figures): boolean =>
  a.name === b.name &&
  a.source === b.source &&
  a.component === b.component &&
  figures.every((one) => figureOf(one, b) === null || figureOf(one, a) !== null) &&
  a.from <= b.from &&
  a.to >= b.to;

export type ChartInputs = {
  readonly lane: readonly Stored[];
  readonly lines: readonly Line[];
  readonly reports: readonly Report[];
  /** By the id of the event of the evidence. */
  readonly facts: ReadonlyMap<string, StoredFacts>;
  /** What is drawn, and the part of it that had to be watched so far. */
  readonly window: Interval;
  readonly watched: Interval | null;
};

/** The pictures of a window: of each series, each figure that was measured. */
export const chartsOf = (inputs: ChartInputs): readonly Chart[] => {
  const names = [...new Set(inputs.reports.map(({ figures: { name } }) => name))];
  return names.flatMap((series) => figures.flatMap((figure) => chartOf(series, figure, inputs) ?? []));
};

const chartOf = (series: string, figure: Figure, inputs: ChartInputs): Chart | undefined => {
  const { lane, facts, window, watched } = inputs;
  const own = inputs.reports.filter((one) => one.figures.name === series && figureOf(figure, one.figures) !== null);
  if (own.length === 0) return undefined;
  const lines = inputs.lines.filter(({ drawn }) => drawn.series.includes(series));
  const longest = lines.flatMap(({ drawn }) => drawn.maxGapSeconds ?? [])[0];
  const length = watched === null ? 0 : watched.to - watched.from;
  const leastGap = longest === undefined ? length / 50 : longest * 1000;
  const hasTrend = figure === 'p95' && lines.some(({ drawn }) => drawn.trend === true);
  const strokes = own.map((report): Stroke => {
    const { source, component } = report.figures;
    const stretches = without(stretchesOf(report, figure, facts.get(report.figures.evidence)), gapsIn(report, facts, leastGap));
    const trend = hasTrend ? trendLine(report.figures) : null;
    return { report: report.id, source, component, stretches: stretches.flatMap((one) => clipped(one, window)), trend };
  });
  const covered = strokes.flatMap(({ stretches }) => stretches);
  const components = [...new Set(strokes.map(({ component }) => component))];
  const { limits, withoutBaseline } = limitsOf(lane, lines, figure, components);
  return {
    series,
    figure,
    strokes,
    limits,
    withoutBaseline,
    gaps: watched === null ? [] : without([watched], covered).filter(({ from, to }) => to - from > leastGap),
    isHighest: own.some((report) => facts.get(report.figures.evidence)?.type === 'metric-series'),
  };
};

/** Of a metric every point is kept; of a series so many windows. A window lasts until the next one, or as long as the shortest. */
const stretchesOf = ({ figures: measured }: Report, figure: Figure, facts: StoredFacts | undefined): readonly Stretch[] => {
  if (facts?.type === 'metric-series') return bucketsOf(facts);
  const { windows, to } = measured;
  const starts = windows.map(({ from }) => Date.parse(from));
  const end = Date.parse(to);
  const lengths = starts.slice(1).map((start, place) => start - (starts[place] ?? 0));
  const usual = lengths.length === 0 ? end - (starts[0] ?? end) : Math.min(...lengths);
  return windows.flatMap((one, place) => {
    const value = figureOf(figure, one);
    const from = starts[place] ?? 0;
    const next = starts[place + 1] ?? end;
    // Where a window without points was left out, nothing was measured.
    const isCut = place < windows.length - 1 && next - from > usual * 1.5;
    return value === null ? [] : [{ from, to: isCut ? from + usual : next, value, points: one.points }];
  });
};

type MetricFacts = Extract<StoredFacts, { type: 'metric-series' }>;

/** The highest of several points counts, because a limit is for each of them. */
const bucketsOf = ({ points, period }: MetricFacts): readonly Stretch[] => {
  const known = points.filter(([, value]) => value >= 0);
  const size = Math.max(1, Math.ceil(known.length / mostStretches));
  return Array.from({ length: Math.ceil(known.length / size) }, (_, place) => {
    const own = known.slice(place * size, (place + 1) * size);
    const last = own.at(-1)?.[0] ?? 0;
    return { from: own[0]?.[0] ?? 0, to: last + period * 1000, value: Math.max(...own.map(([, value]) => value)), points: own.length };
  });
};

/** The gaps that the report's facts tell of, when they are long enough to be seen as such. */
const gapsIn = ({ figures: { evidence } }: Report, facts: ChartInputs['facts'], leastMs: number): readonly Interval[] => {
  const own = facts.get(evidence);
  const found =
    own?.type === 'metric-series'
      ? own.gaps.map(({ from, until }) => ({ from: Date.parse(from), to: Date.parse(until) }))
      : own !== undefined && 'gaps' in own
        ? (own.gaps ?? []).map(({ until, seconds }) => ({ from: Date.parse(until) - seconds * 1000, to: Date.parse(until) }))
        : [];
  return found.filter(({ from, to }) => to - from > leastMs);
};

/** What is left of these intervals without those; each piece keeps its other members. */
const without = <I extends Interval>(intervals: readonly I[], taken: readonly Interval[]): readonly I[] =>
  taken.reduce<readonly I[]>(
    (left, { from, to }) =>
      left.flatMap((one) =>
        to <= one.from || from >= one.to
          ? [one]
          : [...(from > one.from ? [{ ...one, to: from }] : []), ...(to < one.to ? [{ ...one, from: to }] : [])],
      ),
    intervals,
  );

const clipped = (one: Stretch, window: Interval): readonly Stretch[] =>
  one.to <= window.from || one.from >= window.to
    ? []
    : [{ ...one, from: Math.max(one.from, window.from), to: Math.min(one.to, window.to) }];

const trendLine = ({ windows }: Figures): Stroke['trend'] => {
  const known = windows.flatMap(({ from, p95Ms }) => (p95Ms === undefined ? [] : [{ from, p95Ms }]));
  const [first, last] = [known[0], known.at(-1)];
  // Fewer than three windows show no trend.
  if (first === undefined || last === undefined || known.length < 3) return null;
  const { rise, start } = trendOf(known);
  return { from: Date.parse(first.from), to: Date.parse(last.from), start, end: start + rise };
};

const limitsOf = (
  lane: readonly Stored[],
  lines: readonly Line[],
  figure: Figure,
  components: readonly (string | null)[],
): Pick<Chart, 'limits' | 'withoutBaseline'> => {
  const limits: ChartLimit[] = [];
  const withoutBaseline = new Set<string>();
  for (const { check, drawn } of lines) {
    for (const limit of drawn.limits.filter((one) => one.figure === figure)) {
      const { sense } = limit;
      if ('value' in limit) {
        limits.push({ check, sense, value: limit.value, component: null, of: null });
        continue;
      }
      for (const component of components) {
        const baseline = baselineFigure(lane, limit.of, figure, component);
        if (baseline === null) withoutBaseline.add(check);
        else {
          const value = Math.max((baseline * limit.baselinePct) / 100, limit.floor);
          limits.push({ check, sense, value, component, of: { baseline, pct: limit.baselinePct } });
        }
      }
    }
  }
  return { limits, withoutBaseline: [...withoutBaseline] };
};

/** The run's own, or that of the earlier release which the run has taken. */
const baselineFigure = (lane: readonly Stored[], of: 'run' | 'last-stable', figure: Figure, component: string | null): number | null => {
  if (of === 'run') {
    const own = baselineOf(lane, figure, component);
    return own === undefined ? null : figureOf(figure, own);
  }
  const taken = takenBaseline(lane);
  if (taken === undefined || figure === 'request-rate') return null;
  const found = takenFigures(taken, figure, component);
  return found === undefined ? null : takenFigureOf(figure, found);
};
