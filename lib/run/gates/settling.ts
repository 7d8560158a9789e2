import { onDemand } from '../../on-demand.ts';

const loadSettleGate = onDemand(() => import('./settle-gate.ts'));

/** What settles a gate, loaded when one settles: most looks settle none. */
type Settling = Awaited<ReturnType<typeof loadSettleGate>>;

/** How long the writer of a settle event has to send it before another reconciler takes over. Milliseconds. */
export const sendWithinMs = 30_000;

/** The sweep comes back after this time: by then the answer is sent and the next gate has opened, or something is wrong. Milliseconds. */
export const passedWithinMs = 2 * sendWithinMs;

export const settleGate = async (...given: Parameters<Settling['settleGate']>): ReturnType<Settling['settleGate']> =>
  (await loadSettleGate()).settleGate(...given);

export const confirmAndSend = async (...given: Parameters<Settling['confirmAndSend']>): ReturnType<Settling['confirmAndSend']> =>
  (await loadSettleGate()).confirmAndSend(...given);
