import { isType } from '../../audit/event.ts';
import type { Gate } from '../../checklist/definition.ts';
import type { Targets } from '../../checklist/targets.ts';
import { readBackOf } from '../../folds/deployment.ts';
import { foldObservations } from '../../folds/observations.ts';
import type { CollectorTask } from '../../ports.ts';
import { finishedAt, type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { targetsOf } from './prepare-rollback.ts';
import type { Reconciliation } from './reconciliation.ts';

/**
 * Asks the collector for what the gate needs and nobody has seen yet: what runs before T0, what runs after the deployment, and whether the
 * service works when something bad was observed. Asking twice does no harm, so that nothing is recorded about the asking: what the collector
 * records ends it.
 */
export const askCollector = async (deps: Pick<Reconciliation, 'collector' | 'stage'>, inputs: GateInputs, gate: Gate): Promise<void> => {
  const targets = targetsOf(deps, inputs.context);
  if (targets === undefined) return;
  for (const task of wantedTasks(inputs, gate, targets)) await deps.collector.request(inputs.context.run, task);
};

/** Pure. */
export const wantedTasks = (inputs: GateInputs, gate: Gate, targets: Targets): readonly CollectorTask[] => [
  ...readBacks(inputs, gate, targets),
  ...probes(inputs, targets),
];

const readBacks = (inputs: GateInputs, gate: Gate, { components }: Targets): readonly CollectorTask[] => {
  const { deployment } = inputs;
  const readable = components.filter(({ platform }) => platform.kind !== 'reported').map(({ component }) => component);
  if (readable.length === 0) return [];
  if (gate.role === 't0') {
    const seen = deployment.filter(isType('deployment.read-back')).filter(({ event }) => event.data.before);
    return readable.every((component) => seen.some(({ event }) => event.data.component === component))
      ? []
      : [{ kind: 'read-back', before: true }];
  }
  const isFinished = gate.needsDeployment && finishedAt(inputs) !== undefined;
  return isFinished && readable.some((component) => readBackOf(deployment, component) === undefined)
    ? [{ kind: 'read-back', before: false }]
    : [];
};

/** Something bad was observed after T0, and nobody has looked at the service since. */
const probes = ({ context, gates, observation }: GateInputs, { probes: all }: Targets): readonly CollectorTask[] => {
  if (all.length === 0 || !isAfterT0(context, gates)) return [];
  const seen = foldObservations(observation);
  const looked = seen.findLast(({ via }) => via === 'collector')?.recordedAt ?? '';
  const bad = seen.findLast((one) => one.bad && one.via !== 'collector' && one.setAside === undefined)?.recordedAt ?? '';
  return bad > looked ? [{ kind: 'probes' }] : [];
};
