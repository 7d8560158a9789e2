import type { Dependencies, DueItem } from '../../ports.ts';

/** How many due items one query reads, and how many queries one sweep makes: items that fail again and again must not block others. */
const pageSize = 500;
const pagesMax = 10;
/** How many rechecks one request names: an asynchronous call of Lambda carries 256 KB, and an item has less than 200 bytes. */
const rechecksMax = 500;
/** How many requests are made at once. */
const parallel = 20;
/** A run that waits too long is looked at again so often, to find whether that is over. Minutes. */
const overdueEveryMinutes = 10;

type SweepDependencies = Pick<Dependencies, 'due' | 'reconciler' | 'clock'>;

/**
 * `oldestWaitSeconds`: how long the run that waits longest beyond its time has done so: at a gate beyond its deadline, or for Holdpoint
 * itself, which has not taken up its due item. 0 where none does. `oldestWait`: which run that is. `unknownItems`: how many due items this
 * version does not know, and leaves to a newer one.
 */
export type Swept = {
  readonly requested: number;
  readonly oldestWaitSeconds: number;
  readonly oldestWait?: string;
  readonly unknownItems?: number;
};

/**
 * Once a minute: requests a reconciliation for every due item; the reconciler deletes the item when it is through. It reads due items
 * only, so an idle sweep costs the same however many runs are open.
 */
export const sweep = async (deps: SweepDependencies): Promise<Swept> => {
  const now = deps.clock.now();
  const faults: unknown[] = [];
  let requested = 0;
  let unknownItems = 0;
  let oldest: DueItem | undefined;
  let last: DueItem | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const items = await deps.due.list(now, pageSize, last, (unknown) => {
      unknownItems += unknown;
    });
    oldest ??= items[0];
    requested += await requestAll(
      deps,
      items.filter((item) => isTakenUp(item, now)),
      faults,
    );
    if (items.length < pageSize) break;
    last = items.at(-1);
  }
  // A failed request does not stop the others. Its item is due again in a minute, and the fault raises the alarm.
  if (faults.length > 0) throw faults[0];
  return {
    requested,
    oldestWaitSeconds: secondsSince(oldest, now),
    ...(oldest === undefined ? {} : { oldestWait: oldest.run }),
    ...(unknownItems === 0 ? {} : { unknownItems }),
  };
};

const secondsSince = (item: DueItem | undefined, now: Date): number =>
  item === undefined ? 0 : Math.max(0, Math.round((now.getTime() - Date.parse(item.at)) / 1000));

/** An event that ends the wait requests a reconciliation itself, which deletes the item. What a crash left of it is found by the next look. */
export const isTakenUp = ({ kind, at }: DueItem, now: Date): boolean =>
  kind !== 'overdue' || Math.floor((now.getTime() - Date.parse(at)) / 60_000) % overdueEveryMinutes === 0;

const requestAll = async ({ reconciler }: SweepDependencies, items: readonly DueItem[], faults: unknown[]): Promise<number> => {
  let requested = 0;
  const asked = groupsOf(items);
  for (let from = 0; from < asked.length; from += parallel) {
    const requests = await Promise.allSettled(
      asked.slice(from, from + parallel).map(({ item, also }) => reconciler.request(item.run, item, also)),
    );
    for (const one of requests) {
      if (one.status === 'rejected') faults.push(one.reason);
      else requested += 1;
    }
  }
  return requested;
};

type Asked = { readonly item: DueItem; also?: DueItem[] };

/**
 * One request for all rechecks of a run: after an outage there may be hundreds, of whose reconciliations all but one would find another at
 * work, and be due again.
 */
const groupsOf = (items: readonly DueItem[]): readonly Asked[] => {
  const asked: Asked[] = [];
  const rechecks = new Map<string, Asked>();
  for (const item of items) {
    const first = item.kind === 'recheck' ? rechecks.get(item.run) : undefined;
    if (first !== undefined && (first.also?.length ?? 0) < rechecksMax) {
      first.also ??= [];
      first.also.push(item);
    } else {
      const one: Asked = { item };
      asked.push(one);
      if (item.kind === 'recheck') rechecks.set(item.run, one);
    }
  }
  return asked;
};
