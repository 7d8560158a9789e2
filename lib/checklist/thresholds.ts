import { parameterWords } from '../registry/rules.ts';
import { type ParameterWords, type TitleOf, valueInWords } from '../rules/parameter-words.ts';
import { durationWords } from '../wording.ts';
import type { Deviation } from './deviation.ts';

/** A parameter of a rule, and what it asks for in words. */
export type Threshold = { readonly parameter: string; readonly text: string };

/** A rule as data, of a version of Holdpoint that may be newer. */
export type SomeRule = { readonly kind: string };

type Titled = {
  readonly items: readonly { readonly id: string; readonly title: string }[];
  readonly gates: readonly { readonly id: string; readonly title: string }[];
};

/** How the checks, steps and gates of a checklist are called; the id where it does not have them. */
export const titlesIn = ({ items, gates }: Titled): TitleOf => {
  const titles = new Map([...gates.map(({ id, title }) => [id, title] as const), ...items.map(({ id, title }) => [id, title] as const)]);
  return (id) => titles.get(id) ?? id;
};

/** What a newer version may say is shown as it says it. */
export const wordsOf = ({ kind }: SomeRule, parameter: string): ParameterWords =>
  parameterWords(kind, parameter) ?? { name: parameter, says: (value: unknown) => JSON.stringify(value), none: 'none' };

/** The parameters of a rule in words: `maxP95Ms: 300` is "95th percentile of the response times: at most 300 ms". */
export const thresholdsOf = (rule: SomeRule | null, titleOf: TitleOf): readonly Threshold[] =>
  rule === null
    ? []
    : Object.entries(rule).flatMap(([parameter, value]) => {
        if (parameter === 'kind' || parameter === 'evidence') return [];
        const words = wordsOf(rule, parameter);
        return [{ parameter, text: `${words.name}: ${valueInWords(words, value, { rule, titleOf })}` }];
      });

const ofNoRule: Readonly<Record<string, ParameterWords>> = {
  mode: { name: 'mode', says: (mode: string) => (mode === 'observe' ? 'judged and shown only' : 'required'), none: 'none' },
  distinctPeople: { name: 'different people who sign', says: String, none: 'none' },
  capSeconds: { name: 'longest time with all incidents', says: durationWords, none: 'none' },
};

type Figure = Pick<Deviation, 'parameter' | 'here' | 'document'>;

/** What a deviation changes: "covered share: at least 60 % instead of at least 70 %". `rule`: of its check; null where a gate or a step deviates. */
export const deviationInWords = ({ parameter, here, document }: Figure, rule: SomeRule | null, titleOf: TitleOf): string => {
  const known = ofNoRule[parameter] ?? (rule === null ? undefined : parameterWords(rule.kind, parameter));
  if (known === undefined) return `${parameter}: ${here} instead of ${document}`;
  const [now, then] = [here, document].map((value) => valueInWords(known, value, { rule: rule ?? {}, titleOf }));
  return `${known.name}: ${now} instead of ${then}`;
};
