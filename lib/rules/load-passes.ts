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

/** What both rules on load tests ask, whatever the number of clients. */
const parameters = {
  minRequests: z.int().min(1),
  minDurationSeconds: z.number().positive().optional(),
  /** The most that may fail: of the requests, of the checks, and of the planned iterations, each by itself. */
  maxErrorPct: z.number().min(0).max(100),
  maxP99Ms: z.number().positive(),
};
const words = {
  minRequests: atLeast('requests'),
  minDurationSeconds: atLeast('length of the test', 's'),
  maxErrorPct: atMost('failed requests, checks and iterations', '%'),
  maxP99Ms: atMost('99th percentile of the response times', 'ms'),
};
const bounds = {
  minRequests: { least: 10 },
  minDurationSeconds: { least: 1 },
  maxErrorPct: { most: 50 },
  maxP99Ms: { most: 60_000 },
} as const;

/** Two tools are two tests: what one measures clears no failure of the other. */
const covers = (later: readonly LoadFacts[], earlier: LoadFacts): boolean => later.some(({ tool }) => tool === earlier.tool);

/** A summary of k6 is the same whether the test ended by itself or was stopped; only its exit codes (105, 107, 108) differ. */
const untold = ({ tool }: LoadFacts): string | undefined =>
  tool === 'k6' ? 'nothing tells whether k6 was stopped early: send its exit code (--exit-code)' : undefined;

export const loadPasses = evidenceRule({
  kind: 'load-passes/1',
  description:
    'A load test kept enough clients busy for long enough, few requests, checks and iterations failed, and the 99th percentile stays below a limit.',
  evidence: 'load',
  wants: () => 'a report of a load test',
  parameters: {
    /** Clients that the test had; half of as many must have been busy on average. */
    minConcurrency: z.int().min(1),
    ...parameters,
  },
  words: { minConcurrency: atLeast('clients at the same time'), ...words },
  bounds: { minConcurrency: { least: 2 }, ...bounds },
  covers,
  untold,
  judge: (rule, facts: LoadFacts): Judgement => judged({ ...rule, clients: rule.minConcurrency }, facts),
});

/** The same at the peak that the service expects: a profile says how high it is. */
export const loadAtPeak = evidenceRule({
  kind: 'load-at-peak/1',
  description:
    'A load test had as many clients as the service expects at its peak and a share more, kept enough of them busy for long enough, few requests, checks and iterations failed, and the 99th percentile stays below a limit.',
  evidence: 'load',
  wants: () => 'a report of a load test',
  parameters: {
    /** Clients at once that the service expects at its peak. */
    expectedPeak: z.int().min(1),
    /** The clients that the test must have, as a share of the expected peak; half of as many must have been busy on average. */
    minShareOfPeakPct: z.number().min(1),
    ...parameters,
  },
  words: {
    expectedPeak: atLeast('clients at the same time at the expected peak'),
    minShareOfPeakPct: atLeast('clients of the test, of the expected peak', '%'),
    ...words,
  },
  bounds: { expectedPeak: { least: 2 }, minShareOfPeakPct: { least: 100 }, ...bounds },
  covers,
  untold,
  service: {
    takes: () => ['expectedPeak'],
    fitted: (rule, { expectedPeak }) => ({ ...rule, expectedPeak: expectedPeak ?? rule.expectedPeak }),
  },
  judge: (rule, facts: LoadFacts): Judgement => {
    const { expectedPeak, minShareOfPeakPct, ...limits } = rule;
    const { verdict, reason } = judged({ ...limits, clients: Math.ceil((expectedPeak * minShareOfPeakPct) / 100) }, facts);
    return { verdict, reason: `expected peak of ${counted(expectedPeak, 'client')}, tested at ${minShareOfPeakPct} % of it: ${reason}` };
  },
});

type Limits = {
  /** Clients that the test must have had. */
  readonly clients: number;
  readonly minRequests: number;
  readonly minDurationSeconds?: number | undefined;
  readonly maxErrorPct: number;
  readonly maxP99Ms: number;
};

const judged = (limits: Limits, facts: LoadFacts): Judgement => {
  const figures = figuresOf(facts);
  // What failed is asked before whether the test was large enough: a small test that fails has failed.
  const failure = failureOf(limits, facts);
  if (failure !== undefined) return { verdict: 'fail', reason: `${figures}; ${failure}` };
  const doubt =
    facts.contradictions.length > 0 ? `the figures contradict each other: ${facts.contradictions[0]}` : missingOf(limits, facts);
  return doubt === undefined ? { verdict: 'pass', reason: figures } : { verdict: 'inconclusive', reason: `${figures}; ${doubt}` };
};

/** Figures are shown rounded to the worse side, so that one beyond a limit never looks like the limit. */
const figuresOf = (facts: LoadFacts): string => {
  const { concurrency, busyClients, requests, failed, checks, failedChecks, durationSeconds } = facts;
  const checked = checks === 0 ? '' : `, ${percent(failedChecks, checks)} % of checks failed`;
  const p99 = facts.p99Ms === null ? 'no p99' : `p99 ${facts.p99 === 'bound' ? 'at most ' : ''}${Math.ceil(facts.p99Ms)} ms`;
  const busy = busyClients === null ? '' : ` (${Math.floor(busyClients)} busy)`;
  const clients = concurrency === null ? 'an unknown number of clients' : counted(concurrency, 'client');
  const time = durationSeconds === null ? 'an unknown time' : `${durationSeconds} s`;
  return `${clients}${busy}, ${counted(requests, 'request')}, ${percent(Math.min(failed, requests), requests)} % failed${checked}, ${p99} in ${time}`;
};

const percent = (part: number, whole: number): string => (whole === 0 ? 0 : Math.ceil((part * 10_000) / whole) / 100).toFixed(2);

const failureOf = (rule: Limits, facts: LoadFacts): string | undefined => {
  const { failed, requests, failedChecks, checks, iterations, droppedIterations } = facts;
  const planned = iterations + droppedIterations;
  if (failed * 100 > rule.maxErrorPct * requests) return `at most ${rule.maxErrorPct} % failed expected`;
  if (failedChecks * 100 > rule.maxErrorPct * checks) return `at most ${rule.maxErrorPct} % of checks failed expected`;
  if (droppedIterations * 100 > rule.maxErrorPct * planned)
    return `${percent(droppedIterations, planned)} % of iterations dropped, at most ${rule.maxErrorPct} % expected`;
  if (facts.p99 === 'measured' && facts.p99Ms !== null && facts.p99Ms > rule.maxP99Ms) return `p99 of ${rule.maxP99Ms} ms at most expected`;
  return facts.signs.length > 0 ? `the tool reports: ${facts.signs[0]}` : undefined;
};

const missingOf = (rule: Limits, facts: LoadFacts): string | undefined => {
  if (facts.requests < rule.minRequests) return `at least ${counted(rule.minRequests, 'request')} expected`;
  if (facts.concurrency === null)
    return `the report does not say how many clients there were at once, at least ${counted(rule.clients, 'client')} expected`;
  if (facts.concurrency < rule.clients) return `at least ${counted(rule.clients, 'client')} expected`;
  if (facts.busyClients === null)
    return `the report does not say how many clients were busy, at least ${counted(rule.clients * busyShare, 'client')} expected`;
  if (facts.busyClients < rule.clients * busyShare) return `at least ${counted(rule.clients * busyShare, 'busy client')} expected`;
  if (rule.minDurationSeconds !== undefined && facts.durationSeconds === null)
    return `the report does not say how long the test took, at least ${rule.minDurationSeconds} s of load expected`;
  if (rule.minDurationSeconds !== undefined && (facts.durationSeconds ?? 0) < rule.minDurationSeconds)
    return `at least ${rule.minDurationSeconds} s of load expected`;
  if (facts.p99Ms === null) return `the report has no 99th percentile, p99 of ${rule.maxP99Ms} ms at most expected`;
  if (facts.p99Ms > rule.maxP99Ms)
    return `p99 of ${rule.maxP99Ms} ms at most expected, and the report has only a higher figure; add p(99) to it`;
  return undefined;
};
