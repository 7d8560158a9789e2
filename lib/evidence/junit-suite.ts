import { ownText } from './entries.ts';
import { filePath } from './file-path.ts';
import type { Mark } from './junit-words.ts';
import { spanOf } from './report-time.ts';
import type { Test } from './test-facts.ts';

/** A test as the report shows it; the marks are what attributes and elements say about its outcome. */
export type Case = {
  /** Null where the identity gives it: two texts for each of many cases would be too much. */
  readonly name: string | null;
  /** Undefined when the case has no name: nobody can know which test it was. */
  readonly identity: string | undefined;
  /** Place in the report. */
  readonly at: number;
  readonly marks: Mark[];
  /** Names of the suites around it, from the outermost one, then its class and file, and the suites that its properties name. */
  suites: readonly string[];
  /** Whether it is a todo of `node --test`: it may fail. */
  todo: boolean;
  repeated: boolean;
  /** Whether it stands for a failure of a suite, and no case shows it. */
  readonly isClaim?: boolean;
};

type Attributes = Readonly<Record<string, string>>;

const todo: Mark = { sign: 'skipped', message: 'todo' };
const nameless: Mark = { sign: 'unclear', message: 'a test case without a name' };

/** `suitesOf` gives the names of the suites around a case of this class and file. */
export const caseOf = (
  attributes: Attributes,
  at: number,
  marks: Mark[],
  suitesOf: (classname: string, file: string) => readonly string[],
): Case => {
  const name = attributes.name?.trim() ?? '';
  const classname = attributes.classname?.trim() ?? '';
  const file = attributes.file === undefined ? '' : filePath(attributes.file);
  if (name === '') marks.push(nameless);
  return {
    name: name === '' ? ownText(classname || 'unnamed') : null,
    identity: name === '' ? undefined : ownText(JSON.stringify([classname, name, file])),
    at,
    suites: suitesOf(classname, file),
    marks: marks.map(({ sign, message }) => ({ sign, message: shownOf(message) })),
    todo: false,
    repeated: false,
  };
};

/** A test as facts are made of it. That of a test that passed is never shown, and has no name. */
export const testOf = (one: Case): Test & { readonly at: number } => {
  const { identity, at, suites, repeated, isClaim } = one;
  const { sign, message } = outcomeOf(one);
  return {
    name: sign === 'passed' ? '' : nameOf(one),
    identity,
    sign,
    message: shownOf(message),
    repeated,
    suites,
    at,
    ...(isClaim === undefined ? {} : { isClaim }),
  };
};
/** The part of a message that people are shown, without the piece of the report that it stood in. */
export const shownOf = (message: string): string => (message === '' ? '' : ownText(message.slice(0, longestMessage)));
const longestMessage = 10_000;

const nameOf = ({ name, identity }: Case): string => {
  if (name !== null || identity === undefined) return name ?? '';
  const [classname, own] = JSON.parse(identity) as [string, string];
  return classname === '' ? own : `${classname} › ${own}`;
};

/** The outcome of a case, and what tells it. Of several failures the first one with a message counts. */
export const outcomeOf = ({ marks }: Pick<Case, 'marks'>): Mark => {
  if (marks.length === 0) return passed;
  const failures = marks.filter(isBad);
  return (
    failures.find(({ message }) => message !== '') ??
    failures[0] ??
    marks.find(({ sign }) => sign === 'unclear') ??
    marks.find(({ sign }) => sign === 'skipped') ??
    passed
  );
};
const passed: Mark = { sign: 'passed', message: '' };

const isBad = ({ sign }: Mark): boolean => sign === 'failed' || sign === 'errored';

/**
 * When a suite ended: its `timestamp` is its start, `time` its seconds. Suites that run side by side claim more seconds than passed, so
 * that only the start can show that a suite lies in the future.
 */
export const timeOfSuite = ({ timestamp, time = '' }: Attributes): ReturnType<typeof spanOf> => {
  const start = spanOf(timestamp);
  const seconds = Number(time.replaceAll(',', ''));
  return start && { ...start, to: start.to + (Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : 0) };
};

/** Numbers of tests below a suite. */
export type Tally = {
  /** Different tests, and test cases with repetitions. */
  tests: number;
  cases: number;
  /** Cases that failed, todo tests included. */
  bad: number;
  skipped: number;
  /** Different tests by their outcome, as their cases show it. */
  failed: number;
  errored: number;
  shownSkipped: number;
  /** Cases that failed and are called skipped, too. They count as failed, and claims of skipped tests may mean them. */
  alsoSkipped: number;
  unclear: number;
  passed: number;
  /** Tests that are claimed and not shown: those that a claim of skipped tests accounts for, and the others. */
  hidden: number;
  missing: number;
};

export const noTests = (): Tally => ({
  tests: 0,
  cases: 0,
  bad: 0,
  skipped: 0,
  failed: 0,
  errored: 0,
  shownSkipped: 0,
  alsoSkipped: 0,
  unclear: 0,
  passed: 0,
  hidden: 0,
  missing: 0,
});

/** A suite that is still open. */
export type Suite = {
  readonly element: string;
  readonly name: string;
  readonly attributes: Attributes;
  readonly nameless: Case[];
  readonly named: Map<string, Case>;
  /** Of all that stands below it. */
  readonly tally: Tally;
  /** Cases, with repetitions, and suites directly below it. */
  cases: number;
  suites: number;
  /** The innermost names of the suites around it, its own last, and behind it those that its properties name. */
  path: readonly string[];
  /** The names around its cases, with those of a class and a file: one list for all cases that have the same. */
  readonly within: Map<string, readonly string[]>;
  /** Its totals, or those of the suites in it where it has none, in the words of the field. */
  declared: Readonly<Partial<Record<'tests' | 'failures' | 'errors' | 'skipped', number>>>;
};

/** Facts name so many of the suites around a test. Nobody nests more, and a report could name thousands for each of its tests. */
const mostAround = 20;

export const suiteOf = (element: string, attributes: Attributes, outer: Suite | undefined): Suite => {
  const name = ownText(attributes.name?.trim() || element);
  return { ...emptySuite(), element, name, attributes, path: [...(outer?.path ?? []), name].slice(-mostAround) };
};

/** The names of a suite and of those around it, from the outermost one, and behind them these names. */
export const namesWithin = (suite: Suite | undefined, ...more: readonly string[]): readonly string[] => {
  const key = JSON.stringify(more);
  const names = suite?.within.get(key) ?? [...(suite?.path ?? []), ...more.map(ownText)];
  suite?.within.set(key, names);
  return names;
};

/** Properties of one case that name a suite; nobody writes more. */
const mostProperties = 10;

/** Takes the suite that a property of the case names. */
export const addCaseProperty = (suite: Suite, one: Case, named: string): void => {
  const own = one.suites.slice(suite.path.length);
  if (own.length < mostProperties + 2 && !own.includes(named)) one.suites = namesWithin(suite, ...own, named);
};

/** Takes the suite that a property of a suite names, for what stands behind it: the format has properties before cases. */
export const addSuiteProperty = (suite: Suite, named: string): void => {
  if (suite.path.includes(named)) return;
  suite.path = [...suite.path, ownText(named)].slice(-mostAround);
  suite.within.clear();
};

const emptySuite = () => ({
  nameless: [],
  named: new Map<string, Case>(),
  within: new Map<string, readonly string[]>(),
  tally: noTests(),
  cases: 0,
  suites: 0,
  declared: {},
});

export const casesOf = ({ named, nameless }: Suite): Case[] => [...named.values(), ...nameless];

/** Adds a case that was read. The same test again (pytest-rerunfailures, Gradle's retries) is a repetition: its worst case counts. */
export const addCase = (suite: Suite, one: Case): void => {
  suite.tally.cases += 1;
  suite.cases += 1;
  if (one.marks.some(isBad)) suite.tally.bad += 1;
  const read = one.todo ? { ...one, marks: [todo] } : one;
  const earlier = one.identity === undefined ? undefined : suite.named.get(one.identity);
  if (earlier !== undefined) {
    earlier.repeated = true;
    earlier.marks.push(...read.marks);
  } else if (one.identity === undefined) suite.nameless.push(read);
  else suite.named.set(one.identity, read);
};
