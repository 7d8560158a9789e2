import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { type Contradiction, contradiction } from './account.ts';
import { count } from './load-figures.ts';
import { type SarifTool, sarifTool } from './sarif.ts';
import { type Severity, type SeverityCounts, severities, worseOf } from './severity.ts';

/** Findings by severity, each finding once. */
export const severityCounts = z.strictObject({
  critical: count.describe('critical'),
  high: count.describe('high'),
  medium: count.describe('medium'),
  low: count.describe('low'),
  info: count.describe('informational'),
  unknown: count.describe('of unknown severity'),
});

/**
 * What facts of every scanner have. Each is judged as a SARIF log of one tool, so that what a check asks of a scan, it asks of all formats;
 * and a rule on severities reads `vulnerabilities`.
 */
export const scanMembers = {
  as: z.literal('sarif'),
  tools: z.array(sarifTool).describe('tools'),
  /** Different findings by severity. */
  vulnerabilities: severityCounts.describe('findings'),
  /** What was scanned, in the words of the report: a later scan of something else clears nothing. */
  scanned: z.string().describe('what was scanned'),
  /** How many things were looked up for vulnerabilities: packages, lock files and operating systems, sites. */
  targets: count.describe('things looked up'),
};

/** `key` says by its meaning which finding it is: the same key is the same finding. */
export type Finding = { readonly key: string; readonly id: string; readonly severity: Severity; readonly place: string };

/** Each finding once; one that is listed twice has its worse severity. */
export const uniqueFindings = (all: Iterable<Finding>): readonly Finding[] => {
  const unique = new Map<string, Finding>();
  for (const one of all) {
    const earlier = unique.get(one.key);
    unique.set(one.key, earlier === undefined ? one : { ...earlier, severity: worseOf(earlier.severity, one.severity) });
  }
  return [...unique.values()];
};

export const countSeverities = (all: readonly { readonly severity: Severity }[]): SeverityCounts => {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, info: 0, unknown: 0 };
  for (const { severity } of all) counts[severity] += 1;
  return counts;
};

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note' | 'none'>> = {
  critical: 'error',
  high: 'error',
  unknown: 'error',
  medium: 'warning',
  low: 'note',
  info: 'none',
};

/** A scan as SARIF facts state it. `signs` tell why it does not show everything: with one, what it did not find proves nothing. */
export const toolOfScan = (
  name: string,
  findings: readonly Finding[],
  { suppressed, signs }: { readonly suppressed: number; readonly signs: readonly string[] },
): SarifTool => {
  const countOf = (level: string): number => findings.filter(({ severity }) => levels[severity] === level).length;
  return {
    name,
    unfinished: signs.length > 0 ? 1 : 0,
    signs: signs.slice(0, 10).map((sign) => excerpt(sign, 120)),
    error: countOf('error'),
    warning: countOf('warning'),
    note: countOf('note'),
    none: countOf('none'),
    undecided: 0,
    suppressed,
    first: [...findings]
      .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
      .slice(0, 20)
      .map(({ id, severity, place }) => ({ rule: excerpt(id, 100), level: levels[severity], place: excerpt(place, 200) })),
  };
};

/** Findings that the report itself sets aside. */
export const suppressedIn = (tools: readonly SarifTool[]): number => tools.reduce((sum, { suppressed }) => sum + suppressed, 0);

/** Where a summary and what it sums up differ, with both numbers. */
export const differing = (declared: SeverityCounts, found: SeverityCounts, what: string): Contradiction[] =>
  severities.flatMap((one) =>
    declared[one] === found[one]
      ? []
      : [
          contradiction(
            `the summary says ${declared[one]} ${what} of severity ${one}, and ${found[one]} are listed`,
            declared[one],
            found[one],
          ),
        ],
  );
