import { describe, expect, it } from 'vitest';
import { genesis } from '../../lib/audit/lane.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import type { LaneStore } from '../../lib/ports.ts';
import { createFaults, type When, watched } from '../fakes/watched.ts';
import { freshScope, refusalDraft, trailOver } from './events.ts';

const parentHash = genesis;
const lane = 'refusal';

/** The store with its calls counted and breakable. */
const breakable = (store: LaneStore) => {
  const faults = createFaults();
  return { faults, trail: trailOver(watched('store', { insert: store.insert, query: store.query }, faults, 'contract')) };
};

export const trailContract = (name: string, store: () => LaneStore): void => {
  describe('trail', () => {
    it('appends at the next place and links', async () => {
      const { trail } = breakable(store());
      const scope = freshScope();
      const one = await trail.append(refusalDraft(scope, lane, '1'), { parentHash });
      const two = await trail.append(refusalDraft(scope, lane, '2'), { parentHash });
      expect([one.adopted, two.adopted]).toEqual([false, false]);
      expect([one.stored.event.seq, one.stored.event.prev, two.stored.event.seq, two.stored.event.prev]).toEqual([
        1,
        parentHash,
        2,
        one.stored.hash,
      ]);
      expect(await trail.read(scope, { lane })).toEqual([one.stored, two.stored]);
    });

    it('adopts a step that stands anywhere in the lane', async () => {
      const { trail, faults } = breakable(store());
      const scope = freshScope();
      const first = await trail.append(refusalDraft(scope, lane, '1'), { parentHash });
      for (const step of ['2', '3']) await trail.append(refusalDraft(scope, lane, step), { parentHash });
      const again = await trail.append(refusalDraft(scope, lane, '1', 'told otherwise'), { parentHash });
      expect(again).toEqual({ stored: first.stored, adopted: true });
      expect(faults.count('store.insert')).toBe(3);
    });

    it('costs one write and no read where the caller has read the lane', async () => {
      const { trail, faults } = breakable(store());
      const scope = freshScope();
      const one = await trail.append(refusalDraft(scope, lane, '1'), { parentHash, after: null });
      await trail.append(refusalDraft(scope, lane, '2'), { parentHash, after: { seq: 1, head: one.stored.hash } });
      expect(faults.calls).toEqual(['store.insert', 'store.insert']);
      expect(await trail.read(scope, { lane })).toHaveLength(2);
    });

    it('rebases when others were faster, and adopts when the others were its own', async () => {
      const { trail } = breakable(store());
      const scope = freshScope();
      for (const step of ['1', '2', '3']) await trail.append(refusalDraft(scope, lane, step), { parentHash });
      const rebased = await trail.append(refusalDraft(scope, lane, '4'), { parentHash, after: null });
      expect([rebased.stored.event.seq, rebased.adopted]).toEqual([4, false]);
      const adopted = await trail.append(refusalDraft(scope, lane, '2'), { parentHash, after: null });
      expect([adopted.stored.event.seq, adopted.adopted]).toEqual([2, true]);
      expect(await trail.read(scope, { lane })).toHaveLength(4);
    });

    for (const place of ['first', 'later'] as const) {
      for (const when of ['before', 'after'] as const) breaksOnce(place, when, store);
    }

    it('loses and doubles nothing under 200 writers with lanes of their own', async () => {
      const { trail, faults } = breakable(store());
      const scope = freshScope();
      const writers = Array.from({ length: 200 }, (_, index) => `check/phase-1/line-${index}`);
      await Promise.all(
        writers.map(async (own) => {
          const first = await trail.append(refusalDraft(scope, own, '1'), { parentHash, after: null });
          const second = await trail.append(refusalDraft(scope, own, '2'), { parentHash, after: { seq: 1, head: first.stored.hash } });
          await trail.append(refusalDraft(scope, own, '3'), { parentHash, after: { seq: 2, head: second.stored.hash } });
        }),
      );
      const events = await trail.read(scope, { prefix: '' });
      expect(events).toHaveLength(600);
      expect(new Set(events.map((stored) => stored.event.id)).size).toBe(600);
      expect(verifyScope(events)).toBeUndefined();
      expect(faults.count('store.insert')).toBe(600);
      console.info(
        `${name}: 200 writers, own lanes: ${(faults.count('store.insert') / 600).toFixed(2)} write requests per event, ${faults.count('store.query') - 1} reads`,
      );
    });

    it('loses and doubles nothing under 20 writers of one lane, each trying everything twice', async () => {
      const { trail, faults } = breakable(store());
      const scope = freshScope();
      const steps = Array.from({ length: 20 }, (_, index) => `step-${index}`);
      const untilAppended = async (step: string): Promise<void> => {
        for (let round = 1; ; round += 1) {
          try {
            await trail.append(refusalDraft(scope, lane, step), { parentHash });
            return;
          } catch (fault) {
            if (!(fault instanceof Error) || fault.name !== 'Conflict' || round === 20) throw fault;
          }
        }
      };
      await Promise.all([...steps, ...steps].map(untilAppended));
      const events = await trail.read(scope, { lane });
      expect(events.map((stored) => stored.event.seq)).toEqual(steps.map((_, index) => index + 1));
      expect(new Set(events.map((stored) => stored.event.id)).size).toBe(20);
      expect(verifyScope(events)).toBeUndefined();
      console.info(
        `${name}: 20 steps, 40 writers, one lane: ${(faults.count('store.insert') / 20).toFixed(2)} write requests per event, ${faults.count('store.query') - 1} reads`,
      );
    });

    it('appends nothing behind a closed lane', async () => {
      const { trail } = breakable(store());
      const scope = freshScope();
      const one = await trail.append(refusalDraft(scope, lane, '1'), { parentHash });
      await trail.append(
        { scope, lane, step: 'closed', type: 'lane.closed', actor: { kind: 'system', id: 'contract' }, data: {} },
        { parentHash },
      );
      await expect(trail.append(refusalDraft(scope, lane, '2'), { parentHash })).rejects.toMatchObject({ name: 'Conflict' });
      await expect(
        trail.append(refusalDraft(scope, lane, '2'), { parentHash, after: { seq: 1, head: one.stored.hash } }),
      ).rejects.toMatchObject({ name: 'Conflict' });
      expect((await trail.append(refusalDraft(scope, lane, '1'), { parentHash })).adopted).toBe(true);
      expect(await trail.read(scope, { lane })).toHaveLength(2);
    });
  });
};

/** The write fails, and a retry of the same step finds or makes exactly one event. */
const breaksOnce = (place: 'first' | 'later', when: When, store: () => LaneStore): void => {
  it(`records a ${place} event once when its write fails ${when} it persisted`, async () => {
    const { trail, faults } = breakable(store());
    const scope = freshScope();
    if (place === 'later') await trail.append(refusalDraft(scope, lane, 'earlier'), { parentHash });
    faults.failNext('store.insert', when);
    const attempt = trail.append(refusalDraft(scope, lane, 'broken'), { parentHash });
    if (when === 'before') await expect(attempt).rejects.toThrow('failed before it persisted');
    else await expect(attempt).resolves.toMatchObject({ adopted: true });
    const retried = await trail.append(refusalDraft(scope, lane, 'broken'), { parentHash });
    expect(retried.adopted).toBe(when === 'after');
    const events = await trail.read(scope, { lane });
    expect(events.filter((stored) => stored.event.id === retried.stored.event.id)).toHaveLength(1);
    expect(events).toHaveLength(place === 'later' ? 2 : 1);
  });

  it(`records a ${place} event once when its write fails ${when} it persisted and the lane cannot be read either`, async () => {
    const { trail, faults } = breakable(store());
    const scope = freshScope();
    const earlier = place === 'later' ? await trail.append(refusalDraft(scope, lane, 'earlier'), { parentHash }) : undefined;
    const after = earlier === undefined ? null : { seq: 1, head: earlier.stored.hash };
    faults.failNext('store.insert', when);
    faults.failNext('store.query', 'before');
    await expect(trail.append(refusalDraft(scope, lane, 'broken'), { parentHash, after })).rejects.toThrow(`failed ${when} it persisted`);
    const retried = await trail.append(refusalDraft(scope, lane, 'broken'), { parentHash, after });
    expect(retried.adopted).toBe(when === 'after');
    expect(await trail.read(scope, { lane })).toHaveLength(place === 'later' ? 2 : 1);
  });
};
