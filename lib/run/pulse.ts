import type { World } from '../ports.ts';

/** How many due items one pulse hands on; the next pulse goes on. */
const most = 500;
/** How many are handed on at once. */
const abreast = 20;

/**
 * Once a minute: hands every due item to the settler, which strikes it off when it has done it. Reads due items only, so an idle
 * pulse costs the same however many runs are open.
 */
export const tick = async (world: Pick<World, 'due' | 'settler' | 'clock'>): Promise<{ readonly asked: number }> => {
  const items = await world.due.list(world.clock.now(), most);
  let asked = 0;
  let fault: unknown;
  for (let from = 0; from < items.length; from += abreast) {
    const handed = await Promise.allSettled(
      items.slice(from, from + abreast).map((item) => world.settler.nudge(item.run, item.gate, item)),
    );
    asked += handed.filter(({ status }) => status === 'fulfilled').length;
    fault ??= handed.find((one) => one.status === 'rejected')?.reason;
  }
  // One that is not taken keeps no other from being handed on; it is due again in a minute, and the alarm hears of it.
  if (fault !== undefined) throw fault;
  return { asked };
};
