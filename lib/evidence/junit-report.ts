import { counted } from '../wording.ts';
import type { Element } from './content.ts';
import { addSuite, type Claim, close } from './junit-claims.ts';
import {
  addCase,
  addCaseProperty,
  addSuiteProperty,
  type Case,
  caseOf,
  casesOf,
  namesWithin,
  type Suite,
  shownOf,
  suiteOf,
  testOf,
  timeOfSuite,
} from './junit-suite.ts';
import { elementSign, type Mark, marksOfCase, marksOfSuite, suiteNamed } from './junit-words.ts';
import { mostTests } from './kind.ts';
import type { Doubt, Tests } from './test-facts.ts';
import { stop } from './xml-report.ts';

type Open = { readonly one: Case; readonly depth: number };

/** Reads a report element by element: its tests in their order, and what its suites say beside them. */
export const readReport = () => {
  const elements: string[] = [];
  const suites: Suite[] = [];
  const openCases: Open[] = [];
  const tests: ReturnType<typeof testOf>[] = [];
  const doubts: Doubt[] = [];
  const unshown: Doubt[] = [];
  const differing: Doubt[] = [];
  const times: ReturnType<typeof timeOfSuite>[] = [];
  let [place, notRun, notShown, hidden, opened] = [0, 0, 0, 0, 0];
  let declared: Suite['declared'] = {};

  const fail = ({ name }: { readonly name: string }, { message, ...numbers }: Claim): void => {
    place += 1;
    const within = namesWithin(suites.at(-1), name);
    tests.push({
      name,
      identity: undefined,
      at: place,
      suites: within,
      sign: 'errored',
      message,
      repeated: false,
      isClaim: true,
      ...numbers,
    });
    if (place > mostTests) tooMany('tests');
  };
  const judge = (suite: Suite, { sign, message }: Mark): void => {
    if (sign === 'failed' || sign === 'errored') {
      suite.tally.bad += 1;
      fail(suite, { message });
    } else if (sign !== 'passed') doubt(suite, { message });
  };
  const doubt = ({ name }: Suite, claim: Claim): void => {
    doubts.push({ name, ...claim });
    if (doubts.length > mostTests) tooMany('doubts');
  };
  const open = ({ name: element, attributes, isExtension }: Element): void => {
    elements.push(element);
    const [current, suite] = [openCases.at(-1), suites.at(-1)];
    if (element === 'testcase' && suite !== undefined) {
      place += 1;
      if (place > mostTests) tooMany('tests');
      const within = (...more: string[]): readonly string[] => namesWithin(suite, ...more);
      openCases.push({ one: caseOf(attributes, place, marksOfCase(attributes), within), depth: elements.length });
    } else if (element === 'property' && suite !== undefined && isOwn(elements, current?.depth)) property(suite, current?.one, attributes);
    else if (current !== undefined) mark(current.one, element, attributes, isExtension || elements.length !== current.depth + 1);
    else if (element === 'testsuite' || element === 'testsuites') {
      opened += 1;
      if (opened > mostTests) tooMany('suites');
      const begun = suiteOf(element, attributes, suite);
      suites.push(begun);
      const time = timeOfSuite(attributes);
      if (time !== undefined) times.push(time);
      for (const one of marksOfSuite(attributes)) judge(begun, one);
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
      closeSuite(suite);
    }
  };
  const closeSuite = (suite: Suite): void => {
    const claimed = close(suite);
    for (const one of casesOf(suite)) tests.push(testOf(one));
    for (const one of claimed.differing)
      if (suites.length > 0 && differing.length < mostUnshown) differing.push({ name: suite.name, ...one });
    if (claimed.failure !== undefined) fail(suite, claimed.failure);
    for (const one of claimed.doubts) doubt(suite, one);
    notRun += claimed.notRun;
    if (claimed.unshown !== undefined)
      notShown += Math.min(claimed.notRun, (claimed.unshown.declared ?? 0) - (claimed.unshown.counted ?? 0));
    if (claimed.unshown !== undefined && unshown.length < mostUnshown) unshown.push({ name: suite.name, ...claimed.unshown });
    const outer = suites.at(-1);
    if (outer !== undefined) {
      addSuite(outer, suite);
      return;
    }
    hidden = suite.tally.hidden;
    declared = suite.declared;
    if (suite.tally.missing > 0)
      doubts.push({
        name: suite.name,
        message: `claims ${counted(suite.tally.missing, 'more test')} than it shows`,
        declared: suite.tally.tests + suite.tally.hidden + suite.tally.missing,
        counted: suite.tally.tests,
      });
  };
  const result = (): Tests & { readonly times: typeof times } => ({
    tests: tests.sort((a, b) => a.at - b.at),
    hidden,
    notRun,
    notShown,
    unshown,
    differing,
    doubts,
    declared,
    times,
  });
  return { open, close: closeTag, result };
};

/** Whether the innermost element is a property of the case at this depth, or of a suite: beside its content, or in a list of properties. */
const isOwn = (elements: readonly string[], depth: number | undefined): boolean => {
  const around = elements.at(-2) === 'properties' ? elements.length - 2 : elements.length - 1;
  return depth === undefined ? /^testsuites?$/.test(elements[around - 1] ?? '') : around === depth;
};

const property = (suite: Suite, current: Case | undefined, attributes: Readonly<Record<string, string>>): void => {
  const named = suiteNamed(attributes);
  if (named === undefined) return;
  if (current === undefined) addSuiteProperty(suite, named);
  else addCaseProperty(suite, current, named);
};

/** So many claims of suites are shown, and the others counted as the same. */
const mostUnshown = 20;

/** A test that is run again writes a few. */
const mostMarks = 1000;
const tooMany = (what: string): never => stop(`more than ${mostTests} ${what}, so the report has to be split`);

/** `isNeutral`: an element that no list has says nothing, because it belongs to another element or to another vocabulary. */
const mark = (current: Case, element: string, attributes: Readonly<Record<string, string>>, isNeutral: boolean): void => {
  // Surefire writes these elements when a case failed first and passed when it was run again.
  if (element === 'flakyfailure' || element === 'flakyerror') current.repeated = true;
  if (element === 'skipped' && attributes.type?.toLowerCase() === 'todo') current.todo = true;
  const sign = elementSign(element, isNeutral ? undefined : 'unclear');
  if (sign === undefined) return;
  if (current.marks.length >= mostMarks) stop(`more than ${mostMarks} outcomes of one test`);
  const message = sign === 'unclear' ? `<${element}>` : (attributes.message ?? '');
  current.marks.push({ sign, message: shownOf(message) });
};
