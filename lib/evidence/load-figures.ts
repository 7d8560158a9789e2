import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';

/** What both tools report, and how their figures are compared. */
export const count = z.int().min(0);

/** Seconds or milliseconds, at most the milliseconds of 31 days: no load test lasts longer. */
export const duration = z.number().min(0).max(2_678_400_000);

/** One figure of a distribution: `rank` is 0 for the least, 50 for the median, 100 for the greatest. */
type Quantile = { readonly rank: number; readonly name: string; readonly value: number };

/** The first pair of quantiles that are in the wrong order. `slack` is the share by which a histogram may round. */
export const disorder = (quantiles: readonly Quantile[], slack: number): string | undefined => {
  const sorted = [...quantiles].sort((a, b) => a.rank - b.rank);
  for (const [place, above] of sorted.entries()) {
    const below = sorted[place - 1];
    if (below !== undefined && below.value > above.value * (1 + slack)) return `${above.name} is below ${below.name}`;
  }
  return undefined;
};

/** A mean lies between the least and the greatest value. Sums of floats may miss by a little. */
export const meanOutside = (mean: number, least: number | undefined, greatest: number | undefined): boolean =>
  (least !== undefined && mean < least * 0.999 - 0.01) || (greatest !== undefined && mean > greatest * 1.001 + 0.01);

/** Whether two figures for the same time differ by more than a tenth and a second. */
export const differ = (seconds: number, others: number): boolean => Math.abs(seconds - others) > Math.max(seconds, others) / 10 + 1;

/** More clients under way than there were: with a quarter to spare, because tools round. */
export const tooBusy = (busy: number, clients: number): boolean => busy > clients * 1.25 + 1;

/** At most five, because facts are small; the texts quote the report. */
export const few = (texts: readonly (string | false | undefined)[]): string[] =>
  texts.flatMap((text) => (text ? [excerpt(text, 120)] : [])).slice(0, 5);

/** Clients, to a tenth; never more than there were. */
export const atMost = (busy: number, clients: number): number =>
  Number.isFinite(busy) ? Math.min(Math.round(busy * 10) / 10, clients) : 0;
