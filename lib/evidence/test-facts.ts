import * as z from 'zod';
import { excerpt, sha256 } from '../canonical-json.ts';
import { counted as counting } from '../wording.ts';
import { type Account, differences, type Problem, type Words } from './account.ts';
import type { Sign } from './junit-words.ts';
import { mostNamed, type TestsIn } from './kind.ts';
import { withoutSecrets } from './sensitive.ts';
import { suitesOf, testSuiteSchema } from './test-suites.ts';

const count = z.int().min(0);
const named = z.array(z.strictObject({ name: z.string(), message: z.string() }));

/** What every report of tests states, whatever its format: the facts of JUnit, and of the types that are judged as JUnit. */
export const testMembers = {
  /** Different tests: a test that stands in the report several times is one. */
  tests: count.describe('tests'),
  failed: count.describe('failed tests'),
  errored: count.describe('tests that ended with an error'),
  /** Tests that did not run, also those that only the claims of a suite tell of. */
  skipped: count.describe('skipped tests'),
  /** Tests of unknown outcome, and claims that contradict the cases: the report does not say that all tests ran and passed. */
  unclear: count.describe('tests of unclear outcome'),
  /** Tests that passed and stand in the report several times, or failed first and passed when the same report ran them again. */
  repeated: count.describe('repeated tests that passed'),
  /** The first failed and errored tests. */
  failures: named.describe('first failures'),
  /** The first of `unclear`, with what is unclear about them. */
  doubts: named.describe('first unclear outcomes'),
  /** Which tests passed and which did not, by a digest of suite class, name and file: a later report may cover them. */
  passedTests: z.array(z.string()).describe('tests that passed, by digest'),
  otherTests: z.array(z.string()).describe('tests that did not pass, by digest'),
  /** Which tests were skipped, in the same way; absent in older facts. */
  skippedTests: z.array(z.string()).optional().describe('skipped tests, by digest'),
  /** Names of the first of `passedTests`, in their order; absent in older facts. A later release that lacks one of them says which. */
  passedNames: z.array(z.string()).optional().describe('names of tests that passed'),
  /** The tests by the suites in which they stand; absent in older facts, and where a format has none. */
  suites: z.array(testSuiteSchema).optional().describe('suites'),
};

const facts = z.strictObject(testMembers);
type TestFacts = z.infer<typeof facts>;

/** The words of the field, as far as the facts say them. What a parser counted more closely takes their place. */
export const testWords = ({ tests, failed, errored, skipped, unclear, repeated }: TestFacts): Words => ({
  tests,
  passed: Math.max(0, tests - failed - errored - skipped - unclear),
  failures: failed,
  errors: errored,
  skipped,
  unclear,
  repeated,
});

/** A test of a report, with its outcome. */
export type Test = {
  readonly name: string;
  /** Undefined where nobody can know which test it was. */
  readonly identity: string | undefined;
  readonly sign: Sign;
  readonly message: string;
  readonly repeated: boolean;
  /** Names of the suites around it, from the outermost one, then its class and file; absent where the format has none. */
  readonly suites?: readonly string[];
  /** Whether no test shows it: a failure that the report only claims, or that belongs to no single test. */
  readonly isClaim?: boolean;
  /** Of a claim: what the report says, and what was counted. */
  readonly declared?: number;
  readonly counted?: number;
};

/** With both numbers where it is a matter of numbers. */
export type Doubt = { readonly name: string; readonly message: string; readonly declared?: number; readonly counted?: number };

export type Tests = {
  readonly tests: readonly Test[];
  /** Tests that the report counts as skipped and does not show. */
  readonly hidden: number;
  /** Tests that are shown as passed and, by the report's own claims, did not run. */
  readonly notRun: number;
  /** Of these the ones that claims of skipped tests say, and no case shows. */
  readonly notShown?: number;
  /** The first of these claims. */
  readonly unshown?: readonly Doubt[];
  /** Totals of inner suites that differ from what these show. */
  readonly differing?: readonly Doubt[];
  /** What makes the report unclear as a whole. */
  readonly doubts: readonly Doubt[];
  /** What the report says of itself, under the field's own names. */
  readonly declared: Readonly<Partial<Record<'tests' | 'passed' | 'failures' | 'errors' | 'skipped', number>>>;
};

const mostNames = 20;

const inState = (tests: readonly Test[], ...signs: readonly Sign[]): readonly Test[] => tests.filter(({ sign }) => signs.includes(sign));

export const testFactsOf = ({ tests, hidden, notRun, doubts }: Tests): TestFacts => {
  const shown = (list: readonly { readonly name: string; readonly message: string }[]): TestFacts['failures'] =>
    list.slice(0, mostNames).map(({ name, message }) => ({ name: excerpt(name, 200), message: excerpt(withoutSecrets(message), 200) }));
  return {
    tests: tests.length + hidden,
    failed: inState(tests, 'failed').length,
    errored: inState(tests, 'errored').length,
    skipped: inState(tests, 'skipped').length + hidden + notRun,
    unclear: inState(tests, 'unclear').length + doubts.length,
    repeated: inState(tests, 'passed').filter(({ repeated }) => repeated).length,
    failures: shown(inState(tests, 'failed', 'errored')),
    doubts: shown([...inState(tests, 'unclear'), ...doubts]),
    ...passedTestsOf(inState(tests, 'passed')),
    skippedTests: idsOf(inState(tests, 'skipped')),
    otherTests: idsOf(inState(tests, 'failed', 'errored', 'unclear')),
    ...(tests.some(({ suites }) => suites !== undefined) ? { suites: suitesOf(tests) } : {}),
  };
};

/** Sorted, so that the order of a report does not matter. A test without identity has no digest: no later report can show that it passed. */
const idsOf = (tests: readonly Identified[]): string[] => digestsOf(tests).map(([id]) => id);

type Identified = Pick<Test, 'identity'>;

/** Hexadecimal digits of a digest that facts keep. */
const digits = 12;

/**
 * The first digests, each with the last test that has it. A digest of so few digits is a number without loss, and a list of numbers takes a
 * tenth of the memory that hundreds of thousands of texts would.
 */
const digestsOf = (tests: readonly Identified[]): readonly (readonly [id: string, test: Identified])[] => {
  const ids = new Float64Array(tests.length);
  const places = new Uint32Array(tests.length);
  let count = 0;
  for (const [n, { identity }] of tests.entries()) {
    if (identity === undefined) continue;
    ids[n] = Number.parseInt(sha256(identity).slice(0, digits), 16);
    places[count] = n;
    count += 1;
  }
  const idAt = (place: number): number => ids[place] ?? 0;
  const found: [id: string, test: Identified][] = [];
  let last = -1;
  for (const place of places.subarray(0, count).sort((a, b) => idAt(a) - idAt(b) || b - a)) {
    const test = tests[place];
    if (test === undefined || idAt(place) === last) continue;
    if (found.length === mostNamed) break;
    last = idAt(place);
    found.push([last.toString(16).padStart(digits, '0'), test]);
  }
  return found;
};

/** Facts must stay small: names of so many tests, each cut. */
const mostPassedNames = 5_000;
const longestPassedName = 120;

/** Digests of tests that passed, and the names of the first of them. A name that several of them have is followed by the file of each. */
export const passedTestsOf = (tests: readonly Identified[]): { passedTests: string[]; passedNames: string[] } => {
  const passed = digestsOf(tests);
  const first = passed.slice(0, mostPassedNames).map(([, { identity = '[]' }]) => identity);
  const names = first.map((identity) => nameIn(identity, longestPassedName));
  const known = new Set<string>();
  const shared = new Set(names.filter((name) => known.size === known.add(name).size));
  const passedNames = names.map((name, n) => (shared.has(name) ? withFile(first[n] ?? '') : name));
  return { passedTests: passed.map(([id]) => id), passedNames };
};

/** An identity lists suite or class and name, and then what people need not read: the file or a place. */
const nameIn = (identity: string, most: number): string => {
  const said = (JSON.parse(identity) as readonly unknown[]).slice(0, -1).filter((one) => typeof one === 'string' && one !== '');
  return excerpt(said.join(' › '), most);
};

/** The end of a path tells files apart. */
const longestFile = 60;

const withFile = (identity: string): string => {
  const file = (JSON.parse(identity) as readonly unknown[]).at(-1);
  if (typeof file !== 'string' || file === '') return nameIn(identity, longestPassedName);
  const shown = excerpt(file.slice(-longestFile), longestFile);
  return `${nameIn(identity, longestPassedName - shown.length - 3)} (${shown})`;
};

/** The tests that a report shows and that passed, by their identities. */
export const testsInOf = ({ tests }: Tests): TestsIn => {
  const passed = inState(tests, 'passed').flatMap(({ identity }) => identity ?? []);
  return { passed, others: tests.length - passed.length };
};

/** Each test that the report shows once, beside what it says of itself. */
export const testAccount = ({ tests, doubts, declared, notRun, notShown = 0, unshown = [], differing = [] }: Tests): Account => {
  const shown = tests.filter(({ isClaim }) => isClaim !== true);
  const counted = {
    tests: shown.length,
    passed: inState(shown, 'passed').length - notShown,
    failures: inState(shown, 'failed').length,
    errors: inState(shown, 'errored').length,
    skipped: inState(shown, 'skipped').length + notShown,
    unclear: inState(shown, 'unclear').length,
  };
  const unequal = differences(
    (['tests', 'passed', 'failures', 'errors', 'skipped'] as const).map((what) => ({
      what,
      declared: declared[what],
      counted: counted[what],
    })),
  );
  // A total that differs says the same as the doubt in numbers that follows from it.
  const isNews = ({ declared: said }: Pick<Doubt, 'declared'>): boolean => unequal.length === 0 || said === undefined;
  // More tests than a suite counts: nobody knows which of them are only listed.
  const surplus = notRun - notShown;
  const listed =
    surplus > 0 ? ` ${counting(surplus, 'test that is shown as passed counts', 'tests that are shown as passed count')} as skipped.` : '';
  return {
    counted,
    ...(Object.keys(declared).length === 0 ? {} : { declared }),
    problems: [
      ...unequal.map((one) => (one.type === 'declared-tests' ? { ...one, title: `${one.title}${listed}` } : one)),
      // The totals of the whole say the same again.
      ...(unequal.length > 0 ? [] : differing).map((one) => problemOf('declared-suite', one)),
      ...unshown.map((one) => problemOf('skipped-without-test', one)),
      ...tests.filter((one) => one.isClaim === true && isNews(one)).map((one) => problemOf('failure-without-test', one)),
      ...doubts.filter(isNews).map((one) => problemOf('unclear-report', one)),
      ...inState(shown, 'unclear').map((one) => problemOf('unclear-test', one)),
    ].slice(0, mostNames),
  };
};

const problemOf = (type: string, { name, message, declared, counted }: Partial<Doubt>): Problem => ({
  type,
  title: `${excerpt(name ?? '', 200)}: ${excerpt(message ?? '', 200)}`,
  declared: declared ?? null,
  counted: counted ?? null,
});
