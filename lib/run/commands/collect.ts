import type { Targets } from '../../checklist/targets.ts';
import { onDemand } from '../../on-demand.ts';
import type { CollectorTask, Dependencies } from '../../ports.ts';
import { type RunContext, readContext } from '../state/run-context.ts';
import { stagingTargetsOf, targetsOf } from '../state/targets.ts';
import { whyNotStaged } from '../writing/too-early.ts';
import type { ComparedDependencies } from './collect-compared.ts';
import { collectOperations, collectProbes, collectProtections, type KnownLooks } from './collect-probes.ts';
import type { ProofDependencies } from './collect-proof.ts';
import { collectReadBack } from './collect-read-back.ts';
import { watchMetrics } from './watch-metrics.ts';

// Of the reviews and of the way back: the watch of every minute needs none of them.
const loadCompared = onDemand(() => import('./collect-compared.ts'));
const loadProof = onDemand(() => import('./collect-proof.ts'));
const loadWrites = onDemand(() => import('./collect-writes.ts'));

export type CollectDependencies = ProofDependencies & ComparedDependencies & Pick<Dependencies, 'definitions' | 'stage'>;
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
  if (task.kind === 'protections') return lookAtStaging(deps, context);
  const targets = targetsOf(deps, context);
  if (task.kind === 'proof') return { events: await (await loadProof()).collectProof(deps, context, targets, task) };
  if (targets === undefined) return { declined: 'the stage file names no targets for this service and environment' };
  return { events: await look(deps, context, targets, task) };
};

/** The look of every minute at a run, which the caller has just read as open. `began`: when the look of all runs began. */
export const watchRun = async (
  deps: CollectDependencies & { readonly looks: KnownLooks },
  context: RunContext,
  began: Date,
): Promise<void> => {
  const targets = targetsOf(deps, context);
  if (targets === undefined || context.closed) return;
  await collectProbes(deps, context, targets, { watch: deps.looks });
  await watchMetrics(deps, context, targets, began);
};

/** What staging answers says something about the release only while it runs the release. */
const lookAtStaging = async (deps: CollectDependencies, context: RunContext): Promise<CollectResult> => {
  const staging = stagingTargetsOf(deps, context);
  if (staging === undefined) return { declined: 'the stage file names no targets in staging for this service' };
  const why = await whyNotStaged(deps, context);
  return why === undefined ? { events: await collectProtections(deps, context, staging) } : { declined: why };
};

const look = async (
  deps: CollectDependencies,
  context: RunContext,
  targets: Targets,
  task: Exclude<CollectorTask, { kind: 'proof' | 'protections' }>,
): Promise<readonly string[]> => {
  switch (task.kind) {
    case 'probes':
      return collectProbes(deps, context, targets, { ids: task.ids });
    case 'operations':
      return targets.openapi === undefined ? [] : [await collectOperations(deps, context, targets)];
    case 'read-back':
      return (await collectReadBack(deps, context, targets, task.before)).map(({ event }) => event);
    case 'alarms':
      return (await loadCompared()).collectAlarms(deps, context, targets, task.since);
    case 'metrics':
      return (await loadCompared()).collectMetrics(deps, context, targets, task);
    case 'writes':
      return (await loadWrites()).collectWrites(deps, context, targets);
    case 'restarts':
      return (await loadCompared()).collectRestarts(deps, context, targets, task.since);
  }
};
