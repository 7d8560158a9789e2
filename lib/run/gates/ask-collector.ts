import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { Gate } from '../../checklist/definition.ts';
import { type Targets, usualProbes } from '../../checklist/targets.ts';
import { isReadBack, readBacksOf } from '../../folds/deployment.ts';
import { unconfirmedIn } from '../../folds/environment.ts';
import { foldObservations } from '../../folds/observations.ts';
import type { CollectorTask } from '../../ports.ts';
import { finishedAt, type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { readableIn } from '../state/targets.ts';
import { type NextReadBack, nextReadBack } from './next-read-back.ts';
import { lookAgainMs, plannedLooks } from './planned-looks.ts';
import type { Reconciliation } from './reconciliation.ts';

/**
 * Asks the collector for what the gate needs and nobody has seen yet: what runs before T0, what runs after the deployment until it is what the
 * run releases, and whether the service works when something bad was observed. Asking twice does no harm, so that nothing is recorded about
 * the asking: what the collector records ends it.
 */
export const askCollector = async (
  deps: Pick<Reconciliation, 'collector' | 'retryAt'>,
  inputs: GateInputs,
  gate: Gate,
  targets: Targets,
): Promise<void> => {
  const { tasks, wakeAt } = wantedLooks(inputs, gate, targets);
  for (const task of tasks) await deps.collector.request(inputs.context.run, task);
  for (const at of wakeAt) deps.retryAt(new Date(at));
};

type Wanted = { readonly tasks: readonly CollectorTask[]; readonly wakeAt: readonly number[] };

/** What is asked now, and when time alone brings more: in milliseconds since 1970. Pure. */
export const wantedLooks = (inputs: GateInputs, gate: Gate, targets: Targets): Wanted => {
  const now = inputs.now.getTime();
  const planned = plannedLooks(inputs, gate);
  const looks = planned.flatMap(({ task, next }) => (next.dueAt <= now ? task : []));
  const isProbed = looks.some(({ kind }) => kind === 'probes');
  const read = readBacks(inputs, gate, targets);
  return {
    tasks: [...read.tasks, ...looks, ...(isProbed ? [] : probes(inputs, targets))],
    wakeAt: [...read.wakeAt, ...planned.map(({ next }) => (next.dueAt <= now ? now + lookAgainMs : next.dueAt))],
  };
};

const readBacks = (inputs: GateInputs, gate: Gate, targets: Targets): Wanted => {
  const { deployment } = inputs;
  const readable = readableIn(targets);
  if (readable.length === 0) return nothing;
  if (gate.role === 't0') {
    const unconfirmed = nextUnconfirmed(inputs, readable);
    if (unconfirmed?.isDue === true) return wantedOf([unconfirmed], true);
    const seen = deployment.filter(isType('deployment.read-back')).filter(({ event }) => event.data.before);
    const isSeen = readable.every((component) => seen.some(({ event }) => event.data.component === component));
    return { tasks: isSeen ? [] : [{ kind: 'read-back', before: true }], wakeAt: unconfirmed === undefined ? [] : [unconfirmed.wakeAt] };
  }
  const finished = finishedAt(inputs);
  if (!gate.needsDeployment || finished === undefined) return nothing;
  const next = inputs.context.started.event.data.artifacts
    .filter((artifact) => readable.includes(artifact.component) && !isReadBack(deployment, artifact))
    .map(({ component }) => {
      const times = readBacksOf(deployment, component).map(({ event }) => Date.parse(event.at));
      return nextReadBack({ times, since: Date.parse(finished) }, inputs.now.getTime());
    });
  return wantedOf(next, false);
};

const nothing: Wanted = { tasks: [], wakeAt: [] };

/** One request reads every component. */
const wantedOf = (next: readonly NextReadBack[], before: boolean): Wanted => ({
  tasks: next.some(({ isDue }) => isDue) ? [{ kind: 'read-back', before }] : [],
  wakeAt: next.map(({ wakeAt }) => wakeAt),
});

/** What people adopted is the target once the platform has said the same; undefined where nothing waits for that. */
const nextUnconfirmed = ({ environment, now }: GateInputs, readable: readonly string[]): NextReadBack | undefined => {
  const live = (environment ?? []).filter(({ event }) => event.lane === lanes.live);
  const unconfirmed = unconfirmedIn(live, (component) => readable.includes(component));
  if (unconfirmed === undefined) return undefined;
  const said = live.filter(isType('target.read-back')).filter(({ event }) => event.data.adopted === unconfirmed.event);
  const last = said.at(-1)?.event.at;
  return nextReadBack({ times: last === undefined ? [] : [Date.parse(last)], since: now.getTime() }, now.getTime());
};

/** Something bad was observed after T0, and nobody has looked at the service since. */
const probes = ({ context, gates, observation, measurement }: GateInputs, targets: Targets): readonly CollectorTask[] => {
  if (usualProbes(targets).length === 0 || !isAfterT0(context, gates)) return [];
  // Not every look is an observation, and each one is measured.
  const looked = measurement.filter(isType('probe.measured')).findLast(({ event }) => event.data.source === 'collector')?.event.at ?? '';
  const bad =
    foldObservations(observation).findLast((one) => one.bad && one.via !== 'collector' && one.setAside === undefined)?.recordedAt ?? '';
  return bad > looked ? [{ kind: 'probes' }] : [];
};
