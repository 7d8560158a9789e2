import type { PlannedT0 } from '../../audit/events/run.ts';
import { lanes } from '../../audit/lane.ts';
import { ok, type Refusal, refuse } from '../../outcome.ts';
import { counted } from '../../wording.ts';
import type { PersonCaller } from '../state/caller.ts';
import type { Gates } from '../state/gate-entries.ts';
import { readGates } from '../state/gate-inputs.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { hasT0Come, latestT0 } from '../state/t0.ts';
import { noFollowUp } from '../writing/append.ts';
import { mayOperate } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { rescheduleSchema } from './inputs.ts';
import { inThePast, tooFar } from './planned-t0.ts';
import type { DecideRunDependencies } from './trigger-rollback.ts';

type Rescheduling = { readonly run: string; readonly plannedT0: PlannedT0; readonly reason: string; readonly request: string };

/**
 * Moves the planned T0 before it has come. What was signed for the old one counts no more. The starter may do this, too, in an operating
 * role: it releases nothing, and three others sign for the new T0.
 */
export const rescheduleRun = runCommand({
  id: 'rescheduleRun',
  input: rescheduleSchema,
  callers: ['person'],
  action: () => 'reschedule',
  decide: async (deps: DecideRunDependencies, context, input: Rescheduling, caller: PersonCaller) => {
    const gates = await readGates(deps, context);
    const now = deps.clock.now();
    const no =
      mayOperate(caller, 'the planned T0') ??
      afterT0(context, gates) ??
      tooOften(context) ??
      inThePast(input.plannedT0, now) ??
      tooFar(input.plannedT0, latestT0(context, gates, now));
    if (no !== undefined) return no;
    const { plannedT0 } = input;
    return append({
      draft: {
        scope: context.scope,
        lane: lanes.run,
        step: `rescheduled/${input.request}`,
        type: 'run.rescheduled',
        actor: actorOf(caller),
        data: { plannedT0, by: caller.id, reason: await deps.people.keep(context.run, input.reason) },
      },
      lane: 'unread',
      followUp: noFollowUp,
      // T0 may have come between the reading and the append. Its decider reads the run's lane again after it; this reads the settlement.
      answer: async ({ stored, adopted }) =>
        afterT0(context, await readGates(deps, context)) ??
        ok({ event: stored.event.id, alreadyRecorded: adopted, plannedT0: stored.event.data.plannedT0 }),
    });
  },
});

/** Every rescheduling asks people to sign again. */
const mostReschedulings = 50;

const tooOften = ({ rescheduled }: RunContext): { readonly refused: Refusal } | undefined =>
  rescheduled.length < mostReschedulings
    ? undefined
    : refuse('limit-reached', `The planned T0 was moved ${counted(rescheduled.length, 'time')}.`, {
        got: `rescheduling ${rescheduled.length + 1}`,
        expected: `${mostReschedulings} at most`,
        fix: 'Cancel the run, and start another one for the release.',
      });

export const afterT0 = (context: RunContext, gates: Gates): { readonly refused: Refusal } | undefined =>
  hasT0Come(context, gates)
    ? refuse('t0-passed', 'T0 has come: the deployment may start, and no plan for it can be changed any more.', {
        got: 'a run behind T0',
        expected: 'a run before T0',
        fix: 'Read the run. To stop the deployment, cancel the run while no deployment has started, or record a rollback trigger.',
      })
    : undefined;
