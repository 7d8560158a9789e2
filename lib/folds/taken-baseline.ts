import { type DataOf, isType, type Stored } from '../audit/event.ts';
import { cut } from '../canonical-json.ts';

/** The baseline of an earlier release, as the run has taken it. */
export type Taken = DataOf<'baseline.taken'>;
/** Where a baseline comes from. */
export type Origin = Taken['from'];
export type TakenFigures = Taken['figures'][number];

/** The last one: what was taken before was something else. Undefined before the reconciler has looked. */
export const takenBaseline = (lane: readonly Stored[]): Taken | undefined => lane.findLast(isType('baseline.taken'))?.event.data;

const members = { p95: 'p95Ms', 'error-rate': 'errorRatePct' } as const;
export const takenFigureOf = (figure: keyof typeof members, one: TakenFigures): number | null => one[members[figure]];

/**
 * A figure of the baseline for a component: that of the component itself, else of no component in particular. What was measured of no component
 * is compared with that of the only one. Of several series the one that ended last counts.
 */
export const takenFigures = (
  { figures }: Pick<Taken, 'figures'>,
  figure: keyof typeof members,
  component: string | null,
): TakenFigures | undefined => {
  const known = figures
    .filter((one) => takenFigureOf(figure, one) !== null)
    .toSorted((a, b) => Date.parse(a.series?.to ?? '') - Date.parse(b.series?.to ?? ''));
  const of = (whose: string | null): TakenFigures | undefined => known.findLast((one) => one.component === whose);
  const only = component === null && new Set(known.map((one) => one.component)).size === 1 ? known.at(-1) : undefined;
  return of(component) ?? of(null) ?? only;
};

/** Names a baseline in a sentence, behind "in" or "of". */
export const originText = (from: Exclude<Origin, { readonly kind: 'none' }>): string =>
  from.kind === 'run' ? `version ${cut(from.version, 60)} (run ${from.run})` : `the baseline that people recorded at ${from.givenAt}`;
