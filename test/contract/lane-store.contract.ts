import { describe, expect, it } from 'vitest';
import type { Stored } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import type { LaneStretch } from '../../lib/audit/lane-range.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import type { LaneStore } from '../../lib/ports.ts';
import { freshScope, refusalDraft } from './events.ts';

const at = new Date('2026-03-02T08:00:00.000Z');
const lane = (scope: string, name: string, length: number, detail?: string): readonly Stored[] => {
  const events: Stored[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    events.push(makeEvent(refusalDraft(scope, name, `step-${seq}`, detail), { seq, prev: events.at(-1)?.hash ?? genesis }, at));
  }
  return events;
};
const insertAll = async (store: LaneStore, events: readonly Stored[]): Promise<void> => {
  for (const event of events) expect(await store.insert(event)).toBe('inserted');
};

export const laneStoreContract = (store: () => LaneStore): void => {
  describe('lane store', () => {
    it('gives back what was inserted, byte for byte', async () => {
      const scope = freshScope();
      const events = lane(scope, 'check/phase-1/tests', 1, 'Zeichen: ä € 😀 "quoted" \\ \n');
      await insertAll(store(), events);
      expect(await store().query(scope, { lane: 'check/phase-1/tests' })).toEqual(events);
    });

    it('gives nothing for a scope or lane without events', async () => {
      const scope = freshScope();
      expect(await store().query(scope, { prefix: '' })).toEqual([]);
      await insertAll(store(), lane(scope, 'run', 1));
      expect(await store().query(scope, { lane: 'gate/phase-1' })).toEqual([]);
      expect(await store().query(scope, { lane: 'gate/phase-1', last: 1 })).toEqual([]);
      expect(await store().query(scope, { lane: 'run', fromSeq: 2 })).toEqual([]);
    });

    it('reads one lane and no lane whose name only starts so', async () => {
      const scope = freshScope();
      const [a, ab] = [lane(scope, 'check/phase-1/a', 2), lane(scope, 'check/phase-1/a-b', 2)];
      await insertAll(store(), [...ab, ...a]);
      expect(await store().query(scope, { lane: 'check/phase-1/a' })).toEqual(a);
      expect(await store().query(scope, { lane: 'check/phase-1/a', last: 1 })).toEqual(a.slice(-1));
    });

    it('reads in order of lane, then sequence, whatever the order of writing', async () => {
      const scope = freshScope();
      const events = [
        ...lane(scope, 'check/g/a', 11),
        ...lane(scope, 'check/g/a-b', 2),
        ...lane(scope, 'check/g/b', 1),
        ...lane(scope, 'gate/g', 3),
      ];
      await insertAll(store(), events.toReversed());
      expect(await store().query(scope, { prefix: '' })).toEqual(events);
      expect(await store().query(scope, { prefix: 'check/g/' })).toEqual(events.slice(0, 14));
      expect(await store().query(scope, { lane: 'check/g/a', fromSeq: 10 })).toEqual(events.slice(9, 11));
      expect(await store().query(scope, { lane: 'check/g/a', last: 1 })).toEqual(events.slice(10, 11));
      expect(await store().query(scope, { lane: 'check/g/a', last: 4 })).toEqual(events.slice(7, 11));
      expect(await store().query(scope, { lane: 'check/g/a', last: 20 })).toEqual(events.slice(0, 11));
    });

    it('reads the lanes of a prefix behind a place, before a lane, and no more than a limit', async () => {
      const scope = freshScope();
      const [a, ab, b, other] = [
        lane(scope, 'check/g/a', 3),
        lane(scope, 'check/g/a-b', 2),
        lane(scope, 'check/g/b', 2),
        lane(scope, 'gate/g', 2),
      ];
      const all = [...a, ...ab, ...b, ...other];
      await insertAll(store(), all);
      const read = (range: Omit<LaneStretch, 'prefix'>, prefix = 'check/') => store().query(scope, { prefix, ...range });
      expect(await read({ limit: 4 })).toEqual(all.slice(0, 4));
      expect(await read({ limit: 4 }, '')).toEqual(all.slice(0, 4));
      expect(await read({ limit: 100 })).toEqual(all.slice(0, 7));
      expect(await read({ after: { lane: 'check/g/a', seq: 1 } })).toEqual(all.slice(1, 7));
      expect(await read({ after: { lane: 'check/g/a', seq: 3 }, limit: 3 }, '')).toEqual(all.slice(3, 6));
      expect(await read({ before: 'check/g/a' })).toEqual([]);
      expect(await read({ before: 'check/g/b' })).toEqual(all.slice(0, 5));
      expect(await read({ after: { lane: 'check/g/a', seq: 2 }, before: 'check/g/a-b' })).toEqual(all.slice(2, 3));
      expect(await read({ after: { lane: 'check/g/b', seq: 2 } })).toEqual([]);
      expect(await read({ after: { lane: 'check/g/b', seq: 2 } }, '')).toEqual(other);
    });

    it('reads up to a limit beyond the 1 MB that one answer holds', async () => {
      const scope = freshScope();
      const events = lane(scope, 'refusal', 14, 'x'.repeat(100_000));
      await insertAll(store(), events);
      expect(await store().query(scope, { prefix: '', limit: 13 })).toEqual(events.slice(0, 13));
    });

    it('answers taken for a place that holds any event, and keeps the first', async () => {
      const scope = freshScope();
      const [first] = lane(scope, 'run', 1);
      const [other] = lane(scope, 'run', 1, 'another event');
      if (first === undefined || other === undefined) throw new Error('the lane has one event');
      await insertAll(store(), [first]);
      expect(await store().insert(first)).toBe('taken');
      expect(await store().insert(other)).toBe('taken');
      expect(await store().query(scope, { lane: 'run' })).toEqual([first]);
    });

    it('lets one of 20 writers have a place', async () => {
      const scope = freshScope();
      const rivals = Array.from({ length: 20 }, (_, index) =>
        makeEvent(refusalDraft(scope, 'run', `rival-${index}`), { seq: 1, prev: genesis }, at),
      );
      const answers = await Promise.all(rivals.map((rival) => store().insert(rival)));
      expect(answers.filter((answer) => answer === 'inserted')).toHaveLength(1);
      const winner = rivals[answers.indexOf('inserted')];
      expect(await store().query(scope, { prefix: '' })).toEqual([winner]);
    });

    it('reads on beyond the 1 MB that one answer holds', async () => {
      const scope = freshScope();
      const events = lane(scope, 'refusal', 14, 'x'.repeat(100_000));
      await insertAll(store(), events);
      expect(await store().query(scope, { lane: 'refusal' })).toEqual(events);
      expect(await store().query(scope, { prefix: '' })).toHaveLength(14);
      expect(await store().query(scope, { lane: 'refusal', last: 1 })).toEqual(events.slice(-1));
    });
  });
};
