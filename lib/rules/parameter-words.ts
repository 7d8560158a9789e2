import { asWords, durationWords } from '../wording.ts';

/** Names what a parameter refers to by id: the title of a check. */
export type TitleOf = (check: string) => string;

/** How people read a parameter of a rule. It stands where the rule is defined, beside the parameter. */
export type ParameterWords = {
  /** What it limits or chooses, as a noun: "failed requests". */
  readonly name: string;
  /** Its value with the unit: "at most 2 %". Of a list: one member. `rule`: what else the rule says. */
  readonly says: (value: never, titleOf: TitleOf, rule: never) => string;
  /** What stands in place of the value where the rule has none. */
  readonly none: string;
};

/** What a number counts: a share, a length of time, or nothing that has a unit. */
export type Unit = '%' | 'ms' | 's' | 'min' | 'h' | 'days' | 'per minute';

const secondsIn: Readonly<Partial<Record<Unit, number>>> = { ms: 1 / 1000, s: 1, min: 60, h: 3600, days: 86_400 };

/** A number with its unit, as people read it. */
export const inUnit = (value: number, unit: Unit | undefined): string => {
  if (unit === undefined) return String(value);
  const seconds = secondsIn[unit];
  return seconds === undefined ? `${value} ${unit}` : durationWords(value * seconds);
};

const limit =
  (sense: string) =>
  (name: string, unit?: Unit): ParameterWords => ({
    name,
    says: (value: number) => `${sense} ${inUnit(value, unit)}`,
    none: 'no limit',
  });

export const atLeast = limit('at least');
export const atMost = limit('at most');
/** Of a figure that is not compared where it is small. */
export const upTo = limit('up to');

/** Names, patterns and the like, as they are written. */
export const listed = (name: string, none = 'all'): ParameterWords => ({ name, says: String, none });

/** Ids of ours, each as words. */
export const chosen = (name: string, words: Readonly<Record<string, string>> = {}, none = 'none'): ParameterWords => ({
  name,
  says: (value: string) => words[value] ?? asWords(value),
  none,
});

/** Other checks, by their titles. */
export const checksNamed = (name: string): ParameterWords => ({ name, says: (id: string, titleOf) => titleOf(id), none: 'none' });

/** A rule as data, and what its checks are called. */
export type Said = { readonly rule: object; readonly titleOf: TitleOf };

const saysAs = ({ says }: ParameterWords, value: unknown, { rule, titleOf }: Said): string => says(value as never, titleOf, rule as never);

/** The value in words; of a list its members, one after the other. */
export const valueInWords = (words: ParameterWords, value: unknown, of: Said): string => {
  if (value === null || value === undefined) return words.none;
  return Array.isArray(value) ? value.map((one) => saysAs(words, one, of)).join(', ') : saysAs(words, value, of);
};
