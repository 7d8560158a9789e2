import type { Stored } from '../../audit/event.ts';
import type { RollbackSettings, Targets } from '../../checklist/targets.ts';
import { takesAway } from '../../folds/rollback.ts';
import type { StepPlan } from '../../folds/rollback-progress.ts';

/**
 * How the stage wants a step carried out. What it does not say is left to people. `lane`: of the rollback, which says where it leads. Where it
 * takes the service away no platform can do that, and nothing is left to start or to verify.
 */
export const planOf = (targets: Targets | undefined, step: string, lane: readonly Stored[]): StepPlan => {
  const settings = targets?.rollback;
  const plan = (actuator: StepPlan['actuator'], more: Partial<StepPlan> = {}): StepPlan => ({
    skip: undefined,
    actuator,
    asksData: false,
    backwardCompatible: false,
    ...more,
  });
  const isGone = takesAway(lane);
  if (isGone && ['restart-services', 'verify-health', 'monitor-stability'].includes(step)) return plan('none', { skip: goneReason });
  if (step === 'verify-health' || step === 'monitor-stability') return plan('none');
  if (step === 'revert-version') {
    const kind = settings?.[step]?.by.kind ?? 'person';
    return plan(isGone && kind === 'platform' ? 'person' : kind);
  }
  const said = step === 'stop-requests' || step === 'restore-database' || step === 'restart-services' ? settings?.[step] : undefined;
  if (said !== undefined && 'notApplicable' in said) return plan('none', { skip: said.notApplicable });
  const actuator = said?.by.kind ?? 'person';
  if (step !== 'restore-database') return plan(actuator);
  return plan(actuator, { asksData: true, backwardCompatible: isBackwardCompatible(said) });
};

const goneReason = 'The rollback takes the service away, as two people accepted: nothing of it is left running.';

const isBackwardCompatible = (said: RollbackSettings['restore-database' | 'stop-requests' | 'restart-services']): boolean =>
  said !== undefined && 'backwardCompatible' in said && said.backwardCompatible === true;
