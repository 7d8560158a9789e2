import { closingStep } from '../../audit/authority.ts';
import { byLane, type Stored } from '../../audit/event.ts';
import type { End } from '../../audit/events/run.ts';
import { type LaneHead, lanes, scopes } from '../../audit/lane.ts';
import { closesLane } from '../../audit/verify-lane.ts';
import { foldRollback } from '../../folds/rollback.ts';
import { onDemand } from '../../on-demand.ts';
import type { Dependencies } from '../../ports.ts';
import { foldGates, type Gates } from '../state/gate-entries.ts';
import { readGates } from '../state/gate-inputs.ts';
import { appendToLane, ofType, type RunContext, system } from '../state/run-context.ts';
import { updateSummary } from '../state/run-summary.ts';
import { asksFollowUps, closedFollowUps, openFollowUps, readFollowUps } from './follow-ups.ts';
import { recordEnd, releaseEnvironment } from './keep-environment.ts';
import type { Reconciliation } from './reconciliation.ts';

/**
 * After this time every writer that saw the run open has ended: the reconciler, whose timeout is the longest, is stopped before.
 * Milliseconds.
 */
const lastWriterMs = 180_000;

const loadUndoStop = onDemand(() => import('./undo-stop.ts'));

/** A run that still waits is looked at again after this time, if nothing is recorded before. Milliseconds. */
const lookAgainMs = 60_000;

/** Undefined where the run has its end; else why it cannot end yet, and when to look again. */
export type NotYet = { readonly reason: string; readonly next: Date } | undefined;

/**
 * Ends the run and closes its trail: `run.ended`, `lane.ended` at the next place of every lane, then `run.closed` with the length and
 * head of every lane, so that a truncated lane is noticed. After a crash the same call completes what is missing, the run list too. Of
 * several ends the recorded one counts. Then the environment is free for the next run. A writer that saw the run open may open another lane meanwhile; the stored `close` item lets
 * `recordOrphanLanes` find it. After a rollback the environment is free before the trail closes: that waits for the follow-ups.
 * Every end comes through here, so this is where no run ends with its requests stopped.
 */
export const closeRun = async (deps: Reconciliation, context: RunContext, reached: End, gate: string): Promise<NotYet> => {
  if (context.closed && context.ended !== undefined) {
    await listAgain(deps, context, context.ended);
    await releaseEnvironment(deps, context, context.ended.event.data.outcome);
    return undefined;
  }
  const outcome = context.ended?.event.data.outcome ?? (await endOfRollback(deps, context, reached));
  if (typeof outcome === 'object') return outcome;
  if (context.ended === undefined) await putCloseItem(deps, context.run);
  const { stored } = await deps.trail.append(
    { scope: context.scope, lane: lanes.run, step: 'ended', type: 'run.ended', actor: system('reconciler'), data: { outcome, gate } },
    { parentHash: context.parentHash },
  );
  const end = stored.event.data.outcome;
  if (asksFollowUps(context, end)) {
    await endWithFollowUps(deps, context, stored);
    return undefined;
  }
  if (context.ended !== undefined) await putCloseItem(deps, context.run);
  await recordEnd(deps, context, end);
  const gates = await closeLanes(deps, context, { ended: stored.hash, followUps: [] });
  await listAsEnded(deps, context, stored, gates);
  await releaseEnvironment(deps, context, end);
  return undefined;
};

/** Before these ends health was verified, and before that the stop of requests was taken back. */
const accepting: readonly End[] = ['production-stable', 'rolled-back', 'rolled-back-unverified'];

/**
 * The execution knows no rollback at its incident gate. Where one was decided, an incident that ends the run leaves it undone half-way, and
 * nobody knows what runs: that is the end of a rollback that was not carried out, with its claim and its follow-ups.
 */
const endOfRollback = async (deps: Reconciliation, context: RunContext, reached: End): Promise<End | NonNullable<NotYet>> => {
  if (!context.admitted || accepting.includes(reached)) return reached;
  const { undoStop } = await loadUndoStop();
  const reason = await undoStop(deps, context);
  if (reason !== undefined) return { reason, next: new Date(deps.clock.now().getTime() + lookAgainMs) };
  if (reached !== 'incident') return reached;
  const { decision } = foldRollback(await deps.trail.read(context.scope, { lane: lanes.rollback }));
  return decision === undefined ? reached : 'rollback-escalated';
};

type Closer = Pick<Dependencies, 'trail' | 'clock' | 'due' | 'index' | 'reconciler' | 'stage'>;

const putCloseItem = (deps: Pick<Dependencies, 'clock' | 'due'>, run: string): Promise<void> =>
  deps.due.put({ at: new Date(deps.clock.now().getTime() + lastWriterMs).toISOString(), run, kind: 'close', id: '' });

/**
 * The path has ended, and the trail stays open until everything is answered. What is live now is said once, before the first follow-up: days
 * later another release may be live.
 */
const endWithFollowUps = async (deps: Closer, context: RunContext, stored: Stored<'run.ended'>): Promise<void> => {
  const end = stored.event.data.outcome;
  const before = await readFollowUps(deps, context);
  if (before.length === 0) await recordEnd(deps, context, end);
  await listAsEnded(deps, context, stored, await readGates(deps, context));
  await releaseEnvironment(deps, context, end);
  const closing = closedFollowUps(await openFollowUps(deps, context, before));
  if (closing === undefined) return;
  await putCloseItem(deps, context.run);
  await closeLanes(deps, context, { ended: stored.hash, followUps: closing });
};

/** The recorded end replaces every other entry, so it holds how far the run came, too. */
const listAsEnded = (deps: Pick<Dependencies, 'index'>, context: RunContext, { event }: Stored<'run.ended'>, gates: Gates): Promise<void> =>
  updateSummary(deps, context, { ...event.data, endedAt: event.at }, { asOf: new Date(event.at), seen: 0, gates });

/** Writes the end again, with its places in the list. How far the run came is read from the trail only where the entry does not say it. */
const listAgain = async (deps: Closer, context: RunContext, stored: Stored<'run.ended'>): Promise<void> => {
  const listed = await deps.index.get(context.run);
  return listed?.milestones?.endedAt == null
    ? listAsEnded(deps, context, stored, await readGates(deps, context))
    : deps.index.put({ ...listed, waits: null, outcome: stored.event.data.outcome, gate: stored.event.data.gate });
};

type FollowUps = NonNullable<ReturnType<typeof closedFollowUps>>;
/** `ended`: the hash of `run.ended`. */
type ClosedBy = { readonly ended: string; readonly followUps: FollowUps };

/** Closes every lane, and returns the gates as it read them. */
const closeLanes = async (deps: Pick<Dependencies, 'trail'>, context: RunContext, { ended, followUps }: ClosedBy): Promise<Gates> => {
  const events = await deps.trail.read(context.scope, { prefix: '' });
  const all = byLane(events);
  const closed: LaneHead[] = [];
  for (const [lane, events] of all) {
    if (lane === lanes.run) continue;
    const last = events.at(-1);
    if (last === undefined) continue;
    if (closesLane(last)) {
      closed.push({ lane, seq: last.event.seq, head: last.hash });
      continue;
    }
    const { stored } = await appendToLane(deps, context.parentHash, events, {
      scope: context.scope,
      lane,
      step: closingStep,
      type: 'lane.ended',
      actor: system('reconciler'),
      data: { ended },
    });
    closed.push({ lane, seq: stored.event.seq, head: stored.hash });
  }
  await appendToLane(deps, context.parentHash, all.get(lanes.run) ?? [], {
    scope: context.scope,
    lane: lanes.run,
    step: closingStep,
    type: 'run.closed',
    actor: system('reconciler'),
    data: { lanes: closed, ...(followUps.length === 0 ? {} : { followUps: [...followUps] }) },
  });
  return foldGates(events.filter(({ event }) => event.lane.startsWith(lanes.gates)));
};

/** Records in the late scope which lanes `run.closed` does not name, so that the verifier can tell them from forged ones. */
export const recordOrphanLanes = async (deps: Pick<Dependencies, 'trail'>, context: RunContext): Promise<void> => {
  const events = await deps.trail.read(context.scope, { prefix: '' });
  const [closing] = ofType(events, 'run.closed');
  if (closing === undefined) return;
  const named = new Set(closing.event.data.lanes.map(({ lane }) => lane));
  for (const [lane, own] of byLane(events)) {
    const last = own.at(-1);
    if (lane === lanes.run || named.has(lane) || last === undefined) continue;
    await deps.trail.append(
      {
        scope: scopes.late(context.run),
        lane: lanes.orphan,
        step: `${lane}/${last.event.seq}`,
        type: 'lane.orphaned',
        actor: system('reconciler'),
        data: { lane, seq: last.event.seq, head: last.hash },
      },
      { parentHash: context.parentHash },
    );
  }
};
