import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Schedules } from '../../lib/ports.ts';

/** `planned` gives the instant that is stored under a name. */
export type SchedulesUnderTest = { readonly schedules: Schedules; readonly planned: (name: string) => Promise<Date | undefined> };

export const schedulesContract = (under: () => SchedulesUnderTest): void => {
  describe('schedules', () => {
    const request = { run: 'r1' };

    it('stores an instant to the second, never earlier', async () => {
      const name = `deadline-${randomUUID()}`;
      const when = new Date('2099-03-02T08:00:00.400Z');
      await under().schedules.at(name, when, request);
      const planned = await under().planned(name);
      const late = (planned?.getTime() ?? 0) - when.getTime();
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(1000);
    });

    it('keeps a schedule of the same name as it is', async () => {
      const name = `deadline-${randomUUID()}`;
      await under().schedules.at(name, new Date('2099-03-02T08:00:00.000Z'), request);
      await under().schedules.at(name, new Date('2099-03-03T08:00:00.000Z'), request);
      expect(await under().planned(name)).toEqual(new Date('2099-03-02T08:00:00.000Z'));
    });
  });
};
