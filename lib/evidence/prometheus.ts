import * as z from 'zod';
import { doubt } from './account.ts';
import { hasMembers } from './content.ts';
import { failureSigns } from './failure-signs.ts';
import { evidenceType, mostJson } from './kind.ts';
import { type NamedResult, seriesOfResults } from './metric-figures.ts';
import { type Parsed, timeOfParts } from './report-time.ts';
import { seriesMembers, seriesWords } from './series-facts.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

/**
 * The answer of Prometheus, or of a store with the same API, to a range query.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/api/ (format overview, range queries, range vectors, native histograms).
 */
const facts = z.strictObject({ type: z.literal('prometheus'), as: z.literal('series'), ...seriesMembers });
type PrometheusFacts = z.infer<typeof facts>;

export const prometheus = evidenceType({
  id: 'prometheus',
  description: 'Requests, failures and p95 over time, as the answer of Prometheus to a range query (/api/v1/query_range)',
  judgedAs: 'series',
  fileNames: ['*prometheus*.json'],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) =>
    (hasMembers(json, 'status', 'data') && hasMembers(json.data, 'resultType', 'result')) ||
    hasMembers(json, 'status', 'errorType', 'error'),
  fieldWords: seriesWords,
  parse: (bytes) => parse(bytes),
  sample: 'prometheus.json',
});

const expected = 'the JSON answer of /api/v1/query_range with "status": "success" and "resultType": "matrix"';
const fix = 'Give each figure the labels holdpoint_series and holdpoint_figure by label_replace (README, "Series from a metric store").';

const envelope = z.object({
  status: z.enum(['success', 'error']),
  errorType: z.string().optional(),
  error: z.string().optional(),
  warnings: z.array(z.string()).nullish(),
  infos: z.array(z.string()).nullish(),
  /** VictoriaMetrics: a part of its stores did not answer. */
  isPartial: z.boolean().optional(),
  data: z.unknown().optional(),
});
/** A number as Go writes it. Seconds since 1970, with a fraction of milliseconds. */
const sample = z.tuple([z.number().min(0).max(8e12), z.string().regex(/^(?:NaN|[+-]?Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/)]);
const matrix = z.array(
  z.object({ metric: z.record(z.string(), z.string()), values: z.array(sample).optional(), histograms: z.array(z.unknown()).optional() }),
);
type Matrix = z.output<typeof matrix>;

const parse = (bytes: Uint8Array): Parsed<PrometheusFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const read = envelope.safeParse(json.ok);
  if (!read.success) return notAnAnswer(firstIssue(read.error));
  const incomplete = incompleteOf(read.data);
  if (incomplete !== undefined) return incomplete;
  const [sign] = failureSigns(json.ok);
  if (sign !== undefined) return refused('The answer says itself that it is not whole.', sign, 'Mend what it names, and ask again.');
  const kind = hasMembers(read.data.data, 'resultType', 'result') ? read.data.data : undefined;
  if (kind === undefined) return notAnAnswer('an answer without resultType and result');
  if (kind.resultType !== 'matrix')
    return refused(
      'The answer is about one instant, and a series needs a range of time.',
      `the resultType ${String(kind.resultType)}`,
      ask,
    );
  const results = matrix.safeParse(kind.result);
  if (!results.success) return notAnAnswer(firstIssue(results.error));
  const native = results.data.find(({ histograms = [] }) => histograms.length > 0);
  if (native !== undefined)
    return refused('A series has native histograms, which are not read.', saidOf(native.metric), 'Use histogram_quantile in the query.');
  const found = seriesOfResults(results.data.map(namedOf), 'Metrics of Prometheus', { fix });
  if (found.refused) return found;
  const to = Date.parse(found.ok.figures.to);
  const problems = [...(read.data.infos ?? []).map((info) => doubt('tool-reports', info)), ...found.ok.problems];
  return {
    reportTime: timeOfParts([{ from: to, to }]),
    account: { problems },
    ok: { type: 'prometheus', as: 'series', ...found.ok.figures },
  };
};

const ask = 'Ask /api/v1/query_range with start, end and step.';
const refused = (detail: string, got: string, what: string) => unreadable(detail, { got, expected, fix: what });
const notAnAnswer = (got: string) => refused('The JSON is no such answer of Prometheus.', got, 'Send the answer as the server gave it.');

/** An answer that lacks something, or may: what is not in it could be what is bad. Thanos and Mimir warn where a store did not answer. */
const incompleteOf = ({ status, errorType, error, warnings, isPartial }: z.output<typeof envelope>) => {
  const again = 'Mend what it names, and ask again.';
  if (status === 'error') return refused('The answer is an error.', `${errorType}: ${error}`, again);
  if (isPartial === true) return refused('The answer is partial: not every store answered.', '"isPartial": true', again);
  if (warnings !== undefined && warnings !== null && warnings.length > 0)
    return refused('The server warns of its own answer, so data may be missing.', warnings.join(' | '), again);
  return undefined;
};

const saidOf = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`;

const namedOf = ({ metric, values = [] }: Matrix[number]): NamedResult => {
  const label = (name: string): string | undefined => (Object.hasOwn(metric, name) ? metric[name] : undefined);
  return {
    said: saidOf(metric),
    series: label('holdpoint_series'),
    figure: label('holdpoint_figure'),
    points: values.map(([seconds, value]) => [Math.round(seconds * 1000), numberOf(value)]),
  };
};

const numberOf = (text: string): number => Number(text.replace(/Inf$/, 'Infinity'));
