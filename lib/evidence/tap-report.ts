import { ownText } from './entries.ts';
import { deepestNesting, mostTests } from './kind.ts';
import { claim, failureSigns, withClaims } from './tap-claims.ts';
import { type TapLine, tapLineOf, withoutColours } from './tap-line.ts';
import { type Ended, flawsOf, notePoint, type Stream, streamOf, type TestPoint } from './tap-stream.ts';
import type { Doubt, Test, Tests } from './test-facts.ts';

/** The latest version of the protocol; a later one may mean something else. */
const newest = 14;

/** A test of which only what is its own is kept: a second and a third text for each of hundreds of thousands would fill the memory. */
class TapTest implements Test {
  /** How many tests of the same name came before it. */
  place = 0;
  readonly repeated = false;
  readonly suites: readonly string[];
  readonly sign: Test['sign'];
  readonly message: string;
  readonly isClaim: boolean;
  private readonly own: string;

  constructor(suites: readonly string[], own: string, { sign, message, isClaim }: Pick<Test, 'sign' | 'message' | 'isClaim'>) {
    this.suites = suites;
    this.own = own;
    this.sign = sign;
    this.message = message;
    this.isClaim = isClaim === true;
  }

  get name(): string {
    return this.suites.length === 0 ? this.own : [...this.suites, this.own].join(' › ');
  }

  get identity(): string | undefined {
    return this.isClaim ? undefined : JSON.stringify([...this.suites, this.own, this.place]);
  }
}

/** The streams of a report, the innermost open one, and the tests in them. */
const streamTree = () => {
  const tests: Test[] = [];
  const doubts: Doubt[] = [];
  const names = new Map<string, number>();
  /** Test points that sum up a subtest, and todos that failed. */
  const sums = { tests: 0, passed: 0, failures: 0, todos: 0 };
  /** Suites that were skipped: nobody knows how many tests they have. */
  let skippedSuites = 0;
  /** Whether the last test may turn out to be a suite. */
  let isLeaf = false;
  let depth = 0;
  let current = streamOf(0, undefined, []);

  /** `suites`: one list for all tests of a stream, because a report may have hundreds of thousands. */
  const add = (suites: readonly string[], own: string, test: Pick<Test, 'sign' | 'message' | 'isClaim'>): void => {
    const read = new TapTest(suites, ownText(own), test);
    const place = names.get(read.name) ?? 0;
    names.set(read.name, place + 1);
    read.place = place;
    tests.push(read);
    current.tests += test.isClaim ? 0 : 1;
    if (test.sign === 'failed' || test.sign === 'errored') current.failed = true;
  };
  /** A test point is a test, unless it sums up the tests of its subtest. */
  const settle = (point: TestPoint, ended: Ended | undefined): void => {
    const { ok, directive } = point;
    if (!ok && directive === 'todo') sums.todos += 1;
    const own = point.name || `test ${current.points}`;
    if (ended === undefined || ended.tests === 0) {
      const isSkipped = directive === 'skip' || ended?.planned === 'none';
      const isExcused = directive === 'todo' || (isSkipped && ok);
      add(current.path, own, { sign: isExcused ? 'skipped' : ok ? 'passed' : 'failed', message: '' });
      isLeaf = true;
      return;
    }
    isLeaf = false;
    sums.tests += 1;
    sums[ok ? 'passed' : 'failures'] += 1;
    if (!ok && directive !== 'todo' && !ended.failed)
      add(current.path, own, { sign: 'errored', message: 'failed, and none of its tests did', isClaim: true });
  };
  /** Takes back the last test, whose details say that it is a suite: then it is not a test. One that failed stays. */
  const takeBack = (): void => {
    const last = tests.at(-1);
    if (!isLeaf || last === undefined || last.sign === 'failed') return;
    isLeaf = false;
    tests.pop();
    names.set(last.name, (names.get(last.name) ?? 1) - 1);
    current.tests -= 1;
    if (last.sign === 'skipped') skippedSuites += 1;
  };
  /** Ends a test point in braces, with or without a subtest. */
  const settleOpened = (): void => {
    const { opened, inner } = current;
    if (opened === undefined) return;
    current.opened = current.inner = undefined;
    settle(opened, inner);
  };
  const leave = (): void => {
    const { outer, tests: count, failed, plans } = current;
    settleOpened();
    doubts.push(...flawsOf(current));
    if (outer === undefined) return;
    depth -= 1;
    current = outer;
    outer.tests += count;
    outer.failed ||= failed;
    outer.inner = {
      tests: (outer.inner?.tests ?? 0) + count,
      failed: failed || outer.inner?.failed === true,
      planned: plans.length === 1 && plans[0]?.plan.to === 0 && outer.inner?.planned !== 'some' ? 'none' : 'some',
    };
  };
  /** Leaves every stream that is indented more. */
  const back = (indent: number): void => {
    while (current.outer !== undefined && indent < current.indent) leave();
  };
  /** Goes to the stream of this indentation, which a line of it begins where no such stream is open. */
  const goTo = (indent: number, subtest: string | undefined): string | undefined => {
    back(indent);
    if (indent <= current.indent) {
      if (current.opened !== undefined) current.unended = true;
      settleOpened();
      return undefined;
    }
    depth += 1;
    const name = current.opened === undefined ? subtest : current.opened.name;
    current = streamOf(indent, current, [...current.path, name || `subtest ${current.points + 1}`]);
    return depth > deepestNesting ? `subtests nested deeper than ${deepestNesting}` : undefined;
  };
  const end = (hasBailed: boolean): void => {
    for (let stream: Stream | undefined = current; stream !== undefined; stream = stream.outer)
      if (stream.opened !== undefined) stream.unended = true;
    back(-1);
    if (hasBailed) settleOpened();
    else leave();
  };
  return {
    tests,
    doubts,
    sums,
    skippedSuites: () => skippedSuites,
    current: () => current,
    add,
    settle,
    takeBack,
    settleOpened,
    back,
    goTo,
    end,
  };
};

/** node:test says of each suite that it is one. */
const suiteDetail = /^type:\s*['"]?suite['"]?$/;
/** Where a strict stream begins and ends. */
const strictness = /^pragma\s.*([+-])strict\b/;

/** Details in YAML. They follow a test point and are indented more; elsewhere they could hide what follows. */
const detailReader = (onSuite: () => void) => {
  /** Indentation of the details that are being read, and of the test point on the line before; -1 without any. */
  let [details, behind] = [-1, -1];
  const isDetail = (text: string, indent: number, stream: Stream): boolean => {
    const point = behind;
    behind = -1;
    if (details < 0) {
      if (text !== '---' || point < 0 || indent <= point) return false;
      details = indent;
      return true;
    }
    if (indent < details) {
      stream.unended = true;
      details = -1;
      return false;
    }
    if (indent === details && text === '...') details = -1;
    if (indent === details && suiteDetail.test(text)) onSuite();
    return true;
  };
  const follow = (indent: number): void => {
    behind = indent;
  };
  return { isDetail, follow, isOpen: () => details >= 0 };
};

/** Reads a report in TAP line by line. `line` says why it cannot be read. */
export const tapReader = () => {
  const tree = streamTree();
  const details = detailReader(tree.takeBack);
  const claims: Record<string, number> = {};
  const signs = failureSigns();
  let [isTap, hasBailed, points] = [false, false, 0];
  let subtest: string | undefined;

  const takePoint = (point: TestPoint, indent: number): string | undefined => {
    const current = tree.current();
    points += 1;
    if (points > mostTests) return `more than ${mostTests} tests, so the report has to be split`;
    notePoint(current, point);
    details.follow(indent);
    subtest = undefined;
    const { inner } = current;
    if (point.opens) current.opened = point;
    else {
      current.inner = undefined;
      tree.settle(point, inner);
    }
    return undefined;
  };
  const take = (line: TapLine, indent: number): string | undefined => {
    if (line.is === 'version') return line.version > newest ? `TAP version ${line.version}` : undefined;
    if (line.is === 'test') return takePoint(line, indent);
    const current = tree.current();
    if (line.is === 'plan' && current.plans.length < 2) current.plans.push({ plan: line, after: current.points });
    else if (line.is === 'bail') {
      hasBailed = true;
      tree.add([], 'Bail out!', { sign: 'errored', message: line.why, isClaim: true });
    }
    return undefined;
  };
  const takeOther = (text: string): void => {
    const current = tree.current();
    const sign = strictness.exec(text)?.[1];
    if (sign !== undefined) current.isStrict = sign === '+';
    else if (current.isStrict && !text.startsWith('pragma')) current.stray ??= text.slice(0, 100);
  };
  const line = (raw: string): string | undefined => {
    const text = withoutColours(raw).trimEnd();
    const own = text.trimStart();
    const indent = text.length - own.length;
    if (own === '' || hasBailed || details.isDetail(own, indent, tree.current())) return undefined;
    const found = tapLineOf(own);
    if (found.is === 'comment') {
      subtest = /^Subtest:?\s*(.*)$/.exec(found.text)?.[1] ?? subtest;
      // What is indented is said of a subtest, whose test point says it, too, and may let it off.
      if (indent === 0) signs.note(found.text);
      const [, what, number] = (indent === 0 && claim.exec(found.text)) || [];
      if (what !== undefined) claims[what] = Number(number);
    }
    if (found.is === 'close') {
      tree.back(indent);
      if (indent === tree.current().indent) tree.settleOpened();
    }
    if (found.is === 'other') {
      takeOther(own);
      // Standard error has no line of its own where what was written before it did not end its line.
      // pnpm puts a space before its own lines.
      if (indent > 1) return undefined;
      if (own.includes('# ')) signs.note(own.slice(own.lastIndexOf('# ') + 2));
      else signs.note(own);
    }
    if (found.is === 'comment' || found.is === 'close' || found.is === 'other' || found.is === 'yaml') return undefined;
    isTap = true;
    const isDeeper = indent > tree.current().indent;
    const wrong = tree.goTo(indent, subtest);
    if (isDeeper) subtest = undefined;
    return wrong ?? take(found, indent);
  };
  const result = (): Tests => {
    if (details.isOpen()) tree.current().unended = true;
    tree.end(hasBailed);
    const { tests, doubts, sums } = tree;
    return withClaims({ tests, doubts, hidden: tree.skippedSuites(), notRun: 0, declared: {} }, claims, sums, signs.found());
  };
  return { line, result, isTap: () => isTap };
};
