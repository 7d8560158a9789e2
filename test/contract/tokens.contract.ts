import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TokenStore } from '../../lib/ports.ts';

export const tokensContract = (store: () => TokenStore): void => {
  describe('token store', () => {
    const token = (change: object = {}) => ({
      run: randomUUID(),
      gate: 'phase-1',
      entry: '2026-03-02T08:00:00.000Z',
      token: 'AQ=='.repeat(200),
      execution: 'arn:aws:states:execution',
      expires: new Date('2999-01-01T00:00:00Z'),
      ...change,
    });

    it('returns a token by run, gate and entry', async () => {
      const one = token();
      const other = { ...one, entry: '2026-03-02T09:00:00.000Z', token: 'another' };
      await store().put(one);
      await store().put(other);
      expect(await store().get(one.run, one.gate, one.entry)).toEqual({ token: one.token, execution: one.execution });
      expect(await store().get(one.run, one.gate, other.entry)).toEqual({ token: 'another', execution: one.execution });
    });

    it('takes the same entry again: an opener that is retried has the same token', async () => {
      const one = token();
      await store().put(one);
      await store().put(one);
      expect(await store().get(one.run, one.gate, one.entry)).toEqual({ token: one.token, execution: one.execution });
    });

    it('returns the newest token of an entry: a task that is retried has another token', async () => {
      const one = token();
      await store().put(one);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await store().put({ ...one, token: 'the second' });
      expect(await store().get(one.run, one.gate, one.entry)).toEqual({ token: 'the second', execution: one.execution });
    });

    it('knows no other run, gate or entry', async () => {
      const one = token();
      await store().put(one);
      expect(await store().get(randomUUID(), one.gate, one.entry)).toBeUndefined();
      expect(await store().get(one.run, 'phase-2', one.entry)).toBeUndefined();
      expect(await store().get(one.run, one.gate, '2026-03-02T08:00:00.001Z')).toBeUndefined();
    });
  });
};
