import { lanes } from '../../audit/lane.ts';
import { ok, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { expectedEnd } from '../state/gate-entries.ts';
import { isAfterT0, readGates } from '../state/gate-inputs.ts';
import { actorOf } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { mayOperate } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { rollbackSchema } from './inputs.ts';

export type DecideRunDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'people' | 'reconciler' | 'due'>;
type Trigger = { readonly run: string; readonly trigger: string; readonly reason: string; readonly request: string };

/** Records one of the document's trigger conditions once the deployment has started. The first one wins; people roll the release back. */
export const triggerRollback = runCommand({
  id: 'triggerRollback',
  input: rollbackSchema,
  callers: ['person'],
  action: () => 'rollback',
  decide: async (deps: DecideRunDependencies, context, input: Trigger, caller: PersonCaller) => {
    const gates = await readGates(deps, context);
    const triggers = context.checklist.items.filter(({ kind }) => kind === 'trigger').map(({ id }) => id);
    const no = mayOperate(caller, 'a rollback');
    if (no !== undefined) return no;
    if (!triggers.includes(input.trigger))
      return refuse('trigger-unknown', 'The checklist has no such rollback trigger.', {
        got: input.trigger,
        expected: triggers.join(', '),
        fix: 'Name one of these triggers.',
      });
    // Between the admission and the report of the start a deployment may be under way, and the run can no longer be cancelled.
    if (!context.admitted)
      return refuse('rollback-before-deployment', 'No deployment has started, so there is nothing to roll back.', {
        got: isAfterT0(context, gates) ? 'a run after T0 without a deployment' : 'a run before T0',
        expected: 'a run whose deployment has started',
        fix: 'Cancel the run instead.',
      });
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
          evidence: [],
          decides: false,
        },
      },
      lane,
      followUp: noFollowUp,
      // The last gate may have passed between the reading and the append. Its decider reads triggers again after it; this reads the end.
      answer: async ({ stored, adopted }) => {
        const end = expectedEnd(await readGates(deps, context));
        if (end === undefined || end === 'rolled-back')
          return ok({ event: stored.event.id, alreadyRecorded: adopted, gate: gates.open?.gate ?? '' });
        return refuse('run-ended', `The run ends as ${end}; the trigger came too late for it.`, {
          got: input.trigger,
          expected: 'a run that has not ended',
          fix: 'Take the release back by hand, and start a run for what replaces it.',
        });
      },
    });
  },
});
