/**
 * A fold that is made once for each object: the same lane or reading, folded under the same `name` and `parts`, gives the value that was
 * made before. Lanes and readings are never changed in place (a changed one is a new object), so a kept value is never stale.
 */
export const foldOnce = <T>(): ((of: object, name: string, parts: readonly unknown[], fold: () => T) => T) => {
  const kept = new WeakMap<object, Map<string, { readonly parts: readonly unknown[]; readonly value: T }>>();
  return (of, name, parts, fold) => {
    const folds = kept.get(of) ?? new Map<string, { readonly parts: readonly unknown[]; readonly value: T }>();
    const known = folds.get(name);
    if (known?.parts.every((part, place) => part === parts[place])) return known.value;
    const value = fold();
    kept.set(of, folds.set(name, { parts, value }));
    return value;
  };
};
