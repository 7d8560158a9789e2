import type { End, LaneHead } from '../audit/event.ts';
import { lanes } from '../audit/lane.ts';
import type { DueItem, World } from '../ports.ts';
import { appendTo, byLane, type RunHead, system } from './head.ts';
import { summarise } from './summary.ts';

/**
 * Ends the path and closes the trail: `run.ended`, `lane.closed` at every lane's next place, then `run.closed` with every lane's
 * length and head, so that a cut tail is noticed. Broken off anywhere, it goes on where it stopped: every step is found again.
 */
export const closeRun = async (world: World, head: RunHead, outcome: End, gate: string): Promise<void> => {
  if (head.closed) return;
  const item: DueItem = { at: new Date(world.clock.now().getTime() + 60_000).toISOString(), run: head.run, kind: 'close', gate };
  await world.due.put(item);
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
  await summarise(world, head, gate, outcome);
  await world.due.done(item);
};
