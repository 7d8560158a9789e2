import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { Gate } from '../../checklist/definition.ts';
import { type Targets, usualProbes } from '../../checklist/targets.ts';
import { readBackOf } from '../../folds/deployment.ts';
import { unconfirmedIn } from '../../folds/environment.ts';
import { foldObservations } from '../../folds/observations.ts';
import type { CollectorTask } from '../../ports.ts';
import { finishedAt, type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { readableIn } from '../state/targets.ts';
import { lookAgainMs, plannedLooks } from './planned-looks.ts';
import type { Reconciliation } from './reconciliation.ts';

/**
 * Asks the collector for what the gate needs and nobody has seen yet: what runs before T0, what runs after the deployment, and whether the
 * service works when something bad was observed. Asking twice does no harm, so that nothing is recorded about the asking: what the collector
 * records ends it.
 */
export const askCollector = async (
  deps: Pick<Reconciliation, 'collector' | 'retryAt'>,
  inputs: GateInputs,
  gate: Gate,
  targets: Targets,
): Promise<void> => {
  for (const task of wantedTasks(inputs, gate, targets)) await deps.collector.request(inputs.context.run, task);
  const now = inputs.now.getTime();
  for (const { next } of plannedLooks(inputs, gate)) deps.retryAt(new Date(next.dueAt <= now ? now + lookAgainMs : next.dueAt));
};

/** Pure. */
export const wantedTasks = (inputs: GateInputs, gate: Gate, targets: Targets): readonly CollectorTask[] => {
  const now = inputs.now.getTime();
  const looks = plannedLooks(inputs, gate).flatMap(({ task, next }) => (next.dueAt <= now ? task : []));
  const isProbed = looks.some(({ kind }) => kind === 'probes');
  return [...readBacks(inputs, gate, targets), ...looks, ...(isProbed ? [] : probes(inputs, targets))];
};

const readBacks = (inputs: GateInputs, gate: Gate, targets: Targets): readonly CollectorTask[] => {
  const { deployment } = inputs;
  const readable = readableIn(targets);
  if (readable.length === 0) return [];
  if (gate.role === 't0') {
    const seen = deployment.filter(isType('deployment.read-back')).filter(({ event }) => event.data.before);
    if (isUnconfirmed(inputs, readable)) return [{ kind: 'read-back', before: true }];
    return readable.every((component) => seen.some(({ event }) => event.data.component === component))
      ? []
      : [{ kind: 'read-back', before: true }];
  }
  const isFinished = gate.needsDeployment && finishedAt(inputs) !== undefined;
  return isFinished && readable.some((component) => readBackOf(deployment, component) === undefined)
    ? [{ kind: 'read-back', before: false }]
    : [];
};

/** What people adopted is the target once the platform has said the same. Not asked again within a minute of its last word. */
const isUnconfirmed = ({ environment, now }: GateInputs, readable: readonly string[]): boolean => {
  const live = (environment ?? []).filter(({ event }) => event.lane === lanes.live);
  const unconfirmed = unconfirmedIn(live, (component) => readable.includes(component));
  const last = live.filter(isType('target.read-back')).findLast(({ event }) => event.data.adopted === unconfirmed?.event)?.event.at;
  return unconfirmed !== undefined && (last === undefined || now.getTime() - Date.parse(last) >= lookAgainMs);
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
