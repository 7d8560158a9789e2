import { describe, expect, test } from 'vitest';
import { redrive } from '../../lib/run/gates/redrive.ts';
import { ago, event, failed, world } from '../dead-letters.ts';

/** Messages that no function takes, that come twice, or whose count is not ours. */
describe('the redrive', () => {
  test.each([
    [0, 59, 'stays'],
    [0, 60, 'is parked'],
    [1, 69, 'stays'],
    [1, 70, 'is parked'],
    [2, 119, 'stays'],
    [2, 120, 'is parked'],
  ])('of a message, redriven %d times, that its function has not taken after %d minutes: it %s', async (redriven, minutes, what) => {
    const { deps, left, parked, faults } = world({
      'failed-invocations': [{ body: failed('feed', { ...event, redriven }), sentAt: ago(minutes) }],
    });
    faults.set('feed', new Error('Request too large'));
    if (what === 'stays') {
      await expect(redrive(deps)).rejects.toThrow('Request too large');
      expect([left.size, parked]).toEqual([1, []]);
      return;
    }
    expect(await redrive(deps)).toEqual({
      redriven: 0,
      parked: ['its function did not take it for 60 minutes: Error: Request too large'],
    });
    expect([left.size, parked]).toEqual([0, [{ body: failed('feed', event), attributes: {} }]]);
  });

  test('of fifty messages that no function takes keeps no other message from its function for longer', async () => {
    const poison = Array.from({ length: 50 }, () => ({ body: failed('feed', event), sentAt: ago(61) }));
    const { deps, faults, invoked, left } = world({ 'failed-invocations': [...poison, { body: failed('reconciler', { run: 'r1' }) }] });
    faults.set('feed', new Error('Request too large'));
    expect((await redrive(deps)).parked).toHaveLength(50);
    expect(left.size).toBe(1);
    await redrive(deps);
    expect([left.size, invoked]).toEqual([0, [['reconciler', { run: 'r1', redriven: 1 }]]]);
  });

  test('of a message that the queue delivers twice hands it over twice with the same count, and parks or removes it without a fault', async () => {
    const body = failed('feed', event);
    const twice = world({ 'failed-invocations': [{ body }, { body }] });
    expect(await redrive(twice.deps)).toEqual({ redriven: 2, parked: [] });
    expect(twice.invoked).toEqual([
      ['feed', { ...event, redriven: 1 }],
      ['feed', { ...event, redriven: 1 }],
    ]);
    expect(twice.left.size).toBe(0);
  });

  test.each([-1, 1.5, 1e9, '3', null])('of an event whose count is %j takes it for one that was never redriven', async (redriven) => {
    const { deps, invoked } = world({ 'failed-invocations': [{ body: failed('feed', { ...event, redriven }) }] });
    await redrive(deps);
    expect(invoked).toEqual([['feed', { ...event, redriven: 1 }]]);
  });
});
