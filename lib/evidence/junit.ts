import * as z from 'zod';
import type { Outcome } from '../outcome.ts';
import { readReport } from './junit-report.ts';
import { suiteNamed } from './junit-words.ts';
import { evidenceType, mostStreamed } from './kind.ts';
import { type Parsed, timeOfParts } from './report-time.ts';
import { testAccount as accountOf, testFactsOf, testMembers, testsInOf, testWords } from './test-facts.ts';
import { readXml } from './xml-report.ts';
import { scrubbedXml } from './xml-scrub.ts';

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
  maxBytes: mostStreamed,
  facts,
  recognises: ({ elements: [root] }) => root?.name === 'testsuites' || root?.name === 'testsuite',
  fieldWords: testWords,
  parse: (bytes) => parse(bytes),
  testsIn: (bytes) => {
    const { ok, refused } = testsOf(bytes);
    return ok === undefined ? { refused } : { ok: testsInOf(ok) };
  },
  // Output, messages of failures and properties quote what tests used. The names of tests and suites say which they are, and stay.
  scrub: (bytes) => scrubbedXml(bytes, mayQuote),
  sample: 'junit.xml',
});

/** Attributes with the message of a failure: node:test writes it into the case itself. */
const messages: ReadonlySet<string> = new Set(['message', 'failure', 'failures', 'error', 'errors', 'failed', 'errored']);
/** A property that names a suite says where a test stands. */
const mayQuote = (element: string, attribute: string, tag: string): boolean =>
  messages.has(attribute) || (element === 'property' && attribute === 'value' && !namesSuite(tag));
const namesSuite = (tag: string): boolean => {
  const [, double, single] = /\sname\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag) ?? [];
  return suiteNamed({ name: double ?? single ?? '', value: 'any' }) !== undefined;
};

const expected = 'a JUnit XML report with <testsuites> or <testsuite> at its root';

/**
 * JUnit XML as test runners write it (the de-facto format of Ant's JUnit task). Counts are recomputed from the test cases; a case counts
 * as passed only if all that it says of its outcome is a known good word. What suites claim can only make the result worse: failures
 * that no case shows (jest-junit, when a test file did not load), tests that are missing, cases beyond the number of tests (jest-junit
 * lists tests to be written so). A document type declaration that may declare something is refused.
 */
const parse = (bytes: Uint8Array): Parsed<JunitFacts> => {
  const read = testsOf(bytes);
  if (read.refused) return read;
  const result = read.ok;
  return {
    ok: { type: 'junit', ...testFactsOf(result) },
    reportTime: timeOfParts(result.times),
    account: accountOf(result),
  };
};

const testsOf = (bytes: Uint8Array): Outcome<ReturnType<ReturnType<typeof readReport>['result']>> => {
  const report = readReport();
  const read = readXml(bytes, {
    name: 'a JUnit report',
    expected,
    fix: 'Send the file as the test runner wrote it, with its junit reporter. When the runner writes XML that is not well-formed, switch off colours and captured output.',
    doctype: /^[\w:.-]+$/,
    roots: ['testsuites', 'testsuite'],
    open: report.open,
    close: report.close,
  });
  return read.refused ? read : { ok: report.result() };
};
