import type { EvidenceRule } from '../../checklist/rule.ts';
import type { LoadFacts } from '../../evidence/load.ts';
import type { Judgement } from '../verdict.ts';

type Rule = Extract<EvidenceRule, { kind: 'load-passes/1' }>;

export const loadPasses = (rule: Rule, facts: LoadFacts): Judgement => {
  // Figures are shown rounded up, so that one over a limit never looks like the limit.
  const errorPct = facts.requests === 0 ? 0 : Math.ceil((facts.failed * 10_000) / facts.requests) / 100;
  const figures = `${facts.concurrency} clients, ${facts.requests} requests, ${errorPct.toFixed(2)} % failed, p99 ${Math.ceil(facts.p99Ms)} ms in ${facts.durationSeconds} s`;
  if (facts.requests < rule.minRequests)
    return { verdict: 'inconclusive', reason: `${figures}; at least ${rule.minRequests} requests expected` };
  if (facts.concurrency < rule.minConcurrency)
    return { verdict: 'inconclusive', reason: `${figures}; at least ${rule.minConcurrency} clients expected` };
  if (rule.minDurationSeconds !== undefined && facts.durationSeconds < rule.minDurationSeconds)
    return { verdict: 'inconclusive', reason: `${figures}; at least ${rule.minDurationSeconds} s of load expected` };
  if (facts.failed * 100 > rule.maxErrorPct * facts.requests)
    return { verdict: 'fail', reason: `${figures}; at most ${rule.maxErrorPct} % failed expected` };
  if (facts.p99Ms > rule.maxP99Ms) return { verdict: 'fail', reason: `${figures}; p99 of ${rule.maxP99Ms} ms at most expected` };
  return { verdict: 'pass', reason: figures };
};
