import { describe, expect, test } from 'vitest';
import type { RunSummary } from '../../lib/ports.ts';
import { metricsOf, mostRuns, readMetricRuns } from '../../lib/query/metrics.ts';
import { type Release, summaryOf } from '../pages/metrics-scenarios.ts';

const now = new Date('2026-03-30T08:00:00.000Z');
const hour = 3_600_000;
const day = 24 * hour;
const ago = (days: number, more: Omit<Release, 'startedAt'> = {}): RunSummary =>
  summaryOf({ startedAt: new Date(now.getTime() - days * day), ...more });
const of = (runs: readonly RunSummary[], weeks = 4) => metricsOf(runs, { now, weeks });

describe('the figures about releases', () => {
  test('count a deployment in the week in which it was finished, for each service and environment', () => {
    const { groups } = of([ago(2), ago(3), ago(10), ago(40), ago(3, { service: 'billing' }), ago(3, { environment: 'staging' })]);
    expect(groups.map(({ service, environment, deployments }) => [service, environment, deployments])).toEqual([
      ['billing', 'production', 1],
      ['shop', 'production', 3],
      ['shop', 'staging', 1],
    ]);
    expect(groups[1]?.weekly.map(({ deployments }) => deployments)).toEqual([0, 0, 1, 2]);
    expect(groups[1]?.weekly.map(({ from }) => from.slice(0, 10))).toEqual(['2026-03-02', '2026-03-09', '2026-03-16', '2026-03-23']);
  });

  test('are medians that say of how many releases they are', () => {
    const [group] = of([
      ago(5, { deployedAfter: 10, goAfter: 4, asked: [['go-no-go', 60]] }),
      ago(6, { deployedAfter: 20, goAfter: 6, asked: [['go-no-go', 180]] }),
      ago(7, {
        deployedAfter: 90,
        goAfter: 8,
        asked: [
          ['go-no-go', 9000],
          ['sign-off', 5],
        ],
      }),
      ago(8, { deployedAfter: 21, goAfter: 40, asked: [] }),
    ]).groups;
    expect(group?.leadTime).toEqual({ seconds: 20.5 * 3600, of: 4 });
    expect(group?.goTime).toEqual({ seconds: 7 * 3600, of: 4 });
    expect(group?.waits).toEqual([
      { gate: 'go-no-go', seconds: 180, of: 3 },
      { gate: 'sign-off', seconds: 5, of: 1 },
    ]);
  });

  test.each(['rolled-back', 'rolled-back-unverified', 'rollback-escalated', 'not-stable', 'incident'])(
    'count %s as a failed change',
    (outcome) => {
      const [group] = of([
        ago(5, { outcome, rollbackAfter: 30, endedAfter: 32 }),
        ago(6),
        ago(6, { outcome: 'superseded' }),
        ago(4, { outcome: null }),
      ]).groups;
      expect(group?.changeFailure).toEqual({ failed: 1, decided: 3, open: 1 });
      expect(group?.weekly.reduce((sum, { failed }) => sum + failed, 0)).toBe(1);
      expect(group?.restore).toEqual(outcome === 'rolled-back' ? { seconds: 2 * 3600, of: 1 } : null);
    },
  );

  test('count a release that was taken back before its deployment was proved', () => {
    const [group] = of([ago(5, { deployedAfter: null, rollbackAfter: 25, endedAfter: 26, outcome: 'rolled-back' })]).groups;
    expect(group).toMatchObject({ deployments: 1, leadTime: null, changeFailure: { failed: 1, decided: 1, open: 0 } });
  });

  test('do not count what was never deployed, a decision outside of the period, and what an older version listed', () => {
    const { milestones: _, ...old } = ago(3);
    const metrics = of([ago(3, { deployedAfter: null, outcome: 'rejected', goAfter: null }), ago(60), old]);
    expect(metrics).toMatchObject({ groups: [], withoutMilestones: 1, runsRead: 3, more: false });
    const [group] = of([ago(3, { deployedAfter: null, outcome: 'expired' })]).groups;
    expect(group).toMatchObject({ deployments: 0, changeFailure: { failed: 0, decided: 0, open: 0 }, goTime: { of: 1 } });
  });

  test('read the newest runs of the period, page by page, and say when there are more', async () => {
    const all = Array.from({ length: 730 }, (_, n) => ago(n / 24));
    const asked: unknown[] = [];
    const index = {
      list: async ({ limit, after = '0', ...filter }: { limit: number; after?: string; service?: string }) => {
        asked.push(filter);
        const from = Number(after);
        return { runs: all.slice(from, from + limit), ...(from + limit < all.length ? { next: String(from + limit) } : {}) };
      },
    };
    const many = await readMetricRuns(index, { now, weeks: 4 }, undefined);
    expect([many.runs.length, many.more, asked.length]).toEqual([mostRuns, true, mostRuns / 100]);
    all.splice(150);
    expect(await readMetricRuns(index, { now, weeks: 4 }, undefined)).toMatchObject({ more: false, runs: { length: 150 } });
    all.push(ago(400), ago(401));
    expect((await readMetricRuns(index, { now, weeks: 4 }, undefined)).runs).toHaveLength(150);
    asked.splice(0);
    await readMetricRuns(index, { now, weeks: 4 }, ['shop', 'billing']);
    expect(asked).toContainEqual({ service: 'billing' });
  });
});
