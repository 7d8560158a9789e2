import type { Mailer } from '../../ports.ts';

/** Where a mail was not accepted there is no id of it. */
export const notAccepted = '';

/**
 * A mailer whose faults come later: one address that the mail system refuses keeps nobody else from being told and no gate from being
 * decided. Whoever made it throws what is in `faults` when everything else is done, so that the operators hear of it.
 */
export const deferMailFaults = (mailer: Mailer, faults: unknown[]): Mailer => ({
  send: async (mail) => {
    try {
      return await mailer.send(mail);
    } catch (fault) {
      faults.push(fault);
      return { message: notAccepted };
    }
  },
});

const longestPauseMs = 3_600_000;

/** The pause before the next try doubles, up to an hour: an address that stays refused fills no lane. Milliseconds. */
export const pauseAfter = (tries: number, firstMs: number): number => Math.min(firstMs * 2 ** Math.max(0, tries - 1), longestPauseMs);
