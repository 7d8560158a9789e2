import * as z from 'zod';
import type { LoadFacts } from '../evidence/load.ts';
import { evidenceRule } from './kind.ts';

export const loadPasses = evidenceRule({
  kind: 'load-passes/1',
  description: 'A load test was large and long enough, few requests failed, and the 99th percentile stays below a limit.',
  evidence: 'load',
  parameters: {
    minConcurrency: z.int().min(1),
    minRequests: z.int().min(1),
    minDurationSeconds: z.number().positive().optional(),
    maxErrorPct: z.number().min(0).max(100),
    maxP99Ms: z.number().positive(),
  },
  bounds: {
    minConcurrency: { least: 2 },
    minRequests: { least: 10 },
    minDurationSeconds: { least: 1 },
    maxErrorPct: { most: 50 },
    maxP99Ms: { most: 60_000 },
  },
  judge: (rule, facts: LoadFacts) => {
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
  },
});
