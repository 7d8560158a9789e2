/**
 * Typed facts that a parser recomputed from a report. Small, canonicalisable, and without anything that an unchanged re-run would
 * change but what was measured.
 */
export type JunitFacts = {
  readonly type: 'junit';
  readonly tests: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
  /** Cases that failed at first and passed when they were run again within the report. */
  readonly repeated: number;
  readonly failures: readonly { readonly name: string; readonly message: string }[];
};
export type CoverageCount = { readonly found: number; readonly hit: number };
export type LcovFacts = {
  readonly type: 'lcov';
  readonly files: number;
  readonly lines: CoverageCount;
  readonly functions: CoverageCount;
  readonly branches: CoverageCount;
};
/** What one tool said, over all its runs in the log. */
export type SarifTool = {
  readonly name: string;
  /** Runs that did not end well: what such a run did not find proves nothing. */
  readonly unfinished: number;
  readonly error: number;
  readonly warning: number;
  readonly note: number;
  readonly none: number;
  /** Results that the tool left to people: kind `open` or `review`. */
  readonly undecided: number;
  /** Results that the log itself sets aside: suppressed ones, and absent ones of a baseline. */
  readonly suppressed: number;
  readonly first: readonly { readonly rule: string; readonly level: string; readonly place: string }[];
};
export type SarifFacts = { readonly type: 'sarif'; readonly tools: readonly SarifTool[] };
export type OpenapiFacts = {
  readonly type: 'openapi';
  readonly version: string;
  readonly title: string;
  readonly operations: number;
  readonly undescribed: readonly string[];
  readonly undescribedCount: number;
  readonly problems: readonly string[];
  readonly problemsCount: number;
};
export type CyclonedxFacts = {
  readonly type: 'cyclonedx';
  readonly specVersion: string;
  readonly subject: string | null;
  /** Packages, nested ones too; files, images and the operating system are none. */
  readonly components: number;
  readonly incomplete: readonly string[];
  readonly incompleteCount: number;
};
export type LoadFacts = {
  readonly type: 'load';
  readonly tool: 'autocannon' | 'k6';
  readonly concurrency: number;
  readonly requests: number;
  readonly failed: number;
  readonly p99Ms: number;
  readonly durationSeconds: number;
};
export type SeriesFacts = {
  readonly type: 'series';
  readonly name: string;
  readonly about: string;
  readonly points: number;
  readonly failed: number;
  readonly from: string;
  readonly to: string;
  readonly durationSeconds: number;
  readonly longestGapSeconds: number;
  readonly p95Ms: number;
};
export type AttestationFacts = { readonly type: 'attestation'; readonly statement: string; readonly person: string; readonly role: string };

export type Facts = JunitFacts | LcovFacts | SarifFacts | OpenapiFacts | CyclonedxFacts | LoadFacts | SeriesFacts | AttestationFacts;
export type FactsOf<T extends Facts['type']> = Extract<Facts, { type: T }>;
export type EvidenceType = Facts['type'];
