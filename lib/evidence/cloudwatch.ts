import * as z from 'zod';
import { counted } from '../wording.ts';
import { hasMembers } from './content.ts';
import { failureSigns } from './failure-signs.ts';
import { evidenceType, mostJson } from './kind.ts';
import { type NamedResult, seriesOfResults } from './metric-figures.ts';
import { type Parsed, timeOfParts } from './report-time.ts';
import { seriesMembers, seriesWords } from './series-facts.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

/**
 * The answer of CloudWatch to GetMetricData, as the AWS CLI and the SDKs write it.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html and API_MetricDataResult.html.
 */
const facts = z.strictObject({ type: z.literal('cloudwatch'), as: z.literal('series'), ...seriesMembers });
type CloudWatchFacts = z.infer<typeof facts>;

export const cloudwatch = evidenceType({
  id: 'cloudwatch',
  description: 'Requests, failures and p95 over time, as the answer of CloudWatch to GetMetricData',
  judgedAs: 'series',
  fileNames: ['*cloudwatch*.json'],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => hasMembers(json, 'MetricDataResults'),
  fieldWords: seriesWords,
  parse: (bytes) => parse(bytes),
  sample: 'cloudwatch.json',
});

const expected = 'the JSON answer of `aws cloudwatch get-metric-data`';
const fix = 'In each query, name the figure as Id and the series as Label; FILL(m, 0) gives zeros (README, "Series from a metric store").';

const message = z.object({ Code: z.string().optional(), Value: z.string().optional() });
const result = z.object({
  Id: z.string(),
  Label: z.string().optional(),
  /** The CLI writes texts, the API itself seconds since 1970, and Python (`json.dumps(answer, default=str)`) texts with a space in place of T. */
  Timestamps: z.array(
    z.preprocess(
      (time) => (typeof time === 'string' ? time.replace(/^(\d{4}-\d\d-\d\d) /, '$1T') : time),
      z.union([z.iso.datetime({ offset: true }), z.number().min(0).max(8e12)]),
    ),
  ),
  Values: z.array(z.number()),
  StatusCode: z.string(),
  Messages: z.array(message).nullish(),
});
const answer = z.object({
  MetricDataResults: z.array(result),
  Messages: z.array(message).nullish(),
  NextToken: z.string().nullish(),
});
type Result = z.output<typeof result>;
type Answer = z.output<typeof answer>;

const parse = (bytes: Uint8Array): Parsed<CloudWatchFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const refused = (detail: string, got: string, what = 'Send the answer as the AWS CLI wrote it.') =>
    unreadable(detail, { got, expected, fix: what });
  const read = answer.safeParse(json.ok);
  if (!read.success) return refused('The JSON is no such answer of CloudWatch.', firstIssue(read.error));
  const incomplete = incompleteOf(read.data) ?? failureSigns(json.ok)[0];
  if (incomplete !== undefined) return refused('The answer is not complete.', incomplete, 'Ask again, for all pages of the answer.');
  const found = seriesOfResults(mergedOf(read.data.MetricDataResults), 'Metrics of CloudWatch', { fix });
  if (found.refused) return found;
  const to = Date.parse(found.ok.figures.to);
  const { figures, problems } = found.ok;
  return {
    reportTime: timeOfParts([{ from: to, to }]),
    account: { problems },
    ok: { type: 'cloudwatch', as: 'series', ...figures },
  };
};

/** What shows that something is missing. Of several pages of one metric, which the CLI puts behind each other, the last one is complete. */
const incompleteOf = ({ MetricDataResults: results, Messages: messages, NextToken: next }: Answer): string | undefined => {
  if (next !== undefined && next !== null) return 'a NextToken: another page follows';
  const [said] = [...(messages ?? []), ...results.flatMap((one) => one.Messages ?? [])];
  if (said !== undefined) return `a message: ${said.Code ?? ''} ${said.Value ?? ''}`;
  const last = new Map(results.map((one) => [one.Id, one.StatusCode]));
  const open = results.find((one) => one.StatusCode !== 'Complete' && one.StatusCode !== 'PartialData');
  if (open !== undefined) return `${open.Id} has the status ${open.StatusCode}`;
  const [partial] = [...last].find(([, status]) => status !== 'Complete') ?? [];
  if (partial !== undefined) return `${partial} has the status PartialData`;
  const uneven = results.find(({ Timestamps, Values }) => Timestamps.length !== Values.length);
  return uneven && `${uneven.Id} has ${counted(uneven.Timestamps.length, 'time')} and ${counted(uneven.Values.length, 'value')}`;
};

/** CloudWatch gives the newest values first unless it is asked otherwise. */
const mergedOf = (results: readonly Result[]): readonly NamedResult[] => {
  const merged = new Map<string, { readonly one: Result; readonly points: [number, number][] }>();
  for (const one of results) {
    const key = JSON.stringify([one.Id, one.Label]);
    const points = one.Timestamps.map((time, place): [number, number] => [millisecondsOf(time), one.Values[place] ?? 0]);
    const earlier = merged.get(key);
    if (earlier === undefined) merged.set(key, { one, points });
    else for (const point of points) earlier.points.push(point);
  }
  return [...merged.values()].map(({ one: { Id, Label }, points }) => ({
    said: `Id ${Id}, Label ${Label ?? 'none'}`,
    series: Label,
    figure: Id,
    points: points.sort(([a], [b]) => a - b),
  }));
};

const millisecondsOf = (time: string | number): number => (typeof time === 'string' ? Date.parse(time) : Math.round(time * 1000));
