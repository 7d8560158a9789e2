/** Virtual time: what happens next is the earliest planned step, and between two steps no time passes. Milliseconds. */
export type Timeline = {
  now(): number;
  /** Plans a step; the answer takes it back. */
  after(milliseconds: number, step: () => void): () => void;
  sleep(milliseconds: number): Promise<void>;
  /** Takes every step that is planned up to `until`, then stands there. Stops early when `done` says so. */
  run(until: number, done?: () => boolean): Promise<void>;
};

type Planned = { readonly at: number; readonly order: number; step: (() => void) | undefined };

export const createTimeline = (start: string): Timeline => {
  let now = Date.parse(start);
  let order = 0;
  const planned: Planned[] = [];
  const after = (milliseconds: number, step: () => void): (() => void) => {
    order += 1;
    const one: Planned = { at: now + Math.max(0, Math.ceil(milliseconds)), order, step };
    push(planned, one);
    return () => {
      one.step = undefined;
    };
  };
  return {
    now: () => now,
    after,
    sleep: (milliseconds) => new Promise((resolve) => void after(milliseconds, resolve)),
    run: async (until, done = () => false) => {
      for (let next = planned[0]; next !== undefined && next.at <= until && !done(); next = planned[0]) {
        pop(planned);
        if (next.step === undefined) continue;
        now = next.at;
        next.step();
        // Every promise that follows from the step is settled before the next step.
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!done()) now = Math.max(now, until);
    },
  };
};

const isBefore = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap: the earliest step is `heap[0]`. */
const push = (heap: Planned[], one: Planned): void => {
  heap.push(one);
  let place = heap.length - 1;
  while (place > 0) {
    const above = (place - 1) >> 1;
    if (!swapped(heap, place, above)) return;
    place = above;
  }
};

const pop = (heap: Planned[]): void => {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  let place = 0;
  for (;;) {
    const [left, right] = [2 * place + 1, 2 * place + 2];
    const least = right < heap.length && isBefore(heap[right] as Planned, heap[left] as Planned) ? right : left;
    if (least >= heap.length || !swapped(heap, least, place)) return;
    place = least;
  }
};

const swapped = (heap: Planned[], below: number, above: number): boolean => {
  const [low, high] = [heap[below] as Planned, heap[above] as Planned];
  if (!isBefore(low, high)) return false;
  heap[below] = high;
  heap[above] = low;
  return true;
};
