/** A value that is computed once for each object: stories make thousands of worlds of a few checklists. */
export const onceFor = <K extends object, V>(compute: (of: K) => V): ((of: K) => V) => {
  const kept = new WeakMap<K, V>();
  return (of) => {
    const value = kept.get(of) ?? compute(of);
    kept.set(of, value);
    return value;
  };
};
