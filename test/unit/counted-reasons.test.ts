import { expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { recordKinds } from '../../lib/evidence/records/index.ts';
import { evidenceTypes, judgedAs } from '../../lib/registry/evidence.ts';
import { type EvidenceRule, isEvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { recordSampleOf } from '../samples.ts';
import { factsOf, json, types } from './parsed.ts';
import { sampleOf } from './sample-of.ts';

/** Every rule says what it counted, and of one thing in the singular: "1 test", and not "1 tests". */

type Json = Record<string, unknown>;
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** The same facts with each of their numbers, one after the other, as `number`; all others are 1. */
const varied = function* (facts: Json, number: number): Generator<Json> {
  const places = (value: unknown, path: readonly string[]): readonly (readonly string[])[] =>
    typeof value === 'number'
      ? [path]
      : isJson(value)
        ? Object.entries(value).flatMap(([name, inner]) => places(inner, [...path, name]))
        : [];
  for (const path of places(facts, [])) {
    const copy = structuredClone(facts);
    const last = path.slice(0, -1).reduce<unknown>((at, name) => (at as Json)[name], copy);
    (last as Json)[path.at(-1) ?? ''] = number;
    yield copy;
  }
};

const rules = baseChecklist.items
  .flatMap(({ rule, sources = [] }) => [rule, ...sources.map((one) => one.rule)])
  .filter((rule): rule is EvidenceRule => rule !== null && isEvidenceRule(rule as EvidenceRule));
/** With every threshold as 1, too: "at least 1 point". */
const lowered = (rule: EvidenceRule): EvidenceRule =>
  Object.fromEntries(Object.entries(rule).map(([name, value]) => [name, typeof value === 'number' ? 1 : value])) as unknown as EvidenceRule;

/** "1 tests", "of 1 checks", "1 more tests"; not "1 is", "1 s", "1 percent less" and the like. */
const plural = /(?<![\d.,:-])1 (?:[a-z]+ )?(?!(?:is|was|has|less|as|its|this|passes|lists|s|ms|unless)\b)[a-z]{2,}s\b(?! not)/;

/** A member of code, such as `smallestSharePct`, as a word of its own. */
const member = /(?<![\w./`'"-])[a-z]+[A-Z][a-zA-Z]*(?![\w./`'"(-])/;

test.each(types)('what is said of one thing of %s', (type) => {
  const facts = { ...(sampleOf(evidenceTypes[type].facts) as Json), type };
  const said = [facts, ...varied(facts, 0), ...varied(facts, 7)].flatMap((one) =>
    rules
      .filter((rule) => rule.evidence === judgedAs(type))
      .flatMap((rule) => [rule, lowered(rule)])
      .map((rule) => judgeEvidence(rule, one as never).reason),
  );
  expect(said.filter((reason) => plural.test(reason))).toEqual([]);
  expect(said.filter((reason) => member.test(reason))).toEqual([]);
});

test.each(recordKinds.map(({ id, limits }) => [id, limits] as const))('what is said of the record %s', (id, limits) => {
  const facts = factsOf('record', json(recordSampleOf(id))) as unknown as Json;
  /** Each figure that the record does not tell. */
  const untold = Object.keys(facts.figures as Json).map((name) => ({ ...facts, figures: { ...(facts.figures as Json), [name]: null } }));
  const limited = (limit: number) => ({
    kind: `${id}-record/1`,
    evidence: 'record',
    ...Object.fromEntries(Object.keys(limits).map((name) => [name, limit])),
  });
  const said = [facts, ...varied(facts, 0), ...varied(facts, 1), ...varied(facts, 7.5), ...untold].flatMap((one) =>
    [limited(0), limited(1), limited(1e6)].map((rule) => judgeEvidence(rule as never, one as never).reason),
  );
  expect(said.filter((reason) => plural.test(reason))).toEqual([]);
  expect(said.filter((reason) => member.test(reason))).toEqual([]);
});
