import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DueItem, DueItems } from '../../lib/ports.ts';

/** Each test uses another year, because the due items of all runs are one list. */
export const dueItemsContract = (due: () => DueItems): void => {
  describe('due items', () => {
    const at = (instant: string, change: Partial<DueItem> = {}): DueItem => ({
      at: instant,
      run: randomUUID(),
      kind: 'deadline',
      id: 'a1',
      ...change,
    });

    it('lists what is due at or before an instant, oldest first', async () => {
      const [later, now, earlier] = [
        at('2001-01-01T00:00:00.001Z'),
        at('2001-01-01T00:00:00.000Z'),
        at('2000-12-31T23:59:59.999Z', { kind: 'recheck' }),
      ];
      for (const item of [later, now, earlier]) await due().put(item);
      expect(await due().list(new Date('2001-01-01T00:00:00.000Z'), 10)).toEqual([earlier, now]);
      expect(await due().list(new Date('2001-01-01T00:00:00.000Z'), 1)).toEqual([earlier]);
      expect(await due().list(new Date('2000-12-31T23:59:59.998Z'), 10)).toEqual([]);
      for (const item of [later, now, earlier]) await due().done(item);
      expect(await due().list(new Date('2001-01-02T00:00:00.000Z'), 10)).toEqual([]);
    });

    it('stores an item once however often it is put, and deletes it once however often it is done', async () => {
      const item = at('1999-01-01T00:00:00.000Z', { kind: 'close' });
      await due().put(item);
      await due().put(item);
      expect(await due().list(new Date('1999-01-01T00:00:00.000Z'), 10)).toEqual([item]);
      await due().done(item);
      await due().done(item);
      expect(await due().list(new Date('1999-01-01T00:00:00.000Z'), 10)).toEqual([]);
    });

    it('continues after the last item of a page', async () => {
      const items = [1, 2, 3, 4, 5].map((second) => at(`1997-01-01T00:00:0${second}.000Z`));
      for (const item of items) await due().put(item);
      const now = new Date('1997-01-02T00:00:00.000Z');
      const first = await due().list(now, 2);
      expect([...first, ...(await due().list(now, 10, first.at(-1)))]).toEqual(items);
      for (const item of items) await due().done(item);
      expect(await due().list(now, 10, items[1])).toEqual([]);
    });

    it('skips what a newer version has stored, and says how many there were', async () => {
      const [first, second, third] = [1, 2, 3].map((second) => at(`1994-01-01T00:00:0${second}.000Z`));
      const newer = [1, 2].map((n) => at(`1994-01-01T00:00:01.00${n}Z`, { kind: 'of-a-newer-version' as DueItem['kind'] }));
      const items = [first, ...newer, second, third].filter((item) => item !== undefined);
      for (const item of items) await due().put(item);
      const now = new Date('1994-01-02T00:00:00.000Z');
      const skipped: number[] = [];
      const list = (limit: number, after?: DueItem) => due().list(now, limit, after, (unknown) => skipped.push(unknown));
      expect([await list(2), skipped.splice(0)], 'a page is full nevertheless').toEqual([[first, second], [2]]);
      expect([await list(2, second), skipped.splice(0)]).toEqual([[third], []]);
      for (const item of items) await due().done(item);
      expect([await list(2), skipped]).toEqual([[], []]);
    });

    it('tells items of one instant apart by run, kind and id', async () => {
      const first = at('1998-01-01T00:00:00.000Z');
      const items = [first, { ...first, id: 'b2' }, { ...first, kind: 'recheck' as const }, { ...first, run: randomUUID() }];
      for (const item of items) await due().put(item);
      await due().done(first);
      const left = await due().list(new Date('1998-01-01T00:00:00.000Z'), 10);
      expect(left).toHaveLength(3);
      expect(left).toEqual(expect.arrayContaining(items.slice(1)));
      for (const item of items) await due().done(item);
    });

    it('keeps at most one deadline for a run, and lets only the caller that knows it move it', async () => {
      const run = randomUUID();
      const [first, second] = [at('1996-01-01T00:00:00.000Z', { run, id: 'a1' }), at('1996-01-02T00:00:00.000Z', { run, id: 'b2' })];
      expect(await due().deadline(run)).toBeUndefined();
      expect(await due().moveDeadline(run, first, second)).toBe(false);
      expect(await due().moveDeadline(run, undefined, first)).toBe(true);
      expect(await due().deadline(run)).toEqual(first);
      expect(await due().moveDeadline(run, undefined, second)).toBe(false);
      expect(await due().moveDeadline(run, { ...first, id: 'c3' }, second)).toBe(false);
      expect(await due().moveDeadline(run, first, second)).toBe(true);
      expect(await due().deadline(run)).toEqual(second);
      expect(await due().moveDeadline(run, first, undefined)).toBe(false);
      expect(await due().moveDeadline(run, second, undefined)).toBe(true);
      expect(await due().deadline(run)).toBeUndefined();
    });

    it('stores and deletes no item when the deadline moves', async () => {
      const run = randomUUID();
      const item = at('1995-01-01T00:00:00.000Z', { run });
      await due().moveDeadline(run, undefined, item);
      expect(await due().list(new Date('1995-01-02T00:00:00.000Z'), 10)).toEqual([]);
      await due().put(item);
      await due().moveDeadline(run, item, undefined);
      expect(await due().list(new Date('1995-01-02T00:00:00.000Z'), 10)).toEqual([item]);
      await due().done(item);
    });
  });
};
