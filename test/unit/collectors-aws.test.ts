import { describe, expect, test } from 'vitest';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { readAlarms } from '../../lib/collectors/alarms.ts';
import { readMetrics } from '../../lib/collectors/metrics.ts';
import type { MetricQuery } from '../../lib/collectors/ports.ts';
import { readBack } from '../../lib/collectors/read-back.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { collectorWorld } from '../fakes/collector.ts';
import { factsOf, json } from './parsed.ts';

describe('alarms', () => {
  const alarm = { name: 'a', state: 'OK' as const, stateSince: '2026-03-01T00:00:00.000Z', actionsEnabled: true, actions: 1 };
  const rule = { kind: 'alarms-ready/1', evidence: 'alarm-state', maxUnknownSeconds: 3600 } as const;
  test.each<[string, object, string]>([
    ['good', {}, 'pass'],
    ['red', { state: 'ALARM' }, 'fail'],
    ['without action', { actions: 0 }, 'fail'],
    ['disabled', { actionsEnabled: false }, 'fail'],
    ['without data for long', { state: 'INSUFFICIENT_DATA' }, 'fail'],
    ['without data for a moment', { state: 'INSUFFICIENT_DATA', stateSince: '2026-03-02T07:59:00.000Z' }, 'inconclusive'],
    ['missing', { name: 'another' }, 'fail'],
  ])('that are %s', async (_what, changes, verdict) => {
    const world = collectorWorld(() => ({ status: 200 }), { alarms: [{ ...alarm, ...changes }] });
    const facts = factsOf('alarm-state', json(await readAlarms(world, { alarms: ['a'] })));
    expect(judgeEvidence(rule, facts).verdict).toBe(verdict);
  });

  test('that cannot be read, or are not named, prove nothing', async () => {
    const denied = collectorWorld(() => ({ status: 200 }), { aws: 'monitoring answered 400 AccessDeniedException' });
    const verdicts = [
      factsOf('alarm-state', json(await readAlarms(denied, { alarms: ['a'] }))),
      factsOf('alarm-state', json(await readAlarms(denied, { alarms: [] }))),
    ].map((facts) => judgeEvidence(rule, facts).verdict);
    expect(verdicts).toEqual(['inconclusive', 'inconclusive']);
  });

  test('whose history the run was not fed are found', async () => {
    const changes = [
      { at: '2026-03-02T07:00:00.000Z', to: 'ALARM' as const },
      { at: '2026-03-02T07:05:00.000Z', to: 'OK' as const },
    ];
    const world = collectorWorld(() => ({ status: 200 }), { alarms: [alarm], history: changes });
    const judged = async (heard: boolean) => {
      const report = await readAlarms(world, { alarms: ['a'] }, { since: '2026-03-02T06:00:00.000Z', heard: () => heard });
      return judgeEvidence({ kind: 'alarms-heard/1', evidence: 'alarm-state' }, factsOf('alarm-state', json(report)));
    };
    expect((await judged(true)).verdict).toBe('pass');
    const none = await readAlarms(world, { alarms: [] }, { since: '2026-03-02T06:00:00.000Z', heard: () => true });
    expect(judgeEvidence({ kind: 'alarms-heard/1', evidence: 'alarm-state' }, factsOf('alarm-state', json(none))).verdict).toBe(
      'inconclusive',
    );
    expect(await judged(false)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('not fed 1 of them, such as a at') as unknown,
    });
  });
});

describe('a metric', () => {
  const targets = (changes: object) =>
    targetsSchema.parse({
      components: [{ component: 'web', platform: { kind: 'reported' } }],
      metrics: [{ id: 'errors', is: 'error-rate', namespace: 'N', metric: 'Errors', statistic: 'Sum', ...changes }],
    });
  const minute = Date.parse('2026-03-02T07:50:00.000Z');
  const read = async (
    changes: object,
    points: (query: MetricQuery) => readonly (readonly [number, number])[],
    from = '2026-03-02T07:49:30.000Z',
  ) => {
    const world = collectorWorld(() => ({ status: 200 }), { points });
    const given = targets(changes);
    const [report] = await readMetrics(world, given.metrics, given, { series: 'monitoring', from });
    if (report === undefined) throw new Error('no metric');
    return factsOf('metric-series', json(report));
  };

  test('has whole periods only, and its gaps are counted', async () => {
    const facts = await read({}, () => [
      [minute - 60_000, 9],
      [minute, 1],
      [minute + 240_000, 2],
    ]);
    expect(facts).toMatchObject({
      from: '2026-03-02T07:50:00.000Z',
      until: '2026-03-02T08:00:00.000Z',
      points: [
        [minute, 1],
        [minute + 240_000, 2],
      ],
      missing: 8,
      longestGapSeconds: 300,
      gaps: [
        { from: '2026-03-02T07:51:00.000Z', until: '2026-03-02T07:54:00.000Z' },
        { from: '2026-03-02T07:55:00.000Z', until: '2026-03-02T08:00:00.000Z' },
      ],
    });
  });

  test('is a share where it is divided: no error without its point, and no share without requests', async () => {
    const facts = await read({ dividedBy: 'Requests' }, ({ metric }) =>
      metric === 'Errors'
        ? [[minute, 1]]
        : [
            [minute, 4],
            [minute + 60_000, 8],
            [minute + 120_000, 0],
          ],
    );
    expect(facts.points).toEqual([
      [minute, 25],
      [minute + 60_000, 0],
    ]);
  });

  test('of a long time gets longer periods', async () => {
    const facts = await read({ period: 1 }, () => [], '2026-02-01T00:00:00.000Z');
    expect(facts.period % 60).toBe(0);
    expect(facts.missing).toBeLessThanOrEqual(10_000);
  });

  test.each<[string, object, readonly (readonly [number, number])[], string]>([
    ['within its limit', { most: 2 }, Array.from({ length: 10 }, (_, n) => [minute + n * 60_000, 1] as const), 'pass'],
    ['beyond it once', { most: 2 }, [[minute, 3]], 'fail'],
    ['with few points', { most: 2 }, [[minute, 1]], 'inconclusive'],
    ['with a gap', { most: 2, minPoints: 1 }, [[minute, 1]], 'inconclusive'],
  ])('%s is judged', async (_what, changes, points, verdict) => {
    const rule = {
      kind: 'metric-within/1',
      evidence: 'metric-series',
      series: 'monitoring',
      figure: 'error-rate',
      minPoints: 5,
      maxMissingPct: 10,
      most: 2,
      ...changes,
    } as const;
    expect(judgeEvidence(rule, await read({}, () => points)).verdict).toBe(verdict);
  });

  test('that cannot be read proves nothing', async () => {
    const world = collectorWorld(() => ({ status: 200 }), { aws: 'denied' });
    const given = targets({});
    const reports = await readMetrics(world, given.metrics, given, { series: 'monitoring', from: '2026-03-02T07:00:00.000Z' });
    expect(reports).toMatchObject([{ unread: 'denied', points: [] }]);
  });

  test.each(['Errors', 'Requests'])('that cannot be read leaves the others readable: %s', async (broken) => {
    const { cloudwatch, ...world } = collectorWorld(() => ({ status: 200 }), { points: () => [[minute, 1]] });
    const points: typeof cloudwatch.points = async (place, queries) =>
      (await cloudwatch.points(place, queries)).map((one, n) => (queries[n]?.metric === broken ? { failed: 'no such metric' } : one));
    const own = { namespace: 'N', statistic: 'Sum' };
    const given = targetsSchema.parse({
      components: [{ component: 'web', platform: { kind: 'reported' } }],
      metrics: [
        { ...own, id: 'errors', is: 'error-rate', metric: 'Errors', dividedBy: 'Requests' },
        { ...own, id: 'slow', is: 'p95', metric: 'Duration' },
      ],
    });
    const window = { series: 'x', from: '2026-03-02T07:50:00.000Z' };
    expect(await readMetrics({ ...world, cloudwatch: { ...cloudwatch, points } }, given.metrics, given, window)).toMatchObject([
      { figure: 'errors', unread: 'no such metric', points: [] },
      { figure: 'slow', unread: null, points: [[minute, 1]] },
    ]);
  });

  test('is read together with the others of its place, each with its own period and share', async () => {
    const asked: (readonly string[])[] = [];
    const world = collectorWorld(() => ({ status: 200 }), {
      points: ({ metric }) => [[minute, { Errors: 1, Requests: 4, Duration: 80, Away: 5 }[metric] ?? 0]],
    });
    const { cloudwatch } = world;
    const points: typeof cloudwatch.points = (place, queries) => {
      asked.push(queries.map(({ metric, period }) => `${place.region ?? 'own'} ${metric} ${period}`));
      return cloudwatch.points(place, queries);
    };
    const p95 = { is: 'p95', namespace: 'N', statistic: 'p95' };
    const given = targetsSchema.parse({
      components: [{ component: 'web', platform: { kind: 'reported' } }],
      metrics: [
        { id: 'errors', is: 'error-rate', namespace: 'N', metric: 'Errors', statistic: 'Sum', dividedBy: 'Requests' },
        { ...p95, id: 'away', metric: 'Away', region: 'us-east-1' },
        { ...p95, id: 'slow', metric: 'Duration', period: 120 },
      ],
    });
    const from = '2026-03-02T07:50:00.000Z';
    const reports = await readMetrics({ ...world, cloudwatch: { ...cloudwatch, points } }, given.metrics, given, { series: 'x', from });
    expect(asked).toEqual([['own Errors 60', 'own Requests 60', 'own Duration 120'], ['us-east-1 Away 60']]);
    expect(reports.map(({ figure, period, points: [first] }) => [figure, period, first?.[1]])).toEqual([
      ['errors', 60, 25],
      ['away', 60, 5],
      ['slow', 120, 80],
    ]);
  });
});

test('a platform that cannot be read is a result with its reason', async () => {
  const world = collectorWorld(() => ({ status: 200 }), { running: { shop: { digest: `sha256:${'a'.repeat(64)}`, reference: '7' } } });
  const alias = (name: string) => ({
    component: 'web',
    startsAfter: [],
    platform: { kind: 'lambda-alias', function: name, alias: 'live' } as const,
  });
  expect(await readBack(world, alias('shop'))).toMatchObject({ reference: '7', detail: 'read from the alias live' });
  expect(await readBack(world, alias('gone'))).toMatchObject({ digest: null, detail: 'lambda answered ResourceNotFoundException' });
  expect(await readBack(world, { component: 'web', startsAfter: [], platform: { kind: 'reported' } })).toMatchObject({ digest: null });
});
