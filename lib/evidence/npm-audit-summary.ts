import * as z from 'zod';
import type { Contradiction } from './account.ts';
import { count } from './load-figures.ts';
import type { Finding } from './scan-facts.ts';
import type { SeverityCounts } from './severity.ts';

/** The counts by severity in `metadata` of both versions; npm 7 adds their total. */
export const summary = z.looseObject({
  info: count.default(0),
  low: count.default(0),
  moderate: count.default(0),
  high: count.default(0),
  critical: count.default(0),
  total: count.optional(),
});
export type Summary = z.infer<typeof summary>;

/** The summary in the words of facts; null where the report has none. */
export const summarised = (written: Summary | undefined): SeverityCounts | null => {
  if (written === undefined) return null;
  const { critical, high, moderate, low, info } = written;
  return { critical, high, medium: moderate, low, info, unknown: 0 };
};

/** What a report of either version comes to. */
export type Audit = {
  readonly reportVersion: 1 | 2;
  readonly findings: readonly Finding[];
  readonly suppressed: number;
  /** Packages that were looked up; null where the report does not say how many. */
  readonly dependencies: number | null;
  /** What the report's own summary counts; null where it has none. It decides nothing. */
  readonly declared: SeverityCounts | null;
  /** What stands where that summary counts, counted as the tool counts it: npm 7 counts packages, npm 6 paths. */
  readonly listed: SeverityCounts;
  readonly contradictions: readonly Contradiction[];
};
export type ReadAudit = { readonly ok: Audit; readonly error?: never } | { readonly error: z.ZodError; readonly ok?: never };
