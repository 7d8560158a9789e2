import { describe, expect, test } from 'vitest';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { readContext } from '../../lib/run/state/run-context.ts';
import { fakeRosterPeople } from '../fakes/services.ts';
import { dependenciesOf, personIn, twoGates } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { hour, type Story, toGoNoGo } from '../story.ts';
import { later, names, watch } from './sent-mails.ts';

const everybody = ['ole', 'petra', 'tove'];

describe('the mail about the end of a run', () => {
  const cancel = (story: Story) =>
    cancelRun(story.deps, { run: story.run, reason: 'The customer asked to wait.' }, personIn(story.deps, 'operations-lead'));

  test('waits for nothing, and nothing waits for it: a mail system that is down leaves the run ended, and is asked again', async () => {
    const story = await toGoNoGo();
    const mailed = watch(story);
    story.deps.controls.onCall((call) => {
      if (call === 'mailer.send') throw new Error('ServiceUnavailable');
    });
    await cancel(story);
    await story.machine.settle().catch(() => undefined);
    const context = await readContext(story.deps, story.run);
    expect([context.ok?.ended?.event.data.outcome, context.ok?.closed]).toEqual(['cancelled', true]);
    story.deps.controls.onCall(undefined);
    await later(story, 30);
    expect(names(mailed('run-ended'))).toEqual(everybody);
    expect([...story.deps.controls.due.items.keys()]).toEqual([]);
  });

  test('is given up after a day, so that a run that has ended does not stay due', async () => {
    const story = await toGoNoGo();
    story.deps.controls.onCall((call) => {
      if (call === 'mailer.send') throw new Error('ServiceUnavailable');
    });
    await cancel(story);
    for (let half = 0; half < 60; half += 1) {
      await story.machine.settle().catch(() => undefined);
      story.deps.controls.clock.advance(hour / 2);
      await sweep(story.deps);
    }
    expect([...story.deps.controls.due.items.keys()]).toEqual([]);
  });

  test('is not sent when an old run is looked at again', async () => {
    const story = await toGoNoGo();
    await cancel(story);
    await story.machine.settle();
    story.deps.controls.clock.advance(40 * 24 * hour);
    const mailed = watch(story);
    await reconcileGate(story.deps, { run: story.run });
    expect(mailed('run-ended')).toEqual([]);
  });

  test('reaches the person who started the run, too', async () => {
    const starter = { id: 'p-starter0', name: 'Stig Starter', address: 'stig@example.com', roles: ['developer'] as const };
    const deps = dependenciesOf(twoGates, { people: [...fakeRosterPeople, starter] });
    const { run, machine } = await atFirstGate(deps);
    const mailed = watch({ deps, run, machine });
    await cancel({ deps, run, machine });
    await machine.settle();
    expect(names(mailed('run-ended'))).toEqual([...everybody, 'stig'].sort());
  });
});
