import * as z from 'zod';
import type { PartSubject } from '../../fields.ts';
import { counted } from '../../wording.ts';
import { timesOf } from '../repeated-ids.ts';

/**
 * A *record* is a JSON document about something that has no public format of its own: a backup, a list of ports, a roster. Each kind of record is
 * one module here: its schema, and what follows from its content. The numbers are computed from the single things that a record lists, never
 * taken from a total that its writer computed.
 */
export type RecordKind<Id extends string = string, Limits extends LimitsOf = LimitsOf> = {
  readonly id: Id;
  /** What such a record says, in one line for people. */
  readonly description: string;
  /** The members beside `schema`, `at`, `environment`, `about` and `tool`. */
  readonly schema: z.ZodType;
  /** The limits that a check can set on its figures. */
  readonly limits: Limits;
  /**
   * Times that may be later than the record's own. `planned`: it says what is to come. `measured`: its time is that of a beginning, and what it
   * measured then may be as late as its receipt. Absent: none may, because nobody records what has not happened.
   */
  readonly laterTimes?: 'planned' | 'measured';
  /** What follows from the content of a record that fits the schema. */
  readonly content: (record: never, at: number) => RecordContent;
};

/** A limit on a figure, by the name of the rule's parameter: `of` is the figure. `bound`: how far a stage may change it. */
export type Limit = {
  readonly of: string;
  /** What people call it: "time of the restore". */
  readonly name: string;
  readonly is: 'least' | 'most';
  /** Unit for people, such as "s" or "%". */
  readonly unit?: string;
  readonly bound: { readonly least?: number; readonly most?: number };
};
export type LimitsOf = Readonly<Record<string, Limit>>;

export type RecordContent = {
  /** How many things the record says something of. None: it proves nothing. */
  readonly items: number;
  /** Null: the record cannot tell. */
  readonly figures: Readonly<Record<string, number | null>>;
  /** Why a figure proves nothing, by its name: a check that sets a limit on it cannot tell. */
  readonly doubts?: Readonly<Record<string, string>>;
  /** Digests of the artifacts that it is about: the run must release one of them. */
  readonly subjects?: readonly string[];
  /** The commit that it is about: it must be the run's. */
  readonly commit?: string;
  /** The file of the repository that it is about, for a check that asks for a certain one. */
  readonly path?: string;
  /** Of a record about what took time: when it began. What began before an event proves nothing about the time after it. */
  readonly from?: string;
  /** When what it lists was measured, where that is earlier than the record itself: it is as old as the oldest of them. */
  readonly measured?: readonly string[];
  /** Of a record about a range of commits: the one behind which it begins. */
  readonly base?: string;
  /** The paths of the files that it lists as changed and still there. */
  readonly changed?: readonly string[];
  /**
   * Of such a record: the accounts of everybody who had a hand in the commits. `unnamed`: somebody had a hand of whom no account is known.
   * `fault`: why they are not the commits of the range.
   */
  readonly authors?: { readonly accounts: readonly string[]; readonly unnamed: boolean; readonly fault: string | undefined };
  /** Of a record that releases are compared with: whether it takes the place of earlier ones, and the tests that must go on passing. */
  readonly baseline?: { readonly replacesLastStable: boolean; readonly tests: readonly string[] };
  /** Of what it lists and a profile may list as well: the names, in the form of `listed-names.ts`. */
  readonly named?: readonly string[];
  /** What must be listed once each: a thing that is listed again would pass for another one. */
  readonly once?: readonly string[];
  /** What is wrong by the record's own content, each as a short sentence that names the thing. */
  readonly faults: readonly string[];
  /** The components or endpoints that it lists. Each fault of one is among `faults`, too. */
  readonly parts?: readonly RecordPart[];
};
export type RecordPart = PartSubject & { readonly fault: string | null };

/** The faults of parts, in their order. */
export const faultsOf = (parts: readonly RecordPart[]): readonly string[] => parts.flatMap(({ fault }) => fault ?? []);

/** Declares a kind of record. */
export const recordKind = <const Id extends string, S extends z.ZodObject, const Limits extends LimitsOf>(given: {
  readonly id: Id;
  readonly description: string;
  readonly schema: S;
  readonly limits: Limits;
  readonly laterTimes?: 'planned' | 'measured';
  readonly content: (record: z.output<S>, at: number) => RecordContent;
}): RecordKind<Id, Limits> => given as unknown as RecordKind<Id, Limits>;

/** `production` is the environment that the run releases to, `staging` any before it. */
export const environments = ['staging', 'production'] as const;

/** A name or text of the service, in one line. What shows nothing names nobody. */
export const text = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[\p{Z}\p{Cf}]*[^\p{C}\p{Z}][^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'one line that shows something, without control characters');
export const at = z.iso.datetime({ offset: true });
export const count = z.int().min(0);
export const amount = z.number().min(0).max(1e15);
/** At most as many as a record of 4 MB can hold with room for their words. */
export const list = <S extends z.ZodType>(one: S) => z.array(one).max(20_000);

export const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;
/** The smallest or largest of some figures; null of none. */
export const least = (figures: readonly number[]): number | null =>
  figures.reduce<number | null>((a, b) => (a === null || b < a ? b : a), null);
export const most = (figures: readonly number[]): number | null =>
  figures.reduce<number | null>((a, b) => (a === null || b > a ? b : a), null);
export const total = (figures: readonly number[]): number => figures.reduce((a, b) => a + b, 0);
/** The earliest of some times; undefined of none. */
export const earliest = (times: readonly string[]): string | undefined => times.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
/** A sentence for each thing that is listed more than once. */
export const listedAgain = (names: readonly string[]): readonly string[] =>
  [...timesOf(names)].flatMap(([name, count]) => (count === 1 ? [] : [`${name}: listed ${counted(count, 'time')}`]));
/** The names that stand more than once. */
export const repeated = (names: readonly string[]): readonly string[] => {
  const known = new Set<string>();
  return [...new Set(names.filter((name) => known.size === known.add(name).size))];
};
