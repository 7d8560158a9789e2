import { lanes } from '../../audit/lane.ts';
import { foldObservations } from '../../folds/observations.ts';
import { ok, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { needsRole, notStarter } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { labelSchema } from './inputs.ts';

type LabelDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'reconciler' | 'due' | 'people'>;
type Labelling = {
  readonly run: string;
  readonly observation: string;
  readonly label: 'true' | 'false' | 'explained';
  readonly explanation: string;
  readonly request: string;
};

/** Operations label a bad observation: true, false, or explained. The last label counts. */
export const labelObservation = runCommand({
  id: 'labelObservation',
  input: labelSchema,
  callers: ['person'],
  action: () => 'label',
  decide: async (deps: LabelDependencies, context, input: Labelling, caller: PersonCaller) => {
    const all = await deps.trail.read(context.scope, { prefix: lanes.observations });
    const seen = foldObservations(all).find(({ observation }) => observation === input.observation);
    const no = notStarter(context, caller, 'label its observations') ?? needsRole(caller, ['operations-lead'], 'an observation');
    if (no !== undefined) return no;
    if (seen === undefined)
      return refuse('observation-unknown', 'The run has no such observation.', {
        got: input.observation.slice(0, 80),
        expected: 'the id of a recorded observation',
        fix: 'Read the run, which lists its observations.',
      });
    return append({
      draft: {
        scope: context.scope,
        lane: seen.lane,
        step: `labelled/${input.observation}/${input.request}`,
        type: 'observation.labelled',
        actor: actorOf(caller),
        data: {
          observation: input.observation,
          label: input.label,
          by: caller.id,
          explanation: await deps.people.keep(context.run, input.explanation),
        },
      },
      lane: all.filter(({ event }) => event.lane === seen.lane),
      followUp: noFollowUp,
      answer: ({ stored, adopted }) =>
        ok({ event: stored.event.id, observation: input.observation, notCounted: [], alreadyRecorded: adopted }),
    });
  },
});
