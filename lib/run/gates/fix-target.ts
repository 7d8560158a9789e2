import { lanes } from '../../audit/lane.ts';
import { canonical } from '../../canonical-json.ts';
import { liveIn, rollbackTargetOf } from '../../folds/environment.ts';
import type { Dependencies } from '../../ports.ts';
import { changesEnvironment, environmentScope, fixedTarget, readLive } from '../state/environment.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { appendToLane, ofType, system, withAppended } from '../state/run-context.ts';

/**
 * Fixes in the run where its rollback would lead. What is live may change while T0 waits for another run, so the target is fixed again
 * whenever it is another one; the last one counts. Without a target nothing is fixed: the check of the target says what would mend it.
 */
export const fixTarget = async (deps: Pick<Dependencies, 'trail'>, inputs: GateInputs): Promise<GateInputs> => {
  const { context, rollback } = inputs;
  if (!changesEnvironment(context)) return inputs;
  const { waitScale, readable = [] } = context.started.event.data;
  const live =
    inputs.environment?.filter(({ event }) => event.lane === lanes.live) ?? (await readLive(deps, environmentScope(context), waitScale));
  const target = rollbackTargetOf(liveIn(live), waitScale, (component) => readable.includes(component));
  const known = fixedTarget(rollback);
  if (target === undefined || (known !== undefined && canonical(known) === canonical(target))) return inputs;
  const { stored } = await appendToLane(deps, context.parentHash, rollback, {
    scope: context.scope,
    lane: lanes.rollback,
    step: `target-fixed/${ofType(rollback, 'rollback.target-fixed').length + 1}`,
    type: 'rollback.target-fixed',
    actor: system('reconciler'),
    data: { ...target, components: [...target.components] },
  });
  return { ...inputs, rollback: await withAppended(deps, rollback, stored) };
};
