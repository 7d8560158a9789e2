import type { Stored } from '../../audit/event.ts';
import { genesis, lanes, scopes } from '../../audit/lane.ts';
import { cut, digestOf } from '../../canonical-json.ts';
import { type Outcome, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { Caller } from '../state/caller.ts';
import { actorOf, appendToLane, type RunContext, readContext } from '../state/run-context.ts';

type Recorder = Pick<Dependencies, 'trail' | 'clock'>;

/**
 * Records a refusal where an auditor looks for it: in the run's scope, or in its late scope after the run has ended. A refusal that is
 * repeated in the same minute by the same caller is one event, and so many of them end a caller's minute: a loop cannot flood the trail.
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
  const minute = deps.clock.now().toISOString().slice(0, 16);
  const lane = await deps.trail.read(scope, { lane: lanes.refusal });
  if (isFull(lane, caller, minute)) return { refused };
  await appendToLane(deps, context.parentHash, lane, {
    scope,
    lane: lanes.refusal,
    step: digestOf([action, refused.type, refused.detail, caller.id, minute]),
    type: 'request.refused',
    actor: actorOf(caller),
    data: { action, type: refused.type, detail: cut(refused.detail, 300) },
  });
  return { refused };
};

/** So many different refusals of one caller are recorded in a minute; the log has them all. */
const mostAMinute = 20;
const isFull = (lane: readonly Stored[], caller: Caller, minute: string): boolean =>
  lane.filter(({ event }) => event.actor.id === caller.id && event.at.startsWith(minute)).length >= mostAMinute;

/** A start that was refused concerns no run yet: it stands beside the installation, in a lane of its day, so that no lane grows for ever. */
export const recordRefusedStart = async (
  deps: Recorder,
  caller: Caller,
  service: string,
  refused: Refusal,
): Promise<{ refused: Refusal }> => {
  const minute = deps.clock.now().toISOString().slice(0, 16);
  const action = `start ${service}`;
  const name = lanes.refusedStarts(minute.slice(0, 10));
  const lane = await deps.trail.read(scopes.installation, { lane: name });
  if (isFull(lane, caller, minute)) return { refused };
  await appendToLane(deps, genesis, lane, {
    scope: scopes.installation,
    lane: name,
    step: digestOf([action, refused.type, refused.detail, caller.id, minute]),
    type: 'request.refused',
    actor: actorOf(caller),
    data: { action, type: refused.type, detail: cut(refused.detail, 300) },
  });
  return { refused };
};

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
