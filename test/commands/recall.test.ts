import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { noteLink } from '../../lib/run/commands/note-link.ts';
import { recallApproval } from '../../lib/run/commands/recall-approval.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { signingFor } from '../fakes.ts';
import { personIn } from '../given.ts';
import type { Story } from '../story.ts';
import {
  answerAs,
  approvalEvents,
  asking,
  callerFor,
  dara,
  letters,
  linkOf,
  ole,
  pageFor,
  petra,
  startedAfter,
  tove,
  week,
} from './approval-requests.ts';

const reason = 'The wrong ticket was named.';
const recall = (story: Story, by: PersonCaller, action: 'recall' | 'ask-again' = 'recall', gate = 'phase-1') =>
  recallApproval(signingFor(['people'], story.deps), { run: story.run, gate, action, reason }, by);
const refusals = async ({ deps, run }: Story) =>
  (await deps.trail.read(`run/${run}`, { lane: 'refusal' })).filter(isType('request.refused')).map(({ event }) => event.data);
const mailsOf = ({ deps }: Story, kind: string) => deps.controls.mailer.mails.filter(({ subject }) => subject === kind);

describe('a recall of what people are asked', () => {
  test('ends the round with the name and the reason, keeps the gate, and asks nobody until somebody asks again', async () => {
    const story = await asking();
    expect((await answerAs(story, tove)).refused).toBeUndefined();
    await story.machine.settle();
    const old = linkOf(story, petra);
    expect((await recall(story, callerFor(story, dara))).refused).toBeUndefined();
    await story.machine.settle();
    const gate = (await readRun(story.deps, story.run)).ok?.gates[0];
    expect([gate?.state, gate?.reasons[0]]).toEqual(['blocked', expect.stringContaining(`recalled by ${dara.id}`)]);
    const page = await pageFor(story, petra, old);
    expect([page.state, page.recalled?.by, page.words.get(page.recalled?.reason ?? '')?.text]).toEqual(['recalled', dara.id, reason]);
    expect((await answerAs(story, petra, 'approved', old)).refused).toMatchObject({
      type: 'approval-closed',
      detail: expect.stringContaining(`recalled by ${dara.id}`),
    });
    expect(
      mailsOf(story, 'approval-recalled')
        .map(({ to }) => to.address)
        .sort(),
    ).toEqual([ole, petra, tove].map(({ address }) => address).sort());
    const [toOle] = mailsOf(story, 'approval-recalled').filter(({ to }) => to.address === ole.address);
    expect(toOle?.follows).toEqual([letters(story, ole)[0]?.message]);
    const before = letters(story).length;
    story.deps.controls.clock.advance(week / 2 + 60_000);
    await sweep(story.deps);
    await story.machine.settle();
    expect(letters(story)).toHaveLength(before);

    expect((await recall(story, personIn(story.deps, 'operations-lead'), 'ask-again')).refused).toBeUndefined();
    await story.machine.settle();
    expect(
      letters(story)
        .slice(before)
        .map(({ about }) => about.round),
    ).toEqual([2, 2, 2]);
    for (const person of [tove, ole, petra]) expect((await answerAs(story, person)).refused).toBeUndefined();
    await story.machine.settle();
    expect(story.machine.at()).toBe('phase-2');
  });

  test.each([
    ['an approver who does not operate', petra, 'role-missing'],
    ['the starter', dara, undefined],
    ['operations', ole, undefined],
  ])('by %s', async (_who, person, type) => {
    const story = await asking();
    expect((await recall(story, callerFor(story, person))).refused?.type).toBe(type);
  });

  test('twice is one, and asking again needs a recall', async () => {
    const story = await asking();
    expect((await recall(story, callerFor(story, ole), 'ask-again')).refused?.type).toBe('approval-closed');
    const first = await recall(story, callerFor(story, ole));
    const again = await recall(story, callerFor(story, ole));
    expect([again.ok?.event, again.ok?.alreadyRecorded]).toEqual([first.ok?.event, true]);
    expect((await recall(story, callerFor(story, ole), 'recall', 'phase-2')).refused?.type).toBe('approval-unknown');
  });

  test('that meets the last answer: one of the two counts, and the other is told', async () => {
    const story = await asking();
    for (const person of [tove, ole]) await answerAs(story, person);
    const [answered, recalled] = await Promise.all([answerAs(story, petra), recall(story, callerFor(story, dara))]);
    await story.machine.settle();
    const events = (await approvalEvents(story)).map(({ event }) => event);
    const recallAt = events.findIndex(({ type }) => type === 'approval.recalled');
    const isCounted = events.slice(0, recallAt).filter(({ type }) => type === 'approval.answered').length === 3;
    expect([answered.refused?.type, recalled.refused?.type]).toEqual([isCounted ? undefined : 'approval-closed', undefined]);
    expect(story.machine.at()).toBe('phase-1');
  });

  test('after the gate has passed is refused', async () => {
    const story = await asking();
    for (const person of [tove, ole, petra]) await answerAs(story, person);
    await story.machine.settle();
    expect((await recall(story, callerFor(story, ole))).refused?.type).toBe('approval-closed');
    expect(story.machine.at()).toBe('phase-2');
  });
});

describe('a link that leads to no answer', () => {
  const opened = async (story: Story, person = petra, link = linkOf(story, petra)) => {
    await noteLink(story.deps, { link }, callerFor(story, person));
    return (await refusals(story)).at(-1);
  };

  test('of another person is recorded once, and decides nothing', async () => {
    const story = await asking();
    expect(await opened(story, tove)).toMatchObject({ type: 'approval-not-invited', action: 'open an approval request' });
    story.deps.controls.clock.advance(3_600_000);
    await opened(story, tove);
    expect(await refusals(story)).toHaveLength(1);
    await opened(story, ole);
    expect(await refusals(story)).toHaveLength(2);
  });

  test('that is open leaves no event', async () => {
    const story = await asking();
    expect(await opened(story)).toBeUndefined();
  });

  test('that was recalled says so in the trail', async () => {
    const story = await asking();
    await recall(story, callerFor(story, ole));
    expect(await opened(story)).toMatchObject({ type: 'approval-closed', detail: expect.stringContaining('recalled') });
  });

  test('that came too late says so in the trail', async () => {
    const story = await asking();
    const link = linkOf(story, petra);
    story.deps.controls.clock.set((await pageFor(story, petra, link)).expires);
    expect(await opened(story)).toMatchObject({ type: 'approval-closed', detail: expect.stringContaining('time to answer had ended') });
  });

  test('that was answered is no second visit in the minute of the answer, and says so once when it is opened again', async () => {
    const story = await asking();
    const link = linkOf(story, petra);
    await answerAs(story, petra, 'approved', link);
    expect(await opened(story, petra, link), 'the page behind the form').toBeUndefined();
    story.deps.controls.clock.advance(60_000);
    for (let times = 0; times < 3; times += 1) {
      expect(await opened(story, petra, link)).toMatchObject({
        action: 'open the approval request phase-1',
        type: 'approval-answered',
        detail: expect.stringMatching(/^A link was opened whose request for \S+ had been answered by the person themselves at 2026-/),
      });
      story.deps.controls.clock.advance(3_600_000);
    }
    expect(await refusals(story)).toHaveLength(1);
    expect((await pageFor(story, petra, link)).state).toBe('answered');
    for (const person of [tove, ole]) await answerAs(story, person);
    await story.machine.settle();
    await opened(story, petra, link);
    expect(await refusals(story), 'also after the gate has passed').toHaveLength(1);
  });

  test('of which a newer run asks for the same approvals says so in the trail', async () => {
    const story = await asking();
    const link = linkOf(story, petra);
    await startedAfter(story);
    await story.machine.settle();
    expect((await pageFor(story, petra, link)).state).toBe('recalled');
    expect(await opened(story, petra, link)).toMatchObject({
      type: 'approval-closed',
      detail: expect.stringContaining('a newer run asked'),
    });
  });
});
