import { genesis, lanes, scopes } from '../../audit/lane.ts';
import { cut, digestOf, sha256 } from '../../canonical-json.ts';
import { type Outcome, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { Caller } from '../state/caller.ts';
import { actorOf, appendToLane, type RunContext, readContext } from '../state/run-context.ts';

type Recorder = Pick<Dependencies, 'trail' | 'clock'>;

/** So many different refusals are recorded in one lane in a minute; the log has them all. */
const mostAMinute = 20;

/**
 * Records a refusal where an auditor looks for it: in the run's scope, or in its late scope after the run has ended. A refusal that is
 * repeated in the same minute by the same caller is one event, and so many of them fill a minute: a loop cannot flood the trail.
 */
export const recordRefusal = async (
  deps: Recorder,
  context: RunContext,
  caller: Caller,
  action: string,
  refused: Refusal,
): Promise<{ refused: Refusal }> => {
  const late = context.ended !== undefined || context.closed;
  const scope = late ? scopes.late(context.run) : context.scope;
  return record(deps, { scope, parentHash: context.parentHash }, caller, { action, refused });
};

/** A start that was refused concerns no run yet: it stands in a scope of its day and caller. */
export const recordRefusedStart = async (
  deps: Recorder,
  caller: Caller,
  service: string,
  refused: Refusal,
): Promise<{ refused: Refusal }> => {
  const scope = scopes.refusedStarts(deps.clock.now().toISOString().slice(0, 10), nameOf(caller));
  return record(deps, { scope, parentHash: genesis }, caller, { action: `start ${service}`, refused });
};

/** A refusal of a command on an environment stands in the environment's scope. */
export const recordRefusedIn = (
  deps: Recorder,
  scope: string,
  caller: Caller,
  attempt: { readonly action: string; readonly refused: Refusal },
): Promise<{ refused: Refusal }> => record(deps, { scope, parentHash: genesis }, caller, attempt);

/**
 * Reads the end of the lane only: the refusals of a minute are its last ones. A full minute still takes the first refusal of each other
 * caller, so nobody's flood hides another's attempt. Callers at the same moment may each see one fewer than there are, so a minute has
 * at most as many more as functions run at once.
 */
const record = async (
  deps: Recorder,
  { scope, parentHash }: { readonly scope: string; readonly parentHash: string },
  caller: Caller,
  { action, refused }: { readonly action: string; readonly refused: Refusal },
): Promise<{ refused: Refusal }> => {
  const minute = deps.clock.now().toISOString().slice(0, 16);
  const last = await deps.trail.read(scope, { lane: lanes.refusal, last: mostAMinute });
  const recent = last.filter(({ event }) => event.at.startsWith(minute));
  if (recent.length >= mostAMinute && recent.some(({ event }) => event.actor.id === caller.id)) return { refused };
  await appendToLane(deps, parentHash, last, {
    scope,
    lane: lanes.refusal,
    step: digestOf([action, refused.type, refused.detail, caller.id, minute]),
    type: 'request.refused',
    actor: actorOf(caller),
    data: { action, type: refused.type, detail: cut(refused.detail, 300) },
  });
  return { refused };
};

/** A caller's name in a scope. Identities of CI are named by the stage file, in any characters. */
const nameOf = ({ id }: Caller): string => (/^[A-Za-z0-9._-]{1,64}$/.test(id) ? id : sha256(id).slice(0, 32));

export type OpenDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock'>;

/** A run that takes commands: it exists and has not ended. Late ones are refused and recorded in the late scope. */
export const openRun = async (deps: OpenDependencies, run: string, caller: Caller, action: string): Promise<Outcome<RunContext>> => {
  const found = await readContext(deps, run);
  if (found.refused) return found;
  const { ended } = found.ok;
  if (ended === undefined && !found.ok.closed) return found;
  const { refused } = refuse(
    'run-ended',
    `Run ${run} ended as ${ended?.event.data.outcome ?? 'closed'}; what comes later does not count for it.`,
    {
      got: action,
      expected: 'a run that has not ended',
      fix: `Start a new run. This attempt is recorded in the run's audit trail, scope late/${run}.`,
    },
  );
  return recordRefusal(deps, found.ok, caller, action, refused);
};
