import * as z from 'zod';
import { evidenceType, megabyte } from './kind.ts';
import { factsOfArtillery, isArtillery } from './load-artillery.ts';
import { factsOfAutocannon } from './load-autocannon.ts';
import { factsOfK6, isK6 } from './load-k6.ts';
import type { Parsed } from './report-time.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({
  type: z.literal('load'),
  tool: z.enum(['artillery', 'autocannon', 'k6']),
  /** Clients that the test was configured to use and that ran. */
  concurrency: z.int().min(0),
  /** Clients that had a request under way, on average: throughput times mean time. A client that never gets an answer is not among them. */
  busyClients: z.number().min(0),
  requests: z.int().min(0),
  failed: z.int().min(0),
  checks: z.int().min(0),
  failedChecks: z.int().min(0),
  iterations: z.int().min(0),
  /** Iterations that the test planned and did not start, because no client was free. */
  droppedIterations: z.int().min(0),
  p99Ms: z.number().min(0),
  /** Whether `p99Ms` is the 99th percentile, or a higher figure that it cannot exceed. */
  p99: z.enum(['measured', 'bound']),
  durationSeconds: z.number().min(0),
  /** What the tool itself says went wrong. */
  signs: z.array(z.string()),
  /** Figures that cannot be true together. */
  contradictions: z.array(z.string()),
});
export type LoadFacts = z.infer<typeof facts>;

export const load = evidenceType({
  id: 'load',
  description: 'Result of a load test by autocannon, k6 or Artillery as JSON',
  fileNames: ['load.json', 'load-*.json', '*load-test*.json', '*-load.json', '*k6*.json', '*autocannon*.json', '*artillery*.json'],
  mediaTypes: ['application/json'],
  maxBytes: megabyte,
  facts,
  parse: (bytes) => parse(bytes),
  sample: 'load.json',
});

const expected =
  'the JSON result of autocannon, a summary of k6 (--summary-export or handleSummary, in its old or its new form), or a report of Artillery';

/** Recomputes failures; where a result counts them in two ways, the worse count is used. */
const parse = (bytes: Uint8Array): Parsed<LoadFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const read = readerOf(json.ok)(json.ok);
  if (read.refused === undefined) return { ok: read.ok, reportTime: read.reportTime };
  return unreadable('The JSON is not a result of autocannon, k6 or Artillery.', {
    got: read.refused,
    expected,
    fix: 'Use `autocannon --json`, `artillery run --output`, or k6 with --summary-export and --summary-trend-stats="avg,min,med,max,p(90),p(95),p(99)".',
  });
};

const readerOf = (value: unknown): typeof factsOfK6 => {
  if (isArtillery(value)) return factsOfArtillery;
  return isK6(value) ? factsOfK6 : factsOfAutocannon;
};
