import { describe, expect, test } from 'vitest';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { Story } from '../story.ts';
import { answerAs, asking, dara, letters, linkOf, ole, pageFor, petra, tove, week } from './approval-requests.ts';

const on = async (story: Story, milliseconds: number): Promise<void> => {
  story.deps.controls.clock.advance(milliseconds);
  await sweep(story.deps);
  await story.machine.settle();
};

describe('a request that nobody answers', () => {
  test('is repeated when half and when nine tenths of the time have passed, and expires as an end of its own that denies', async () => {
    const story = await asking();
    expect(letters(story)).toHaveLength(3);
    await on(story, week / 2 - 60_000);
    expect(letters(story)).toHaveLength(3);
    await on(story, 120_000);
    expect(letters(story, tove).map(({ about }) => about.reminder?.share ?? null)).toEqual([null, 50]);
    await on(story, week * 0.4);
    const toTove = letters(story, tove);
    expect(toTove.map(({ about }) => about.reminder?.share ?? null)).toEqual([null, 50, 90]);
    expect(toTove.at(-1)?.about.reminder?.leftSeconds).toBeGreaterThan(0.09 * (week / 1000));
    await on(story, week * 0.2);
    expect(story.machine.at()).toBe('end expired');
    expect((await pageFor(story, tove)).state).toBe('expired');
    await on(story, week);
    expect(letters(story)).toHaveLength(9);
  });

  test('is repeated to those only who have not answered, and not for a role that has its answer', async () => {
    const story = await asking([tove, ole, petra, { ...tove, id: 'p-technical2', address: 'tina@example.com' }, dara]);
    expect((await answerAs(story, tove)).refused).toBeUndefined();
    await on(story, week / 2 + 60_000);
    expect(
      letters(story)
        .filter(({ about }) => about.reminder !== null)
        .map(({ to }) => to.address)
        .sort(),
    ).toEqual([ole.address, petra.address].sort());
    const [, reminder] = letters(story, ole);
    expect(reminder?.about.essentials.answers.map(({ name, answer }) => [name, answer])).toEqual([[tove.name, 'approved']]);
  });

  test('has one conversation: a reminder names the mails before it, and both links lead to the same request', async () => {
    const story = await asking();
    const first = linkOf(story, ole);
    await on(story, week / 2 + 60_000);
    await on(story, week * 0.4);
    const [asked, half, last] = letters(story, ole);
    expect(asked?.follows).toEqual([]);
    expect(half?.follows).toEqual([asked?.message]);
    expect(last?.follows).toEqual([asked?.message, half?.message]);
    expect((await answerAs(story, ole, 'approved', first)).refused).toBeUndefined();
    expect((await pageFor(story, ole)).state).toBe('answered');
  });

  test('is not repeated twice when a reconciler crashes after the mail, but once more with another link', async () => {
    const story = await asking();
    story.deps.controls.clock.advance(week / 2 + 60_000);
    let sent = 0;
    story.deps.controls.onCall(async (call) => {
      if (call !== 'mailer.send') return;
      sent += 1;
      if (sent === 2) throw new Error('the function stopped');
    });
    await reconcileGate(story.deps, { run: story.run }).catch(() => undefined);
    story.deps.controls.onCall(undefined);
    for (let n = 0; n < 4; n += 1) await on(story, 61_000);
    const reminders = letters(story).filter(({ about }) => about.reminder !== null);
    expect(reminders.map(({ to }) => to.address).sort()).toEqual([ole.address, petra.address, tove.address].sort());
  });
});
