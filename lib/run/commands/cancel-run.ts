import { lanes } from '../../audit/lane.ts';
import { ok, type Refusal, refuse } from '../../outcome.ts';
import type { PersonCaller } from '../state/caller.ts';
import { expectedEnd } from '../state/gate-entries.ts';
import { readGates } from '../state/gate-inputs.ts';
import { actorOf, type RunContext, readContext } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { mayOperate } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { cancelSchema } from './inputs.ts';
import type { DecideRunDependencies } from './trigger-rollback.ts';

type Cancellation = { readonly run: string; readonly reason: string };

/**
 * Cancels a run. Refused once the deployment has started: then only a rollback takes the release back. The starter may cancel, too: nothing
 * is released by it.
 */
export const cancelRun = runCommand({
  id: 'cancelRun',
  input: cancelSchema,
  callers: ['person'],
  action: () => 'cancel',
  decide: async (deps: DecideRunDependencies, context, input: Cancellation, caller: PersonCaller) => {
    const gates = await readGates(deps, context);
    const isStarter = caller.id === context.started.event.data.starter;
    const no = (isStarter ? undefined : mayOperate(caller, 'the end of a run')) ?? afterStart(context);
    if (no !== undefined) return no;
    return append({
      draft: {
        scope: context.scope,
        lane: lanes.run,
        step: 'cancelled',
        type: 'run.cancelled',
        actor: actorOf(caller),
        data: { by: caller.id, reason: await deps.people.keep(context.run, input.reason) },
      },
      lane: 'unread',
      followUp: noFollowUp,
      // A deployment may have been admitted between the reading and the append: then it stands first, and the cancellation does not count.
      // The answer that ends the run may have been decided, too: its decider reads cancellations again after it, this reads the end.
      answer: async ({ stored, adopted }) => {
        const again = await readContext(deps, context.run);
        const late = again.refused === undefined ? afterStart(again.ok) : again;
        const end = expectedEnd(await readGates(deps, context));
        if (late === undefined && end !== undefined && end !== 'cancelled') return tooLate(end);
        return late ?? ok({ event: stored.event.id, alreadyRecorded: adopted, gate: gates.open?.gate ?? '' });
      },
    });
  },
});

const tooLate = (end: string): { readonly refused: Refusal } =>
  refuse('run-ended', `The run ends as ${end}; the cancellation came too late for it.`, {
    got: 'a run whose end is decided',
    expected: 'a run that has not ended',
    fix: 'Nothing has to be cancelled any more.',
  });

const afterStart = (context: RunContext): { readonly refused: Refusal } | undefined =>
  context.started.event.data.drill !== undefined
    ? refuse('cancel-after-deployment', 'A drill rehearses what comes after a deployment, so it is not cancelled.', {
        got: 'a drill',
        expected: 'a release whose deployment has not started',
        fix: `End it at the step that is open: holdpoint rollback-step ${context.run} STEP --end --reason TEXT`,
      })
    : context.admitted
      ? refuse('cancel-after-deployment', 'The deployment has started, so the run can no longer be cancelled.', {
          got: 'a deployment that has started',
          expected: 'a run whose deployment has not started',
          fix: 'Record a rollback trigger instead.',
        })
      : undefined;
