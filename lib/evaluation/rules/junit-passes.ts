import type { EvidenceRule } from '../../checklist/rule.ts';
import type { JunitFacts } from '../../evidence/junit.ts';
import type { Judgement } from '../verdict.ts';

type Rule = Extract<EvidenceRule, { kind: 'junit-passes/1' }>;

export const junitPasses = (rule: Rule, facts: JunitFacts): Judgement => {
  const bad = facts.failed + facts.errored;
  const repeated = facts.repeated > 0 ? `, ${facts.repeated} passed only when repeated` : '';
  const figures = `${facts.tests} tests, ${bad} failed, ${facts.skipped} skipped${repeated}`;
  if (bad > 0) {
    const [first] = facts.failures;
    return { verdict: 'fail', reason: `${figures}; first: ${first?.name}${first?.message ? ` (${first.message})` : ''}` };
  }
  const ran = facts.tests - facts.skipped;
  if (ran < rule.minTests) return { verdict: 'inconclusive', reason: `${figures}; ${ran} ran, at least ${rule.minTests} expected` };
  // A test that is switched off would otherwise be the cheapest way to have none that fails.
  if (rule.maxSkippedPct !== undefined && facts.skipped * 100 > rule.maxSkippedPct * facts.tests)
    return { verdict: 'inconclusive', reason: `${figures}; at most ${rule.maxSkippedPct} % skipped expected` };
  return { verdict: 'pass', reason: figures };
};
