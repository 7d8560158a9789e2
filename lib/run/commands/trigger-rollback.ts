import { lanes } from '../../audit/lane.ts';
import { ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { readTakenOver } from '../state/environment.ts';
import { expectedEnd } from '../state/gate-entries.ts';
import { isAfterT0, readGates } from '../state/gate-inputs.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { mayOperate } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { rollbackSchema } from './inputs.ts';
import { unknownEvidence } from './rollback-evidence.ts';

export type DecideRunDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'people' | 'reconciler' | 'due'>;
/** Of the rollback's commands, which ask the stage what a service is like. */
export type RollbackDependencies = DecideRunDependencies & Pick<Dependencies, 'stage'>;
type Reading = Pick<Dependencies, 'trail'>;
type Refused = { readonly refused: Refusal };
type Trigger = {
  readonly run: string;
  readonly trigger: string;
  readonly reason: string;
  readonly evidence?: readonly string[];
  readonly shown?: string | undefined;
  readonly decide?: boolean;
  readonly request: string;
};

/**
 * Records one of the document's trigger conditions once the deployment has started. The first one of a round counts, later ones are added to
 * it. Who declares it may decide for the rollback in the same act.
 */
export const triggerRollback = runCommand({
  id: 'triggerRollback',
  input: rollbackSchema,
  callers: ['person'],
  action: () => 'rollback',
  decide: async (deps: DecideRunDependencies, context, input: Trigger, caller: PersonCaller) => {
    const { evidence = [], decide = false } = input;
    const no =
      mayOperate(caller, 'a rollback') ??
      (await untriggerable(deps, context, input.trigger)) ??
      unshown(context, input) ??
      (await unknownEvidence(deps, context, evidence));
    if (no !== undefined) return no;
    const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
    return append({
      draft: {
        scope: context.scope,
        lane: lanes.rollback,
        step: `triggered/${input.request}`,
        type: 'rollback.triggered',
        actor: actorOf(caller),
        data: {
          trigger: input.trigger,
          by: caller.id,
          reason: await deps.people.keep(context.run, input.reason),
          detail: null,
          evidence: [...evidence],
          ...(input.shown === undefined ? {} : { shown: await deps.people.keep(context.run, input.shown) }),
          decides: decide,
        },
      },
      lane,
      followUp: noFollowUp,
      answer: async ({ stored, adopted }) => {
        const gates = await readGates(deps, context);
        return (
          tooLate(expectedEnd(gates), input.trigger) ??
          takenOver(await readTakenOver(deps, context), input.trigger) ??
          ok({ event: stored.event.id, alreadyRecorded: adopted, gate: gates.open?.gate ?? '' })
        );
      },
    });
  },
});

/** Refuses what the checklist does not know as a trigger, and a run without a deployment. */
export const untriggerable = async (deps: Reading, context: RunContext, trigger: string): Promise<Refused | undefined> => {
  const triggers = context.checklist.items.filter(({ kind }) => kind === 'trigger').map(({ id }) => id);
  if (!triggers.includes(trigger))
    return refuse('trigger-unknown', 'The checklist has no such rollback trigger.', {
      got: trigger,
      expected: triggers.join(', '),
      fix: 'Name one of these triggers.',
    });
  const over = takenOver(await readTakenOver(deps, context), trigger);
  if (over !== undefined) return over;
  // Between the admission and the report of the start a deployment may be under way, and the run can no longer be cancelled.
  if (context.admitted) return undefined;
  return refuse('rollback-before-deployment', 'No deployment has started, so there is nothing to roll back.', {
    got: isAfterT0(context, await readGates(deps, context)) ? 'a run after T0 without a deployment' : 'a run before T0',
    expected: 'a run whose deployment has started',
    fix: 'Cancel the run instead.',
  });
};

/**
 * Harmed data lead to the question whether a backup is restored, which loses what was written since: who decides that must see which data it
 * is about. What shows it may be a sentence, because nobody has time for a report.
 */
export const unshown = (
  { checklist }: RunContext,
  { trigger, shown, evidence = [] }: Pick<Trigger, 'trigger' | 'shown' | 'evidence'>,
): Refused | undefined => {
  const item = checklist.items.find(({ id, kind }) => kind === 'trigger' && id === trigger);
  if (item?.declared !== 'with-evidence' || shown !== undefined || evidence.length > 0) return undefined;
  return refuse('no-evidence', `Nothing is named that shows "${item.title}".`, {
    got: 'a reason alone',
    expected: 'ids of rows, a query or a link that shows it, or the id of an event of the run',
    fix: 'Say what shows it in one line (--shown, or the field of the page), and declare it again.',
  });
};

/** The newer run's release replaces the one that went wrong. Its claim reads the triggers again; the writer of a trigger reads the claim. */
export const takenOver = (by: string | undefined, trigger: string): Refused | undefined =>
  by === undefined
    ? undefined
    : refuse('run-ended', `Run ${by} has taken the environment over; the trigger came too late for this run.`, {
        got: trigger,
        expected: 'the run that holds the environment',
        fix: `Declare the trigger on run ${by} once its deployment has started, or cancel that run before.`,
      });

/** The last gate may have passed between the reading and the append. Its decider reads triggers again after it; the writer reads the end. */
export const tooLate = (end: string | undefined, trigger: string): Refused | undefined =>
  end === undefined || ['rolled-back', 'rolled-back-unverified', 'rollback-escalated'].includes(end)
    ? undefined
    : refuse('run-ended', `The run ends as ${end}; the trigger came too late for it.`, {
        got: trigger,
        expected: 'a run that has not ended',
        fix: 'Take the release back by hand, and start a run for what replaces it.',
      });
