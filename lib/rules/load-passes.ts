import * as z from 'zod';
import type { LoadFacts } from '../evidence/load.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atLeast, atMost } from './parameter-words.ts';

/**
 * The share of the demanded clients that must have been busy. A client that is always busy may leave its last iteration unfinished: what
 * it finished covers more than half of the time. Measured: 96 to 99 % in good tests, below 2 % where one of 150 clients got answers.
 */
const busyShare = 0.5;

type Limits = {
  readonly minConcurrency: number;
  readonly minRequests: number;
  readonly minDurationSeconds?: number | undefined;
  readonly maxErrorPct: number;
  readonly maxP99Ms: number;
};

export const loadPasses = evidenceRule({
  kind: 'load-passes/1',
  description:
    'A load test kept enough clients busy for long enough, few requests, checks and iterations failed, and the 99th percentile stays below a limit.',
  evidence: 'load',
  parameters: {
    /** Clients that the test had; half of as many must have been busy on average. */
    minConcurrency: z.int().min(1),
    minRequests: z.int().min(1),
    minDurationSeconds: z.number().positive().optional(),
    /** The most that may fail: of the requests, of the checks, and of the planned iterations, each by itself. */
    maxErrorPct: z.number().min(0).max(100),
    maxP99Ms: z.number().positive(),
  },
  words: {
    minConcurrency: atLeast('clients at the same time'),
    minRequests: atLeast('requests'),
    minDurationSeconds: atLeast('length of the test', 's'),
    maxErrorPct: atMost('failed requests, checks and iterations', '%'),
    maxP99Ms: atMost('99th percentile of the response times', 'ms'),
  },
  bounds: {
    minConcurrency: { least: 2 },
    minRequests: { least: 10 },
    minDurationSeconds: { least: 1 },
    maxErrorPct: { most: 50 },
    maxP99Ms: { most: 60_000 },
  },
  // Two tools are two tests: what one measures clears no failure of the other.
  covers: (later: readonly LoadFacts[], earlier: LoadFacts) => later.some(({ tool }) => tool === earlier.tool),
  judge: (rule, facts: LoadFacts): Judgement => {
    const figures = figuresOf(facts);
    // What failed is asked before whether the test was large enough: a small test that fails has failed.
    const failure = failureOf(rule, facts);
    if (failure !== undefined) return { verdict: 'fail', reason: `${figures}; ${failure}` };
    const doubt =
      facts.contradictions.length > 0 ? `the figures contradict each other: ${facts.contradictions[0]}` : missingOf(rule, facts);
    return doubt === undefined ? { verdict: 'pass', reason: figures } : { verdict: 'inconclusive', reason: `${figures}; ${doubt}` };
  },
});

/** Figures are shown rounded to the worse side, so that one beyond a limit never looks like the limit. */
const figuresOf = (facts: LoadFacts): string => {
  const { concurrency, busyClients, requests, failed, checks, failedChecks, durationSeconds } = facts;
  const checked = checks === 0 ? '' : `, ${percent(failedChecks, checks)} % of checks failed`;
  const p99 = `p99 ${facts.p99 === 'bound' ? 'at most ' : ''}${Math.ceil(facts.p99Ms)} ms`;
  return `${counted(concurrency, 'client')} (${Math.floor(busyClients)} busy), ${counted(requests, 'request')}, ${percent(failed, requests)} % failed${checked}, ${p99} in ${durationSeconds} s`;
};

const percent = (part: number, whole: number): string => (whole === 0 ? 0 : Math.ceil((part * 10_000) / whole) / 100).toFixed(2);

const failureOf = (rule: Limits, facts: LoadFacts): string | undefined => {
  const { failed, requests, failedChecks, checks, iterations, droppedIterations } = facts;
  const planned = iterations + droppedIterations;
  if (failed * 100 > rule.maxErrorPct * requests) return `at most ${rule.maxErrorPct} % failed expected`;
  if (failedChecks * 100 > rule.maxErrorPct * checks) return `at most ${rule.maxErrorPct} % of checks failed expected`;
  if (droppedIterations * 100 > rule.maxErrorPct * planned)
    return `${percent(droppedIterations, planned)} % of iterations dropped, at most ${rule.maxErrorPct} % expected`;
  if (facts.p99 === 'measured' && facts.p99Ms > rule.maxP99Ms) return `p99 of ${rule.maxP99Ms} ms at most expected`;
  return facts.signs.length > 0 ? `the tool reports: ${facts.signs[0]}` : undefined;
};

const missingOf = (rule: Limits, facts: LoadFacts): string | undefined => {
  if (facts.requests < rule.minRequests) return `at least ${counted(rule.minRequests, 'request')} expected`;
  if (facts.concurrency < rule.minConcurrency) return `at least ${counted(rule.minConcurrency, 'client')} expected`;
  if (facts.busyClients < rule.minConcurrency * busyShare)
    return `at least ${counted(rule.minConcurrency * busyShare, 'busy client')} expected`;
  if (rule.minDurationSeconds !== undefined && facts.durationSeconds < rule.minDurationSeconds)
    return `at least ${rule.minDurationSeconds} s of load expected`;
  if (facts.p99Ms > rule.maxP99Ms)
    return `p99 of ${rule.maxP99Ms} ms at most expected, and the report has only a higher figure; add p(99) to it`;
  return undefined;
};
