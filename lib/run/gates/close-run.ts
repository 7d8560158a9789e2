import { byLane } from '../../audit/event.ts';
import type { End } from '../../audit/events/run.ts';
import { type LaneHead, lanes, scopes } from '../../audit/lane.ts';
import type { Dependencies, ReconcilerDependencies } from '../../ports.ts';
import { appendToLane, ofType, type RunContext, system } from '../state/run-context.ts';
import { updateSummary } from '../state/run-summary.ts';

/** After this time nobody can be writing any more who saw the path open: the reconciler, the slowest of all, is stopped before. Milliseconds. */
const lastWriterMs = 180_000;

/**
 * Ends the path and closes the trail: `run.ended`, `lane.closed` at every lane's next place, then `run.closed` with every lane's
 * length and head, so that a cut tail is noticed. Broken off anywhere, it goes on where it stopped: every step is found again.
 * A writer that saw the path open may open another lane meanwhile; the look that is left behind finds it (`accountForStrays`).
 */
export const closeRun = async (deps: ReconcilerDependencies, context: RunContext, outcome: End, gate: string): Promise<void> => {
  if (context.closed) return;
  const at = new Date(deps.clock.now().getTime() + lastWriterMs).toISOString();
  await deps.due.put({ at, run: context.run, kind: 'close', gate });
  await deps.trail.append(
    { scope: context.scope, lane: lanes.run, step: 'ended', type: 'run.ended', actor: system('reconciler'), data: { outcome, gate } },
    { parentHash: context.parentHash },
  );
  const all = byLane(await deps.trail.read(context.scope, { prefix: '' }));
  const closed: LaneHead[] = [];
  for (const [lane, events] of all) {
    if (lane === lanes.run) continue;
    const last = events.at(-1);
    if (last === undefined) continue;
    if (last.event.type === 'lane.closed') {
      closed.push({ lane, seq: last.event.seq, head: last.hash });
      continue;
    }
    const { stored } = await appendToLane(deps, context.parentHash, events, {
      scope: context.scope,
      lane,
      step: 'closed',
      type: 'lane.closed',
      actor: system('reconciler'),
      data: {},
    });
    closed.push({ lane, seq: stored.event.seq, head: stored.hash });
  }
  await appendToLane(deps, context.parentHash, all.get(lanes.run) ?? [], {
    scope: context.scope,
    lane: lanes.run,
    step: 'closed',
    type: 'run.closed',
    actor: system('reconciler'),
    data: { lanes: closed },
  });
  await updateSummary(deps, context, { gate, outcome });
};

/** Says in the late scope which lanes the closing of the run does not name, so that no acknowledged event looks like a forged one. */
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
