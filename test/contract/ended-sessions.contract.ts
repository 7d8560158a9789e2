import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EndedSessions } from '../../lib/ports.ts';

export const endedSessionsContract = (sessions: () => EndedSessions): void => {
  describe('ended sessions', () => {
    const until = new Date(Date.now() + 3_600_000);

    it('knows a session that ended at once, and no other', async () => {
      const [ended, open] = [randomUUID(), randomUUID()];
      expect(await sessions().isEnded(ended)).toBe(false);
      await sessions().end(ended, until);
      expect([await sessions().isEnded(ended), await sessions().isEnded(open)]).toEqual([true, false]);
    });

    it('ends a session any number of times', async () => {
      const session = randomUUID();
      await Promise.all([sessions().end(session, until), sessions().end(session, until)]);
      await sessions().end(session, until);
      expect(await sessions().isEnded(session)).toBe(true);
    });
  });
};
