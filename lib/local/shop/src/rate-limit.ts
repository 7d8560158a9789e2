/** Whether a caller may make one more request now; else in how many seconds it may. */
export type RateLimit = (
  caller: string,
  now: Date,
) => { readonly allowed: true } | { readonly allowed: false; readonly retryAfterSeconds: number };

const windowMs = 60_000;

/**
 * Counts the requests of each caller in windows of a minute. Each process counts on its own, so this holds one caller back that sends without
 * a pause; the throttling of the API bounds all callers together. Callers of an earlier window are forgotten.
 */
export const createRateLimit = (mostPerMinute: number): RateLimit => {
  let window = Number.NaN;
  let counts = new Map<string, number>();
  return (caller, now) => {
    const current = Math.floor(now.getTime() / windowMs);
    if (current !== window) {
      window = current;
      counts = new Map();
    }
    const count = (counts.get(caller) ?? 0) + 1;
    counts.set(caller, count);
    if (count <= mostPerMinute) return { allowed: true };
    return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(((current + 1) * windowMs - now.getTime()) / 1000)) };
  };
};
