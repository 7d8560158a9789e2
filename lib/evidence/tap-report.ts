import { type TapLine, tapLineOf, withoutColours } from './tap-line.ts';
import { type Ended, flawsOf, notePoint, type Stream, streamOf, type TestPoint } from './tap-stream.ts';
import type { Doubt, Test, Tests } from './test-facts.ts';

/** Subtests may be nested this deep. */
const deepest = 1000;
/** More test points than any suite has would take the reader longer than its function may run. */
const mostPoints = 200_000;
/** The latest version of the protocol; a later one may mean something else. */
const newest = 14;

/** Figures in the comments that node:test, tape and others write at the end. */
const claim = /^(tests|pass|fail|cancelled|skip|skipped)\s+(\d{1,9})$/;

/** Reads a report in TAP line by line. `line` says why it cannot be read. */
export const tapReader = () => {
  const tests: Test[] = [];
  const doubts: Doubt[] = [];
  const claims: Record<string, number> = {};
  const names = new Map<string, number>();
  const sums = { tests: 0, passed: 0, failures: 0 };
  let [isTap, hasBailed, depth, points] = [false, false, 0, 0];
  /** Indentation of the details in YAML that are being read; -1 outside of them. */
  let details = -1;
  /** Indentation of the test point on the line before; -1 without one. */
  let behind = -1;
  let subtest: string | undefined;
  let current = streamOf(0, undefined, []);

  const add = (path: readonly string[], test: Pick<Test, 'sign' | 'message' | 'isClaim'>): void => {
    const name = path.join(' › ');
    const place = names.get(name) ?? 0;
    names.set(name, place + 1);
    tests.push({ name, identity: test.isClaim ? undefined : JSON.stringify([...path, place]), repeated: false, ...test });
    current.tests += test.isClaim ? 0 : 1;
    if (test.sign === 'failed' || test.sign === 'errored') current.failed = true;
  };
  const nameOf = (point: TestPoint): string => point.name || `test ${current.points}`;
  /** A test point is a test, unless it sums up the tests of its subtest. */
  const settle = (point: TestPoint, ended: Ended | undefined): void => {
    const { ok, directive } = point;
    const path = [...current.path, nameOf(point)];
    if (ended === undefined || ended.tests === 0) {
      const isExcused = directive === 'todo' || (directive === 'skip' && ok);
      add(path, { sign: isExcused ? 'skipped' : ok ? 'passed' : 'failed', message: '' });
      return;
    }
    sums.tests += 1;
    sums[ok ? 'passed' : 'failures'] += 1;
    if (!ok && directive !== 'todo' && !ended.failed)
      add(path, { sign: 'errored', message: 'failed, and none of its tests did', isClaim: true });
  };
  const leave = (): void => {
    const { outer, tests: count, failed } = current;
    settleOpened();
    doubts.push(...flawsOf(current));
    if (outer === undefined) return;
    depth -= 1;
    current = outer;
    outer.tests += count;
    outer.failed ||= failed;
    outer.inner = { tests: (outer.inner?.tests ?? 0) + count, failed: failed || outer.inner?.failed === true };
  };
  /** Ends a test point in braces, with or without a subtest. */
  const settleOpened = (): void => {
    const { opened, inner } = current;
    if (opened === undefined) return;
    current.opened = current.inner = undefined;
    settle(opened, inner);
  };
  const goTo = (indent: number): string | undefined => {
    while (current.outer !== undefined && indent < current.indent) leave();
    if (indent <= current.indent) {
      if (current.opened !== undefined) current.unended = true;
      settleOpened();
      return undefined;
    }
    depth += 1;
    const name = current.opened === undefined ? subtest : current.opened.name;
    current = streamOf(indent, current, [...current.path, name || `subtest ${current.points + 1}`]);
    subtest = undefined;
    return depth > deepest ? `subtests nested deeper than ${deepest}` : undefined;
  };
  const take = (line: TapLine, indent: number): string | undefined => {
    if (line.is === 'version') return line.version > newest ? `TAP version ${line.version}` : undefined;
    if (line.is === 'bail') {
      hasBailed = true;
      add(['Bail out!'], { sign: 'errored', message: line.why, isClaim: true });
    } else if (line.is === 'plan') current.plans.push({ plan: line, after: current.points });
    else if (line.is === 'test') {
      points += 1;
      if (points > mostPoints) return `more than ${mostPoints} tests, so the report has to be split`;
      notePoint(current, line);
      behind = indent;
      subtest = undefined;
      const { inner } = current;
      if (line.opens) current.opened = line;
      else {
        current.inner = undefined;
        settle(line, inner);
      }
    }
    return undefined;
  };
  /** Whether the line is one of details. They follow a test point and are indented more; elsewhere they could hide what follows. */
  const isDetail = (text: string, indent: number): boolean => {
    if (details < 0) {
      if (text !== '---' || behind < 0 || indent <= behind) return false;
      details = indent;
      return true;
    }
    if (indent < details) {
      current.unended = true;
      details = -1;
      return false;
    }
    if (indent === details && text === '...') details = -1;
    return true;
  };
  const line = (raw: string): string | undefined => {
    const text = withoutColours(raw).trimEnd();
    const own = text.trimStart();
    const indent = text.length - own.length;
    if (own === '' || hasBailed || isDetail(own, indent)) return undefined;
    behind = -1;
    const found = tapLineOf(own);
    if (found.is === 'comment') {
      subtest = /^Subtest:?\s*(.*)$/.exec(found.text)?.[1] ?? subtest;
      const [, what, number] = (indent === 0 && claim.exec(found.text)) || [];
      if (what !== undefined) claims[what] = Number(number);
      return undefined;
    }
    if (found.is === 'other') return undefined;
    if (found.is === 'close') {
      while (current.outer !== undefined && indent < current.indent) leave();
      if (indent === current.indent) settleOpened();
      return undefined;
    }
    isTap = true;
    return goTo(indent) ?? take(found, indent);
  };
  const result = (): Tests => {
    if (details >= 0) current.unended = true;
    for (let stream: Stream | undefined = current; stream !== undefined; stream = stream.outer)
      if (stream.opened !== undefined) stream.unended = true;
    while (current.outer !== undefined) leave();
    if (hasBailed) settleOpened();
    else leave();
    return withClaims({ tests, doubts, hidden: 0, notRun: 0, declared: {} }, claims, sums);
  };
  return { line, result, isTap: () => isTap };
};

/** What the comments at the end say. A failure that no test shows makes the report worse; tools count test points of subtests, too, or not. */
const withClaims = (read: Tests, claims: Readonly<Record<string, number>>, sums: Readonly<Record<string, number>>): Tests => {
  const bad = (claims.fail ?? 0) + (claims.cancelled ?? 0);
  const count = (...signs: readonly string[]): number =>
    read.tests.filter(({ sign, isClaim }) => isClaim !== true && signs.includes(sign)).length;
  const shown = { tests: count('passed', 'failed', 'skipped'), passed: count('passed'), failures: count('failed') };
  const declared = Object.fromEntries(
    (
      [
        ['tests', claims.tests],
        ['passed', claims.pass],
        ['failures', claims.fail],
      ] as const
    ).flatMap(([what, said]) =>
      said === undefined || said === shown[what] + (sums[what] ?? 0) ? (said === shown[what] ? [[what, said]] : []) : [[what, said]],
    ),
  );
  const isHidden = bad > 0 && !read.tests.some(({ sign }) => sign === 'failed' || sign === 'errored');
  const hidden: Test[] = isHidden
    ? [
        {
          name: 'the report',
          identity: undefined,
          sign: 'errored',
          message: `says that ${bad} tests failed, and shows none`,
          repeated: false,
          isClaim: true,
        },
      ]
    : [];
  return { ...read, tests: [...read.tests, ...hidden], declared };
};
