import * as z from 'zod';
import { type Account, type Contradiction, doubt, problemsOf, type Words } from './account.ts';

/** What every report of a load test states, whatever its tool: the facts of `load`, and of the types that are judged as `load`. */
export const loadMembers = {
  tool: z.enum(['artillery', 'autocannon', 'k6']),
  /** Clients that the test was configured to use and that ran; null where the report does not say how many were at once. */
  concurrency: z.int().min(0).nullable(),
  /**
   * Clients that had a request under way, on average: throughput times mean time. A client that never gets an answer is not among them. Null
   * where the report does not tell.
   */
  busyClients: z.number().min(0).nullable(),
  requests: z.int().min(0),
  failed: z.int().min(0),
  checks: z.int().min(0),
  failedChecks: z.int().min(0),
  iterations: z.int().min(0),
  /** Iterations that the test planned and did not start, because no client was free. */
  droppedIterations: z.int().min(0),
  /** Null where the report has neither the 99th percentile nor a higher figure. */
  p99Ms: z.number().min(0).nullable(),
  /** Whether `p99Ms` is the 99th percentile, or a higher figure that it cannot exceed. */
  p99: z.enum(['measured', 'bound']),
  /** Null where the report does not say how long the test took. */
  durationSeconds: z.number().min(0).nullable(),
  /** What the tool itself says went wrong. */
  signs: z.array(z.string()),
  /** Figures that cannot be true together. */
  contradictions: z.array(z.string()),
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
