import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { counted } from '../wording.ts';
import { type Contradiction, contradiction } from './account.ts';

/** What both tools report, and how their figures are compared. */
export const count = z.int().min(0);

/** Seconds or milliseconds, at most the milliseconds of 31 days: no load test lasts longer. */
export const duration = z.number().min(0).max(2_678_400_000);

/** One figure of a distribution: `rank` is 0 for the least, 50 for the median, 100 for the greatest. */
type Quantile = { readonly rank: number; readonly name: string; readonly value: number };

/** The first pair of quantiles that are in the wrong order. `slack` is the share by which a histogram may round. */
export const disorder = (quantiles: readonly Quantile[], slack: number): Contradiction | undefined => {
  const sorted = [...quantiles].sort((a, b) => a.rank - b.rank);
  for (const [place, above] of sorted.entries()) {
    const below = sorted[place - 1];
    if (below !== undefined && below.value > above.value * (1 + slack))
      return contradiction(`${above.name} (${above.value} ms) is below ${below.name} (${below.value} ms)`, above.value, below.value);
  }
  return undefined;
};

/** A mean lies between the least and the greatest value. Sums of floats may miss by a little. */
export const meanOutside = (mean: number, least: number | undefined, greatest: number | undefined): Contradiction | undefined => {
  if (least !== undefined && mean < least * 0.999 - 0.01)
    return contradiction(`the mean time of ${mean} ms is below the least of ${least} ms`, mean, least);
  return greatest !== undefined && mean > greatest * 1.001 + 0.01
    ? contradiction(`the mean time of ${mean} ms is above the greatest of ${greatest} ms`, mean, greatest)
    : undefined;
};

/** Whether two figures for the same time differ by more than a tenth and a second. */
export const differ = (seconds: number, others: number): boolean => Math.abs(seconds - others) > Math.max(seconds, others) / 10 + 1;

/** More clients under way than there were: with a quarter to spare, because tools round. */
export const tooBusy = (busy: number, clients: number): Contradiction | undefined => {
  if (!(busy > clients * 1.25 + 1)) return undefined;
  const shown = Number.isFinite(busy) ? Math.round(busy * 10) / 10 : null;
  return contradiction(
    `${counted(clients, 'client was there', 'clients were there')}, and ${shown ?? 'endlessly many'} were busy`,
    clients,
    shown,
  );
};

/** At most five, because facts are small; the texts quote the report. */
export const few = (texts: readonly string[]): string[] => texts.slice(0, 5).map((text) => excerpt(text, 120));

/** As many of the contradictions that there are. */
export const fewContradictions = (all: readonly (Contradiction | false | undefined)[]): Contradiction[] =>
  all.flatMap((one) => (one ? [{ ...one, text: excerpt(one.text, 120) }] : [])).slice(0, 5);

/** Clients, to a tenth; never more than there were. */
export const atMost = (busy: number, clients: number): number =>
  Number.isFinite(busy) ? Math.min(Math.round(busy * 10) / 10, clients) : 0;
