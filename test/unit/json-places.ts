type Step = string | number;

/** Every place in a JSON value. */
export const placesIn = (value: unknown, path: readonly Step[] = []): (readonly Step[])[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : [path, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, Array.isArray(value) ? Number(name) : name]))];

/** The value with another one at a place. */
export const replaced = (value: unknown, [step, ...rest]: readonly Step[], by: unknown): unknown => {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((member, n) => (n === step ? replaced(member, rest, by) : member));
  return { ...(value as object), [step]: replaced((value as Record<string, unknown>)[step], rest, by) };
};
