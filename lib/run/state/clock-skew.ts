/** A reporter's clock may be ahead of ours by this much. Milliseconds. */
const clockSkewMs = 5 * 60_000;

/** The latest timestamp that is accepted now. UTC instant. */
export const latestPossible = (now: Date): string => new Date(now.getTime() + clockSkewMs).toISOString();
