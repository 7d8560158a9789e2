import * as z from 'zod';
import { hasMembers } from './content.ts';
import { evidenceType, megabyte } from './kind.ts';
import { type LoadFigures, loadMembers, loadWords } from './load-facts.ts';
import { factsOfK6 } from './load-k6.ts';
import type { Parsed } from './report-time.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({ type: z.literal('k6'), as: z.literal('load'), ...loadMembers });
type K6Facts = z.infer<typeof facts>;

/** Metrics that k6 writes in every summary of a test, and no other tool. */
const own = ['iterations', 'iteration_duration', 'vus', 'vus_max', 'http_reqs', 'http_req_duration', 'data_received'];

export const k6 = evidenceType({
  id: 'k6',
  description: 'Summary of a load test by k6 (--summary-export or handleSummary, in its old or its new form) as JSON',
  judgedAs: 'load',
  fileNames: ['*k6*.json'],
  mediaTypes: ['application/json'],
  maxBytes: megabyte,
  facts,
  recognises: ({ json }) => {
    if (hasMembers(json, 'metrics') && hasMembers(json.metrics)) return own.some((name) => hasMembers(json.metrics, name));
    const metrics = hasMembers(json, 'results') && hasMembers(json.results, 'metrics') ? json.results.metrics : [];
    return Array.isArray(metrics) && metrics.some((one: unknown) => hasMembers(one, 'name') && own.includes(String(one.name)));
  },
  fieldWords: loadWords,
  parse: (bytes) => parse(bytes),
  sample: 'k6-handle-summary.json',
});

const expected = 'a summary of k6: --summary-export or handleSummary, in its old or its new form';

const parse = (bytes: Uint8Array): Parsed<K6Facts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const read = readK6(json.ok);
  return read.refused ? read : { ...read, ok: { type: 'k6', as: 'load', ...read.ok } };
};

/** Recomputes failures; where a summary counts them in two ways, the worse count is used. */
export const readK6 = (json: unknown): Parsed<LoadFigures> => {
  const read = factsOfK6(json);
  if (read.refused === undefined) return read;
  return unreadable('The JSON is not a summary of k6.', {
    got: read.refused,
    expected,
    fix: 'Let k6 run its HTTP requests for some seconds, with --summary-export and --summary-trend-stats="avg,min,med,max,p(90),p(95),p(99)".',
  });
};
