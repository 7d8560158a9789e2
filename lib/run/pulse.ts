import type { World } from '../ports.ts';

/** How many due items one pulse hands on; the next pulse goes on. */
const most = 100;

/**
 * Once a minute: hands every due item to the settler, which strikes it off when it has done it. Reads due items only, so an idle
 * pulse costs the same however many runs are open.
 */
export const tick = async (world: Pick<World, 'due' | 'settler' | 'clock'>): Promise<{ readonly asked: number }> => {
  const items = await world.due.list(world.clock.now(), most);
  for (const item of items) await world.settler.nudge(item.run, item.gate, item);
  return { asked: items.length };
};
