import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { withdrawApprovals } from '../../lib/run/gates/withdraw-approvals.ts';
import { readGates } from '../../lib/run/state/gate-inputs.ts';
import { signingFor } from '../fakes.ts';
import { contextOf, personIn } from '../given.ts';
import { attestAll, hour, proveStability, type Story, toStability } from '../story.ts';
import { newer, supersede } from '../superseded.ts';

/** A run that asks for its sign-off. */
const toSignOff = async (): Promise<Story> => {
  const story = await toStability();
  await attestAll(story, 'stability-24h');
  story.deps.controls.clock.advance(30 * hour);
  await proveStability(story);
  expect(story.machine.at()).toBe('sign-off');
  return story;
};

const asked = ({ deps }: Story) => {
  const mail = deps.controls.mailer.mails.findLast(({ subject }) => subject === 'approval-requested') ?? expect.fail('no mail');
  const { url, role } = JSON.parse(mail.text) as { url: string; role: 'technical-lead' };
  return { link: url.split('/').at(-1) ?? '', caller: personIn(deps, role) };
};
const pageOf = async (story: Story) => {
  const { link, caller } = asked(story);
  return (await showApproval(story.deps, { link }, caller)).ok ?? expect.fail('no page');
};
const answer = async (story: Story, page: Awaited<ReturnType<typeof pageOf>>) => {
  const { link, caller } = asked(story);
  const given = { link, answer: 'approved', confirmation: page.code, report: page.report, note: '' } as const;
  return answerApproval(signingFor(['people'], story.deps), given, caller);
};
const withdrawals = async ({ deps, run }: Story) =>
  (await deps.trail.read(`run/${run}`, { lane: lanes.approval('sign-off') })).filter(isType('approval.withdrawn'));

describe('a newer run takes the environment over while people are asked', () => {
  test('their requests end as withdrawn, their page says why, and nobody gets another mail but the one about the end', async () => {
    const story = await toSignOff();
    const mails = story.deps.controls.mailer.mails.length;
    const shown = await pageOf(story);
    await supersede(story);
    await story.machine.settle();
    expect(story.machine.at()).toBe('end superseded');
    expect((await withdrawals(story)).map(({ event }) => event.data)).toMatchObject([{ gate: 'sign-off', round: 1, by: newer }]);
    expect(await pageOf(story)).toMatchObject({ state: 'superseded', superseded: { run: newer } });
    expect((await answer(story, shown)).refused).toMatchObject({ type: 'approval-closed', detail: expect.stringContaining(newer) });
    const view = (await readRun(story.deps, story.run)).ok;
    expect(view?.gates.find(({ id }) => id === 'sign-off')?.approvals.map(({ withdrawn }) => withdrawn)).toEqual([true, true, true]);
    story.deps.controls.clock.advance(48 * hour);
    await story.machine.settle();
    const later = story.deps.controls.mailer.mails.slice(mails).map(({ subject }) => subject);
    expect(new Set(later)).toEqual(new Set(['run-ended']));
  });

  test('an answer that was given before stays; the others are withdrawn', async () => {
    const story = await toSignOff();
    expect((await answer(story, await pageOf(story))).refused).toBeUndefined();
    await supersede(story);
    await story.machine.settle();
    const view = (await readRun(story.deps, story.run)).ok;
    const approvals = view?.gates.find(({ id }) => id === 'sign-off')?.approvals ?? [];
    expect(approvals.filter(({ withdrawn }) => withdrawn).length).toBe(2);
    expect(approvals.filter((one) => one.answer === 'approved').length).toBe(1);
  });

  test.each(['before', 'after'] as const)(
    'an answer and the withdrawal exclude each other: the withdrawal comes %s the answer',
    async (when) => {
      const story = await toSignOff();
      const page = await pageOf(story);
      const said = await answerWith(story, page, when === 'before' ? () => supersededMeanwhile(story) : undefined);
      if (when === 'after') await supersededMeanwhile(story);
      await story.machine.settle();
      expect(said.refused?.type).toBe(when === 'before' ? 'approval-closed' : undefined);
      const view = (await readRun(story.deps, story.run)).ok;
      const counts = view?.gates.find(({ id }) => id === 'sign-off')?.approvals.filter((one) => one.answer !== null).length;
      expect(counts).toBe(when === 'before' ? 0 : 1);
    },
  );
});

/** The reconciler has withdrawn what was asked, and not settled the gate yet. */
const supersededMeanwhile = async (story: Story): Promise<void> => {
  await supersede(story);
  const context = await contextOf(story.deps, story.run);
  await withdrawApprovals(signingFor(['reconciler'], story.deps), context, await readGates(story.deps, context));
};

/** Answers with a note, and does this while the note is stored: behind every reading, before the append. */
const answerWith = (story: Story, page: Awaited<ReturnType<typeof pageOf>>, meanwhile: (() => Promise<void>) | undefined) => {
  const { link, caller } = asked(story);
  const deps = signingFor(['people'], story.deps);
  const people = {
    ...deps.people,
    read: (digests: readonly string[]) => deps.people.read(digests),
    keep: async (run: string, text: string) => {
      await meanwhile?.();
      return deps.people.keep(run, text);
    },
  };
  const given = { link, answer: 'approved', confirmation: page.code, report: page.report, note: 'Seen.' } as const;
  return answerApproval({ ...deps, people }, given, caller);
};
