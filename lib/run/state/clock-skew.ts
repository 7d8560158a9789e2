import { clockSkewMs } from '../../fields.ts';

/** The earliest planned instant that does not lie in the past for a sender whose clock is behind ours. UTC instant. */
export const earliestPossible = (now: Date): string => new Date(now.getTime() - clockSkewMs).toISOString();

/** The latest timestamp that is accepted now. UTC instant. */
export const latestPossible = (now: Date): string => new Date(now.getTime() + clockSkewMs).toISOString();
