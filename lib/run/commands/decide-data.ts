import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { dataStep, foldRollback } from '../../folds/rollback.ts';
import { type Outcome, ok, refuse } from '../../outcome.ts';
import { dataRoles } from '../../roles.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { targetsOf } from '../state/targets.ts';
import { noFollowUp } from '../writing/append.ts';
import { needsRole, notStarter } from './authorize.ts';
import { append, runCommand, type Step } from './command.ts';
import type { Speaker } from './decide-rollback.ts';
import { type DataInput, dataSchema } from './inputs.ts';
import type { RollbackDependencies } from './trigger-rollback.ts';

type DataDecision = { readonly run: string } & DataInput;
type Decided = { readonly event: string; readonly choice: string; readonly alreadyRecorded: boolean };

/** Decides whether the data is restored from a backup. What was written since the backup is lost then, so the starter does not decide it. */
export const decideData = runCommand({
  id: 'decideData',
  input: dataSchema,
  callers: ['person'],
  action: ({ choice }: DataDecision) => `rollback data ${choice}`,
  decide: async (deps: RollbackDependencies, context, input: DataDecision, caller: PersonCaller) => {
    const no = needsRole(caller, dataRoles, 'data') ?? notStarter(context, caller, 'decide about the data');
    return no ?? decideDataAs(deps, context, input, { actor: actorOf(caller), by: caller.id });
  },
});

/** Decides about the data as somebody who may. */
export const decideDataAs = async (
  deps: RollbackDependencies,
  context: RunContext,
  input: DataDecision,
  speaker: Speaker,
): Promise<Outcome<Step<Decided>>> => {
  const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
  if (foldRollback(lane).decision === undefined)
    return refuse('rollback-not-open', 'Nobody has decided to roll back.', {
      got: input.choice,
      expected: 'a run that is being rolled back',
      fix: 'Decide about the rollback first.',
    });
  const setting = targetsOf(deps, context)?.rollback?.['restore-database'];
  const skipped = lane.filter(isType('rollback.step-skipped')).find(({ event }) => event.data.step === 'restore-database');
  if (skipped !== undefined || (setting !== undefined && 'notApplicable' in setting))
    return refuse('step-not-waiting', 'The service has no data to restore.', {
      got: input.choice,
      expected: 'a service whose step restore-database applies',
      fix: 'Change the service in the stage file if it has data now, for later runs.',
    });
  return append({
    draft: {
      scope: context.scope,
      lane: lanes.rollback,
      step: dataStep,
      type: 'rollback.data-decided',
      actor: speaker.actor,
      data: {
        choice: input.choice,
        by: speaker.by,
        reason: await deps.people.keep(context.run, input.reason),
        backupAt: input.choice === 'restore' ? (input.backupAt ?? null) : null,
      },
    },
    lane,
    followUp: noFollowUp,
    answer: ({ stored, adopted }): Outcome<Decided> => {
      const { choice, by } = stored.event.data;
      if (choice === input.choice) return ok({ event: stored.event.id, choice, alreadyRecorded: adopted });
      return refuse('rollback-decided', 'What becomes of the data is decided already. The first decision counts.', {
        got: input.choice,
        expected: `${choice} by ${by ?? 'Holdpoint'} at ${stored.event.at}`,
        fix: 'Read the run.',
      });
    },
  });
};
