import type { End, LaneHead } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import type { SettleWorld, World } from '../../ports.ts';
import { appendTo, byLane, ofType, type RunHead, system } from '../state/run-context.ts';
import { summarise } from '../state/run-summary.ts';

/** After this time nobody can be writing any more who saw the path open: the settler, the slowest of all, is stopped before. Milliseconds. */
const lastWriterMs = 180_000;

/**
 * Ends the path and closes the trail: `run.ended`, `lane.closed` at every lane's next place, then `run.closed` with every lane's
 * length and head, so that a cut tail is noticed. Broken off anywhere, it goes on where it stopped: every step is found again.
 * A writer that saw the path open may open another lane meanwhile; the look that is left behind finds it (`accountForStrays`).
 */
export const closeRun = async (world: SettleWorld, head: RunHead, outcome: End, gate: string): Promise<void> => {
  if (head.closed) return;
  const at = new Date(world.clock.now().getTime() + lastWriterMs).toISOString();
  await world.due.put({ at, run: head.run, kind: 'close', gate });
  await world.trail.append(
    { scope: head.scope, lane: lanes.run, step: 'ended', type: 'run.ended', actor: system('settler'), data: { outcome, gate } },
    { opener: head.opener },
  );
  const all = byLane(await world.trail.read(head.scope, { prefix: '' }));
  const closed: LaneHead[] = [];
  for (const [lane, events] of all) {
    if (lane === lanes.run) continue;
    const last = events.at(-1);
    if (last === undefined) continue;
    if (last.event.type === 'lane.closed') {
      closed.push({ lane, seq: last.event.seq, head: last.hash });
      continue;
    }
    const { stored } = await appendTo(world, head.opener, events, {
      scope: head.scope,
      lane,
      step: 'closed',
      type: 'lane.closed',
      actor: system('settler'),
      data: {},
    });
    closed.push({ lane, seq: stored.event.seq, head: stored.hash });
  }
  await appendTo(world, head.opener, all.get(lanes.run) ?? [], {
    scope: head.scope,
    lane: lanes.run,
    step: 'closed',
    type: 'run.closed',
    actor: system('settler'),
    data: { lanes: closed },
  });
  await summarise(world, head, { gate, outcome });
};

/** Says in the late scope which lanes the closing of the run does not name, so that no acknowledged event looks like a forged one. */
export const accountForStrays = async (world: Pick<World, 'trail'>, head: RunHead): Promise<void> => {
  const events = await world.trail.read(head.scope, { prefix: '' });
  const [closing] = ofType(events, 'run.closed');
  if (closing === undefined) return;
  const named = new Set(closing.event.data.lanes.map(({ lane }) => lane));
  for (const [lane, own] of byLane(events)) {
    const last = own.at(-1);
    if (lane === lanes.run || named.has(lane) || last === undefined) continue;
    await world.trail.append(
      {
        scope: scopes.late(head.run),
        lane: lanes.stray,
        step: `${lane}/${last.event.seq}`,
        type: 'lane.strayed',
        actor: system('settler'),
        data: { lane, seq: last.event.seq, head: last.hash },
      },
      { opener: head.opener },
    );
  }
};
