import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Quotas, Use } from '../../lib/quotas.ts';

const until = new Date('2999-01-01T00:00:00Z');
const use = (key: string, add: number, changes: Partial<Use> = {}): Use => ({
  key,
  until,
  amounts: [
    { name: 'pieces', add: 1, most: 3 },
    { name: 'bytes', add, most: 100 },
  ],
  ...changes,
});
const from = (value: string): Pick<Use, 'distinct'> => ({ distinct: { name: 'sources', value, most: 2 } });

export const quotasContract = (store: () => Quotas): void => {
  describe('quotas', () => {
    it('take up to the limit, and say which limit is passed and what was counted', async () => {
      const key = randomUUID();
      for (const add of [10, 10]) expect(await store().take([use(key, add)])).toBeUndefined();
      expect(await store().take([use(key, 81)])).toEqual({ use: 0, name: 'bytes', counted: 20 });
      expect(await store().take([use(key, 80)])).toBeUndefined();
      expect(await store().take([use(key, 0)])).toEqual({ use: 0, name: 'pieces', counted: 3 });
      expect(await store().take([use(randomUUID(), 100)])).toBeUndefined();
    });

    it('refuse a use that counts nothing: DynamoDB takes no empty condition', async () => {
      const { distinct: _, ...plain } = use(randomUUID(), 1);
      await expect(store().take([{ ...plain, amounts: [] }])).rejects.toThrow('counts nothing');
    });

    it('take a value that is known, also when no other is taken', async () => {
      const key = randomUUID();
      const roomy = (value: string): Use => ({ ...use(key, 0), amounts: [{ name: 'pieces', add: 1, most: 99 }], ...from(value) });
      for (const value of ['a', 'b', 'a', 'b']) expect(await store().take([roomy(value)])).toBeUndefined();
      expect(await store().take([roomy('c')])).toEqual({ use: 0, name: 'sources', counted: 2 });
      expect(await store().take([roomy('a')])).toBeUndefined();
    });

    it('count nothing of what they refuse, and nothing after it', async () => {
      const [first, full, last] = [randomUUID(), randomUUID(), randomUUID()];
      for (let n = 0; n < 3; n += 1) await store().take([use(full, 1)]);
      expect(await store().take([use(first, 1), use(full, 1), use(last, 1)])).toEqual({ use: 1, name: 'pieces', counted: 3 });
      for (let n = 0; n < 2; n += 1) expect(await store().take([use(first, 1)])).toBeUndefined();
      expect(await store().take([use(first, 1)])).toMatchObject({ name: 'pieces' });
      for (let n = 0; n < 3; n += 1) expect(await store().take([use(last, 1)])).toBeUndefined();
    });

    it('let as many of 20 callers at once pass as there is room for', async () => {
      const key = randomUUID();
      const over = await Promise.all(Array.from({ length: 20 }, () => store().take([use(key, 1, from('a'))])));
      expect(over.filter((one) => one === undefined)).toHaveLength(3);
    });
  });
};
