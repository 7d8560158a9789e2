import { isType } from '../../audit/event.ts';
import { type Targets, writesMetricOf } from '../../checklist/targets.ts';
import { foldRollback } from '../../folds/rollback.ts';
import type { StepPlan } from '../../folds/rollback-progress.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import type { Reconciliation } from './reconciliation.ts';

/** What was read longer ago says too little about now. Milliseconds. */
const freshMs = 600_000;

/** While people are asked what becomes of the data, the collector counts what was written since the backup, if the stage says by what. */
export const askWrites = async (
  deps: Pick<Reconciliation, 'collector'>,
  { context, rollback, now }: GateInputs,
  { plan, targets }: { readonly plan: StepPlan; readonly targets: Targets | undefined },
): Promise<void> => {
  if (!plan.asksData || plan.skip !== undefined || foldRollback(rollback).data !== undefined) return;
  if (targets === undefined || writesMetricOf(targets) === undefined) return;
  const last = rollback.findLast(isType('rollback.writes-read'))?.event.at;
  if (last !== undefined && now.getTime() - Date.parse(last) < freshMs) return;
  await deps.collector.request(context.run, { kind: 'writes' });
};
