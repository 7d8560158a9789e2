import type { StoredFacts } from '../registry/evidence.ts';
import { type EvidenceRule, judgeEvidence } from '../registry/rules.ts';

/** Far beyond any limit that a rule can have, and still a whole number. */
const huge = 1e12;

/**
 * How much is judged for one page, as judgements times values of the facts times values of the rule: a judge may compare each with each. So
 * much takes about a third of a second; the 2,000 files of a coverage report with 60 features would take ten times as long at every view.
 */
const mostWork = 20_000_000;

/**
 * The names of the facts on which a judgement rests, as a page lists them: `failed`, or `figures.approved` of a member. A fact decides when
 * another value in its place alone lets the check pass, or not pass any more: judges are pure, so they can be asked. Where no fact alone does,
 * as of two faults of which each is enough, those count that change the sentence. Nothing is declared by a rule, so none can be forgotten. None
 * where the facts alone do not give the recorded `verdict`: the exit code of the tool did, say. None either where asking would take too long.
 */
export const decidingFacts = (rule: EvidenceRule, facts: StoredFacts, verdict: string): ReadonlySet<string> => {
  const members = membersOf(facts);
  const judgements = 1 + members.reduce((sum, { replaced }) => sum + replaced.length, 0);
  if (judgements * valuesIn(facts) * valuesIn(rule) > mostWork) return new Set();
  const judged = judgeEvidence(rule, facts);
  if (judged.verdict !== verdict) return new Set();
  const found = members.map(({ name, replaced }) => {
    // A judge need not stand facts that no report has: it breaks then, and that says nothing.
    const others = replaced.map((other) => judgeEvidence(rule, other as StoredFacts)).filter((one) => one.verdict !== 'error');
    return {
      name,
      // From what does not pass to what does, or the other way: a failure in place of a doubt explains nothing.
      verdict: others.some((one) => (one.verdict === 'pass') !== (judged.verdict === 'pass')),
      reason: others.some(({ reason }) => reason !== judged.reason),
    };
  });
  const alone = found.filter(({ verdict }) => verdict);
  return new Set((alone.length > 0 ? alone : found.filter(({ reason }) => reason)).map(({ name }) => name));
};

/** How many values there are, with all lists and objects. */
const valuesIn = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.values(value).reduce<number>((sum, one) => sum + valuesIn(one), 1) : 1;

/** A line of the facts, and the facts with other values in its place. */
type Member = { readonly name: string; readonly replaced: readonly object[] };

/** What names the facts, and no line of a page. */
const names = ['type', 'as'];

const membersOf = (facts: object): readonly Member[] =>
  Object.entries(facts)
    .filter(([name]) => !names.includes(name))
    .flatMap(([name, value]): readonly Member[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([member, inner]) => ({
            name: `${name}.${member}`,
            replaced: othersOf(inner).map((other) => ({ ...facts, [name]: { ...value, [member]: other } })),
          }))
        : [{ name, replaced: othersOf(value).map((other) => ({ ...facts, [name]: other })) }],
    );

const othersOf = (value: unknown): readonly unknown[] => {
  if (typeof value === 'number') return [0, huge].filter((other) => other !== value);
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'string') return ['', null];
  if (Array.isArray(value)) return value.length === 0 ? [] : [[]];
  return value === null ? [0] : [];
};
