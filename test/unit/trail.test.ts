import { describe, expect, it } from 'vitest';
import { authorityMessage } from '../../lib/audit/authority.ts';
import type { Draft } from '../../lib/audit/event.ts';
import { genesis, sortKey } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import { createTrail } from '../../lib/audit/trail.ts';
import type { Authority, LaneStore } from '../../lib/ports.ts';
import { refusalDraft } from '../contract/events.ts';
import { fakeAuthority, fakeClock, fakeRandom } from '../fakes/services.ts';
import { fakeLaneStore } from '../fakes/stores.ts';

const scope = 'run/r1';
const lane = 'refusal';
const parentHash = genesis;

const given = (store: LaneStore = fakeLaneStore(), authority: Authority = fakeAuthority()) => {
  const sleeps: number[] = [];
  const trail = createTrail({
    store,
    clock: fakeClock('2026-03-02T08:00:00.000Z', 1),
    random: fakeRandom('trail'),
    authority,
    sleep: async (milliseconds) => {
      sleeps.push(milliseconds);
    },
  });
  return { trail, sleeps };
};

/** A store in which somebody else always comes first. */
const contested = (): LaneStore => {
  const store = fakeLaneStore();
  let rivals = 0;
  return {
    query: store.query,
    insert: async (stored) => {
      rivals += 1;
      const { seq, prev } = stored.event;
      await store.insert(makeEvent(refusalDraft(scope, lane, `rival-${rivals}`), { seq, prev }, new Date(0)));
      return store.insert(stored);
    },
  };
};

describe('trail', () => {
  it('gives up after 24 lost places, with growing pauses', async () => {
    const { trail, sleeps } = given(contested());
    await expect(trail.append(refusalDraft(scope, lane, 'mine'), { parentHash })).rejects.toMatchObject({ name: 'Conflict' });
    expect(sleeps).toHaveLength(24);
    for (const [attempt, pause] of sleeps.entries()) {
      expect(pause).toBeGreaterThanOrEqual(0);
      expect(pause).toBeLessThan(Math.min(500, 10 * 2 ** attempt));
    }
    expect(await trail.read(scope, { lane })).toHaveLength(24);
  });

  it('lets run.closed follow lane.closed and nothing else', async () => {
    const { trail } = given();
    const system = { kind: 'system', id: 'test' } as const;
    await trail.append({ scope, lane: 'run', step: 'closed-lane', type: 'lane.closed', actor: system, data: {} }, { parentHash });
    await trail.append({ scope, lane: 'run', step: 'closed', type: 'run.closed', actor: system, data: { lanes: [] } }, { parentHash });
    await expect(trail.append(refusalDraft(scope, 'run', 'late'), { parentHash })).rejects.toMatchObject({ name: 'Conflict' });
    expect((await trail.read(scope, { lane: 'run' })).map((stored) => stored.event.type)).toEqual(['lane.closed', 'run.closed']);
  });

  it("refuses a lane name that would fall into another lane's range", async () => {
    const { trail } = given();
    for (const name of ['', 'a#b', 'a b', 'ä', 'a"b'])
      await expect(trail.append(refusalDraft(scope, name, '1'), { parentHash })).rejects.toThrow(TypeError);
  });

  it('refuses data that does not fit the event type', async () => {
    const { trail } = given();
    const draft = { ...refusalDraft(scope, lane, '1'), data: { action: 'a', type: 't', detail: 'd', extra: 1 } };
    await expect(trail.append(draft, { parentHash })).rejects.toThrow('extra');
    expect(await trail.read(scope, { prefix: '' })).toEqual([]);
  });

  it('does not take another type for its own step', async () => {
    const { trail } = given();
    await trail.append(refusalDraft(scope, lane, '1'), { parentHash });
    const draft = {
      scope,
      lane,
      step: '1',
      type: 'run.cancelled',
      actor: { kind: 'system', id: 'test' },
      data: { by: 'p-1', reason: genesis },
    } as const;
    await expect(trail.append(draft, { parentHash })).rejects.toMatchObject({ name: 'IntegrityFault' });
  });

  describe('of events that only one writer may record', () => {
    const cancelled: Draft<'run.cancelled'> = {
      scope,
      lane,
      step: 'cancelled',
      type: 'run.cancelled',
      actor: { kind: 'person', id: 'p-1' },
      data: { by: 'p-1', reason: genesis },
    };
    /** The real keys, with the signatures counted. */
    const counted = () => {
      const own = fakeAuthority(['people']);
      const signed: string[] = [];
      const authority: Authority = {
        signsFor: own.signsFor,
        verify: own.verify,
        sign: (kind, message) => {
          signed.push(kind);
          return own.sign(kind, message);
        },
      };
      return { authority, signed };
    };

    it('signs once, and keeps the MAC when it has to move on to another place', async () => {
      const store = fakeLaneStore();
      const { authority, signed } = counted();
      for (const step of ['1', '2']) await given(store).trail.append(refusalDraft(scope, lane, step), { parentHash });
      const { stored } = await given(store, authority).trail.append(cancelled, { parentHash, after: null });
      expect([stored.event.seq, signed]).toEqual([3, ['people']]);
      expect(await authority.verify('people', authorityMessage(stored.event), stored.event.mac ?? '')).toBe(true);
      expect(await given(store, fakeAuthority([])).trail.read(scope, { lane })).toHaveLength(3);
    });

    it('signs nothing for a step that is in the lane already', async () => {
      const store = fakeLaneStore();
      const { authority, signed } = counted();
      await given(store).trail.append(cancelled, { parentHash });
      expect((await given(store, authority).trail.append(cancelled, { parentHash })).adopted).toBe(true);
      expect(signed).toEqual([]);
    });

    it.each([
      ['without the key', fakeAuthority(['reconciler'])],
      [
        'when the key cannot be used',
        {
          ...fakeAuthority(),
          sign: async () => {
            throw new Error('only the people function: KMS says no');
          },
        },
      ],
    ])('stores nothing %s', async (_, authority) => {
      const store = fakeLaneStore();
      await expect(given(store, authority).trail.append(cancelled, { parentHash })).rejects.toThrow('only the people function');
      expect(store.tables.get(scope)?.size ?? 0).toBe(0);
    });

    it('neither reads, adopts nor appends behind one that another writer inserted, and names it', async () => {
      const store = fakeLaneStore();
      const forged = makeEvent(cancelled, { seq: 1, prev: genesis }, new Date(0));
      await store.insert(forged);
      const { trail } = given(store);
      const fault = expect.objectContaining({ name: 'IntegrityFault', message: expect.stringContaining(forged.event.id) as unknown });
      await expect(trail.read(scope, { prefix: '' })).rejects.toEqual(fault);
      await expect(trail.append(cancelled, { parentHash })).rejects.toEqual(fault);
      await expect(trail.append(cancelled, { parentHash, after: null })).rejects.toEqual(fault);
      await expect(trail.append(refusalDraft(scope, lane, '1'), { parentHash })).rejects.toEqual(fault);
    });
  });

  describe('on a broken lane', () => {
    const broken = async (breakIt: (items: Map<string, { event: object; bytes: string; hash: string }>) => void) => {
      const store = fakeLaneStore();
      const { trail } = given(store);
      for (const step of ['1', '2', '3']) await trail.append(refusalDraft(scope, lane, step), { parentHash });
      breakIt(store.tables.get(scope) as never);
      return trail;
    };
    const ways: readonly [string, (items: Map<string, { event: object; bytes: string; hash: string }>) => void][] = [
      ['an event is gone', (items) => items.delete(sortKey(lane, 2))],
      [
        'bytes were changed',
        (items) => {
          const one = items.get(sortKey(lane, 2));
          if (one !== undefined) items.set(sortKey(lane, 2), { ...one, bytes: one.bytes.replace('said no', 'said so') });
        },
      ],
      [
        'an event was replaced whole',
        (items) => {
          items.set(sortKey(lane, 2), makeEvent(refusalDraft(scope, lane, '2', 'forged'), { seq: 2, prev: genesis }, new Date(0)));
        },
      ],
      [
        'events were swapped',
        (items) => {
          const [two, three] = [items.get(sortKey(lane, 2)), items.get(sortKey(lane, 3))];
          if (two !== undefined && three !== undefined) items.set(sortKey(lane, 2), three).set(sortKey(lane, 3), two);
        },
      ],
      [
        'an event of another scope stands there',
        (items) => {
          items.set(sortKey(lane, 1), makeEvent(refusalDraft('run/other', lane, '1'), { seq: 1, prev: genesis }, new Date(0)));
        },
      ],
    ];
    it.each(ways)('neither reads nor appends when %s', async (_, breakIt) => {
      const trail = await broken(breakIt);
      await expect(trail.read(scope, { lane })).rejects.toMatchObject({ name: 'IntegrityFault' });
      await expect(trail.read(scope, { prefix: '' })).rejects.toMatchObject({ name: 'IntegrityFault' });
      await expect(trail.append(refusalDraft(scope, lane, '4'), { parentHash })).rejects.toMatchObject({ name: 'IntegrityFault' });
    });
  });
});
