import { beforeEach, describe, expect, test } from 'vitest';
import { foldObservations, isRed } from '../../lib/folds/observations.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import type { ObservationInput } from '../../lib/run/commands/inputs.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import type { Caller } from '../../lib/run/state/caller.ts';
import { production } from '../environment.ts';
import { signingFor } from '../fakes.ts';
import { anew, ci, dependenciesOf, personIn, twoGates } from '../given.ts';
import { atFirstGate } from '../machine.ts';

/** Alarms that people report have their own names, so that an OK for one ends no other. */

let world: Awaited<ReturnType<typeof atFirstGate>> & { readonly deps: ReturnType<typeof dependenciesOf> };
beforeEach(async () => {
  const deps = dependenciesOf(twoGates);
  world = { deps, ...(await atFirstGate(deps)) };
});

const operator = (): Caller => personIn(world.deps, 'operations-lead');
const report = (subject: string, changes: Partial<ObservationInput> = {}, caller: Caller = operator()) => {
  world.deps.controls.clock.advance(10_000);
  return observe(
    signingFor(['people'], world.deps),
    {
      run: world.run,
      request: anew(),
      observation: `seen-${anew()}`,
      kind: 'alarm',
      bad: true,
      subject,
      summary: 'Orders fail since noon.',
      observedAt: world.deps.clock.now().toISOString(),
      ...changes,
    },
    caller,
  );
};
const observed = async () => foldObservations(await world.deps.trail.read(`run/${world.run}`, { prefix: 'observation' }));
const red = async (): Promise<readonly string[]> => (await observed()).filter(isRed).map(({ subject }) => subject);

describe('alarms that people report', () => {
  test('stand under their own names, and an OK ends the one that it names', async () => {
    for (const name of ['shop-errors', 'shop-latency', 'shop-depth']) expect((await report(name)).refused).toBeUndefined();
    expect(await red()).toEqual(['shop-errors', 'shop-latency', 'shop-depth']);
    expect((await report('shop-latency', { bad: false })).refused).toBeUndefined();
    expect(await red()).toEqual(['shop-errors', 'shop-depth']);
  });

  test.each([['The p95 of Ole is too high'], ['two\nlines'], ['x'.repeat(65)], ['ALARM: shop-errors']])(
    'are refused without a name: %j',
    async (subject) => {
      const { refused } = await report(subject);
      expect(refused).toMatchObject({
        type: 'alarm-unnamed',
        got: subject,
        expected: expect.stringContaining('letters, digits, dot, underscore and hyphen'),
        fix: expect.stringContaining('Give the name of the alarm'),
      });
      expect(await observed()).toEqual([]);
      const recorded = JSON.stringify(await world.deps.trail.read(`run/${world.run}`, { prefix: '' }));
      expect(recorded).not.toContain(JSON.stringify(subject).slice(1, -1));
    },
  );

  test('may have any name under which the run knows an alarm', async () => {
    const name = 'Shop errors (production)';
    const seen = { kind: 'alarm', bad: true, summary: 'OK to ALARM', via: 'alarm', observation: 'fed-1' } as const;
    await feedObservation(world.deps, { ...production, ...seen, subject: name, observedAt: world.deps.clock.now().toISOString() });
    expect((await report(name)).refused).toBeUndefined();
    expect((await report('Shop errors (staging)')).refused?.type).toBe('alarm-unnamed');
  });

  test('are ended by the feed, and a person ends nothing that the feed reported', async () => {
    const seen = { kind: 'alarm', subject: 'shop-errors', summary: 'changed', via: 'alarm' } as const;
    const fed = (bad: boolean) => {
      world.deps.controls.clock.advance(10_000);
      const observedAt = world.deps.clock.now().toISOString();
      return feedObservation(world.deps, { ...production, ...seen, bad, observation: `fed-${anew()}`, observedAt });
    };
    await report('shop-errors');
    await fed(true);
    await report('shop-errors', { bad: false });
    expect(await red()).toEqual(['shop-errors']);
    await fed(false);
    expect(await red()).toEqual([]);
  });

  test('are not reported to be OK by the person who started the run; that one is red everybody may say', async () => {
    const starter: Caller = { kind: 'person', id: ci.person ?? '', roles: ['operations-lead'], signedInAt: world.deps.clock.now() };
    expect((await report('shop-errors', {}, starter)).refused).toBeUndefined();
    expect((await report('shop-errors', { bad: false }, starter)).refused?.type).toBe('starter-excluded');
    expect((await report('shop', { bad: false, kind: 'other' }, starter)).refused).toBeUndefined();
    expect(await red()).toEqual(['shop-errors']);
  });

  test('anything else keeps its subject out of the trail', async () => {
    expect((await report('The desk of Ole', { kind: 'error' })).refused).toBeUndefined();
    expect((await observed()).map(({ subject }) => subject)).toEqual(['named in the words']);
    const trail = JSON.stringify(await world.deps.trail.read(`run/${world.run}`, { prefix: '' }));
    expect(trail).not.toContain('The desk of Ole');
  });
});

test('CI ends only alarms that CI has reported', async () => {
  await report('shop-errors');
  await report('shop-errors', { bad: false }, ci);
  expect(await red()).toEqual(['shop-errors']);
  await report('shop-smoke', {}, ci);
  await report('shop-smoke', { bad: false }, ci);
  expect(await red()).toEqual(['shop-errors']);
});
