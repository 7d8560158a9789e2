import { type DataOf, isType, type Stored } from '../audit/event.ts';

export type Figures = DataOf<'figures.measured'>;
export type Figure = 'p95' | 'error-rate' | 'request-rate';

const memberOf = { p95: 'p95Ms', 'error-rate': 'errorRatePct', 'request-rate': 'requestsPerMinute' } as const;
type Stretch = { readonly [M in (typeof memberOf)[Figure]]?: number | null | undefined };

/** A figure of a stretch of time: milliseconds, percent of the requests, or requests per minute. Null where nobody measured it. */
export const figureOf = (figure: Figure, stretch: Stretch): number | null => stretch[memberOf[figure]] ?? null;

export const figuresIn = (lane: readonly Stored[]): readonly Figures[] =>
  lane.filter(isType('figures.measured')).map(({ event }) => event.data);

/** The name of the series that establishes a run's baseline. */
export const baselineSeries = 'baseline';

/**
 * The run's own baseline of a figure for a component: that of the latest series `baseline` whose check it satisfied; of the component itself
 * where one was measured, else of no component in particular. Undefined where none was measured.
 */
export const baselineOf = (lane: readonly Stored[], figure: Figure, component: string | null): Figures | undefined => {
  const known = figuresIn(lane)
    .filter((one) => one.name === baselineSeries && one.passed && one.points > 0 && figureOf(figure, one) !== null)
    .toSorted((a, b) => Date.parse(a.to) - Date.parse(b.to));
  const latest = (whose: string | null): Figures | undefined => known.findLast((one) => one.component === whose);
  // What was measured of no component in particular is compared with the baseline of the only component.
  const only = component === null && new Set(known.map((one) => one.component)).size === 1 ? known.at(-1) : undefined;
  return latest(component) ?? latest(null) ?? only;
};

/** The latest measurements of a figure, of each source, component and metric, that began at an instant or later. */
export const latestFigures = (
  lane: readonly Stored[],
  { name, figure, since }: { readonly name: string; readonly figure: Figure; readonly since: string },
): readonly Figures[] => {
  const bySource = new Map<string, Figures>();
  for (const one of figuresIn(lane)) {
    if (one.name !== name || one.from < since || figureOf(figure, one) === null) continue;
    const key = JSON.stringify([one.component, one.source, one.metric]);
    const known = bySource.get(key);
    if (known === undefined || one.to >= known.to) bySource.set(key, one);
  }
  return [...bySource.values()];
};

/** The first so many members in a row for which it holds; undefined where they are nowhere. */
export const firstInARow = <T>(all: readonly T[], count: number, holds: (one: T) => boolean): readonly T[] | undefined => {
  let row: readonly T[] = [];
  for (const one of all) {
    row = holds(one) ? [...row, one] : [];
    if (row.length >= count) return row;
  }
  return undefined;
};

/**
 * By how much a figure is worse than the baseline, in percent of it: 50 is half as much again, as the document's "> 50%" means it. `floor`:
 * what is not above it is not worse, because a multiple of next to nothing is next to nothing.
 */
export const worsePct = (now: number, baseline: number, floor: number): number => {
  if (now <= floor) return 0;
  return baseline === 0 ? Number.POSITIVE_INFINITY : Math.max(0, ((now - baseline) * 100) / baseline);
};
