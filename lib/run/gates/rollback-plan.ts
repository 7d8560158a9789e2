import type { RollbackSettings, Targets } from '../../checklist/targets.ts';
import type { StepPlan } from '../../folds/rollback-progress.ts';

/** How the stage wants a step carried out. What it does not say is left to people. */
export const planOf = (targets: Targets | undefined, step: string): StepPlan => {
  const settings = targets?.rollback;
  const plan = (actuator: StepPlan['actuator'], more: Partial<StepPlan> = {}): StepPlan => ({
    skip: undefined,
    actuator,
    asksData: false,
    backwardCompatible: false,
    ...more,
  });
  if (step === 'verify-health' || step === 'monitor-stability') return plan('none');
  if (step === 'revert-version') return plan(settings?.[step]?.by.kind ?? 'person');
  const said = step === 'stop-requests' || step === 'restore-database' || step === 'restart-services' ? settings?.[step] : undefined;
  if (said !== undefined && 'notApplicable' in said) return plan('none', { skip: said.notApplicable });
  const actuator = said?.by.kind ?? 'person';
  if (step !== 'restore-database') return plan(actuator);
  return plan(actuator, { asksData: true, backwardCompatible: isBackwardCompatible(said) });
};

const isBackwardCompatible = (said: RollbackSettings['restore-database' | 'stop-requests' | 'restart-services']): boolean =>
  said !== undefined && 'backwardCompatible' in said && said.backwardCompatible === true;
