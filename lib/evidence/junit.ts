import { SaxesParser } from 'saxes';
import * as z from 'zod';
import { excerpt, sha256 } from '../canonical-json.ts';
import { readReport } from './junit-report.ts';
import { type Case, outcomeOf } from './junit-suite.ts';
import type { Sign } from './junit-words.ts';
import { evidenceType, megabyte, mostNamed } from './kind.ts';
import { type Parsed, timeOfParts } from './report-time.ts';
import { testMembers, testWords } from './test-facts.ts';
import { unreadable } from './unreadable.ts';
import { xmlTextOf } from './xml-text.ts';

const facts = z.strictObject({ type: z.literal('junit'), ...testMembers });
export type JunitFacts = z.infer<typeof facts>;

export const junit = evidenceType({
  id: 'junit',
  description: 'Test results as JUnit XML',
  fileNames: [
    '*junit*.xml',
    'TEST-*.xml',
    'TESTS-*.xml',
    '*test-results*.xml',
    '*test_results*.xml',
    'report.xml',
    'rspec*.xml',
    'unit.xml',
  ],
  mediaTypes: ['application/xml', 'text/xml'],
  maxBytes: 4 * megabyte,
  facts,
  recognises: ({ elements: [root] }) => root?.name === 'testsuites' || root?.name === 'testsuite',
  fieldWords: testWords,
  parse: (bytes) => parse(bytes),
  sample: 'junit.xml',
});

const expected = 'a JUnit XML report with <testsuites> or <testsuite> at its root';
const mostNames = 20;

/**
 * JUnit XML as test runners write it (the de-facto format of Ant's JUnit task). Counts are recomputed from the test cases; a case counts
 * as passed only if all that it says of its outcome is a known good word. What suites claim can only make the result worse: failures
 * that no case shows (jest-junit, when a test file did not load), tests that are missing, cases beyond the number of tests (jest-junit
 * lists tests to be written so). A document type declaration that may declare something is refused.
 */
const parse = (bytes: Uint8Array): Parsed<JunitFacts> => {
  const text = xmlTextOf(bytes, expected);
  if (text.refused) return text;
  const report = readReport();
  const parser = new SaxesParser();
  parser.on('error', (fault) => stop(fault.message));
  parser.on('doctype', (declared) => {
    if (!/^\s*[\w:.-]+\s*$/.test(declared)) stop('a document type declaration, which may hide entities');
  });
  parser.on('opentag', report.open);
  parser.on('closetag', report.close);
  try {
    parser.write(text.ok).close();
  } catch (fault) {
    return unreadable('The report is not readable XML.', {
      got: `${fault instanceof Error ? fault.message : 'a syntax error'} (line ${parser.line})`,
      expected,
      fix: 'Send the file as the test runner wrote it. When the runner writes XML that is not well-formed, switch off colours and captured output.',
    });
  }
  if (report.root() !== 'testsuites' && report.root() !== 'testsuite')
    return unreadable('The XML is not a JUnit report.', {
      got: `<${report.root()}>`,
      expected,
      fix: "Configure the test runner's junit reporter.",
    });
  const result = report.result();
  return { ok: factsOf(result), reportTime: timeOfParts(result.times) };
};

const stop = (why: string): never => {
  throw new Error(why);
};

const factsOf = ({ cases, hidden, notRun, doubts }: ReturnType<ReturnType<typeof readReport>['result']>): JunitFacts => {
  const judged = cases.map((one) => ({ one, ...outcomeOf(one) }));
  const inState = (...signs: readonly Sign[]) => judged.filter(({ sign }) => signs.includes(sign));
  const shown = (list: readonly { readonly name: string; readonly message: string }[]): JunitFacts['failures'] =>
    list.slice(0, mostNames).map(({ name, message }) => ({ name: excerpt(name, 200), message: excerpt(message, 200) }));
  const named = (list: readonly { readonly one: Case; readonly message: string }[]) =>
    list.map(({ one, message }) => ({ name: one.name, message }));
  return {
    type: 'junit',
    tests: cases.length + hidden,
    failed: inState('failed').length,
    errored: inState('errored').length,
    skipped: inState('skipped').length + hidden + notRun,
    unclear: inState('unclear').length + doubts.length,
    repeated: inState('passed').filter(({ one }) => one.repeated).length,
    failures: shown(named(inState('failed', 'errored'))),
    doubts: shown([...named(inState('unclear')), ...doubts]),
    passedTests: idsOf(inState('passed')),
    otherTests: idsOf(inState('failed', 'errored', 'unclear')),
  };
};

/** Sorted, so that the order of a report does not matter. A case without a name has no digest: no later report can show that it passed. */
const idsOf = (cases: readonly { readonly one: Case }[]): string[] =>
  [...new Set(cases.flatMap(({ one }) => (one.identity === undefined ? [] : [sha256(one.identity).slice(0, 12)])))]
    .sort()
    .slice(0, mostNamed);
