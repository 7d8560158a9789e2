import * as z from 'zod';
import type { Stored } from '../audit/event.ts';
import { cut, excerpt } from '../canonical-json.ts';
import { longestPartId } from '../fields.ts';
import { baseReviewed, type LiveVersion } from '../rules/base-reviewed.ts';
import { changedCovered, isChanges } from '../rules/changed-files.ts';
import { areJudgedAs, type Comparison, type RuleKind, type RunInputs, type RunLane } from '../rules/kind.ts';
import type { ParameterWords } from '../rules/parameter-words.ts';
import { type SourcedTests, type TestBaseline, testsKept } from '../rules/tests-kept.ts';
import type { Measured, TriggerInputs } from '../rules/triggers/kind.ts';
import type { Judgement } from '../verdict.ts';
import type { EvidenceType, StoredFacts } from './evidence.ts';

import { ruleKinds, triggerKinds } from './rule-list.ts';

export { type LiveVersion, notBehindLive } from '../rules/base-reviewed.ts';
export type { Comparison, RunInputs, RunLane } from '../rules/kind.ts';
export { listsCommits } from '../rules/record-within.ts';
export type { SourcedTests, TestBaseline } from '../rules/tests-kept.ts';
export { ruleKinds } from './rule-list.ts';
export type { StoredFacts };

type Kinds = (typeof ruleKinds)[number];
/** A rule on a type of evidence that does not exist does not compile. */
ruleKinds satisfies readonly { readonly evidence: EvidenceType | null }[];
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

/** How people read a parameter of a rule; undefined for a kind or a parameter that this version does not know. */
export const parameterWords = (kind: string, parameter: string): ParameterWords | undefined => {
  const words = byId.get(kind)?.words ?? {};
  return Object.hasOwn(words, parameter) ? words[parameter] : undefined;
};

/** What a kind of rule asks, in one sentence; undefined for a kind that this version does not know. */
export const descriptionOf = (kind: string): string | undefined => byId.get(kind)?.description;

/** Whether a report of these facts is the rule's business. */
export const appliesTo = (rule: Rule, facts: StoredFacts): boolean => kindOf(rule).appliesTo(rule, facts);

/** Whether the rule judges evidence; the others are computed from the run's lanes. */
export const isEvidenceRule = (rule: Rule): rule is EvidenceRule => kindOf(rule).evidence !== null;

/** The lanes that these rules read. */
export const lanesReadBy = (rules: readonly Rule[]): ReadonlySet<RunLane> => new Set(rules.flatMap((rule) => kindOf(rule).lanes));

export const isConcernedBy = (rule: Rule, event: Stored): boolean => kindOf(rule).concernedBy(rule, event);

const longestReason = 300;
/** Of a part: there may be hundreds. */
const longestPartReason = 160;

const shortened = ({ verdict, reason, parts, besides }: Judgement, shorten: (text: string, most: number) => string): Judgement => ({
  verdict,
  reason: shorten(reason, longestReason),
  ...(parts === undefined || besides === undefined
    ? {}
    : {
        parts: parts.map((one) => ({
          subject: { kind: one.subject.kind, id: shorten(one.subject.id, longestPartId) },
          verdict: one.verdict,
          reason: shorten(one.reason, longestPartReason),
          ...(one.absent === undefined ? {} : { absent: one.absent }),
        })),
        besides: { ...besides, reason: shorten(besides.reason, longestReason) },
      }),
});

/** A rule that throws has judged nothing: the verdict is `error`, which satisfies no check. */
const guarded = (rule: Rule, judge: () => Judgement | undefined): Judgement | undefined => {
  try {
    const judgement = judge();
    const kind = kindOf(rule);
    // Reports and observations are somebody else's text; whatever else a rule judges is ours, and may name a person.
    const isForeign = (kind.evidence !== null && kind.basis !== 'attested') || kind.lanes.includes('observation');
    const shorten = isForeign ? excerpt : cut;
    return judgement && shortened(judgement, shorten);
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : 'no message';
    return { verdict: 'error', reason: excerpt(`the rule ${rule.kind} broke: ${message}`, longestReason) };
  }
};

/** Whether later reports of a source, together, cover what an earlier one did not pass. */
export const covers = (rule: Rule, later: readonly StoredFacts[], earlier: StoredFacts, kind = kindOf(rule)): boolean => {
  const isOwn = (facts: StoredFacts): boolean => areJudgedAs(facts, kind.evidence);
  const isCompared = (facts: StoredFacts): boolean => kind.beside(rule, facts) !== undefined;
  if (earlier.type === 'unreadable') return later.some((facts) => isOwn(facts) || isCompared(facts));
  if (isCompared(earlier)) return later.some(isCompared);
  const readable = later.filter(isOwn);
  return readable.length > 0 && kind.covers(rule, readable, earlier);
};

/** What of the rule's reports, together, is compared with an earlier release as well. */
export const comparedBy = (rule: Rule): Comparison | undefined => kindOf(rule).compares(rule);

/** Whether a rehearsal of the rollback that Holdpoint recorded proves the same as a report. */
export const isProvedByDrill = (rule: Rule): boolean => kindOf(rule).isProvedByDrill(rule);

/** The judgement of a report that came without an exit code: where only that tells something, a pass says so. */
export const withUntold = (rule: Rule, facts: StoredFacts, judgement: Judgement): Judgement => {
  const untold = areJudgedAs(facts, kindOf(rule).evidence) ? kindOf(rule).untold(facts) : undefined;
  return untold === undefined || judgement.verdict !== 'pass'
    ? judgement
    : { ...judgement, reason: excerpt(`${judgement.reason}; ${untold}`, longestReason) };
};
export { drillJudgement as judgeDrill } from '../rules/drill-recent.ts';
export { areJudgedAs, comparisonWords } from '../rules/kind.ts';

/** Compares where lists of reviews begin with what is live. */
export const compareBases = (live: LiveVersion, records: readonly StoredFacts[]): Judgement =>
  shortened(
    baseReviewed(
      live,
      records.map((facts) => ('base' in facts ? (facts.base ?? null) : null)),
    ),
    excerpt,
  );

/** Compares the coverage of all reports with the files that changed since the live version. */
export const compareChanges = (rule: object, live: LiveVersion, all: readonly StoredFacts[]): Judgement =>
  shortened(
    changedCovered({
      rule,
      live,
      records: all.filter(isChanges),
      coverage: all.filter((facts) => 'perFile' in facts || 'testFiles' in facts),
    }),
    excerpt,
  );

/** Compares the tests of all reports with those that passed before. */
export const compareTests = (baseline: TestBaseline, now: readonly SourcedTests[]): Judgement =>
  shortened(testsKept(baseline, now), excerpt);

/** Judges facts by a rule on evidence. */
export const judgeEvidence = (rule: Rule, facts: StoredFacts, kind = kindOf(rule)): Judgement => {
  if (facts.type === 'unreadable') return { verdict: 'inconclusive', reason: `the newest report cannot be used: ${facts.reason}` };
  if (!areJudgedAs(facts, kind.evidence)) {
    const beside = guarded(rule, () => kind.beside(rule, facts));
    if (beside !== undefined) return beside;
    return { verdict: 'error', reason: `the rule ${rule.kind} judges ${kind.evidence ?? 'no evidence'}, and got ${facts.type}` };
  }
  return guarded(rule, () => kind.judge(rule, facts)) ?? { verdict: 'error', reason: `the rule ${rule.kind} judged nothing` };
};

/** Judges a computed rule from the run's lanes; undefined while there is nothing to say yet. */
export const judgeComputed = (rule: Rule, inputs: RunInputs): Judgement | undefined => {
  const kind = kindOf(rule);
  if (kind.evidence !== null) return undefined;
  return guarded(rule, () => kind.judge(rule, inputs));
};

const triggers: ReadonlyMap<string, (rule: Rule, inputs: TriggerInputs) => readonly Measured[]> = new Map(
  triggerKinds.map((one) => [one.kind, one.measure as never]),
);

/** What a trigger's rule finds in the run's lanes, oldest first; nothing for any other rule. */
export const measureTrigger = (rule: Rule, inputs: TriggerInputs): readonly Measured[] => triggers.get(rule.kind)?.(rule, inputs) ?? [];
