import { expect, test } from 'vitest';
import type { AwsCall } from '../../lambdas/adapters/aws-call.ts';
import { createCloudWatchReader } from '../../lambdas/adapters/cloudwatch-reader.ts';

/** Three metrics that are asked for together, of which one cannot be read. */

type Answer = Awaited<ReturnType<AwsCall>>;
const at = 1_772_438_400_000;
const queries = ['good', 'bad', 'fine'].map((metric) => ({
  ...{ namespace: 'N', metric, dimensions: {}, statistic: 'Sum', period: 60, from: at, until: at + 60_000 },
}));
const figure = (n: number, StatusCode = 'Complete') => ({ Id: `figure${n}`, Timestamps: [at / 1000], Values: [n], StatusCode });
const answered = (...MetricDataResults: object[]): Answer => ({ text: JSON.stringify({ MetricDataResults }) });
const refused = (code: string): Answer => ({ failed: `monitoring answered 400 ${code}`, code, message: '', busy: false });
const read = (n: number) => ({ points: [[at, n]] });

test.each<[string, readonly Answer[], readonly object[]]>([
  [
    'that fails within an answer leaves the others readable',
    [answered(figure(0), figure(1, 'InternalError'), figure(2))],
    [read(0), { failed: 'monitoring answered the metric with InternalError' }, read(2)],
  ],
  [
    'that CloudWatch does not take leaves the others readable, because each is then asked for alone',
    [refused('ValidationError'), answered(figure(0)), refused('ValidationError'), answered(figure(0))],
    [read(0), { failed: 'monitoring answered 400 ValidationError' }, read(0)],
  ],
  [
    'that is refused with all of them for who asks is not asked for again',
    [refused('AccessDenied')],
    queries.map(() => ({ failed: 'monitoring answered 400 AccessDenied' })),
  ],
])('a metric %s', async (_what, answers, expected) => {
  const left = [...answers];
  const call: AwsCall = async () => left.shift() ?? expect.fail('asked once too often');
  expect(await createCloudWatchReader(call).points({}, queries)).toEqual(expected);
  expect(left).toEqual([]);
});
