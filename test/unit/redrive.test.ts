import { describe, expect, test } from 'vitest';
import { functions } from '../../lib/lambda-manifest.ts';
import { readDead } from '../../lib/run/gates/dead-message.ts';
import { redrive } from '../../lib/run/gates/redrive.ts';
import { ago, event, failed, lambda, notification, receivers, undelivered, world } from '../dead-letters.ts';

/** By what the receivers call them. */
const asynchronous = Object.entries(functions).flatMap(([name, { invoked }]) =>
  invoked === 'asynchronously' ? [name.split('-').at(-1)] : [],
);

describe('a dead message belongs', () => {
  test.each(asynchronous)('to the %s, which every function knows that AWS calls by itself', (name) => {
    expect(readDead(receivers, { body: JSON.stringify(failed(name ?? '', event)), attributes: {} })).not.toHaveProperty('park');
  });

  const read = (body: unknown, attributes: Readonly<Record<string, string>> = {}) =>
    readDead(receivers, { body: typeof body === 'string' ? body : JSON.stringify(body), attributes });

  test.each([
    ['to the function that failed on it', failed('feed', event), {}, { to: 'feed', event, redriven: 0 }],
    [
      'to the reconciler, with its request',
      failed('reconciler', { run: 'r1' }),
      {},
      { to: 'reconciler', event: { run: 'r1' }, redriven: 0 },
    ],
    ['to the target of the rule', event, undelivered('feed'), { to: 'feed', event, redriven: 0 }],
    [
      'to the target of a schedule',
      { run: 'r1' },
      { SCHEDULE_ARN: 'arn:aws:scheduler:::schedule/x/y', TARGET_ARN: lambda('reconciler') },
      { to: 'reconciler', event: { run: 'r1' }, redriven: 0 },
    ],
    [
      'to the reconciler, of which it is made a request, when it tells of an execution that ended',
      { ...event, source: 'aws.states', detail: { name: 'r1', status: 'FAILED' } },
      undelivered('reconciler'),
      { to: 'reconciler', event: { run: 'r1', executionEnded: true }, redriven: 0 },
    ],
    [
      'to the subscriber of the topic of alarms',
      notification('alarms'),
      {},
      { to: 'feed', event: { Records: [{ EventSource: 'aws:sns', Sns: notification('alarms') }] }, redriven: 0 },
    ],
    [
      'to the subscriber of the topic of operations',
      notification('operations'),
      {},
      expect.objectContaining({ to: 'mailer', redriven: 0 }),
    ],
    [
      'to nobody when it is a look, because it is asked for again',
      failed('collector', { run: 'r1', task: { kind: 'probes' } }),
      {},
      { done: 'a look that is asked for again' },
    ],
    [
      'to nobody when it is an attempt of a step, because it would come late',
      failed('actuator', { run: 'r1', step: 'revert-version', action: 'do', attempt: 1 }),
      {},
      { done: 'an attempt whose time is over' },
    ],
    ['to nobody when it is a sweep, because the next one did its work', failed('sweep', { source: 'aws.events' }), {}, { done: 'a sweep' }],
  ])('%s', (_whom, body, attributes, expected) => {
    const found = read(body, attributes);
    expect(JSON.parse(JSON.stringify(found))).toEqual(expected);
  });

  test.each([
    ['a rebuild', failed('sweep', { rebuild: true }), {}, /rebuild/],
    ['a message for a foreign function', failed('other', {}), {}, /function that is not known/],
    ['a record without the name of a function', failed('', event), {}, /function that is not known/],
    [
      'a notification of a topic that is called like a member of each object',
      { ...notification('x'), TopicArn: 'constructor' },
      {},
      /not known/,
    ],
    ['a target that is no function', event, { TARGET_ARN: 'arn:aws:sqs:eu-central-1:111122223333:feed' }, /function that is not known/],
    ['nothing', '', undelivered('feed'), /without an event/],
    ['a message for a function whose name only begins alike', event, undelivered('feed-2'), /function that is not known/],
    ['a notification of a foreign topic', notification('other'), {}, /topic/],
    ['a message without a function', event, {}, /names no function/],
    ['text', 'boo', undelivered('feed'), /without an event/],
    ['a list', [1], undelivered('feed'), /without an event/],
    ['a record without a payload', failed('feed', undefined), {}, /names no function|without an event/],
  ])('to a person: %s', (_what, body, attributes, why) => {
    const found = read(body, attributes);
    expect('park' in found && found.park).toMatch(why);
  });
});

describe('the redrive', () => {
  test('asks each empty queue once', async () => {
    const { deps, asked } = world({});
    expect(await redrive(deps)).toEqual({ redriven: 0, parked: [] });
    expect(asked).toEqual(['undelivered-events', 'failed-invocations']);
  });

  test('hands messages of both queues to their functions, counts it in the event, and removes them', async () => {
    const { deps, invoked, left } = world({
      'undelivered-events': [{ body: event, attributes: undelivered('feed') }],
      'failed-invocations': [{ body: failed('reconciler', { run: 'r1' }) }],
    });
    expect(await redrive(deps)).toEqual({ redriven: 2, parked: [] });
    expect(invoked).toEqual([
      ['feed', { ...event, redriven: 1 }],
      ['reconciler', { run: 'r1', redriven: 1 }],
    ]);
    expect([...left]).toEqual([]);
  });

  test.each([
    [1, 9, 0],
    [1, 10, 1],
    [2, 59, 0],
    [2, 60, 1],
  ])('of a message that was redriven %d times waits: after %d minutes it is redriven %d times', async (redriven, minutes, times) => {
    const { deps, left, invoked } = world({
      'failed-invocations': [{ body: failed('feed', { ...event, redriven }), sentAt: ago(minutes) }],
    });
    expect(await redrive(deps)).toEqual({ redriven: times, parked: [] });
    expect([left.size, invoked.map(([, payload]) => payload)]).toEqual([
      1 - times,
      times === 0 ? [] : [{ ...event, redriven: redriven + 1 }],
    ]);
  });

  test('ends after three times: the message is parked with its attributes and without the count', async () => {
    const { deps, left, invoked, parked } = world({
      'undelivered-events': [{ body: { ...event, redriven: 3 }, attributes: undelivered('feed'), sentAt: ago(600) }],
      'failed-invocations': [{ body: failed('feed', { ...event, redriven: 3 }) }],
    });
    expect(await redrive(deps)).toEqual({ redriven: 0, parked: ['redriven 3 times', 'redriven 3 times'] });
    expect([left.size, invoked]).toEqual([0, []]);
    expect(parked).toEqual([
      { body: event, attributes: undelivered('feed') },
      { body: failed('feed', event), attributes: {} },
    ]);
  });

  test('parks what belongs to nobody at once, and never hands it to a function', async () => {
    const { deps, invoked, parked } = world({ 'failed-invocations': [{ body: failed('other', { redriven: 0 }) }] });
    expect(await redrive(deps)).toEqual({ redriven: 0, parked: ['a message for a function that is not known'] });
    expect([invoked, parked.length]).toEqual([[], 1]);
  });

  test('of a function that takes nothing leaves its message, does the others, and fails at the end', async () => {
    const { deps, left, invoked, faults } = world({
      'undelivered-events': [{ body: event, attributes: undelivered('feed') }],
      'failed-invocations': [{ body: failed('reconciler', { run: 'r1' }) }],
    });
    faults.set('feed', new Error('throttled'));
    await expect(redrive(deps)).rejects.toThrow('throttled');
    expect([[...left], invoked.length]).toEqual([['undelivered-events 0'], 1]);
  });

  test.each(['remove', 'park'])('loses nothing when it breaks off before %s', async (at) => {
    const { deps, left, faults } = world({ 'failed-invocations': [{ body: failed('feed', at === 'park' ? { redriven: 3 } : {}) }] });
    faults.set(at, new Error('crash'));
    await expect(redrive(deps)).rejects.toThrow('crash');
    expect(left.size).toBe(1);
  });

  test('takes fifty messages of a queue in one sweep at most', async () => {
    const { deps, asked, invoked } = world({ 'failed-invocations': Array.from({ length: 70 }, () => ({ body: failed('feed', event) })) });
    expect(await redrive(deps)).toEqual({ redriven: 50, parked: [] });
    expect([asked.filter((queue) => queue === 'failed-invocations').length, invoked.length]).toEqual([5, 50]);
  });

  test('looks into the other queue when one is out of order', async () => {
    const { deps, invoked, faults } = world({ 'failed-invocations': [{ body: failed('feed', event) }] });
    faults.set('undelivered-events', new Error('no queue'));
    await expect(redrive(deps)).rejects.toThrow('no queue');
    expect(invoked).toHaveLength(1);
  });
});
