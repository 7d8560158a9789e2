import { lanes } from '../../audit/lane.ts';
import { unaccountedIn } from '../../folds/environment.ts';
import { refuse } from '../../outcome.ts';
import { actorOf } from '../state/run-context.ts';
import { mayOperate } from './authorize.ts';
import { appendIn, environmentCommand } from './environment-command.ts';
import { explanationSchema } from './inputs.ts';
import { startsThere } from './own-open-run.ts';

type Explanation = {
  readonly service: string;
  readonly environment: string;
  readonly change: string;
  readonly explanation: string;
  readonly request: string;
};

/** A person says what a deployment was that no run accounts for. Until then nothing else is deployed there. The last explanation is shown. */
export const explainChange = environmentCommand({
  id: 'explainChange',
  input: explanationSchema,
  action: () => 'explain a change',
  decide: async (deps, scope, input: Explanation, caller) => {
    const no =
      mayOperate(caller, 'a change that no run accounts for') ??
      (await startsThere(deps, input, caller, {
        act: 'explain a change in its environment',
        fix: 'Ask somebody else in operations to explain it: your release waits for it, or it was changed while it was reviewed.',
      }));
    if (no !== undefined) return no;
    const lane = await deps.trail.read(scope, { lane: lanes.unaccounted });
    if (!unaccountedIn(lane).some(({ id }) => id === input.change))
      return refuse('change-unknown', 'The environment has no such change.', {
        got: input.change.slice(0, 80),
        expected: 'the id of a change that the environment lists as unaccounted',
        fix: 'Read the environment, which lists them.',
      });
    return appendIn({
      draft: {
        scope,
        lane: lanes.unaccounted,
        step: `explained/${input.change}/${input.request}`,
        type: 'change.explained',
        actor: actorOf(caller),
        data: { change: input.change, by: caller.id, explanation: await deps.people.keep(scope, input.explanation) },
      },
      lane,
      answer: ({ stored, adopted }) => ({ event: stored.event.id, change: input.change, alreadyRecorded: adopted }),
    });
  },
});
