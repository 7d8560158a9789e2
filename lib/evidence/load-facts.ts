import * as z from 'zod';
import { type Account, type Contradiction, doubt, problemsOf, type Words } from './account.ts';

/** What every report of a load test states, whatever its tool: the facts of `load`, and of the types that are judged as `load`. */
export const loadMembers = {
  tool: z.enum(['artillery', 'autocannon', 'k6']).describe('tool'),
  /** Clients that the test was configured to use and that ran; null where the report does not say how many were at once. */
  concurrency: z.int().min(0).nullable().describe('clients'),
  /**
   * Clients that had a request under way, on average: throughput times mean time. A client that never gets an answer is not among them. Null
   * where the report does not tell.
   */
  busyClients: z.number().min(0).nullable().describe('clients that were busy on average'),
  requests: z.int().min(0).describe('requests'),
  failed: z.int().min(0).describe('failed requests'),
  checks: z.int().min(0).describe('checks of the test'),
  failedChecks: z.int().min(0).describe('failed checks of the test'),
  iterations: z.int().min(0).describe('iterations'),
  /** Iterations that the test planned and did not start, because no client was free. */
  droppedIterations: z.int().min(0).describe('planned iterations that did not start'),
  /** Null where the report has neither the 99th percentile nor a higher figure. */
  p99Ms: z.number().min(0).nullable().describe('99th percentile of the response times'),
  /** Whether `p99Ms` is the 99th percentile, or a higher figure that it cannot exceed. */
  p99: z.enum(['measured', 'bound']).describe('how the 99th percentile is known'),
  /** Null where the report does not say how long the test took. */
  durationSeconds: z.number().min(0).nullable().describe('length'),
  /** What the tool itself says went wrong. */
  signs: z.array(z.string()).describe('what the tool says went wrong'),
  /** Figures that cannot be true together. */
  contradictions: z.array(z.string()).describe('figures that cannot be true together'),
};

const facts = z.strictObject(loadMembers);
/** Facts of a load test without their type. */
export type LoadFigures = z.infer<typeof facts>;

export const loadWords = ({
  tool,
  requests,
  failed,
  concurrency,
  busyClients,
  p99,
  p99Ms,
  durationSeconds,
  ...rest
}: LoadFigures): Words => ({
  tool,
  requests,
  failedRequests: failed,
  errorRate: requests === 0 ? null : Math.min(1, failed / requests),
  latencyMs: { p50: null, p95: null, p99: p99 === 'measured' ? p99Ms : null },
  vusMax: concurrency,
  busyClients,
  durationSeconds,
  checks: rest.checks,
  failedChecks: rest.failedChecks,
});

/** The percentiles that a report has beside the facts, and what does not add up in it. */
export const loadAccount = (
  figures: LoadFigures,
  { p50, p95 }: { readonly p50: number | undefined; readonly p95: number | undefined },
  contradictions: readonly Contradiction[],
): Account => ({
  counted: { latencyMs: { p50: p50 ?? null, p95: p95 ?? null, p99: figures.p99 === 'measured' ? figures.p99Ms : null } },
  problems: [...figures.signs.map((sign) => doubt('tool-reports', sign)), ...problemsOf(contradictions)],
});
