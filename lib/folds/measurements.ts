import { type DataOf, isType, type Stored } from '../audit/event.ts';

export type Figures = DataOf<'figures.measured'>;
export type Figure = 'p95' | 'error-rate';

/** A figure of a stretch of time: milliseconds of the 95th percentile, or the percentage of requests that failed. */
export const figureOf = (figure: Figure, { points, failed, p95Ms }: Pick<Figures, 'points' | 'failed' | 'p95Ms'>): number =>
  figure === 'p95' ? p95Ms : points === 0 ? 0 : (failed * 100) / points;

export const figuresIn = (lane: readonly Stored[]): readonly Figures[] =>
  lane.filter(isType('figures.measured')).map(({ event }) => event.data);

/** The name of the series that establishes a run's baseline. */
export const baselineSeries = 'baseline';

/**
 * The run's own baseline for a component: the latest series `baseline` whose check it satisfied; of the component itself where one was
 * measured, else of no component in particular. Undefined where none was measured.
 */
export const baselineOf = (lane: readonly Stored[], component: string | null): Figures | undefined => {
  const known = figuresIn(lane).filter(({ name, passed, points }) => name === baselineSeries && passed && points > 0);
  const latest = (whose: string | null): Figures | undefined =>
    known
      .filter((one) => one.component === whose)
      .reduce<Figures | undefined>((a, b) => (a === undefined || b.to >= a.to ? b : a), undefined);
  return latest(component) ?? latest(null) ?? (component === null ? onlyOf(known) : undefined);
};

/** A measurement of no component in particular is compared with the baseline of the only component. */
const onlyOf = (known: readonly Figures[]): Figures | undefined =>
  new Set(known.map(({ component }) => component)).size === 1 ? known.toSorted((a, b) => (a.to < b.to ? -1 : 1)).at(-1) : undefined;

/** The latest measurement of each source and component that began at an instant or later. */
export const latestFigures = (lane: readonly Stored[], name: string, since: string): readonly Figures[] => {
  const bySource = new Map<string, Figures>();
  for (const one of figuresIn(lane)) {
    if (one.name !== name || one.from < since) continue;
    const key = JSON.stringify([one.component, one.source]);
    const known = bySource.get(key);
    if (known === undefined || one.to >= known.to) bySource.set(key, one);
  }
  return [...bySource.values()];
};

export type Compared = {
  /** Against the baseline, in percent of it: 50 is half as much again. */
  readonly worsePct: number;
  readonly baseline: number;
  readonly now: number;
};

/** `floor`: what is not above it is not worse, because a multiple of next to nothing is next to nothing. */
export const compared = (figure: Figure, now: Parameters<typeof figureOf>[1], baseline: Figures, floor: number): Compared => {
  const [value, was] = [figureOf(figure, now), figureOf(figure, baseline)];
  const worsePct = value <= floor ? 0 : was === 0 ? Number.POSITIVE_INFINITY : Math.max(0, ((value - was) * 100) / was);
  return { worsePct, baseline: was, now: value };
};
