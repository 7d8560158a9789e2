import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { type Account, type Contradiction, contradiction, differences, problemsOf } from './account.ts';
import { hasMembers } from './content.ts';
import { failureContradictions } from './failure-signs.ts';
import { evidenceType, mostJson } from './kind.ts';
import { factsOfVersion1 } from './npm-audit-1.ts';
import { factsOfVersion2 } from './npm-audit-2.ts';
import type { Audit } from './npm-audit-summary.ts';
import type { Parsed } from './report-time.ts';
import { countSeverities, scanMembers, suppressedIn, toolOfScan } from './scan-facts.ts';
import { severities } from './severity.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const tool = 'npm audit';

const facts = z.strictObject({
  type: z.literal('npm-audit'),
  /** 2 of npm since version 7; 1 of npm 6 and of pnpm. */
  reportVersion: z.union([z.literal(1), z.literal(2)]).describe('version of the format'),
  ...scanMembers,
});
export type NpmAuditFacts = z.infer<typeof facts>;

export const npmAudit = evidenceType({
  id: 'npm-audit',
  description: "Known vulnerabilities of JavaScript packages, as JSON of npm's or pnpm's audit command",
  judgedAs: 'sarif',
  tool,
  fileNames: ['npm-audit.json', 'npm-audit-*.json', '*-npm-audit.json', 'pnpm-audit.json', 'audit.json'],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) =>
    hasMembers(json, 'auditReportVersion') ||
    hasMembers(json, 'advisories', 'metadata') ||
    (hasMembers(json, 'error') && hasMembers(json.error, 'summary', 'detail')),
  fieldWords: ({ vulnerabilities, targets, tools }) => ({ vulnerabilities, suppressed: suppressedIn(tools), dependencies: targets }),
  parse: (bytes) => parse(bytes),
  sample: 'npm-audit.json',
});

const expected = 'the JSON of `npm audit --json` (auditReportVersion 2, or the report of npm 6 and pnpm)';

/** npm writes a code or a message of the registry, and pnpm a code and a message. */
const text = z.unknown().optional();
const stopped = z.looseObject({ message: text, error: z.looseObject({ code: text, summary: text, message: text }) });

const saidOf = ({ error, message }: z.infer<typeof stopped>): unknown[] =>
  [error.code, error.summary, error.message, message].filter((one) => typeof one === 'string' && one !== '');

const parse = (bytes: Uint8Array): Parsed<NpmAuditFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const { success, data } = stopped.safeParse(json.ok);
  if (success)
    return unreadable('npm could not audit: the JSON is an error message.', {
      got: saidOf(data).join(': ') || 'an error',
      expected,
      fix: 'Run the audit again where the lock file is and the registry answers.',
    });
  const read = isVersion2(json.ok) ? factsOfVersion2(json.ok) : factsOfVersion1(json.ok);
  if (read.error !== undefined)
    return unreadable('The JSON is not a report of npm audit.', {
      got: excerpt(firstIssue(read.error), 200),
      expected,
      fix: 'Send the output of `npm audit --json`.',
    });
  const gaps = [...gapsOf(read.ok.dependencies), ...failureContradictions(json.ok)];
  return {
    ok: factsOf(read.ok, gaps),
    account: accountOf(read.ok, gaps),
  };
};

const isVersion2 = (value: unknown): boolean => typeof value === 'object' && value !== null && 'auditReportVersion' in value;

/** Why the report may not be about all packages. */
const gapsOf = (dependencies: number | null): Contradiction[] => {
  if (dependencies === null) return [contradiction('the report does not say how many packages it looked at', null, null)];
  return dependencies === 0 ? [contradiction('the report is about no package', 0, null)] : [];
};

const factsOf = (
  { reportVersion, findings, suppressed, contradictions, dependencies }: Audit,
  gaps: readonly Contradiction[],
): NpmAuditFacts => {
  return {
    type: 'npm-audit',
    as: 'sarif',
    reportVersion,
    tools: [toolOfScan(tool, findings, { suppressed, signs: [...gaps, ...contradictions].map(({ text }) => text) })],
    vulnerabilities: countSeverities(findings),
    scanned: 'npm packages',
    targets: dependencies ?? 0,
  };
};

/** What the summary of each version counts. A package can have several advisories, so neither is the number of vulnerabilities. */
const summaryCounts = {
  1: { word: 'affectedPaths', what: 'affected paths' },
  2: { word: 'affectedPackages', what: 'affected packages' },
} as const;

const accountOf = ({ reportVersion, declared, listed, contradictions }: Audit, gaps: readonly Contradiction[]): Account => {
  const { word, what } = summaryCounts[reportVersion];
  const problems = differences(severities.map((one) => ({ what: `${one} ${what}`, declared: declared?.[one], counted: listed[one] })));
  const rest = problems.length > 0 ? [] : problemsOf(contradictions);
  return {
    counted: { [word]: listed },
    ...(declared === null ? {} : { declared: { [word]: declared } }),
    problems: [...problemsOf(gaps, 'incomplete-scan'), ...problems, ...rest],
  };
};
