import type { Dependencies, DueItem } from '../../ports.ts';

/** How many due items are read at once, and how often: those whose look fails each time keep no others from their turn. */
const page = 500;
const pages = 10;
/** How many are handed on at once. */
const abreast = 20;

type SweepDependencies = Pick<Dependencies, 'due' | 'reconciler' | 'clock'>;

/**
 * Once a minute: hands every due item to the reconciler, which strikes it off when it has done it. Reads due items only, so an idle
 * sweep costs the same however many runs are open.
 */
export const sweep = async (deps: SweepDependencies): Promise<{ readonly requested: number }> => {
  const now = deps.clock.now();
  const faults: unknown[] = [];
  let asked = 0;
  let last: DueItem | undefined;
  for (let read = 0; read < pages; read += 1) {
    const items = await deps.due.list(now, page, last);
    asked += await requestAll(deps, items, faults);
    if (items.length < page) break;
    last = items.at(-1);
  }
  // One that is not taken keeps no other from being handed on; it is due again in a minute, and the alarm hears of it.
  if (faults.length > 0) throw faults[0];
  return { requested: asked };
};

const requestAll = async ({ reconciler }: SweepDependencies, items: readonly DueItem[], faults: unknown[]): Promise<number> => {
  let asked = 0;
  for (let from = 0; from < items.length; from += abreast) {
    const handed = await Promise.allSettled(items.slice(from, from + abreast).map((item) => reconciler.request(item.run, item.gate, item)));
    for (const one of handed) {
      if (one.status === 'rejected') faults.push(one.reason);
      else asked += 1;
    }
  }
  return asked;
};
