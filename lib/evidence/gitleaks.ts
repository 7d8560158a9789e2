import * as z from 'zod';
import { hasMembers } from './content.ts';
import { filePath } from './file-path.ts';
import { evidenceType, mostJson } from './kind.ts';
import type { Parsed } from './report-time.ts';
import { sarifTool } from './sarif.ts';
import { toolOfScan } from './scan-facts.ts';
import { onlyMembers, rewrittenJson } from './scrubbed.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const tool = 'gitleaks';

const facts = z.strictObject({
  type: z.literal('gitleaks'),
  as: z.literal('sarif'),
  /** Different leaks: one rule at one place of one commit is one leak. */
  leaks: z.int().min(0).describe('leaks'),
  /** The leaks as findings of one tool. They name rule, file, line and commit, and never what leaked. */
  tools: z.array(sarifTool).describe('tools'),
});
export type GitleaksFacts = z.infer<typeof facts>;

export const gitleaks = evidenceType({
  id: 'gitleaks',
  description: 'Leaks that gitleaks 8 found, as its JSON report',
  judgedAs: 'sarif',
  tool,
  fileNames: ['gitleaks.json', 'gitleaks-*.json', '*-gitleaks.json'],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  // An empty list may be of any tool.
  recognises: ({ json }) => Array.isArray(json) && json.some((one) => hasMembers(one, 'RuleID')),
  fieldWords: ({ leaks, tools }) => ({ leaks, places: tools.flatMap(({ first }) => first.map(({ rule, place }) => ({ rule, place }))) }),
  parse: (bytes) => parse(bytes),
  scrub: (bytes) => rewrittenJson(bytes, scrubbed),
  sample: 'gitleaks.json',
});

const expected = 'the JSON report of gitleaks 8 (--report-format json): a list of leaks, empty when none was found';

const text = z.string().nullish();
const place = z.int().min(0).nullish();
const leak = z.looseObject({
  RuleID: z.string().min(1),
  File: text,
  StartLine: place,
  StartColumn: place,
  EndLine: place,
  EndColumn: place,
  Commit: text,
});
type Leak = z.infer<typeof leak>;

/** Counts each leak once. The report says nothing of how much was scanned: without a leak it is an empty list. */
const parse = (bytes: Uint8Array): Parsed<GitleaksFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const report = z.array(leak).safeParse(json.ok);
  if (!report.success)
    return unreadable('The JSON is not a report of gitleaks.', {
      got: firstIssue(report.error),
      expected,
      fix: 'Send the file that `gitleaks git --report-format json --report-path gitleaks.json` writes.',
    });
  const leaks = new Map(report.data.map((one) => [keyOf(one), one]));
  const found = [...leaks].map(([key, one]) => ({ key, id: one.RuleID, severity: 'critical' as const, place: placeOf(one) }));
  return { ok: { type: 'gitleaks', as: 'sarif', leaks: leaks.size, tools: [toolOfScan(tool, found, { suppressed: 0, signs: [] })] } };
};

/** Two leaks of one line have the same fingerprint and other columns. */
const keyOf = ({ RuleID, File, StartLine, StartColumn, EndLine, EndColumn, Commit }: Leak): string =>
  JSON.stringify([RuleID, filePath(File ?? ''), StartLine ?? 0, StartColumn ?? 0, EndLine ?? 0, EndColumn ?? 0, Commit ?? '']);

/** Only a scan of the history knows the commit. */
const placeOf = ({ File, StartLine, Commit }: Leak): string =>
  `${filePath(File || 'no named file')}${StartLine == null ? '' : `:${StartLine}`}${Commit ? ` at ${Commit.slice(0, 12)}` : ''}`;

/** What is kept of a leak. The rest quotes the leaked text (`Secret`, `Match`, `Line`, `Link`) or may repeat it (the commit's message). */
const kept: ReadonlySet<string> = new Set([
  'RuleID',
  'Description',
  'StartLine',
  'EndLine',
  'StartColumn',
  'EndColumn',
  'File',
  'SymlinkFile',
  'Commit',
  'Entropy',
  'Date',
  'Fingerprint',
]);

/** Anything but a list of objects is no report of gitleaks, and nothing of it is kept. */
const scrubbed = (value: unknown): unknown => (Array.isArray(value) ? value.map((one: unknown) => onlyMembers(one, kept)) : null);
