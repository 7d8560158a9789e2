import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Idempotency, StoredAnswer } from '../../lib/ports.ts';

const start = new Date('2026-03-02T08:00:00.000Z');
const after = (milliseconds: number): Date => new Date(start.getTime() + milliseconds);
const day = 86_400_000;
const answer: StoredAnswer = { status: 201, contentType: 'application/json', body: '{"run":"r1"}', headers: { location: '/v1/runs/r1' } };
const body = 'd'.repeat(64);

export const idempotencyContract = (store: () => Idempotency): void => {
  describe('idempotency', () => {
    it('gives the stored answer to the same body, also weeks later', async () => {
      const key = randomUUID();
      expect(await store().begin(key, body, start)).toEqual({ state: 'fresh' });
      await store().finish(key, answer, start);
      for (const later of [1, day, 34 * day]) expect(await store().begin(key, body, after(later))).toEqual({ state: 'done', answer });
    });

    it('forgets an answer after 35 days', async () => {
      const key = randomUUID();
      await store().begin(key, body, start);
      await store().finish(key, answer, start);
      expect(await store().begin(key, 'e'.repeat(64), after(35 * day + 1))).toEqual({ state: 'fresh' });
    });

    it('forgets an answer earlier where its writer says so', async () => {
      const key = randomUUID();
      await store().begin(key, body, start);
      await store().finish(key, answer, start, 3_600_000);
      expect(await store().begin(key, body, after(3_599_999))).toEqual({ state: 'done', answer });
      expect(await store().begin(key, body, after(3_600_000))).toEqual({ state: 'fresh' });
    });

    it('lets one of many begin', async () => {
      const key = randomUUID();
      const states = await Promise.all(Array.from({ length: 10 }, () => store().begin(key, body, start)));
      expect(states.map((one) => one.state).toSorted()).toEqual(['fresh', ...Array<string>(9).fill('in-progress')]);
    });

    it('detects another body in every state', async () => {
      const key = randomUUID();
      await store().begin(key, body, start);
      expect(await store().begin(key, 'e'.repeat(64), start)).toEqual({ state: 'other-body' });
      expect(await store().begin(key, 'e'.repeat(64), after(day))).toEqual({ state: 'other-body' });
      await store().finish(key, answer, start);
      expect(await store().begin(key, 'e'.repeat(64), after(day))).toEqual({ state: 'other-body' });
    });

    it('gives up a first call that died, after a minute and to one only', async () => {
      const key = randomUUID();
      await store().begin(key, body, start);
      expect(await store().begin(key, body, after(59_999))).toEqual({ state: 'in-progress' });
      const states = await Promise.all(Array.from({ length: 5 }, () => store().begin(key, body, after(60_000))));
      expect(states.filter((one) => one.state === 'fresh')).toHaveLength(1);
    });

    it('keeps the first answer', async () => {
      const key = randomUUID();
      await store().begin(key, body, start);
      await store().finish(key, answer, start);
      await store().finish(key, { ...answer, status: 500 }, start);
      expect(await store().begin(key, body, start)).toEqual({ state: 'done', answer });
    });

    it('gives a key back after a fault, but never an answer', async () => {
      const key = randomUUID();
      await store().begin(key, body, start);
      await store().release(key);
      expect(await store().begin(key, body, start)).toEqual({ state: 'fresh' });
      await store().finish(key, answer, start);
      await store().release(key);
      expect(await store().begin(key, body, start)).toEqual({ state: 'done', answer });
      await store().release(randomUUID());
      await store().finish(randomUUID(), answer, start);
    });
  });
};
