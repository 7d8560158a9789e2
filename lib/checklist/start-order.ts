type Starting = { readonly component: string; readonly startsAfter: readonly string[] };

/**
 * The components in an order in which each comes after those that it starts after, and otherwise as they are listed; or why there is no such
 * order.
 */
export const startOrder = <C extends Starting>(
  components: readonly C[],
): { readonly order: readonly C[]; readonly flaw?: never } | { readonly flaw: string; readonly order?: never } => {
  const names = components.map(({ component }) => component);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) return { flaw: `the component ${twice} is listed twice` };
  const unknown = components.flatMap(({ startsAfter }) => startsAfter).find((name) => !names.includes(name));
  if (unknown !== undefined) return { flaw: `startsAfter names ${unknown}, which is not among the components` };
  const order: C[] = [];
  while (order.length < components.length) {
    const started = order.map(({ component }) => component);
    const next = components.find((one) => !order.includes(one) && one.startsAfter.every((name) => started.includes(name)));
    if (next === undefined) return { flaw: `startsAfter is a circle among ${names.filter((name) => !started.includes(name)).join(', ')}` };
    order.push(next);
  }
  return { order };
};
