import { type Actor, type Draft, type EventType, isType, type Stored } from '../../audit/event.ts';
import type { PlannedT0 } from '../../audit/events/run.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { eventId } from '../../audit/make-event.ts';
import { mayFollow } from '../../audit/verify-lane.ts';
import { type Checklist, type Gate, rollbackGatesOf } from '../../checklist/definition.ts';
import { Conflict, type Outcome, ok, refuse } from '../../outcome.ts';
import type { Appended, Dependencies } from '../../ports.ts';
import type { Caller } from './caller.ts';

/** What every command needs to know about a run: how it started, its pinned checklist, and what its own lane says since. */
export type RunContext = {
  readonly run: string;
  readonly scope: string;
  readonly started: Stored<'run.started'>;
  /** Hash of `run.started`: the first event of every other lane of the run carries it as `prev`. */
  readonly parentHash: string;
  readonly checklist: Checklist;
  /** The cancellation, unless a deployment was admitted before it. */
  readonly cancelled: Stored<'run.cancelled'> | undefined;
  /** Whether a deployment was admitted before any cancellation. */
  readonly admitted: boolean;
  /** A newer run has taken the environment over. */
  readonly superseded: Stored<'run.superseded'> | undefined;
  readonly ended: Stored<'run.ended'> | undefined;
  readonly closed: boolean;
  /** The planned T0 that counts: of the last rescheduling, else of the start. */
  readonly plannedT0: PlannedT0;
  readonly rescheduled: readonly Stored<'run.rescheduled'>[];
  /** The approved overrides of freezes. */
  readonly overridden: readonly Stored<'freeze.override-approved'>[];
  /** The run's own lane as it was read. */
  readonly own: readonly Stored[];
};

export const runIdPattern = /^\d{8}-\d{6}-[0-9a-z]{10}$/;

/** Reads the run's own lane (one query) and the pinned checklist. */
export const readContext = async (deps: Pick<Dependencies, 'trail' | 'definitions'>, run: string): Promise<Outcome<RunContext>> => {
  const unknown = refuse('run-unknown', `There is no run ${run.slice(0, 60)}.`, {
    got: run.slice(0, 60),
    expected: 'the id of a run',
    fix: 'Use an id from the list of runs.',
  });
  if (!runIdPattern.test(run)) return unknown;
  const scope = scopes.run(run);
  const own = await deps.trail.read(scope, { lane: lanes.run });
  const started = own.find(isType('run.started'));
  if (started === undefined) return unknown;
  const checklist = await deps.definitions.read(started.event.data.definition);
  if (checklist === undefined) {
    return refuse('definition-unknown', `The checklist that run ${run} pinned is not in the evidence store.`, {
      expected: started.event.data.definition,
      fix: 'Restore the definitions/ objects of the evidence bucket.',
    });
  }
  return ok({
    run,
    scope,
    started,
    parentHash: started.hash,
    checklist,
    ...firstOf(own),
    ...schedulingOf(own, started),
    own,
    superseded: own.find(isType('run.superseded')),
    ended: own.find(isType('run.ended')),
    closed: own.some(isType('run.closed')),
  });
};

const firstOf = (own: readonly Stored[]): Pick<RunContext, 'cancelled' | 'admitted'> => {
  const first = own.find((stored) => isType('run.cancelled')(stored) || isType('deployment.admitted')(stored));
  return {
    cancelled: first !== undefined && isType('run.cancelled')(first) ? first : undefined,
    admitted: first?.event.type === 'deployment.admitted',
  };
};

const schedulingOf = (
  own: readonly Stored[],
  started: Stored<'run.started'>,
): Pick<RunContext, 'plannedT0' | 'rescheduled' | 'overridden'> => {
  const rescheduled = own.filter(isType('run.rescheduled'));
  return {
    plannedT0: (rescheduled.at(-1) ?? started).event.data.plannedT0,
    rescheduled,
    overridden: own.filter(isType('freeze.override-approved')),
  };
};

/** The caller as events name it. */
export const actorOf = (caller: Caller): Actor => ({ kind: caller.kind, id: caller.id });
export const system = (
  id: 'opener' | 'reconciler' | 'feed' | 'evaluator' | 'collector' | 'actuator' | 'declarer' | 'pages' | 'webhooks',
): Actor => ({
  kind: 'system',
  id,
});

/**
 * Appends to a lane that the caller has read whole. A step that is in the lane already is adopted; a new one costs one write and no
 * read. The lane's first event carries `parentHash`. Throws `Conflict` when the lane is closed.
 */
export const appendToLane = async <T extends EventType>(
  deps: Pick<Dependencies, 'trail'>,
  parentHash: string,
  lane: readonly Stored[],
  draft: Draft<T>,
): Promise<Appended<T>> => {
  const id = eventId(draft.scope, draft.lane, draft.step);
  const own = lane.find((stored) => stored.event.id === id);
  if (own !== undefined) return { stored: own as Stored<T>, adopted: true };
  const last = lane.at(-1);
  if (last !== undefined && !mayFollow(last, draft.type))
    throw new Conflict(`append ${draft.type}: ${draft.scope} ${draft.lane} was closed at ${last.event.seq}; read the run again`);
  return deps.trail.append(draft, { parentHash, after: last === undefined ? null : { seq: last.event.seq, head: last.hash } });
};

/** The last event of a lane that a writer has read; undefined where it is empty. */
export type Place = { readonly event: { readonly seq: number }; readonly hash: string } | undefined;

/** Appends at the next place behind `last` and nowhere else; undefined when another event has taken that place. */
export const appendThere = async <T extends EventType>(
  { trail }: Pick<Dependencies, 'trail'>,
  parentHash: string,
  last: Place,
  draft: Draft<T>,
): Promise<Stored<T> | undefined> => {
  const after = last === undefined ? null : { seq: last.event.seq, head: last.hash };
  try {
    return (await trail.append(draft, { parentHash, after, only: true })).stored;
  } catch (fault) {
    if (fault instanceof Conflict) return undefined;
    throw fault;
  }
};

/** A lane as it was read, with the event that was appended to it. The lane is read again when others wrote in between. */
export const withAppended = async (
  deps: Pick<Dependencies, 'trail'>,
  lane: readonly Stored[],
  stored: Stored,
): Promise<readonly Stored[]> => {
  if (lane[stored.event.seq - 1]?.event.id === stored.event.id) return lane;
  return stored.event.seq === lane.length + 1 ? [...lane, stored] : deps.trail.read(stored.event.scope, { lane: stored.event.lane });
};

export const ofType = <T extends EventType>(events: readonly Stored[], type: T): Stored<T>[] => events.filter(isType(type));

/** The length of a waiting window after the stage's scale, in milliseconds. */
export const scaledMs = (seconds: number, waitScale: number): number => Math.ceil((seconds * 1000) / waitScale);

type Started = Stored<'run.started'>;

/** What the workflow is started with: a drill begins with the first step of the rollback. */
export const workflowInput = (run: string, { event }: Started): object => (event.data.drill === undefined ? { run } : { run, drill: true });

/** The gate at which the run begins. */
export const firstGateOf = (checklist: Checklist, { event }: Started): string =>
  (event.data.drill === undefined ? checklist.gates[0]?.id : rollbackGatesOf(checklist).find(({ role }) => role === 'step')?.id) ?? '';

/** When the window before a planned T0 opens. Its notices and attestations wait for it. Null when the run waits for no such window. */
export const leadOpensAt = (context: RunContext, gate: Gate | undefined): string | null => {
  const { plannedT0 } = context;
  const { waitScale } = context.started.event.data;
  if (gate?.leadSeconds == null || plannedT0 === 'when-released') return null;
  return new Date(Date.parse(plannedT0) - scaledMs(gate.leadSeconds, waitScale)).toISOString();
};
