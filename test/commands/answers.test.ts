import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { answerApproval, showApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { tick } from '../../lib/run/gates/sweep.ts';
import { anew, personIn } from '../given.ts';
import { type Story, sign, toGoNoGo } from '../story.ts';

const quarter = 15 * 60_000;

/** The link that a role got by mail, and who holds the role. */
const requestOf = ({ world }: Story, role: 'technical-lead' | 'operations-lead' | 'product-owner') => {
  const letters = world.controls.mailer.mails
    .filter((mail) => mail.subject === 'approval-requested')
    .map((mail) => JSON.parse(mail.text) as { url: string; role: string });
  return {
    link:
      letters
        .findLast((letter) => letter.role === role)
        ?.url.split('/')
        .at(-1) ?? '',
    caller: personIn(world, role),
  };
};

const sentBack = async (): Promise<Story> => {
  const story = await toGoNoGo();
  await sign(story, 'sent-back');
  return story;
};

const events = ({ world, run }: Story) => world.trail.read(`run/${run}`, { prefix: '' });

describe('answers', () => {
  test('looking at a request changes nothing, whoever looks', async () => {
    const story = await toGoNoGo();
    const { link, caller } = requestOf(story, 'technical-lead');
    const before = (await events(story)).length;
    const written = story.world.controls.calls.filter((call) => /insert|put|keep|nudge|send/.test(call)).length;
    expect((await showApproval(story.world, { link }, caller)).ok?.state).toBe('open');
    expect((await showApproval(story.world, { link }, personIn(story.world, 'product-owner'))).refused?.type).toBe('approval-not-invited');
    expect((await events(story)).length).toBe(before);
    expect(story.world.controls.calls.filter((call) => /insert|put|keep|nudge|send/.test(call)).length).toBe(written);
  });

  test('who signs reads what people wrote, and what is released', async () => {
    const story = await toGoNoGo();
    const { link, caller } = requestOf(story, 'technical-lead');
    const page = (await showApproval(story.world, { link }, caller)).ok;
    expect(page).toMatchObject({ why: 'a release for the tests', changes: ['PR 7'], risk: 'low', onRejected: 'end' });
    expect(page?.said).toMatchObject({
      'migration-scripts-tested': 'This release changes no stored data.',
      'operations-trained': 'I have looked at it today.',
    });
    story.world.controls.people.texts.clear();
    const erased = (await showApproval(story.world, { link }, caller)).ok;
    expect([erased?.why, erased?.said, erased?.report]).toEqual([undefined, {}, page?.report]);
  });

  test('answering for somebody else is refused and recorded', async () => {
    const story = await toGoNoGo();
    const { link, caller } = requestOf(story, 'technical-lead');
    const page = (await showApproval(story.world, { link }, caller)).ok;
    const answer = { link, answer: 'approved', confirmation: page?.code ?? '', report: page?.report ?? '', note: '' } as const;
    const other = personIn(story.world, 'product-owner');
    expect((await answerApproval(story.world, answer, other)).refused?.type).toBe('approval-not-invited');
    expect((await events(story)).filter(isType('request.refused')).map(({ event }) => event.actor.id)).toEqual([other.id]);
  });

  test('the same answer again is the same answer; another one is refused', async () => {
    const story = await toGoNoGo();
    const { link, caller } = requestOf(story, 'operations-lead');
    const page = (await showApproval(story.world, { link }, caller)).ok;
    const answer = { link, answer: 'approved', confirmation: page?.code ?? '', report: page?.report ?? '', note: '' } as const;
    const first = (await answerApproval(story.world, answer, caller)).ok;
    const again = (await answerApproval(story.world, answer, caller)).ok;
    expect(again?.answered).toEqual(first?.answered);
    expect((await events(story)).filter(isType('approval.answered'))).toHaveLength(1);
    expect((await answerApproval(story.world, { ...answer, answer: 'rejected' }, caller)).refused?.type).toBe('approval-answered');
  });

  test('sent back: asked again when a line was attested anew, and not before', async () => {
    const story = await sentBack();
    const { world, run, machine } = story;
    world.controls.clock.advance(2 * quarter);
    await tick(world);
    await machine.settle();
    expect(world.controls.mailer.mails.filter((mail) => mail.subject === 'approval-requested')).toHaveLength(0);
    const held = (await readRun(world, run)).ok?.gates[3];
    expect([held?.state, held?.reasons[0]]).toEqual(['held', expect.stringContaining('sent back')]);
    const lead = personIn(world, 'operations-lead');
    await attest(world, { request: anew(), run, line: 'operations-trained', statement: 'Everybody has now seen the new dashboard.' }, lead);
    await machine.settle();
    await sign(story);
    expect(machine.at()).toBe('pre-deployment');
  });

  test("another person's word, or other words, void the answers before T0", async () => {
    const story = await toGoNoGo();
    const { world, run, machine } = story;
    const lead = personIn(world, 'operations-lead');
    await attest(world, { request: anew(), run, line: 'operations-trained', statement: 'On second thoughts, only half of them.' }, lead);
    await machine.settle();
    const voided = (await events(story)).filter(isType('approval.voided'));
    expect(voided.map(({ event }) => event.data.lines)).toEqual([['operations-trained']]);
  });
});
