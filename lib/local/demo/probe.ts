import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { baseChecklist } from '../../checklist/checklist.ts';
import { itemOf } from '../../checklist/definition.ts';
import { type Probe as Measuring, type ProbeCounts, startProbe as startMeasuring } from '../../cli/series-probe.ts';
import type { Series } from '../../evidence/series.ts';
import { p95Of, type SeriesWindow, windowsOf } from '../../evidence/series-windows.ts';
import { firstInARow, worsePct } from '../../folds/measurements.ts';
import type { Report } from './reports.ts';
import type { Workspace } from './workspace.ts';

export type { ProbeCounts } from '../../cli/series-probe.ts';

export type Probe = {
  readonly counts: () => ProbeCounts;
  /** Milliseconds between the first and the last point. A busy machine makes fewer points than the interval would. */
  readonly covered: () => number;
  /** The longest time between two points, in milliseconds. */
  readonly longestGap: () => number;
  /** Throws when the demo has ended. */
  readonly throwIfStopped: () => void;
  stop(): Promise<Report>;
};

type Probed = {
  readonly name: string;
  readonly about: string;
  readonly everyMs: number;
  readonly request: () => Promise<boolean>;
  /** How many requests the service has answered so far. With it, each point says how many since the point before. */
  readonly answered?: () => number;
};

/** Starts the probe of `holdpoint probe` on something that is not a URL. It ends with the demo at the latest, and does not begin after it. */
export const startProbe = (workspace: Workspace, { answered, ...series }: Probed): Probe => {
  workspace.signal.throwIfAborted();
  let before = answered?.() ?? 0;
  const counted = (): { readonly requests?: number } => {
    if (answered === undefined) return {};
    const all = answered();
    const requests = all - before;
    before = all;
    return { requests };
  };
  let first: number | undefined;
  let last = 0;
  let gap = 0;
  const measuring: Measuring = startMeasuring({
    ...series,
    request: async () => {
      const began = performance.now();
      // A request without an answer is a point, too, and says how many others were answered meanwhile.
      const ok = await series.request().catch(() => false);
      first ??= began;
      gap = last === 0 ? 0 : Math.max(gap, began - last);
      last = began;
      return { ok, ...counted() };
    },
    now: () => new Date(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  });
  workspace.signal.addEventListener('abort', measuring.stop);
  return {
    counts: measuring.counts,
    longestGap: () => gap,
    covered: () => (first === undefined ? 0 : last - first),
    throwIfStopped: () => workspace.signal.throwIfAborted(),
    stop: async () => {
      measuring.stop();
      const file = join(workspace.folder, `${series.name}.series.json`);
      writeFileSync(file, JSON.stringify(await measuring.series));
      return { type: 'series', source: series.name, file, madeAt: new Date().toISOString(), contentType: 'application/json' };
    },
  };
};

type Steady = {
  readonly minPoints: number;
  readonly ms: number;
  readonly longestGapMs: number;
  /** Where a rule asks for an even rate of requests: the most by which it may rise from window to window, as a share of the mean. */
  readonly maxStepPct?: number;
  /** Where a rule compares the 95th percentile: the most that it may be, in milliseconds. */
  readonly mostP95Ms?: number;
  /** What the trigger about the performance compares with. */
  readonly usual?: Report;
};

/** So many times a series is measured that a busy machine disturbed. */
const mostSeries = 8;

/**
 * A series that nothing disturbed, measured anew where the machine was too busy. The last one counts however it is. The first probe may
 * have been started already.
 */
export const measureSteady = async (
  start: () => Probe,
  needs: Steady,
  began: Probe = start(),
): Promise<{ readonly report: Report; readonly probe: Probe }> => {
  for (let probe = began, series = 1; ; probe = start(), series += 1) {
    const report = await finishProbe(probe, needs);
    if (series === mostSeries || isSteady(probe, report, needs)) return { report, probe };
  }
};

const isSteady = (probe: Probe, report: Report, { longestGapMs, maxStepPct, mostP95Ms, usual }: Steady): boolean => {
  const points = pointsOf(report);
  return (
    probe.longestGap() < longestGapMs &&
    (maxStepPct === undefined || stepPctOf(points) <= maxStepPct) &&
    (mostP95Ms === undefined || p95Of(points) <= mostP95Ms) &&
    (usual === undefined || !looksDegraded(points, p95Of(pointsOf(usual))))
  );
};

const pointsOf = ({ file }: Report): Series['points'] => (JSON.parse(readFileSync(file, 'utf8')) as Series).points;
const windowsIn = (points: Series['points']) => windowsOf(points.map((point) => ({ ...point, time: Date.parse(point.at) })));

const degraded = z
  .object({ maxWorsePct: z.number(), windowsInARow: z.number(), minPoints: z.number(), floorMs: z.number() })
  .parse(itemOf(baseChecklist, 'performance-severely-degraded')?.rule);

/** As the trigger sees it, which would open the decision about a rollback although only the machine was busy. */
const looksDegraded = (points: Series['points'], usualMs: number): boolean => {
  const { maxWorsePct, windowsInARow, minPoints, floorMs } = degraded;
  const isWorse = (window: SeriesWindow): boolean => window.points >= minPoints && worsePct(window.p95Ms, usualMs, floorMs) > maxWorsePct;
  return firstInARow(windowsIn(points), windowsInARow, isWorse) !== undefined;
};

/** The most by which the rate of requests rises from one window to the next, as a share of the mean. */
const stepPctOf = (points: Series['points']): number => {
  const rates = windowsIn(points).map(({ requestsPerMinute = 0 }) => requestsPerMinute);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return (Math.max(0, ...rates.slice(1).map((rate, place) => rate - (rates[place] ?? 0))) * 100) / mean;
};

/** Lets the probe run until it has `minPoints`, and `ms` lie between its first and its last point. Then stops it. */
const finishProbe = async (probe: Probe, { minPoints, ms }: { readonly minPoints: number; readonly ms: number }): Promise<Report> => {
  while (probe.counts().requests < minPoints || probe.covered() < ms) {
    probe.throwIfStopped();
    await sleep(50);
  }
  return probe.stop();
};
