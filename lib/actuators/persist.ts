import type { Clock, Random } from '../ports.ts';
import type { Persist } from './order.ts';
import type { Reply } from './ports.ts';

/** Calls of one order are repeated for so long. Milliseconds. */
const longestMs = 60_000;
const firstPauseMs = 500;
const longestPauseMs = 8_000;

export type Waiting = {
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: (milliseconds: number) => Promise<void>;
};

/** All calls of one order share one minute, so that an order never outlives its function. */
export const createPersist = ({ clock, random, sleep }: Waiting): Persist => {
  const until = clock.now().getTime() + longestMs;
  return async <T>(call: () => Promise<Reply<T>>): Promise<Reply<T>> => {
    for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 2)) {
      const reply = await call();
      if (reply.busy === undefined) return reply;
      const wait = Math.ceil(pause * (0.5 + random.fraction() / 2));
      if (clock.now().getTime() + wait > until) return { refused: `${reply.busy}, for as long as a minute` };
      await sleep(wait);
    }
  };
};
