import * as z from 'zod';
import { lanes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import { foldRollback } from '../../folds/rollback.ts';
import { type Outcome, ok, refuse } from '../../outcome.ts';
import { readTakenOver } from '../state/environment.ts';
import { expectedEnd } from '../state/gate-entries.ts';
import { readGates } from '../state/gate-inputs.ts';
import { readContext, system } from '../state/run-context.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';
import { rollbackSchema } from './inputs.ts';
import { type DecideRunDependencies, takenOver, tooLate, unshown, untriggerable } from './trigger-rollback.ts';

export const declarationSchema = z.strictObject({
  run: z.string().max(80),
  ...rollbackSchema.pick({ trigger: true, reason: true, shown: true }).shape,
});
export type Declaration = z.infer<typeof declarationSchema>;

/**
 * Declares a trigger and decides for the rollback, for somebody who has credentials of the AWS account and cannot sign in. Lambda does not
 * say who invoked it, so the event names nobody and says so. Declaring the same again adds nothing.
 */
export const declareWithAws = async (
  deps: DecideRunDependencies,
  { run, trigger, reason, shown }: Declaration,
): Promise<Outcome<{ readonly event: string; readonly alreadyRecorded: boolean }>> => {
  const found = await readContext(deps, run);
  if (found.refused) return found;
  const context = found.ok;
  if (context.ended !== undefined || context.closed)
    return refuse('run-ended', `Run ${run} ended as ${context.ended?.event.data.outcome ?? 'closed'}.`, {
      got: trigger,
      expected: 'a run that has not ended',
      fix: 'Take the release back by hand, and start a run for what replaces it.',
    });
  const no = (await untriggerable(deps, context, trigger)) ?? unshown(context, { trigger, shown });
  if (no !== undefined) return no;
  const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
  const { stored, adopted } = await appendToRun(deps, context, {
    draft: {
      scope: context.scope,
      lane: lanes.rollback,
      // After a decision to continue, the same words declare it anew.
      step: `triggered/aws/${foldRollback(lane).round}/${digestOf([trigger, reason]).slice(0, 32)}`,
      type: 'rollback.triggered',
      actor: system('declarer'),
      data: {
        trigger,
        by: null,
        reason: await deps.people.keep(run, reason),
        detail:
          'declared and decided with AWS credentials; whose they were stands in CloudTrail, where it records invocations of functions',
        evidence: [],
        ...(shown === undefined ? {} : { shown: await deps.people.keep(run, shown) }),
        decides: true,
      },
    },
    lane,
    followUp: noFollowUp,
  });
  return (
    tooLate(expectedEnd(await readGates(deps, context)), trigger) ??
    takenOver(await readTakenOver(deps, context), trigger) ??
    ok({ event: stored.event.id, alreadyRecorded: adopted })
  );
};
