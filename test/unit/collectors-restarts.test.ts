import { describe, expect, test } from 'vitest';
import { restartSourceSchema } from '../../lib/checklist/aws-places.ts';
import { readSum } from '../../lib/collectors/metrics.ts';
import type { ServiceHistory } from '../../lib/collectors/ports.ts';
import { type Fed, readRestarts } from '../../lib/collectors/restarts.ts';
import { covers, judgeEvidence } from '../../lib/registry/rules.ts';
import { metricAgrees } from '../../lib/rules/metric-agrees.ts';
import { restartsHeard } from '../../lib/rules/restarts-heard.ts';
import { collectorWorld } from '../fakes/collector.ts';
import { factsOf, json } from './parsed.ts';

const since = '2026-03-02T06:00:00.000Z';
type Options = NonNullable<Parameters<typeof collectorWorld>[1]>;
const web = restartSourceSchema.parse({ kind: 'ecs-service', cluster: 'arn:aws:ecs:eu-central-1:1:cluster/shop', service: 'web' });
const group = restartSourceSchema.parse({ kind: 'auto-scaling-group', name: 'workers' });
const database = restartSourceSchema.parse({ kind: 'rds-instance', name: 'shop-db' });

/** What the run was fed, by the subjects of its observations. */
const fedWith = (...subjects: readonly string[]): Fed => ({
  heard: (subject) => subjects.includes(subject),
  restarts: (beginning) => subjects.filter((subject) => subject.startsWith(beginning)).length,
});
const judged = async (source: typeof web, options: Options, fed: Fed = fedWith()) => {
  const report = await readRestarts(
    collectorWorld(() => ({ status: 200 }), options),
    { restarts: [source] },
    { since, fed },
  );
  const facts = factsOf('restart-history', json(report));
  return { report, facts, ...judgeEvidence(restartsHeard.of({}), facts) };
};

describe('restarts of a service of ECS', () => {
  const at = '2026-03-02T07:00:00.000Z';
  const service = (changes: Partial<ServiceHistory>): Options => ({
    service: { events: [], running: ['t1', 't2'], stopped: [], ...changes },
  });
  const began = (...tasks: readonly string[]) => ({
    at,
    message: `(service web) has started ${tasks.length} tasks: ${tasks.map((task) => `(task ${task})`).join(' ')}.`,
  });

  test.each<[string, Partial<ServiceHistory>, readonly string[], string, string]>([
    ['with none pass', {}, [], 'pass', '0 restarts of 1 resource'],
    ['that ECS still shows and nobody fed fail', { stopped: [{ task: 'a', at }] }, [], 'fail', 'not fed 1 of them, such as web task a at'],
    ['that were fed pass', { stopped: [{ task: 'a', at }] }, ['web task a'], 'pass', 'fed every one'],
    ['of before count for nothing', { stopped: [{ task: 'a', at: '2026-03-02T05:59:59.000Z' }] }, [], 'pass', '0 restarts'],
    ['of a task that started since and runs no more fail', { events: [began('x')] }, [], 'fail', 'web task x'],
    [
      'that the scheduler names fail',
      { events: [{ at, message: '(service web) has stopped 1 running tasks: (task s).' }] },
      [],
      'fail',
      'web task s',
    ],
    ['with a start that replaces a fed stop pass', { events: [began('t1')] }, ['web task old'], 'pass', '0 restarts'],
    ['with a start that no stop explains are not known', { events: [began('t1')] }, [], 'inconclusive', '1 task more started'],
    [
      'with as many events as ECS keeps are not known beyond them',
      { events: Array.from({ length: 100 }, () => ({ at, message: '(service web) has reached a steady state.' })) },
      [],
      'inconclusive',
      `since ${at} only`,
    ],
  ])('%s', async (_what, history, fed, verdict, reason) => {
    expect(await judged(web, service(history), fedWith(...fed))).toMatchObject({
      verdict,
      reason: expect.stringContaining(reason) as unknown,
    });
  });

  test('that cannot be read are not known, with the reason and the name of the resource', async () => {
    expect(await judged(web, { aws: 'ecs answered 400 AccessDeniedException' })).toMatchObject({
      verdict: 'inconclusive',
      reason: 'ecs-service shop/web: its restarts could not be read: ecs answered 400 AccessDeniedException',
    });
  });
});

describe('restarts of instances and databases', () => {
  test('are the terminations of a group, by instance, and not its launches', async () => {
    const endedAt = '2026-03-02T07:00:00.000Z';
    const activities = [
      { status: 'Successful', description: 'Terminating EC2 instance: i-0598c7d356eba48d7', endedAt },
      { status: 'Failed', description: 'Launching a new EC2 instance.  Status Reason: no capacity', endedAt },
      { status: 'Cancelled', description: 'Terminating EC2 instance: i-0000', endedAt },
    ];
    expect((await judged(group, { activities })).reason).toContain('such as workers i-0598c7d356eba48d7');
    expect((await judged(group, { activities }, fedWith('workers i-0598c7d356eba48d7'))).verdict).toBe('pass');
  });

  test('are events of a database about availability and failover, matched by their time', async () => {
    const at = '2026-03-02T07:00:00.000Z';
    const databaseEvents = [
      { at, categories: ['availability'], message: 'DB instance restarted' },
      { at, categories: ['backup'], message: 'Backing up DB instance' },
      { at: '2026-03-02T05:00:00.000Z', categories: ['failover'], message: 'before' },
    ];
    const asked: unknown[] = [];
    const fed: Fed = { heard: (...given) => asked.push(given) > 0, restarts: () => 0 };
    expect((await judged(database, { databaseEvents }, fed)).verdict).toBe('pass');
    expect(asked).toEqual([['shop-db', at]]);
    expect((await judged(database, { databaseEvents })).verdict).toBe('fail');
  });
});

test('a look that begins later, has fewer resources, or could not read covers no earlier one', async () => {
  const failed = (
    await judged(group, { activities: [{ status: 'Successful', description: 'Terminating EC2 instance: i-1', endedAt: since }] })
  ).facts;
  const good = (await judged(group, {})).facts;
  expect(covers(restartsHeard.of({}), [good], failed)).toBe(true);
  expect(covers(restartsHeard.of({}), [{ ...good, since: '2026-03-02T06:00:01.000Z' } as never], failed)).toBe(false);
  expect(covers(restartsHeard.of({}), [(await judged(database, {})).facts], failed)).toBe(false);
  expect(covers(restartsHeard.of({}), [(await judged(group, { aws: 'denied' })).facts], failed)).toBe(false);
});

describe('a metric beside what was fed', () => {
  const rule = metricAgrees.of({
    series: 'read-24h',
    fed: 'stability',
    maxApartPct: 50,
    floorMs: 100,
    floorPct: 0.5,
    floorPerMinute: 10,
    minPoints: 3,
    maxMissingPct: 50,
  });
  const verdictOf = (is: string, values: readonly number[], fed: readonly number[] | undefined, changes: object = {}) => {
    const from = Date.parse(since);
    return judgeEvidence(
      rule,
      factsOf(
        'metric-series',
        json({
          schema: 'holdpoint.metric-series/1',
          series: 'read-24h',
          figure: 'm',
          is,
          period: 60,
          from: since,
          until: new Date(from + 4 * 60_000).toISOString(),
          unread: null,
          points: values.map((value, n) => [from + n * 60_000, value]),
          ...(fed === undefined ? {} : { fed: fed.map((value) => ({ name: 'stability', source: 'probe', component: null, value })) }),
          ...changes,
        }),
      ),
    );
  };

  test.each<[string, string, readonly number[], readonly number[] | undefined, string]>([
    ['as slow as fed', 'p95', [200, 210, 220, 190], [210], 'pass'],
    ['faster than fed: the probe has the way to it', 'p95', [50, 50, 50, 50], [300], 'pass'],
    ['much slower than fed', 'p95', [500, 500, 500, 500], [300], 'fail'],
    ['slower, and below the floor', 'p95', [90, 90, 90, 90], [10], 'pass'],
    ['much worse than each of several', 'p95', [500, 500, 500, 500], [100, 300], 'fail'],
    ['with failures that were not fed', 'error-rate', [5, 5, 5, 5], [0], 'fail'],
    ['with as many failures', 'error-rate', [0.4, 0.4, 0.4, 0.4], [0], 'pass'],
    ['with far less load than fed', 'request-rate', [100, 100, 100, 100], [1000], 'fail'],
    ['with far more load than fed', 'request-rate', [1000, 1000, 1000, 1000], [100], 'fail'],
    ['with the same load', 'request-rate', [100, 100, 100, 100], [110], 'pass'],
    ['with more restarts than fed', 'restarts', [0, 1, 1, 0], [1], 'fail'],
    ['with one restart in one point', 'restarts', [1], [0], 'fail'],
    ['with as many restarts', 'restarts', [0, 1, 0, 0], [1], 'pass'],
    ['with too few points', 'p95', [10, 10], [10], 'inconclusive'],
    ['with nothing to compare', 'p95', [10, 10, 10, 10], [], 'inconclusive'],
    ['that nobody compared', 'p95', [10, 10, 10, 10], undefined, 'inconclusive'],
  ])('%s', (_what, is, values, fed, verdict) => {
    expect(verdictOf(is, values, fed).verdict).toBe(verdict);
  });

  test('that could not be read, or has more gaps than points, proves nothing', () => {
    expect(verdictOf('p95', [], [10], { unread: 'monitoring answered 400' })).toMatchObject({ verdict: 'inconclusive' });
    const until = '2026-03-02T06:10:00.000Z';
    expect(verdictOf('p95', [10, 10, 10, 10], [10], { until })).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('6 missing') as unknown,
    });
  });
});

describe('the sum of a metric', () => {
  const metric = {
    namespace: 'AWS/DynamoDB',
    metric: 'ConsumedWriteCapacityUnits',
    dimensions: { TableName: 'orders' },
    statistic: 'Sum',
    period: 60,
  } as const;
  const points = (from: number, values: readonly number[]) => values.map((value, n) => [from + n * 60_000, value] as const);
  const sum = (options: Options, from = '2026-03-02T07:57:30.000Z') =>
    readSum(
      collectorWorld(() => ({ status: 200 }), options),
      metric,
      {},
      from,
    );

  test('counts whole periods, and says from when to when', async () => {
    const asked: unknown[] = [];
    const read = await sum({
      points: (query) => {
        asked.push(query);
        return points(query.from, [3, 4]);
      },
    });
    expect(read).toEqual({ sum: 7, from: '2026-03-02T07:58:00.000Z', until: '2026-03-02T08:00:00.000Z' });
    expect(asked).toMatchObject([{ ...metric, from: Date.parse('2026-03-02T07:58:00Z'), until: Date.parse('2026-03-02T08:00:00Z') }]);
  });

  test('is not known without a point, a period or an answer', async () => {
    expect(await sum({})).toMatchObject({ failed: expect.stringContaining('has no point of AWS/DynamoDB') as unknown });
    expect(await sum({}, '2026-03-02T07:59:30.000Z')).toMatchObject({ failed: expect.stringContaining('not one period') as unknown });
    expect(await sum({ aws: 'monitoring answered 400' })).toEqual({ failed: 'monitoring answered 400' });
  });
});
