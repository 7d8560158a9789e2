import { SaxesParser } from 'saxes';
import type { Outcome } from '../outcome.ts';
import type { JunitFacts } from './facts.ts';
import { textOf, unreadable } from './unreadable.ts';

const expected = 'a JUnit XML report with <testsuites> or <testsuite> at its root';
const deepest = 64;
const mostNames = 20;

type Case = { name: string; state: 'passed' | 'failed' | 'errored' | 'skipped'; message: string };

/**
 * JUnit XML as test runners write it (the de-facto format of Ant's JUnit task). Counts are recomputed from the test cases: the
 * totals that a report claims of itself are not read. Documents with a DTD are refused.
 */
export const parseJunit = (bytes: Uint8Array): Outcome<JunitFacts> => {
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  const cases: Case[] = [];
  const open: string[] = [];
  let root = '';
  const parser = new SaxesParser();
  const stop = (why: string): never => {
    throw new Error(why);
  };
  parser.on('error', (fault) => stop(fault.message));
  parser.on('doctype', () => stop('a document type declaration, which may hide entities'));
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length === 0) root = name;
    open.push(name);
    if (open.length > deepest) stop(`elements nested deeper than ${deepest}`);
    const current = cases.at(-1);
    if (name === 'testcase')
      cases.push({ name: [attributes.classname, attributes.name].filter(Boolean).join(' › ') || 'unnamed', state: 'passed', message: '' });
    else if (current !== undefined && open.includes('testcase')) mark(current, name, attributes.message ?? '');
  });
  parser.on('closetag', () => {
    open.pop();
  });
  try {
    parser.write(text.ok).close();
  } catch (fault) {
    return unreadable('The report is not readable XML.', {
      got: `${fault instanceof Error ? fault.message : 'a syntax error'} (line ${parser.line})`,
      expected,
      fix: 'Send the file as the test runner wrote it.',
    });
  }
  if (root !== 'testsuites' && root !== 'testsuite')
    return unreadable('The XML is not a JUnit report.', { got: `<${root}>`, expected, fix: "Configure the test runner's junit reporter." });
  return { ok: factsOf(cases) };
};

const mark = (current: Case, element: string, message: string): void => {
  const states = { failure: 'failed', error: 'errored', skipped: 'skipped' } as const;
  const state = Object.hasOwn(states, element) ? states[element as keyof typeof states] : undefined;
  if (state === undefined || current.state === 'failed' || current.state === 'errored') return;
  current.state = state;
  current.message = message;
};

const factsOf = (cases: readonly Case[]): JunitFacts => {
  const count = (state: Case['state']): number => cases.filter((one) => one.state === state).length;
  const bad = cases.filter((one) => one.state === 'failed' || one.state === 'errored');
  return {
    type: 'junit',
    tests: cases.length,
    failed: count('failed'),
    errored: count('errored'),
    skipped: count('skipped'),
    failures: bad.slice(0, mostNames).map((one) => ({ name: one.name.slice(0, 200), message: one.message.slice(0, 200) })),
  };
};
