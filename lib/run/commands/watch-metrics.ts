import { isType, type Stored } from '../../audit/event.ts';
import { genesis, lanes } from '../../audit/lane.ts';
import { makeEvent } from '../../audit/make-event.ts';
import { canonical } from '../../canonical-json.ts';
import { type Metric, type Targets, watchedMetrics } from '../../checklist/targets.ts';
import { readMetrics } from '../../collectors/metrics.ts';
import type { CloudWatchReader } from '../../collectors/ports.ts';
import { measuredTriggers } from '../../evaluation/measured-triggers.ts';
import { type MetricSeriesReport, metricSeries } from '../../evidence/metric-series.ts';
import { foldRollback } from '../../folds/rollback.ts';
import { measurementsOf } from '../../measurements/index.ts';
import { pointsOfWindow } from '../../measurements/metric-series.ts';
import type { RunContext } from '../state/run-context.ts';
import { system } from '../state/run-context.ts';
import { type CollectedDependencies, recordCollected } from './collected-evidence.ts';

type WatchDependencies = CollectedDependencies & { readonly cloudwatch: CloudWatchReader };

/** The name under which the watch reads metrics. No check rests on it: the reviews read the whole time themselves. */
const series = 'watched-metrics';
const source = 'collector-watch';

/** Each metric that is read costs, so the watch of every minute reads them so often only. Minutes. */
const everyMinutes = 5;
/** A look reads so many windows at most, because a trigger asks for no more in a row. */
const windows = 10;
/** After so long a look is recorded also where it shows no trigger: the trail shows that somebody looked. Milliseconds. */
const freshMs = 30 * 60_000;

/**
 * Reads the metrics that a performance trigger compares, from the finish of the deployment on, and records them where a trigger sees something
 * in them, and every half hour. `began`: when the look of this minute began; the probes before this may have taken longer than the minute.
 */
export const watchMetrics = async (
  deps: WatchDependencies,
  context: RunContext,
  targets: Targets,
  began: Date,
): Promise<readonly string[]> => {
  const now = deps.clock.now();
  const watched = watchedMetrics(targets);
  if (watched.length === 0 || Math.floor(began.getTime() / 60_000) % everyMinutes !== 0) return [];
  const [deployment, rollback] = await Promise.all([
    deps.trail.read(context.scope, { lane: lanes.deployment }),
    deps.trail.read(context.scope, { lane: lanes.rollback }),
  ]);
  const finished = deployment.findLast(isType('deployment.finished'))?.event.at;
  if (finished === undefined) return [];
  // What people have decided to live with triggers nothing again.
  const continued = foldRollback(rollback).continues.at(-1)?.at ?? '';
  const since = Date.parse(continued > finished ? continued : finished);
  const due = watched.filter((metric) => now.getTime() - since >= windowMs(metric));
  if (due.length === 0) return [];
  const from = (metric: Metric): string => new Date(Math.max(since, beginOf(metric, now))).toISOString();
  const reports = await readMetrics(deps, due, targets, { series, from });
  const isNew =
    (await isStale(deps, context, finished)) ||
    (await showsTrigger(deps, context, { reports, deployment, now, ...(continued === '' ? {} : { since: continued }) }));
  if (!isNew) return [];
  const recorded: string[] = [];
  for (const report of reports) {
    const { event } = await recordCollected(deps, context, metricSeries, { source, look: `look at ${now.toISOString()}`, report });
    recorded.push(event.event.id);
  }
  return recorded;
};

const windowMs = ({ period }: Metric): number => pointsOfWindow * period * 1000;
/** Whole windows up to the last whole period. */
const beginOf = (metric: Metric, now: Date): number => {
  const ms = metric.period * 1000;
  return Math.floor(now.getTime() / ms) * ms - windows * windowMs(metric);
};

/** Nothing was recorded for a while, or since the deployment. */
const isStale = async (deps: WatchDependencies, context: RunContext, finished: string): Promise<boolean> => {
  const lane = await deps.trail.read(context.scope, { lane: lanes.evidence(metricSeries.id, source) });
  const last = lane.findLast(isType('evidence.recorded'))?.event.at ?? '';
  return last < finished || deps.clock.now().getTime() - Date.parse(last) >= freshMs;
};

type Looked = {
  readonly reports: readonly MetricSeriesReport[];
  readonly deployment: readonly Stored[];
  readonly now: Date;
  readonly since?: string;
};

/** Whether a trigger would be measured if the reports were recorded: asked of the rules with the events that the reports would give. */
const showsTrigger = async (deps: WatchDependencies, context: RunContext, { reports, now, ...lane }: Looked): Promise<boolean> => {
  const measurement = await deps.trail.read(context.scope, { lane: lanes.measurement });
  const looked = reports.flatMap((report, n) => eventsOf(context, report, { n, now }));
  const evidence = new Set(looked.map(({ event }) => event.data.evidence));
  return measuredTriggers(context.checklist, {
    ...lane,
    observation: [],
    measurement: [...measurement, ...(looked as readonly Stored[])],
  }).some((found) => found.evidence.some((id) => evidence.has(id)));
};

const eventsOf = (
  { scope }: RunContext,
  report: MetricSeriesReport,
  { n, now }: { readonly n: number; readonly now: Date },
): readonly Stored<'figures.measured'>[] => {
  const facts = metricSeries.parse(new TextEncoder().encode(canonical(report))).ok;
  return (facts === undefined ? [] : measurementsOf(facts, { passed: false })).flatMap((measured) =>
    measured.type === 'figures.measured'
      ? makeEvent(
          {
            scope,
            lane: lanes.measurement,
            step: `looked/${n}`,
            type: measured.type,
            actor: system('collector'),
            data: { ...measured.data, evidence: `looked/${n}`, source, component: null },
          },
          { seq: 1, prev: genesis },
          now,
        )
      : [],
  );
};
