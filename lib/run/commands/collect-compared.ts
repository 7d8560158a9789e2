import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { cut } from '../../canonical-json.ts';
import { accountAndRegion } from '../../checklist/aws-places.ts';
import type { Metric, Targets } from '../../checklist/targets.ts';
import { readAlarms } from '../../collectors/alarms.ts';
import { readMetrics } from '../../collectors/metrics.ts';
import type { CloudWatchReader } from '../../collectors/ports.ts';
import { type RestartDependencies, readRestarts } from '../../collectors/restarts.ts';
import { alarmState } from '../../evidence/alarm-state.ts';
import { type MetricSeriesReport, metricSeries } from '../../evidence/metric-series.ts';
import { restartHistory } from '../../evidence/restart-history.ts';
import { subjectOfAlarm } from '../../fields.ts';
import { mayBeAt, reporterOf, type Somewhere } from '../../folds/alarm-identity.ts';
import { figureOf, latestFigures } from '../../folds/measurements.ts';
import type { RunContext } from '../state/run-context.ts';
import { type CollectedDependencies, recordCollected } from './collected-evidence.ts';

/** Looks at what AWS keeps, compared with what the run was fed. A difference is for the rules to find; here it is only written down. */

export type ComparedDependencies = CollectedDependencies & RestartDependencies & { readonly cloudwatch: CloudWatchReader };
type Recorded = Stored<'observation.recorded'>;

const ownSource = 'collector';
/** Of the sources of one series: more than a report holds would be too many to name. */
const mostFed = 200;

/** What the feeds recorded, and everything bad. That a caller calls something good shows nothing of what was fed. */
const readFed = async (deps: ComparedDependencies, context: RunContext): Promise<readonly Recorded[]> =>
  (await deps.trail.read(context.scope, { prefix: lanes.observations }))
    .filter(isType('observation.recorded'))
    .filter((one) => one.event.data.bad || reporterOf(one) === 'feed');

export const collectAlarms = async (
  deps: ComparedDependencies,
  context: RunContext,
  targets: Targets,
  since?: string,
): Promise<readonly string[]> => {
  const fed = since === undefined ? [] : await readFed(deps, context);
  const compared = since === undefined ? undefined : { since, heard: heardIn(fed, accountAndRegion(targets.cloudwatch)) };
  const report = await readAlarms(deps, targets, compared);
  const { event } = await recordCollected(deps, context, alarmState, { source: ownSource, look: `look at ${report.at}`, report });
  return [event.event.id];
};

const longestSubject = 200;
/** The feed takes the time from an event that CloudWatch sends a moment later. Milliseconds. */
const apartMs = 60_000;

/** Every time that an alarm went off is matched with at most one observation, the nearest in time. */
const heardIn = (fed: readonly Recorded[], place: Somewhere): ((alarm: string, at: string) => boolean) => {
  const left = [...fed];
  return (alarm, at) => {
    const apart = ({ event }: Recorded): number => Math.abs(Date.parse(event.data.observedAt) - Date.parse(at));
    const [nearest] = left.filter((one) => isOf(one, alarm, at, place)).sort((a, b) => apart(a) - apart(b));
    if (nearest !== undefined) left.splice(left.indexOf(nearest), 1);
    return nearest !== undefined;
  };
};

const isOf = ({ event: { data } }: Recorded, alarm: string, at: string, place: Somewhere): boolean =>
  data.kind === 'alarm' &&
  data.bad &&
  data.subject === subjectOfAlarm(alarm) &&
  mayBeAt(data, place) &&
  Math.abs(Date.parse(data.observedAt) - Date.parse(at)) <= apartMs;

/** All figures of one look are parts of one result. */
export const collectMetrics = async (
  deps: ComparedDependencies,
  context: RunContext,
  targets: Targets,
  { series, from, fed }: { readonly series: string; readonly from: string; readonly fed?: string | undefined },
): Promise<readonly string[]> => {
  const look = `look at ${deps.clock.now().toISOString()}`;
  const events: string[] = [];
  for (const read of await readMetrics(deps, targets.metrics, targets, { series, from })) {
    const compared = fed === undefined ? {} : { fed: await fedFigures(deps, context, read.is, { name: fed, since: from }) };
    const report: MetricSeriesReport = { ...read, ...compared };
    const { event } = await recordCollected(deps, context, metricSeries, { source: ownSource, look, report });
    events.push(event.event.id);
  }
  return events;
};

/** Without what Holdpoint measured itself, which would be compared with itself. Of restarts every one that was fed, also the planned ones. */
const fedFigures = async (
  deps: ComparedDependencies,
  context: RunContext,
  is: Metric['is'],
  { name, since }: { readonly name: string; readonly since: string },
): Promise<NonNullable<MetricSeriesReport['fed']>> => {
  if (is === 'restarts') {
    const fed = (await readFed(deps, context)).filter(({ event: { data } }) => isRestart(data) && data.observedAt >= since);
    return [{ name: 'observations', source: 'the feeds', component: null, value: fed.length }];
  }
  const lane = await deps.trail.read(context.scope, { lane: lanes.measurement });
  return latestFigures(lane, { name, figure: is, since })
    .filter(({ source }) => source !== ownSource)
    .slice(0, mostFed)
    .map((one) => ({ name, source: one.source, component: one.component, value: figureOf(is, one) ?? 0 }));
};

export const collectRestarts = async (
  deps: ComparedDependencies,
  context: RunContext,
  targets: Targets,
  since: string,
): Promise<readonly string[]> => {
  const fed = await readFed(deps, context);
  const left = [...fed];
  const heard = (subject: string, near?: string): boolean => {
    const apart = ({ event }: Recorded): number =>
      near === undefined ? 0 : Math.abs(Date.parse(event.data.observedAt) - Date.parse(near));
    const place = left.findIndex((one) => one.event.data.subject === cut(subject, longestSubject) && apart(one) <= apartMs);
    if (place >= 0) left.splice(place, 1);
    return place >= 0;
  };
  const restarts = (beginning: string): number =>
    new Set(
      fed.flatMap(({ event: { data } }) =>
        isRestart(data) && data.subject.startsWith(beginning) && data.observedAt >= since ? [data.subject] : [],
      ),
    ).size;
  const report = await readRestarts(deps, targets, { since, fed: { heard, restarts } });
  const { event } = await recordCollected(deps, context, restartHistory, { source: ownSource, look: `look at ${report.at}`, report });
  return [event.event.id];
};

const isRestart = ({ kind, bad }: Recorded['event']['data']): boolean => kind === 'restart' && bad;
