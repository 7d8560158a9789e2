const all = new Set<() => Promise<unknown>>();

/**
 * What a function loads when it needs it, and has at hand from then on: `import()` itself would ask the loader each time, which takes a turn of the
 * event loop at least. What could not be loaded is tried again.
 */
export const onDemand = <T>(load: () => Promise<T>): (() => Promise<T>) => {
  let loaded: Promise<T> | undefined;
  const get = (): Promise<T> => {
    loaded ??= load().catch((fault: unknown) => {
      loaded = undefined;
      throw fault;
    });
    return loaded;
  };
  all.add(get);
  return get;
};

/** Loads everything that is loaded on demand. A loaded module may name more. */
export const loadAllOnDemand = async (): Promise<void> => {
  let known = -1;
  while (all.size > known) {
    known = all.size;
    await Promise.all([...all].map((get) => get()));
  }
};
