/** What the fakes of a world keep, in the order in which they were made. */
export type Container = Map<unknown, unknown> | Set<unknown> | unknown[] | Counter;
/** A clock's reading, how much was drawn. */
export type Counter = { at: number };
export type Keep = <T extends Container>(container: T) => T;

/** For a fake that stands alone: nobody copies it. */
export const keptByItself: Keep = (container) => container;

/** Keeps account of the containers of a world, so that another world can go on from where this one is. */
export const createKeeper = () => {
  const containers: Container[] = [];
  const keep: Keep = (container) => {
    containers.push(container);
    return container;
  };
  return {
    keep,
    containers,
    /** Makes the containers of this world, which the same fakes have made, hold what those of the other one hold. */
    takeOver: (from: readonly Container[]): void => {
      if (from.length !== containers.length)
        throw new Error(`a copy of a world: got ${from.length} containers, expected ${containers.length}`);
      for (const [place, container] of containers.entries()) refill(container, from[place] as Container);
    },
  };
};

const refill = (container: Container, from: Container): void => {
  if (container instanceof Map) {
    container.clear();
    for (const [key, value] of from as typeof container) container.set(key, copied(value));
  } else if (container instanceof Set) {
    container.clear();
    for (const value of from as typeof container) container.add(value);
  } else if (Array.isArray(container)) container.splice(0, container.length, ...(from as typeof container).map(frozen));
  else container.at = (from as Counter).at;
};

/** Containers within containers are copied; what stands in them is shared, and frozen, so that no copy can change it for another one. */
const copied = (value: unknown): unknown => {
  if (value instanceof Map) return new Map([...value].map(([key, held]) => [key, copied(held)]));
  if (value instanceof Set) return new Set(value);
  return frozen(value);
};

const frozen = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
};
