import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { cut } from '../../canonical-json.ts';
import type { Targets } from '../../checklist/targets.ts';
import { readAlarms } from '../../collectors/alarms.ts';
import { readMetric } from '../../collectors/metrics.ts';
import type { CloudWatchReader } from '../../collectors/ports.ts';
import { alarmState } from '../../evidence/alarm-state.ts';
import { metricSeries } from '../../evidence/metric-series.ts';
import type { CollectorTask, Dependencies } from '../../ports.ts';
import { type RunContext, readContext } from '../state/run-context.ts';
import { targetsOf } from '../state/targets.ts';
import { collectProbes } from './collect-probes.ts';
import { collectProof, type ProofDependencies } from './collect-proof.ts';
import { collectReadBack } from './collect-read-back.ts';
import { recordCollected } from './collected-evidence.ts';

export type CollectDependencies = ProofDependencies &
  Pick<Dependencies, 'definitions' | 'stage'> & { readonly cloudwatch: CloudWatchReader };
/** Ids of the events that hold what was seen, or why nobody looked. */
export type CollectResult = { readonly events: readonly string[] } | { readonly declined: string };

/**
 * Looks at the service of a run, where the stage file says, and records what it saw on the run. What cannot be reached or read is a result
 * with its reason; only a fault of the trail or the evidence store is thrown, so that Lambda retries.
 */
export const collect = async (deps: CollectDependencies, run: string, task: CollectorTask): Promise<CollectResult> => {
  const found = await readContext(deps, run);
  if (found.refused?.type === 'definition-unknown') throw new Error(found.refused.detail);
  if (found.refused) return { declined: found.refused.detail };
  const context = found.ok;
  if (context.ended !== undefined || context.closed) return { declined: 'the run has ended' };
  const targets = targetsOf(deps, context.started.event.data);
  if (task.kind === 'proof') return { events: await collectProof(deps, context, targets, task) };
  if (targets === undefined) return { declined: 'the stage file names no targets for this service and environment' };
  return { events: await look(deps, context, targets, task) };
};

/** The look of every minute at the probes of a run, which the caller has just read as open. */
export const watchRun = async (deps: CollectDependencies, context: RunContext): Promise<void> => {
  const targets = targetsOf(deps, context.started.event.data);
  if (targets !== undefined && !context.closed) await collectProbes(deps, context, targets, { watch: true });
};

const look = async (
  deps: CollectDependencies,
  context: RunContext,
  targets: Targets,
  task: Exclude<CollectorTask, { kind: 'proof' }>,
): Promise<readonly string[]> => {
  switch (task.kind) {
    case 'probes':
      return collectProbes(deps, context, targets, { ids: task.ids });
    case 'read-back':
      return (await collectReadBack(deps, context, targets, task.before)).map(({ event }) => event);
    case 'alarms':
      return collectAlarms(deps, context, targets, task.since);
    case 'metrics':
      return collectMetrics(deps, context, targets, task);
  }
};

const collectAlarms = async (
  deps: CollectDependencies,
  context: RunContext,
  targets: Targets,
  since?: string,
): Promise<readonly string[]> => {
  const fed =
    since === undefined
      ? []
      : (await deps.trail.read(context.scope, { prefix: lanes.observations })).filter(isType('observation.recorded'));
  const compared = since === undefined ? undefined : { since, heard: heardIn(fed) };
  const report = await readAlarms(deps, targets, compared);
  const { event } = await recordCollected(deps, context, alarmState, { source: 'collector', look: `look at ${report.at}`, report });
  return [event.event.id];
};

/** The feed cuts a name to this length, and takes the time from an event that CloudWatch sends a moment later. */
const longestSubject = 200;
const apartMs = 60_000;

/** Every time that an alarm went off is matched with at most one observation, the nearest in time. */
const heardIn = (fed: readonly Stored<'observation.recorded'>[]): ((alarm: string, at: string) => boolean) => {
  const left = [...fed];
  return (alarm, at) => {
    const apart = ({ event }: Stored<'observation.recorded'>): number => Math.abs(Date.parse(event.data.observedAt) - Date.parse(at));
    const [nearest] = left.filter((one) => isOf(one, alarm, at)).sort((a, b) => apart(a) - apart(b));
    if (nearest !== undefined) left.splice(left.indexOf(nearest), 1);
    return nearest !== undefined;
  };
};

const isOf = ({ event: { data } }: Stored<'observation.recorded'>, alarm: string, at: string): boolean =>
  data.kind === 'alarm' &&
  data.bad &&
  data.subject === cut(alarm, longestSubject) &&
  Math.abs(Date.parse(data.observedAt) - Date.parse(at)) <= apartMs;

/** All figures of one look are parts of one result. */
const collectMetrics = async (
  deps: CollectDependencies,
  context: RunContext,
  targets: Targets,
  { series, from }: { readonly series: string; readonly from: string },
): Promise<readonly string[]> => {
  const look = `look at ${deps.clock.now().toISOString()}`;
  const events: string[] = [];
  for (const metric of targets.metrics) {
    const report = await readMetric(deps, metric, targets, { series, from });
    const { event } = await recordCollected(deps, context, metricSeries, { source: 'collector', look, report });
    events.push(event.event.id);
  }
  return events;
};
