import * as z from 'zod';
import type { Outcome } from '../outcome.ts';
import { counted } from '../wording.ts';
import { firstRecord } from './content.ts';
import { evidenceType, mostStreamed } from './kind.ts';
import type { Parsed } from './report-time.ts';
import { scrubbedLines } from './scrubbed-lines.ts';
import { claim } from './tap-claims.ts';
import { tapLineOf, withoutColours } from './tap-line.ts';
import { tapReader } from './tap-report.ts';
import { type Tests, testAccount, testFactsOf, testMembers, testsInOf, testWords } from './test-facts.ts';
import { linesOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({ type: z.literal('tap'), as: z.literal('junit'), ...testMembers });
type TapFacts = z.infer<typeof facts>;

export const tap = evidenceType({
  id: 'tap',
  description: 'Test results in the Test Anything Protocol, version 12 to 14',
  judgedAs: 'junit',
  fileNames: ['*.tap', '*tap*.txt'],
  mediaTypes: ['text/plain', 'text/x-tap', 'application/x-tap'],
  maxBytes: mostStreamed,
  facts,
  recognises: ({ head }) => {
    const first = tapLineOf(withoutColours(firstRecord(head))).is;
    return first === 'version' || first === 'plan' || first === 'test' || first === 'bail' || hasVersionLine(head);
  },
  fieldWords: testWords,
  parse: (bytes) => parse(bytes),
  testsIn: (bytes) => {
    const { ok, refused } = testsOf(bytes);
    return ok === undefined ? { refused } : { ok: testsInOf(ok) };
  },
  // The names of tests and subtests say which they are, and stay; comments, details and other output quote what tests used.
  scrub: (bytes) => scrubbedLines(bytes, 'secrets', (line) => isQuoting(line)),
  sample: 'node.tap',
});

const isQuoting = (line: string): boolean => {
  const text = withoutColours(line).trim();
  const read = tapLineOf(text);
  if (read.is === 'comment') return !claim.test(read.text) && !read.text.startsWith('Subtest');
  return read.is === 'bail' || (read.is === 'other' && !structure.test(text));
};
/** The end of details, and what they and a pragma say about the report itself. */
const structure = /^(?:\.\.\.$|pragma\b|type:)/;

/** Package managers write lines of their own in front of it. XML and JSON may quote such a line. */
const hasVersionLine = (head: string): boolean => !/^\s*[<{[]/.test(head) && /^TAP version \d+\s*$/m.test(head);

const expected = 'a report in TAP: a plan such as 1..3, and a line that begins with "ok" or "not ok" for each test';
const fix = 'Send what the test runner wrote to its standard output, with its TAP reporter.';

/**
 * The Test Anything Protocol (testanything.org, versions 13 and 14; a report without version is one of 12). A test is a test point that has
 * no subtest of its own. A report whose plan is missing, or plans other tests than there are, is unclear; so is one with wrong numbers, or
 * with details that do not end. A bail-out is an error, a todo counts as skipped.
 */
const parse = (bytes: Uint8Array): Parsed<TapFacts> => {
  const read = testsOf(bytes);
  if (read.refused) return read;
  return {
    ok: { type: 'tap', as: 'junit', ...testFactsOf(read.ok) },
    account: testAccount(read.ok),
  };
};

const testsOf = (bytes: Uint8Array): Outcome<Tests> => {
  const reader = tapReader();
  let place = 0;
  for (const piece of linesOf(bytes, expected)) {
    if (typeof piece !== 'string') return piece;
    place += 1;
    const wrong = piece.includes('\0') ? 'a NUL character' : reader.line(piece);
    if (wrong !== undefined)
      return unreadable('A line of the TAP report cannot be read.', { got: `line ${place}: ${wrong}`, expected, fix });
  }
  if (!reader.isTap())
    return unreadable('The text is no TAP report.', { got: `${counted(place, 'line')} without a plan or a test`, expected, fix });
  return { ok: reader.result() };
};
