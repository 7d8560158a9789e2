/** The clock of whoever reports may be ahead of ours by this much. Milliseconds. */
const clockSkewMs = 5 * 60_000;

/** Later than this nothing that is reported now can have happened. UTC instant. */
export const latestPossible = (now: Date): string => new Date(now.getTime() + clockSkewMs).toISOString();
