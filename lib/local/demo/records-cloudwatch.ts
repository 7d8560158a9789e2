import { unescaped } from '../browser.ts';
import type { Workspace } from './workspace.ts';

/** What the records ask of the local CloudWatch, by its query protocol. */

/** The emulator finds service and region in this header and does not check the signature. */
const headers = {
  authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=none',
  'content-type': 'application/x-www-form-urlencoded',
};

export type CloudWatch = (action: string, parameters: Readonly<Record<string, string>>) => Promise<string>;

export const cloudWatchOf =
  ({ endpoint }: Workspace): CloudWatch =>
  async (action, parameters) => {
    const body = new URLSearchParams({ Action: action, Version: '2010-08-01', ...parameters }).toString();
    const answer = await fetch(`${endpoint}/`, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the local CloudWatch answered ${answer.status} to ${action}: ${text.slice(0, 200)}`);
    return text;
  };

/** The texts of all elements of this name, in their order. */
export const textsOf = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => unescaped(text));

export type Series = { readonly namespace: string; readonly metric: string; readonly alias: string };

const dimensionOf = ({ alias }: Series, prefix: string): Readonly<Record<string, string>> => ({
  [`${prefix}.1.Name`]: 'Alias',
  [`${prefix}.1.Value`]: alias,
});

export const putMetric = async (call: CloudWatch, series: Series, value: number): Promise<void> => {
  await call('PutMetricData', {
    Namespace: series.namespace,
    'MetricData.member.1.MetricName': series.metric,
    'MetricData.member.1.Unit': 'Count',
    'MetricData.member.1.Value': String(value),
    'MetricData.member.1.StorageResolution': '1',
    ...dimensionOf(series, 'MetricData.member.1.Dimensions.member'),
  });
};

/** How many measurements the metric has between two instants, and when the last one came, to the second. */
export const countMetric = async (
  call: CloudWatch,
  series: Series,
  { from, until }: { readonly from: Date; readonly until: Date },
): Promise<{ readonly samples: number; readonly last: string | null }> => {
  const answer = await call('GetMetricStatistics', {
    Namespace: series.namespace,
    MetricName: series.metric,
    StartTime: from.toISOString(),
    EndTime: until.toISOString(),
    Period: '1',
    'Statistics.member.1': 'SampleCount',
    ...dimensionOf(series, 'Dimensions.member'),
  });
  const samples = textsOf(answer, 'SampleCount').reduce((sum, text) => sum + Number(text), 0);
  return { samples, last: textsOf(answer, 'Timestamp').toSorted().at(-1) ?? null };
};

/** The state of an alarm; undefined when no alarm has this name. */
export const stateOf = async (call: CloudWatch, name: string): Promise<string | undefined> =>
  textsOf(await call('DescribeAlarms', { 'AlarmNames.member.1': name }), 'StateValue')[0];
