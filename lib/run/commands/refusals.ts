import type { Actor } from '../../audit/event.ts';
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
  return record(deps, placeIn(context), actorOf(caller), { action, refused });
};

/** What is recorded once, however often it is repeated and at whatever time: `once` names it. */
export type OnceRefused = { readonly actor: Actor; readonly action: string; readonly refused: Refusal; readonly once: string };

/** Records a refusal that others can repeat for a person, such as a browser that opens a link ahead, once for all. */
export const recordRefusalOnce = async (deps: Recorder, context: RunContext, { actor, ...attempt }: OnceRefused): Promise<void> =>
  void (await record(deps, placeIn(context), actor, attempt));

/** The same for a service, which has no run. */
export const recordRefusalOnceIn = async (deps: Recorder, scope: string, { actor, ...attempt }: OnceRefused): Promise<void> =>
  void (await record(deps, { scope, parentHash: genesis }, actor, attempt));

const placeIn = ({ ended, closed, run, scope, parentHash }: RunContext): Place => ({
  scope: ended !== undefined || closed ? scopes.late(run) : scope,
  parentHash,
});

/** A start that was refused concerns no run yet: it stands in a scope of its day and caller. */
export const recordRefusedStart = async (
  deps: Recorder,
  caller: Caller,
  service: string,
  refused: Refusal,
): Promise<{ refused: Refusal }> => {
  const scope = scopes.refusedStarts(deps.clock.now().toISOString().slice(0, 10), nameOf(caller));
  return record(deps, { scope, parentHash: genesis }, actorOf(caller), { action: `start ${service}`, refused });
};

/** A refusal of a command on an environment stands in the environment's scope. */
export const recordRefusedIn = (
  deps: Recorder,
  scope: string,
  caller: Caller,
  attempt: { readonly action: string; readonly refused: Refusal },
): Promise<{ refused: Refusal }> => record(deps, { scope, parentHash: genesis }, actorOf(caller), attempt);

type Place = { readonly scope: string; readonly parentHash: string };
type Attempt = { readonly action: string; readonly refused: Refusal; readonly once?: string };

/**
 * Reads the end of the lane only: the refusals of a minute are its last ones. What is recorded once may stand anywhere, so for it the whole
 * lane is read. A full minute still takes the first refusal of each other caller, so nobody's flood hides another's attempt. Callers at the
 * same moment may each see one fewer than there are, so a minute has at most as many more as functions run at once.
 */
const record = async (
  deps: Recorder,
  { scope, parentHash }: Place,
  actor: Actor,
  { action, refused, once }: Attempt,
): Promise<{ refused: Refusal }> => {
  const minute = deps.clock.now().toISOString().slice(0, 16);
  const read = await deps.trail.read(scope, { lane: lanes.refusal, ...(once === undefined ? { last: mostAMinute } : {}) });
  const recent = read.slice(-mostAMinute).filter(({ event }) => event.at.startsWith(minute));
  if (recent.length >= mostAMinute && recent.some(({ event }) => event.actor.id === actor.id)) return { refused };
  await appendToLane(deps, parentHash, read, {
    scope,
    lane: lanes.refusal,
    step:
      once === undefined
        ? digestOf([action, refused.type, refused.detail, actor.id, minute])
        : digestOf([action, refused.type, actor.id, once]),
    type: 'request.refused',
    actor,
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
