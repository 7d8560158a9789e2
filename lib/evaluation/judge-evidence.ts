import { excerpt } from '../canonical.ts';
import type { EvidenceRule } from '../checklist/rule.ts';
import type { Facts, FactsOf } from '../evidence/index.ts';
import { attested } from './rules/attested.ts';
import { coverageAtLeast } from './rules/coverage-at-least.ts';
import { junitPasses } from './rules/junit-passes.ts';
import { loadPasses } from './rules/load-passes.ts';
import { openapiDocumented } from './rules/openapi-documented.ts';
import { sarifClean } from './rules/sarif-clean.ts';
import { sbomComplete } from './rules/sbom-complete.ts';
import { seriesCovers } from './rules/series-covers.ts';
import type { Judgement } from './verdict.ts';

type RuleOf<K extends EvidenceRule['kind']> = Extract<EvidenceRule, { kind: K }>;
type Judges = { readonly [K in EvidenceRule['kind']]: (rule: RuleOf<K>, facts: FactsOf<RuleOf<K>['evidence']>) => Judgement };

const judges: Judges = {
  'junit-passes/1': junitPasses,
  'coverage-at-least/1': coverageAtLeast,
  'sarif-clean/1': sarifClean,
  'openapi-documented/1': openapiDocumented,
  'sbom-complete/1': sbomComplete,
  'load-passes/1': loadPasses,
  'series-covers/1': seriesCovers,
  'attested/1': attested,
};

const longestReason = 300;

/** Judges facts by a rule. A rule that throws has judged nothing: the verdict is `error`, which never releases. */
export const judgeEvidence = (rule: EvidenceRule, facts: Facts, table: Judges = judges): Judgement => {
  if (facts.type !== rule.evidence)
    return { verdict: 'error', reason: `the rule ${rule.kind} judges ${rule.evidence}, and got ${facts.type}` };
  try {
    const judge = table[rule.kind] as (rule: EvidenceRule, facts: Facts) => Judgement;
    const { verdict, reason } = judge(rule, facts);
    return { verdict, reason: excerpt(reason, longestReason) };
  } catch (fault) {
    return {
      verdict: 'error',
      reason: excerpt(`the rule ${rule.kind} broke: ${fault instanceof Error ? fault.message : 'no message'}`, longestReason),
    };
  }
};
