/** As the CDK takes it. */
export type EventPattern = { source?: string[]; detailType?: string[]; resources?: unknown[]; detail?: Record<string, unknown> };

/** The longest event pattern that EventBridge takes by default, in characters. The quota can be raised to 4,096, and few accounts have done so. */
export const patternLimit = 2_048;

/** How long EventBridge finds a pattern: as JSON. In bytes, because a character outside of ASCII may count as several. */
export const sizeOf = ({ source, detailType, resources, detail }: EventPattern): number =>
  new TextEncoder().encode(JSON.stringify({ source, 'detail-type': detailType, resources, detail })).length;

/** As few patterns as hold all values in their order, each within the limit. A value that is too long by itself gets a pattern of its own. */
export const splitPattern = <V>(values: readonly V[], patternOf: (values: V[]) => EventPattern): readonly EventPattern[] => {
  const parts: V[][] = [];
  for (const value of values) {
    const last = parts.at(-1);
    if (last !== undefined && sizeOf(patternOf([...last, value])) <= patternLimit) last.push(value);
    else parts.push([value]);
  }
  return parts.map(patternOf);
};

/** The prefixes that no other one begins with: a name that starts with `shop-api-` starts with `shop-`, too. */
export const shortestPrefixes = (prefixes: readonly string[]): readonly string[] => {
  const kept: string[] = [];
  for (const prefix of [...new Set(prefixes)].sort()) {
    const last = kept.at(-1);
    if (last === undefined || !prefix.startsWith(last)) kept.push(prefix);
  }
  return kept;
};
