import { SaxesParser, type SaxesTagPlain } from 'saxes';
import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Outcome } from '../outcome.ts';
import { evidenceType, megabyte } from './kind.ts';
import { textOf, unreadable } from './unreadable.ts';

const count = z.int().min(0);
const facts = z.strictObject({
  type: z.literal('junit'),
  tests: count,
  failed: count,
  errored: count,
  skipped: count,
  /** Cases that failed first and passed when the same report ran them again. */
  repeated: count,
  /** The first failed and errored cases. */
  failures: z.array(z.strictObject({ name: z.string(), message: z.string() })),
});
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
  parse: (bytes) => parse(bytes),
  sample: 'junit.xml',
});

const expected = 'a JUnit XML report with <testsuites> or <testsuite> at its root';
const deepest = 64;
const mostNames = 20;

type State = 'passed' | 'failed' | 'errored' | 'skipped';
type Case = { readonly name: string; state: State; message: string; repeated: boolean };
/** A suite that is still open: the failures and errors that it claims, and the index of its first case. */
type Suite = { readonly name: string; readonly claimed: number; readonly from: number };

/**
 * JUnit XML as test runners write it (the de-facto format of Ant's JUnit task). Counts are recomputed from the test cases. The
 * report's own totals can only make the result worse: a suite that claims failures and shows none (jest-junit writes this when a test
 * file did not load) counts as an error. Documents with a DTD are refused.
 */
const parse = (bytes: Uint8Array): Outcome<JunitFacts> => {
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  const report = reading();
  const parser = new SaxesParser();
  parser.on('error', (fault) => stop(fault.message));
  parser.on('doctype', () => stop('a document type declaration, which may hide entities'));
  parser.on('opentag', report.open);
  parser.on('closetag', report.close);
  try {
    parser.write(text.ok).close();
  } catch (fault) {
    return unreadable('The report is not readable XML.', {
      got: `${fault instanceof Error ? fault.message : 'a syntax error'} (line ${parser.line})`,
      expected,
      fix: 'Send the file as the test runner wrote it.',
    });
  }
  const root = report.root();
  if (root !== 'testsuites' && root !== 'testsuite')
    return unreadable('The XML is not a JUnit report.', { got: `<${root}>`, expected, fix: "Configure the test runner's junit reporter." });
  return { ok: factsOf(report.cases) };
};

const stop = (why: string): never => {
  throw new Error(why);
};

const isBad = ({ state }: Case): boolean => state === 'failed' || state === 'errored';

/** Collects the cases of a report element by element. */
const reading = () => {
  const cases: Case[] = [];
  const elements: string[] = [];
  const suites: Suite[] = [];
  let root = '';
  let current: Case | undefined;
  const open = ({ name, attributes }: SaxesTagPlain): void => {
    if (elements.length === 0) root = name;
    elements.push(name);
    if (elements.length > deepest) stop(`elements nested deeper than ${deepest}`);
    if (current !== undefined) mark(current, name, attributes.message ?? '');
    else if (name === 'testcase') {
      current = caseOf(attributes);
      cases.push(current);
    } else if (name === 'testsuite' || name === 'testsuites')
      suites.push({
        name: attributes.name ?? name,
        claimed: claim(attributes.failures) + claim(attributes.errors),
        from: cases.length,
      });
    else if ((name === 'failure' || name === 'error') && elements.at(-2)?.startsWith('testsuite'))
      cases.push(errored(suites.at(-1), attributes.message ?? `<${name}> outside of any test case`));
  };
  const close = ({ name }: { readonly name: string }): void => {
    elements.pop();
    if (name === 'testcase' && !elements.includes('testcase')) current = undefined;
    if (current !== undefined || (name !== 'testsuite' && name !== 'testsuites')) return;
    const suite = suites.pop();
    if (suite !== undefined && suite.claimed > 0 && !cases.slice(suite.from).some(isBad))
      cases.push(errored(suite, `claims ${suite.claimed} failed or errored tests and shows none`));
  };
  return { cases, root: () => root, open, close };
};

const claim = (count: string | undefined): number => (/^\d{1,9}$/.test(count ?? '') ? Number(count) : 0);

const errored = (suite: Suite | undefined, message: string): Case => ({
  name: suite?.name ?? 'unnamed',
  state: 'errored',
  message,
  repeated: false,
});

/** GoogleTest and CTest mark a case that did not run by an attribute, without an element. */
const stateOf = (status: string): State | undefined => {
  if (/^(notrun|disabled|skipped|ignored|suppressed|pending)$/i.test(status)) return 'skipped';
  return /^(fail|failed|failure|error|errored)$/i.test(status) ? 'failed' : undefined;
};

const caseOf = (attributes: Readonly<Record<string, string>>): Case => {
  const marked = [attributes.status ?? '', attributes.result ?? ''].map(stateOf);
  return {
    name: [attributes.classname, attributes.name].filter(Boolean).join(' › ') || 'unnamed',
    state: marked.find((state) => state === 'failed') ?? marked.find((state) => state === 'skipped') ?? 'passed',
    message: '',
    repeated: false,
  };
};

const states: ReadonlyMap<string, State> = new Map([
  ['failure', 'failed'],
  ['error', 'errored'],
  ['rerunFailure', 'failed'],
  ['rerunError', 'errored'],
  ['skipped', 'skipped'],
  ['disabled', 'skipped'],
  ['ignored', 'skipped'],
]);

const mark = (current: Case, element: string, message: string): void => {
  // Surefire writes these elements when a case failed first and passed when it was run again.
  if (element === 'flakyFailure' || element === 'flakyError') current.repeated = true;
  const state = states.get(element);
  if (state === undefined || (isBad(current) && current.message !== '') || (isBad(current) && state === 'skipped')) return;
  current.state = state;
  current.message = message;
};

const factsOf = (cases: readonly Case[]): JunitFacts => {
  const inState = (state: State): number => cases.filter((one) => one.state === state).length;
  return {
    type: 'junit',
    tests: cases.length,
    failed: inState('failed'),
    errored: inState('errored'),
    skipped: inState('skipped'),
    repeated: cases.filter((one) => one.repeated && one.state === 'passed').length,
    failures: cases
      .filter(isBad)
      .slice(0, mostNames)
      .map((one) => ({ name: excerpt(one.name, 200), message: excerpt(one.message, 200) })),
  };
};
