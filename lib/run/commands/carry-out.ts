import { type ActDependencies, act } from '../../actuators/act.ts';
import type { Carried } from '../../actuators/order.ts';
import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { Actuator, RollbackSettings } from '../../checklist/targets.ts';
import type { Dependencies, StepAttempt } from '../../ports.ts';
import { fixedTarget } from '../state/environment.ts';
import { type RunContext, readContext, system } from '../state/run-context.ts';
import { targetsOf } from '../state/targets.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';
import { answerOf, answerStep, currentAttempt, isAttempt } from './rollback-round.ts';

export type CarryOutDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'due' | 'reconciler' | 'stage'> & ActDependencies;
export type CarriedOut =
  | { readonly outcome: 'done' | 'failed'; readonly detail: string; readonly alreadyRecorded: boolean }
  /** Somebody else answers. */
  | { readonly outcome: 'asked'; readonly detail: string }
  /** Nothing was touched and nothing recorded. */
  | { readonly outcome: 'ignored'; readonly detail: string };

/**
 * Carries out one attempt of a rollback's step, and records how it went. Requests come at least once and late: only the newest attempt of a
 * step is carried out, and only until it is answered. After a crash between act and append the repetition finds everything as demanded and
 * records it. A fault of our own stores is thrown, so that the invoker repeats it.
 */
export const carryOut = async (deps: CarryOutDependencies, run: string, attempt: StepAttempt): Promise<CarriedOut> => {
  const found = await readContext(deps, run);
  if (found.refused?.type === 'definition-unknown') throw new Error(found.refused.detail);
  if (found.refused) return ignored(found.refused.detail);
  const context = found.ok;
  if (context.ended !== undefined || context.closed) return ignored('the run has ended');
  const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
  const current = currentAttempt(lane, attempt.step);
  if (current === undefined) return ignored(`no attempt of the step ${attempt.step} is under way`);
  if (!isAttempt(current.event.data, attempt))
    return ignored(`the current attempt of ${attempt.step} is ${current.event.data.action} ${current.event.data.attempt}`);
  if (current.event.data.actuator === 'none') return ignored('the attempt is proved only');
  if (answerOf(lane, attempt) !== undefined) return ignored('the attempt is answered');
  const carried = await carry(deps, context, { lane, attempt, requestedAt: current.event.at });
  if ('asked' in carried) return { outcome: 'asked', detail: carried.asked };
  return record(deps, context, attempt, carried);
};

const ignored = (detail: string): CarriedOut => ({ outcome: 'ignored', detail });

type Demand = { readonly lane: readonly Stored[]; readonly attempt: StepAttempt; readonly requestedAt: string };

const carry = async (deps: CarryOutDependencies, context: RunContext, { lane, attempt, requestedAt }: Demand): Promise<Carried> => {
  const { service, environment, artifacts } = context.started.event.data;
  const targets = targetsOf(deps, context);
  const actuator = actuatorOf(targets?.rollback, attempt.step);
  if (actuator === undefined) return { failed: `the stage file names nothing that carries out ${attempt.step}` };
  const released = new Map(artifacts.map(({ component, digest }) => [component, digest]));
  // What the run did not release is left as it runs.
  const target = fixedTarget(lane);
  const order = {
    run: context.run,
    attempt,
    requestedAt,
    service,
    environment,
    released,
    components: targets?.components ?? [],
    target:
      target === undefined ? undefined : { ...target, components: target.components.filter(({ component }) => released.has(component)) },
  };
  return act(deps, order, actuator);
};

/** Who carries a step out. A step that the stage file leaves out is a person's; one that is not applicable or only watched is nobody's. */
const actuatorOf = (settings: RollbackSettings | undefined, step: string): Actuator | undefined => {
  if (step === 'verify-health' || step === 'monitor-stability') return undefined;
  const setting = (settings as Readonly<Record<string, unknown>> | undefined)?.[step];
  if (setting === undefined) return { kind: 'person' };
  return (setting as { readonly by?: Actuator }).by;
};

const record = async (
  deps: CarryOutDependencies,
  context: RunContext,
  attempt: StepAttempt,
  carried: { readonly done: string } | { readonly failed: string },
): Promise<CarriedOut> => {
  const type = 'done' in carried ? ('rollback.step-done' as const) : ('rollback.step-failed' as const);
  const { stored, adopted } = await appendToRun(deps, context, {
    draft: {
      scope: context.scope,
      lane: lanes.rollback,
      step: answerStep(attempt),
      type,
      actor: system('actuator'),
      data: { ...attempt, detail: 'done' in carried ? carried.done : carried.failed },
    },
    // Others may have written to the lane while the platforms worked.
    lane: 'unread',
    followUp: noFollowUp,
  });
  const outcome = (stored as Stored).event.type === 'rollback.step-done' ? 'done' : 'failed';
  return { outcome, detail: stored.event.data.detail, alreadyRecorded: adopted };
};
