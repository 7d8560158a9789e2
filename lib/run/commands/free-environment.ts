import { lanes, scopes } from '../../audit/lane.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import { readHolding } from '../state/environment.ts';
import { actorOf, ofType } from '../state/run-context.ts';
import { appendToEnvironment } from '../writing/append-to-environment.ts';
import { storeRecheck } from '../writing/recheck.ts';
import { needsRole, staleSignIn } from './authorize.ts';
import { type EnvironmentStep, environmentCommand } from './environment-command.ts';
import { freeSchema } from './inputs.ts';

type Freeing = { readonly service: string; readonly environment: string; readonly reason: string };
type Freed = { readonly event: string; readonly run: string; readonly alreadyRecorded: boolean };

/** A run of which nothing was recorded for so long may be dead. This function cannot ask the workflow. Milliseconds. */
const silentForMs = 3 * 3_600_000;

/**
 * Takes an environment from a run that will not give it free: one that has ended, or of which nothing was recorded for three hours. An
 * execution that is gone ends its run by itself sooner than that; this is for the day on which Holdpoint's own machinery is what is broken.
 */
export const freeEnvironment = environmentCommand({
  id: 'freeEnvironment',
  input: freeSchema,
  action: () => 'free',
  decide: async (deps, scope, input: Freeing, caller): Promise<Outcome<EnvironmentStep<Freed>> | { readonly refused: Refusal }> => {
    const now = deps.clock.now();
    const no = needsRole(caller, ['operations-lead'], 'who holds an environment') ?? staleSignIn(caller, now);
    if (no !== undefined) return no;
    const { lane, holding } = await readHolding(deps, scope, null);
    if (holding.how === 'free')
      return refuse('environment-free', 'No run holds the environment.', {
        got: 'a free environment',
        expected: 'one that a run holds',
        fix: 'Nothing has to be done.',
      });
    const { run } = holding;
    const events = await deps.trail.read(scopes.run(run), { prefix: '' });
    const end = ofType(events, 'run.ended')[0]?.event.data.outcome ?? null;
    const last =
      events
        .map(({ event }) => event.at)
        .toSorted()
        .at(-1) ?? '';
    const silentAt = new Date(Date.parse(last) + silentForMs).toISOString();
    if (end === null && silentAt > now.toISOString())
      return refuse('environment-in-use', `Run ${run} has not ended, and something was recorded of it less than three hours ago.`, {
        got: `the last event at ${last}`,
        expected: 'a run that has ended, or nothing recorded for three hours',
        fix: `Cancel the run or take its release back; when it is dead, free the environment after ${silentAt}.`,
      });
    const claim = ofType(lane, 'environment.claimed').at(-1)?.event.seq ?? 0;
    const draft = {
      scope,
      lane: lanes.claim,
      step: `freed-by-a-person/${run}/${claim}`,
      type: 'environment.freed',
      actor: actorOf(caller),
      data: { run, end, by: caller.id, reason: await deps.people.keep(scope, input.reason) },
    } as const;
    return ok(async (writing, place): Promise<Outcome<Freed>> => {
      // The run itself is no open one, and is asked who reviews this.
      const recheck = await storeRecheck(writing, run, `${scope}/${draft.lane}/${draft.step}`);
      const { stored, adopted } = await appendToEnvironment(writing, place, draft, lane);
      await writing.reconciler.request(run, recheck.item);
      return ok({ event: stored.event.id, run, alreadyRecorded: adopted });
    });
  },
});
