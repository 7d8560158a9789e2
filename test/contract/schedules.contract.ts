import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Schedules } from '../../lib/ports.ts';

/** `planned` gives the instant for which a name is planned, as the scheduler reports it. */
export type SchedulesUnderTest = { readonly schedules: Schedules; readonly planned: (name: string) => Promise<Date | undefined> };

export const schedulesContract = (under: () => SchedulesUnderTest): void => {
  describe('schedules', () => {
    const ask = { run: 'r1', gate: 'phase-1' };

    it('plans an instant to the second, never earlier', async () => {
      const name = `deadline-${randomUUID()}`;
      const when = new Date('2099-03-02T08:00:00.400Z');
      await under().schedules.at(name, when, ask);
      const planned = await under().planned(name);
      const late = (planned?.getTime() ?? 0) - when.getTime();
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(1000);
    });

    it('replaces nothing under the same name', async () => {
      const name = `deadline-${randomUUID()}`;
      await under().schedules.at(name, new Date('2099-03-02T08:00:00.000Z'), ask);
      await under().schedules.at(name, new Date('2099-03-03T08:00:00.000Z'), ask);
      expect(await under().planned(name)).toEqual(new Date('2099-03-02T08:00:00.000Z'));
    });
  });
};
