import { describe, expect, test } from 'vitest';
import { type DataOf, isType } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import { measurementsOf } from '../../lib/measurements/index.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { check, checklistOf, ci, dependenciesOf, gate, startInput } from '../given.ts';
import { series } from '../report-fixtures.ts';
import { type Story, send } from '../story.ts';
import { baselineReport, unmeasured } from './measured-series.ts';

const measuredIn = async ({ deps, run }: Pick<Story, 'deps' | 'run'>): Promise<DataOf<'figures.measured'>[]> =>
  (await deps.trail.read(`run/${run}`, { lane: lanes.measurement })).filter(isType('figures.measured')).map(({ event }) => event.data);

describe('a series', () => {
  test.each([
    ['that satisfies its check', 20, true],
    ['that does not', 5, false],
  ])('%s leaves its figures in the trail, and says so', async (_what, seconds, passed) => {
    const story = await unmeasured();
    const { ok } = await recordEvidence(story.deps, baselineReport(story, seconds), ci);
    expect(await measuredIn(story)).toMatchObject([
      { name: 'baseline', evidence: ok?.event, source: 'unit', component: null, passed, points: 21, p95Ms: 5, errorRatePct: 0 },
    ]);
  });

  test('that serves no check never counts as passed', async () => {
    const story = await unmeasured();
    await send(story, 'series', series('other', story.deps.clock.now().getTime() - 20_000, 20, 21));
    expect(await measuredIn(story)).toMatchObject([{ name: 'other', passed: false }]);
  });

  test('that is sent twice is measured once', async () => {
    const story = await unmeasured();
    const again = baselineReport(story, 20);
    for (let n = 0; n < 2; n += 1) expect((await recordEvidence(story.deps, again, ci)).refused).toBeUndefined();
    expect(await measuredIn(story)).toHaveLength(1);
  });
});

describe('what Holdpoint looks at itself', () => {
  const probes = (changes: object) => ({
    type: 'probes',
    set: 'probes',
    to: '2026-03-02T10:00:00.000Z',
    probes: [{ id: 'orders', critical: true, outcome: 'failed', tries: 3, failed: 3, ...changes }],
  });
  test('a probe is measured as the look came out', () => {
    expect(measurementsOf(probes({}), { passed: false })).toEqual([
      {
        type: 'probe.measured',
        data: { probe: 'orders', critical: true, at: '2026-03-02T10:00:00.000Z', outcome: 'failed', tries: 3, failed: 3 },
      },
    ]);
  });
  test.each([
    ['a probe that was not made', probes({ outcome: 'not-probed', tries: 0, failed: 0 })],
    ['an outcome of a later version', probes({ outcome: 'skipped' })],
    ['the proof of a step', { ...probes({}), set: 'proof' }],
    ['a report that cannot be read', { type: 'unreadable', reason: 'no JSON' }],
    ['another type', { type: 'junit' }],
  ])('%s measures nothing', (_what, facts) => {
    expect(measurementsOf(facts, { passed: true })).toEqual([]);
  });

  const metric = (is: string, values: readonly number[], unread: string | null = null) => ({
    type: 'metric-series',
    series: 'monitoring',
    is,
    period: 60,
    from: '2026-03-02T10:00:00.000Z',
    until: '2026-03-02T10:30:00.000Z',
    unread,
    points: values.map((value, n) => [Date.parse('2026-03-02T10:00:00.000Z') + n * 60_000, value]),
  });
  test.each([
    ['p95', { p95Ms: 20, errorRatePct: null, requestsPerMinute: null }],
    ['error-rate', { p95Ms: null, errorRatePct: 20, requestsPerMinute: null }],
    ['request-rate', { p95Ms: null, errorRatePct: null, requestsPerMinute: 20 }],
  ])('a metric of %s is one figure, with its windows', (is, figures) => {
    const [found] = measurementsOf(metric(is, [10, 20, 30]), { passed: true });
    expect(found?.data).toMatchObject({ name: 'monitoring', points: 3, passed: true, ...figures });
    expect(found?.data).toHaveProperty('windows.length', 1);
  });
  test.each([
    ['restarts', metric('restarts', [1])],
    ['a metric that could not be read', metric('p95', [1], 'access denied')],
    ['a metric without points', metric('p95', [])],
  ])('%s measure nothing', (_what, facts) => {
    expect(measurementsOf(facts, { passed: true })).toEqual([]);
  });
  test.each([
    [9, [9]],
    [25, [5, 10, 10]],
    [100, Array.from({ length: 10 }, () => 10)],
    [1440, Array.from({ length: 10 }, () => 144)],
  ])('%i points make windows of ten or more, ten at most, and the last ones are whole', (count, expected) => {
    const values = Array.from({ length: count }, (_, n) => n);
    const [found] = measurementsOf(metric('p95', values), { passed: true });
    const { windows = [] } = (found?.type === 'figures.measured' ? found.data : undefined) ?? {};
    expect(windows.map(({ points }) => points)).toEqual(expected);
    const last = values.slice(-(expected.at(-1) ?? 0));
    expect(windows.at(-1)?.p95Ms).toBe(last.reduce((sum, one) => sum + one, 0) / last.length);
  });
});

describe('the start order', () => {
  const components = [
    { component: 'web', platform: { kind: 'reported' as const }, startsAfter: ['queue'] },
    { component: 'queue', platform: { kind: 'reported' as const }, startsAfter: [] },
  ];
  const targets = { components, probes: [], alarms: [], metrics: [], restarts: [], privateAddresses: false, staging: false };
  test.each([
    [
      'as the stage has it',
      { shop: { production: targets } },
      [
        { component: 'web', after: ['queue'] },
        { component: 'queue', after: [] },
      ],
    ],
    ['not at all where the stage has none', { shop: { staging: targets } }, undefined],
  ])('is pinned with the start: %s', async (_what, stageTargets, expected) => {
    const deps = dependenciesOf(checklistOf([gate('phase-1')], [check('a', 'phase-1')]), { stage: { targets: stageTargets } });
    const { ok } = await startRun(deps, startInput, ci);
    const [started] = (await deps.trail.read(`run/${ok?.run}`, { lane: lanes.run })).filter(isType('run.started'));
    expect(started?.event.data.startOrder).toEqual(expected);
  });
});
