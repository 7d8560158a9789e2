import * as z from 'zod';
import { count } from './load-figures.ts';
import { type ReadAudit, summarised, summary } from './npm-audit-summary.ts';
import { countSeverities, differing, type Finding, uniqueFindings } from './scan-facts.ts';
import { type SeverityCounts, severities, severityOf } from './severity.ts';

const advisory = z.looseObject({
  id: z.union([z.string(), z.number()]).nullish(),
  module_name: z.string().min(1),
  title: z.string().nullish(),
  url: z.string().nullish(),
  github_advisory_id: z.string().nullish(),
  severity: z.unknown().optional(),
  vulnerable_versions: z.string().nullish(),
  findings: z.array(z.looseObject({ version: z.string().nullish(), paths: z.array(z.unknown()).nullish() })).nullish(),
});
type Advisory = z.infer<typeof advisory>;
const report = z.looseObject({
  advisories: z.custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected an object',
  ),
  muted: z.array(z.unknown()).nullish(),
  metadata: z
    .looseObject({
      vulnerabilities: summary.optional(),
      dependencies: count.nullish(),
      devDependencies: count.nullish(),
      optionalDependencies: count.nullish(),
      totalDependencies: count.nullish(),
    })
    .optional(),
});
type Metadata = z.infer<typeof report>['metadata'];

/** Reads a report of npm 6 or pnpm: advisories with the versions that are installed. */
export const factsOfVersion1 = (value: unknown): ReadAudit => {
  const read = report.safeParse(value);
  if (read.error) return { error: read.error };
  const listed = z.array(z.tuple([z.string(), advisory])).safeParse(Object.entries(read.data.advisories));
  if (listed.error) return { error: listed.error };
  const findings = uniqueFindings(listed.data.flatMap(([key, one]) => findingsOf(key, one)));
  const { metadata, muted } = read.data;
  const declared = summarised(metadata?.vulnerabilities);
  const advisories = countSeverities(listed.data.map(([, { severity }]) => ({ severity: severityOf(severity) })));
  const comparable = declared === null ? advisories : asSummarised(declared, advisories);
  return {
    ok: {
      reportVersion: 1,
      findings,
      suppressed: muted?.length ?? 0,
      dependencies: dependenciesOf(metadata),
      declared,
      listed: comparable,
      contradictions: declared === null ? [] : differing(declared, comparable, 'findings').slice(0, 5),
    },
  };
};

/** An advisory about each installed version is a finding. One that lists no version was found all the same. */
const findingsOf = (key: string, one: Advisory): Finding[] => {
  const { module_name: name, findings, severity, github_advisory_id: github, url, vulnerable_versions: range } = one;
  const versions = [...new Set((findings ?? []).map(({ version }) => version ?? ''))];
  const id = github ?? String(one.id ?? key);
  return (versions.length > 0 ? versions : ['']).map((version) => ({
    key: JSON.stringify([name, id, version]),
    id: github ?? ((url ?? '').split('/').at(-1) || id),
    severity: severityOf(severity),
    place: `${name} ${version || (range ?? '')}`.trim(),
  }));
};

/** npm 6 counts each path to an advisory, so that more is no contradiction where it is listed at all. Neither has a word for unknown. */
const asSummarised = (declared: SeverityCounts, advisories: SeverityCounts): SeverityCounts => {
  const counts = { ...advisories, unknown: 0 };
  for (const one of severities) if (advisories[one] > 0) counts[one] = Math.max(declared[one], counts[one]);
  return counts;
};

/** npm 6 gives the total; pnpm's total is 0 or missing in some versions, and its parts are not. */
const dependenciesOf = (metadata: Metadata): number | null => {
  if (metadata === undefined) return null;
  const { dependencies, devDependencies, optionalDependencies, totalDependencies } = metadata;
  const parts = [dependencies, devDependencies, optionalDependencies].filter((one) => one != null);
  if (totalDependencies == null && parts.length === 0) return null;
  return Math.max(totalDependencies ?? 0, ...parts);
};
