import { describe, expect, test } from 'vitest';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import { playedOnce } from '../played-once.ts';
import type { Story } from '../story.ts';
import { writers } from './writers.ts';

/**
 * The writer dies at one of its writes, and nobody repeats it: no retry of a client, no second delivery. When its event is in the trail,
 * the sweep alone must bring about all that follows from it.
 */
const writes = /^(store\.insert|evidence\.put|due\.(put|done)|people\.keep|reconciler\.request)$/;

const eventsOf = async ({ deps, run }: Story, scope = `run/${run}`) => deps.trail.read(scope, { prefix: '' });
const happened = async (story: Story, event: string, scope?: string): Promise<boolean> => {
  const [type, count = '1'] = event.split(' ');
  return (await eventsOf(story, scope)).filter((stored) => stored.event.type === type).length >= Number(count);
};

/** The request that the dead writer may have made is lost, too. */
const onlyTheSweep = async ({ deps, machine }: Story): Promise<void> => {
  deps.controls.reconciler.requests.splice(0);
  for (let minute = 0; minute < 4; minute += 1) {
    deps.controls.clock.advance(90_000);
    await sweep(deps);
    await machine.settle();
  }
};

describe('a writer that dies at any of its writes and is not repeated', () => {
  test.each(Object.entries(writers).flatMap(([writer, cases]) => cases.map((one) => ({ writer, ...one }))))(
    '$writer: $name',
    async ({ given, command, event, scope, follows }) => {
      const played = playedOnce(given);
      const clean = await played();
      let total = 0;
      clean.deps.controls.onCall((call) => {
        if (writes.test(call)) total += 1;
      });
      await command(clean);
      clean.deps.controls.onCall(undefined);
      await onlyTheSweep(clean);
      expect(await follows(clean), 'a request that got lost').toBe(true);
      for (const when of ['before', 'after'] as const) {
        for (let place = 1; place <= total; place += 1) {
          const story = await played();
          let seen = 0;
          story.deps.controls.onCall((call) => {
            if (!writes.test(call)) return;
            seen += 1;
            if (seen === place) story.deps.controls.failNext(call, when);
          });
          await Promise.resolve(command(story)).catch(() => undefined);
          story.deps.controls.onCall(undefined);
          const failure = `write ${place} of ${total} failing ${when} it persisted`;
          const recorded = await happened(story, event, scope);
          await onlyTheSweep(story);
          expect(await follows(story), failure).toBe(recorded);
          expect(verifyScope(await eventsOf(story)), failure).toBeUndefined();
          const gates = foldGates((await eventsOf(story)).filter((stored) => stored.event.lane.startsWith('gate/')));
          expect(gates.entries.flatMap((entry) => entry.settlements.filter((one) => one.delivered)).length, failure).toBe(
            story.deps.controls.workflow.answers.length,
          );
        }
      }
    },
    60_000,
  );
});
