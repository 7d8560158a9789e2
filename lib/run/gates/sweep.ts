import type { Dependencies, DueItem } from '../../ports.ts';

/** How many due items one query reads, and how many queries one sweep makes: items that fail again and again must not block others. */
const pageSize = 500;
const pagesMax = 10;
/** How many requests are made at once. */
const parallel = 20;

type SweepDependencies = Pick<Dependencies, 'due' | 'reconciler' | 'clock'>;

/**
 * Once a minute: requests a reconciliation for every due item; the reconciler deletes the item when it is through. It reads due items
 * only, so an idle sweep costs the same however many runs are open.
 */
export const sweep = async (deps: SweepDependencies): Promise<{ readonly requested: number }> => {
  const now = deps.clock.now();
  const faults: unknown[] = [];
  let requested = 0;
  let last: DueItem | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const items = await deps.due.list(now, pageSize, last);
    requested += await requestAll(deps, items, faults);
    if (items.length < pageSize) break;
    last = items.at(-1);
  }
  // A failed request does not stop the others. Its item is due again in a minute, and the fault raises the alarm.
  if (faults.length > 0) throw faults[0];
  return { requested };
};

const requestAll = async ({ reconciler }: SweepDependencies, items: readonly DueItem[], faults: unknown[]): Promise<number> => {
  let requested = 0;
  for (let from = 0; from < items.length; from += parallel) {
    const requests = await Promise.allSettled(items.slice(from, from + parallel).map((item) => reconciler.request(item.run, item)));
    for (const one of requests) {
      if (one.status === 'rejected') faults.push(one.reason);
      else requested += 1;
    }
  }
  return requested;
};
