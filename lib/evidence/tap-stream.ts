import { counted } from '../wording.ts';
import type { TapLine } from './tap-line.ts';
import type { Doubt } from './test-facts.ts';

export type TestPoint = Extract<TapLine, { is: 'test' }>;
type Plan = Extract<TapLine, { is: 'plan' }>;

/** A stream of test points: the report itself, or a subtest in it. */
export type Stream = {
  readonly indent: number;
  /** Names of the subtests around its tests. */
  readonly path: readonly string[];
  readonly outer: Stream | undefined;
  /** The first two: a second one is wrong already. */
  plans: { readonly plan: Plan; readonly after: number }[];
  points: number;
  /** The first number of a test point that is not its place. */
  misnumbered: { readonly place: number; readonly number: number } | undefined;
  unended: boolean;
  /** The tests of the subtest that ended and has no test point of its own yet. */
  inner: Ended | undefined;
  /** Lines that are no TAP count as failures of it (`pragma +strict`, TAP 14). */
  isStrict: boolean;
  /** The first line that is no TAP where none may be. */
  stray: string | undefined;
  /** A test point with a brace, whose subtest follows. */
  opened: TestPoint | undefined;
  tests: number;
  failed: boolean;
};
/** What a test point sums up. */
export type Ended = {
  readonly tests: number;
  readonly failed: boolean;
  /** Whether it planned no tests, which is how a test set says that it was skipped (TAP 14, "The Plan"). */
  readonly planned: 'none' | 'some';
};

export const streamOf = (indent: number, outer: Stream | undefined, path: readonly string[]): Stream => ({
  indent,
  path,
  outer,
  plans: [],
  points: 0,
  misnumbered: undefined,
  unended: false,
  inner: undefined,
  isStrict: outer?.isStrict ?? false,
  stray: undefined,
  opened: undefined,
  tests: 0,
  failed: false,
});

/** Notes a test point in its stream. */
export const notePoint = (stream: Stream, { number }: TestPoint): void => {
  stream.points += 1;
  if (number !== undefined && number !== stream.points) stream.misnumbered ??= { place: stream.points, number };
};

/** Why a stream that has ended does not prove that all of its tests ran. */
export const flawsOf = (stream: Stream): Doubt[] => {
  const { plans, points, misnumbered, unended, stray, path } = stream;
  const name = path.join(' › ') || 'the report';
  const [first, second] = plans;
  const flaws: Doubt[] = [];
  if (first === undefined) flaws.push({ name, message: 'has no plan, so nobody knows whether all tests ran' });
  else {
    const { from, to } = first.plan;
    if (from !== 1) flaws.push({ name, message: `plans tests ${from} to ${to}, and a plan begins at 1` });
    else if (to !== points) flaws.push({ name, message: `plans ${counted(to, 'test')} and has ${points}`, declared: to, counted: points });
    if (first.after > 0 && first.after < points) flaws.push({ name, message: 'has its plan in the middle' });
  }
  if (second !== undefined) flaws.push({ name, message: 'has more than one plan' });
  if (misnumbered !== undefined) flaws.push({ name, message: `its test ${misnumbered.place} has the number ${misnumbered.number}` });
  if (unended) flaws.push({ name, message: 'has something in it that does not end' });
  if (stray !== undefined) flaws.push({ name, message: `is strict, and has a line that is no TAP: ${stray}` });
  return flaws;
};
