import type { Element } from './content.ts';
import { addSuite, close } from './junit-claims.ts';
import { addCase, type Case, caseOf, casesOf, type Suite, suiteOf, testOf, timeOfSuite } from './junit-suite.ts';
import { elementSign, type Mark, marksOfCase, marksOfSuite } from './junit-words.ts';
import { mostTests } from './kind.ts';
import type { Tests } from './test-facts.ts';
import { stop } from './xml-report.ts';

type Doubt = { readonly name: string; readonly message: string };
type Open = { readonly one: Case; readonly depth: number };

/** Reads a report element by element: its tests in their order, and what its suites say beside them. */
export const readReport = () => {
  const elements: string[] = [];
  const suites: Suite[] = [];
  const openCases: Open[] = [];
  const tests: ReturnType<typeof testOf>[] = [];
  const around = suiteNames();
  const doubts: Doubt[] = [];
  const times: ReturnType<typeof timeOfSuite>[] = [];
  let [place, notRun, hidden] = [0, 0, 0];
  let declared: Suite['declared'] = {};

  const names = (): string[] => suites.map(({ name }) => name);
  const fail = ({ name }: { readonly name: string }, message: string): void => {
    place += 1;
    const within = [...names(), name];
    tests.push({ name, identity: undefined, at: place, suites: within, sign: 'errored', message, repeated: false, isClaim: true });
    if (place > mostTests) tooMany();
  };
  const judge = (suite: Suite, { sign, message }: Mark): void => {
    if (sign === 'failed' || sign === 'errored') {
      suite.tally.bad += 1;
      fail(suite, message);
    } else if (sign !== 'passed') doubts.push({ name: suite.name, message });
  };
  const open = ({ name: element, attributes }: Element): void => {
    elements.push(element);
    const [current, suite] = [openCases.at(-1), suites.at(-1)];
    if (element === 'testcase' && suite !== undefined) {
      place += 1;
      if (place > mostTests) tooMany();
      openCases.push({ one: caseOf(attributes, place, marksOfCase(attributes), around.of), depth: elements.length });
    } else if (current !== undefined) mark(current.one, element, attributes, elements.length === current.depth + 1);
    else if (element === 'testsuite' || element === 'testsuites') {
      const opened = suiteOf(element, attributes);
      suites.push(opened);
      around.are(names());
      times.push(timeOfSuite(attributes));
      for (const one of marksOfSuite(attributes)) judge(opened, one);
    } else if (suite !== undefined) {
      const sign = elementSign(element, undefined);
      const outside = `<${element}> outside of any test case`;
      const failing = sign === 'failed' || sign === 'errored';
      if (sign !== undefined) judge(suite, { sign, message: failing ? (attributes.message ?? outside) : outside });
    }
  };
  const closeTag = (): void => {
    const element = elements.pop();
    const suite = suites.at(-1);
    if (suite === undefined) return;
    if (element === 'testcase' && openCases.at(-1)?.depth === elements.length + 1) {
      const closed = openCases.pop();
      if (closed !== undefined) addCase(suite, closed.one);
    } else if (openCases.length === 0 && (element === 'testsuite' || element === 'testsuites')) {
      suites.pop();
      around.are(names());
      closeSuite(suite);
    }
  };
  const closeSuite = (suite: Suite): void => {
    const claimed = close(suite);
    for (const one of casesOf(suite)) tests.push(testOf(one));
    if (claimed.failure !== undefined) fail(suite, claimed.failure);
    for (const message of claimed.doubts) doubts.push({ name: suite.name, message });
    notRun += claimed.notRun;
    const outer = suites.at(-1);
    if (outer !== undefined) {
      addSuite(outer, suite);
      return;
    }
    hidden = suite.tally.hidden;
    declared = suite.declared;
    if (suite.tally.missing > 0) doubts.push({ name: suite.name, message: `claims ${suite.tally.missing} more tests than it shows` });
  };
  const result = (): Tests & { readonly times: typeof times } => ({
    tests: tests.sort((a, b) => a.at - b.at),
    hidden,
    notRun,
    doubts,
    declared,
    times,
  });
  return { open, close: closeTag, result };
};

const tooMany = (): never => stop(`more than ${mostTests} tests, so the report has to be split`);

/** The names of the suites around a case, once for all cases that have the same. */
const suiteNames = () => {
  const known = new Map<string, readonly string[]>();
  let within: readonly string[] = [];
  return {
    are: (names: readonly string[]): void => {
      within = names;
    },
    of: (classname: string, file: string): readonly string[] => {
      const key = JSON.stringify([...within, classname, file]);
      const names = known.get(key) ?? (JSON.parse(key) as readonly string[]);
      known.set(key, names);
      return names;
    },
  };
};

const mark = (current: Case, element: string, attributes: Readonly<Record<string, string>>, isChild: boolean): void => {
  // Surefire writes these elements when a case failed first and passed when it was run again.
  if (element === 'flakyfailure' || element === 'flakyerror') current.repeated = true;
  if (element === 'skipped' && attributes.type?.toLowerCase() === 'todo') current.todo = true;
  const sign = elementSign(element, isChild ? 'unclear' : undefined);
  if (sign === undefined) return;
  const message = attributes.message ?? '';
  current.marks.push({ sign, message: sign === 'unclear' ? `<${element}>` : message });
};
