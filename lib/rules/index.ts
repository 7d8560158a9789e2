import * as z from 'zod';
import type { Stored } from '../audit/event.ts';
import { excerpt } from '../canonical.ts';
import type { EvidenceType, FactsOf } from '../evidence/index.ts';
import type { Judgement } from '../verdict.ts';
import { alarmsLabelled } from './alarms-labelled.ts';
import { attested } from './attested.ts';
import { checksSatisfied } from './checks-satisfied.ts';
import { coverageAtLeast } from './coverage-at-least.ts';
import { deployed } from './deployed.ts';
import { junitPasses } from './junit-passes.ts';
import type { RuleKind, RunInputs, RunLane } from './kind.ts';
import { loadPasses } from './load-passes.ts';
import { noOpenObservations } from './no-open-observations.ts';
import { noticeSent } from './notice-sent.ts';
import { openapiDocumented } from './openapi-documented.ts';
import { sarifClean } from './sarif-clean.ts';
import { sbomComplete } from './sbom-complete.ts';
import { seriesCovers } from './series-covers.ts';
import { signed } from './signed.ts';

export type { RunInputs, RunLane } from './kind.ts';

/** Every kind of rule. What other rooms ask of a rule, its module answers; nothing outside of this room asks for a kind by name. */
export const ruleKinds = [
  junitPasses,
  coverageAtLeast,
  sarifClean,
  openapiDocumented,
  sbomComplete,
  loadPasses,
  seriesCovers,
  attested,
  deployed,
  noticeSent,
  checksSatisfied,
  noOpenObservations,
  alarmsLabelled,
  signed,
] as const;

type Kinds = (typeof ruleKinds)[number];
export type Rule = z.infer<Kinds['schema']>;
/** Rules that judge one piece of evidence at a time. */
export type EvidenceRule = Extract<Rule, { evidence: EvidenceType }>;

/** A rule as data, by its kind. */
export const ruleSchema = z.discriminatedUnion('kind', ruleKinds.map(({ schema }) => schema) as never) as unknown as z.ZodType<Rule>;

const byId: ReadonlyMap<string, RuleKind<Rule, unknown>> = new Map(
  ruleKinds.map((one) => [one.kind, one as unknown as RuleKind<Rule, unknown>]),
);

/** The module of a rule. Rules are parsed by `ruleSchema`, so a rule without a module is a fault. */
export const kindOf = (rule: Rule): RuleKind<Rule, unknown> => {
  const found = byId.get(rule.kind);
  if (found === undefined) throw new Error(`no module for the rule ${rule.kind}`);
  return found;
};

/** Whether a report of these facts is the rule's business. */
export const appliesTo = (rule: Rule, facts: FactsOf<EvidenceType>): boolean => kindOf(rule).appliesTo(rule, facts);

/** Whether the rule judges evidence; the others are computed from the run's lanes. */
export const isEvidenceRule = (rule: Rule): rule is EvidenceRule => kindOf(rule).evidence !== null;

/** The lanes that these rules read. */
export const lanesReadBy = (rules: readonly Rule[]): ReadonlySet<RunLane> => new Set(rules.flatMap((rule) => kindOf(rule).lanes));

export const isConcernedBy = (rule: Rule, event: Stored): boolean => kindOf(rule).concernedBy(rule, event);

const longestReason = 300;

/** A rule that throws has judged nothing: the verdict is `error`, which satisfies no check. */
const guarded = (rule: Rule, judge: () => Judgement | undefined): Judgement | undefined => {
  try {
    const judgement = judge();
    return judgement && { verdict: judgement.verdict, reason: excerpt(judgement.reason, longestReason) };
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : 'no message';
    return { verdict: 'error', reason: excerpt(`the rule ${rule.kind} broke: ${message}`, longestReason) };
  }
};

/** Judges facts by a rule on evidence. */
export const judgeEvidence = (rule: Rule, facts: FactsOf<EvidenceType>, kind = kindOf(rule)): Judgement => {
  if (facts.type !== kind.evidence)
    return { verdict: 'error', reason: `the rule ${rule.kind} judges ${kind.evidence ?? 'no evidence'}, and got ${facts.type}` };
  return guarded(rule, () => kind.judge(rule, facts)) ?? { verdict: 'error', reason: `the rule ${rule.kind} judged nothing` };
};

/** Judges a computed rule from the run's lanes; undefined while there is nothing to say yet. */
export const judgeComputed = (rule: Rule, inputs: RunInputs): Judgement | undefined => {
  const kind = kindOf(rule);
  if (kind.evidence !== null) return undefined;
  return guarded(rule, () => kind.judge(rule, inputs));
};
