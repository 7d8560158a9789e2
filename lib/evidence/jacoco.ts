import * as z from 'zod';
import { type Account, differences } from './account.ts';
import { coverageMembers, coverageOf, coverageWords, inWords } from './coverage-facts.ts';
import { type Counters, readPackages } from './jacoco-packages.ts';
import { evidenceType, mostStreamed } from './kind.ts';
import { beyond } from './lcov-section.ts';
import { type Parsed, timeOfParts } from './report-time.ts';
import { readXml } from './xml-report.ts';

const facts = z.strictObject({ type: z.literal('jacoco'), as: z.literal('lcov'), ...coverageMembers });
type JacocoFacts = z.infer<typeof facts>;

export const jacoco = evidenceType({
  id: 'jacoco',
  description: 'Coverage as JaCoCo XML',
  judgedAs: 'lcov',
  fileNames: ['*jacoco*.xml'],
  mediaTypes: ['application/xml', 'text/xml'],
  maxBytes: mostStreamed,
  facts,
  recognises: ({ doctype, elements: [root, second] }) =>
    /JACOCO/i.test(doctype) || (root?.name === 'report' && /^(sessioninfo|group|package|counter)$/.test(second?.name ?? '')),
  fieldWords: coverageWords,
  parse: (bytes) => parse(bytes),
  sample: 'jacoco.xml',
});

/** Nothing is read from the definition that a report names. */
const doctype = /^report(\s+PUBLIC\s+"-\/\/JACOCO\/\/DTD[^"]*"\s+"[\w.:/-]*")?$/;

/**
 * JaCoCo XML (report.dtd 1.0 and 1.1), also with groups of several modules. Lines and branches come from the line records of source files: a
 * line is covered when one of its instructions ran. Functions come from the counters of methods, the only record of them. All other
 * counters can only make a report worse.
 */
const parse = (bytes: Uint8Array): Parsed<JacocoFacts> => {
  const report = readPackages();
  const read = readXml(bytes, {
    name: 'a JaCoCo report',
    expected: 'a JaCoCo report: <report> with packages, source files and lines (report.dtd)',
    fix: 'Send the jacoco.xml that the report goal wrote.',
    doctype,
    roots: ['report'],
    open: report.open,
    close: report.close,
  });
  if (read.refused) return read;
  const { sections, all, known, totals, spans } = report.result();
  const { facts: found, counted } = coverageOf(sections, {
    lines: beyond(known.lines, totals.lines),
    branches: beyond(known.branches, totals.branches),
    functions: beyond(all.functions, totals.functions),
  });
  return {
    ok: { type: 'jacoco', as: 'lcov', ...found },
    reportTime: timeOfParts(spans),
    account: { counted, ...claimsOf(totals, counted, all) },
  };
};

type Counts = ReturnType<ReturnType<typeof readPackages>['result']>['all'];

/** The counters of the whole report, beside what was counted. A source file that is there twice is merged. */
const claimsOf = (
  totals: Counters,
  counted: ReturnType<typeof coverageOf>['counted'],
  all: Counts,
): Pick<Account, 'declared' | 'problems'> => {
  const stated = (['lines', 'branches', 'functions'] as const).flatMap((kind) => {
    const total = totals[kind];
    return total === undefined ? [] : [{ kind, ...total }];
  });
  return {
    ...(stated.length === 0 ? {} : { declared: Object.fromEntries(stated.map(({ kind, ...total }) => [kind, inWords(total)])) }),
    problems: stated.flatMap(({ kind, found, hit }) =>
      differences([
        { what: `${kind} in total`, declared: found, counted: counted[kind].total, unmerged: all[kind].records },
        { what: `${kind} covered`, declared: hit, counted: counted[kind].covered, unmerged: all[kind].hits },
      ]),
    ),
  };
};
