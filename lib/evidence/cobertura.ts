import * as z from 'zod';
import { type Account, differences } from './account.ts';
import { readClasses } from './cobertura-classes.ts';
import { coverageMembers, coverageOf, coverageWords, inWords } from './coverage-facts.ts';
import { evidenceType, mostStreamed } from './kind.ts';
import { beyond } from './lcov-section.ts';
import { type Parsed, spanOfEpoch, timeOfParts } from './report-time.ts';
import { unreadable } from './unreadable.ts';
import { readXml } from './xml-report.ts';

const facts = z.strictObject({ type: z.literal('cobertura'), as: z.literal('lcov'), ...coverageMembers });
type CoberturaFacts = z.infer<typeof facts>;

export const cobertura = evidenceType({
  id: 'cobertura',
  description: 'Coverage as Cobertura XML',
  judgedAs: 'lcov',
  fileNames: ['*cobertura*.xml', 'coverage.xml'],
  mediaTypes: ['application/xml', 'text/xml'],
  maxBytes: mostStreamed,
  facts,
  // Clover has the same root, and a project in it.
  recognises: ({ elements: [root, second] }) =>
    root?.name === 'coverage' && (root.attributes['line-rate'] !== undefined || /^(sources|packages)$/.test(second?.name ?? '')),
  fieldWords: coverageWords,
  parse: (bytes) => parse(bytes),
  sample: 'cobertura.xml',
});

/** Nothing is read from the definition that a report names, wherever it says that it is. */
const doctype = /^coverage(\s+(SYSTEM|PUBLIC\s+("[^"]*"|'[^']*'))\s*("(https?:\/\/[^"]*|[\w.-]+)"|'(https?:\/\/[^']*|[\w.-]+)'))?$/;

/**
 * Cobertura XML as coverage.py, gcovr, coverlet and istanbul write it (coverage-04.dtd). Counts come from the line records of classes and of
 * their methods; all records of one line of a file are one line. `line-rate` and `branch-rate` decide nothing, and the totals of the report
 * can only make it worse.
 */
const parse = (bytes: Uint8Array): Parsed<CoberturaFacts> => {
  const report = readClasses();
  const read = readXml(bytes, {
    name: 'a Cobertura report',
    expected: 'a Cobertura report: <coverage> with packages, classes and lines (coverage-04.dtd)',
    fix: 'Send the file as the coverage tool wrote it, with its Cobertura reporter.',
    doctype,
    roots: ['coverage'],
    open: report.open,
    close: report.close,
  });
  if (read.refused) return read;
  const { root, sections, all } = report.result();
  const [noCount] = totals.filter((name) => root[name]?.trim() && countOf(root[name]) === undefined);
  if (noCount !== undefined)
    return unreadable('A total of the Cobertura report is no number.', {
      got: `${noCount}="${root[noCount]?.slice(0, 40)}"`,
      expected: 'a number of lines or branches',
      fix: 'Send the file as the coverage tool wrote it, with its Cobertura reporter.',
    });
  const [lines, branches] = [totalOf(root, 'lines'), totalOf(root, 'branches')];
  const { facts: found, counted } = coverageOf(sections, { lines: beyond(all.lines, lines), branches: beyond(all.branches, branches) });
  return {
    ok: { type: 'cobertura', as: 'lcov', ...found },
    reportTime: timeOfParts([spanOfEpoch(root.timestamp)]),
    account: { counted, ...claimsOf(root, counted, all) },
  };
};

type Root = Readonly<Record<string, string>>;

const totalOf = (root: Root, kind: 'lines' | 'branches'): { found?: number; hit?: number } => {
  const [found, hit] = [countOf(root[`${kind}-valid`]), countOf(root[`${kind}-covered`])];
  return { ...(found === undefined ? {} : { found }), ...(hit === undefined ? {} : { hit }) };
};

const totals = ['lines-valid', 'lines-covered', 'branches-valid', 'branches-covered'] as const;

/** Also `1,000`, as tools that format numbers for people write it. */
const countOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^(\d{1,9}|\d{1,3}(,\d{3}){1,2})$/.test(text.trim()) ? Number(text.replaceAll(',', '')) : undefined;

/** Tools round shares, or cut them off, to four digits. */
const slack = 0.02;

type Counts = ReturnType<ReturnType<typeof readClasses>['result']>['all'];

/** The totals and shares at the root, beside what was counted. A line or class that is there twice is merged. */
const claimsOf = (root: Root, counted: ReturnType<typeof coverageOf>['counted'], all: Counts): Pick<Account, 'declared' | 'problems'> => {
  const claims = (['lines', 'branches'] as const).map((kind) => {
    const { found, hit } = totalOf(root, kind);
    const rate = Number.parseFloat(root[kind === 'lines' ? 'line-rate' : 'branch-rate'] ?? '');
    return { kind, found, hit, pct: Number.isFinite(rate) ? Math.round(rate * 10_000) / 100 : undefined, own: counted[kind] };
  });
  const stated = claims.filter(({ found, hit, pct }) => found !== undefined || hit !== undefined || pct !== undefined);
  return {
    ...(stated.length === 0
      ? {}
      : {
          declared: Object.fromEntries(
            stated.map(({ kind, found, hit, pct }) => [kind, { covered: hit ?? null, total: found ?? null, pct: pct ?? null }]),
          ),
        }),
    problems: claims.flatMap(({ kind, found, hit, pct, own }) =>
      differences([
        { what: `${kind} in total`, declared: found, counted: own.total, unmerged: all[kind].records },
        { what: `${kind} covered`, declared: hit, counted: own.covered, unmerged: all[kind].hits },
        // A share of nothing is written as 0 or as 1.
        {
          what: `${kind} in percent`,
          declared: own.pct === null ? undefined : pct,
          counted: own.pct ?? 0,
          unmerged: inWords({ found: all[kind].records, hit: all[kind].hits }).pct ?? 0,
          slack,
        },
      ]),
    ),
  };
};
