import { describe, expect, test } from 'vitest';
import type { ApprovalLink } from '../../lib/audit/approval-link.ts';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { type ApprovalPage, showApproval } from '../../lib/run/commands/show-approval.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { anew, personIn } from '../given.ts';
import { type Story, sign, toGoNoGo } from '../story.ts';

const quarter = 15 * 60_000;

/** The link that a role got by mail, and who holds the role. */
const requestOf = ({ deps }: Story, role: 'technical-lead' | 'operations-lead' | 'product-owner') => {
  const letters = deps.controls.mailer.mails
    .filter((mail) => mail.subject === 'approval-requested')
    .map((mail) => JSON.parse(mail.text) as { url: string; role: string });
  return {
    link:
      letters
        .findLast((notification) => notification.role === role)
        ?.url.split('/')
        .at(-1) ?? '',
    caller: personIn(deps, role),
  };
};

/** Every text on the page, by what it is about; null once it was erased. */
const wordsOn = (page: ApprovalPage | undefined): Record<string, string | null | undefined> => {
  const digests = {
    why: page?.said.why,
    changes: page?.said.changes,
    ...Object.fromEntries(page?.gates.flatMap(({ checks }) => checks).map(({ check, statement }) => [check, statement?.digest]) ?? []),
  };
  return Object.fromEntries(
    Object.entries(digests).flatMap(([about, digest]) => (digest == null ? [] : [[about, page?.words.get(digest)?.text]])),
  );
};

const sentBack = async (): Promise<Story> => {
  const story = await toGoNoGo();
  await sign(story, 'changes-requested');
  return story;
};

const events = ({ deps, run }: Story) => deps.trail.read(`run/${run}`, { prefix: '' });

describe('answers', () => {
  test('looking at a request changes nothing, whoever looks', async () => {
    const story = await toGoNoGo();
    const { link, caller } = requestOf(story, 'technical-lead');
    const before = (await events(story)).length;
    const written = story.deps.controls.calls.filter((call) => /insert|put|keep|request|send/.test(call)).length;
    expect((await showApproval(story.deps, { link }, caller)).ok?.state).toBe('open');
    expect((await showApproval(story.deps, { link }, personIn(story.deps, 'product-owner'))).refused?.type).toBe('approval-not-invited');
    expect((await events(story)).length).toBe(before);
    expect(story.deps.controls.calls.filter((call) => /insert|put|keep|request|send/.test(call)).length).toBe(written);
  });

  test('who signs reads what people wrote, and what is released', async () => {
    const story = await toGoNoGo();
    const { link, caller } = requestOf(story, 'technical-lead');
    const page = (await showApproval(story.deps, { link }, caller)).ok;
    expect(page).toMatchObject({ risk: 'low', onRejected: 'rejected' });
    expect(wordsOn(page)).toMatchObject({
      why: 'a release for the tests',
      changes: 'PR 7',
      'migration-scripts-tested': 'This release changes no stored data.',
      'operations-trained': 'I have looked at it today.',
    });
    const { texts } = story.deps.controls.people;
    texts.clear();
    const erased = (await showApproval(story.deps, { link }, caller)).ok;
    expect(new Set(Object.values(wordsOn(erased)))).toEqual(new Set([null]));
    expect(erased?.report).toBe(page?.report);
  });

  test('answering for somebody else is refused and recorded', async () => {
    const story = await toGoNoGo();
    const { link, caller } = requestOf(story, 'technical-lead');
    const page = (await showApproval(story.deps, { link }, caller)).ok;
    const answer = { link, answer: 'approved', confirmation: page?.code ?? '', report: page?.report ?? '', note: '' } as const;
    const other = personIn(story.deps, 'product-owner');
    expect((await answerApproval(story.deps, answer, other)).refused?.type).toBe('approval-not-invited');
    expect((await events(story)).filter(isType('request.refused')).map(({ event }) => event.actor.id)).toEqual([other.id]);
  });

  // Whoever may write the table of runs could change a link; the request is an event of the reconciler.
  test.each([
    ['another person', (own: ApprovalLink, other: string): ApprovalLink => ({ ...own, person: other })],
    ['another role', (own: ApprovalLink): ApprovalLink => ({ ...own, role: 'product-owner' })],
    ['another round', (own: ApprovalLink): ApprovalLink => ({ ...own, round: 7 })],
    ['a later end', (own: ApprovalLink): ApprovalLink => ({ ...own, expires: '2099-01-01T00:00:00.000Z' })],
  ])('a stored link that was changed to %s asks whom the event asks', async (_what, changed) => {
    const story = await toGoNoGo();
    const { link, caller } = requestOf(story, 'technical-lead');
    const other = personIn(story.deps, 'product-owner');
    const page = (await showApproval(story.deps, { link }, caller)).ok;
    const stored = await story.deps.index.getLink(sha256(link));
    if (stored === undefined) throw new Error('the link is not stored');
    await story.deps.index.putLink(sha256(link), changed(stored, other.id));
    expect((await showApproval(story.deps, { link }, caller)).ok).toEqual(page);
    const answer = { link, answer: 'approved', confirmation: page?.code ?? '', report: page?.report ?? '', note: '' } as const;
    expect((await answerApproval(story.deps, answer, other)).refused).toMatchObject({ type: 'approval-not-invited', expected: caller.id });
    expect((await answerApproval(story.deps, answer, caller)).ok?.state).toBe('answered');
    expect((await events(story)).filter(isType('approval.answered')).map(({ event }) => event.data.role)).toEqual(['technical-lead']);
  });

  test('a stored link that leads to another gate or run leads nowhere', async () => {
    const story = await toGoNoGo();
    const { link, caller } = requestOf(story, 'technical-lead');
    const stored = await story.deps.index.getLink(sha256(link));
    if (stored === undefined) throw new Error('the link is not stored');
    await story.deps.index.putLink(sha256(link), { ...stored, gate: 'sign-off' });
    expect((await showApproval(story.deps, { link }, caller)).refused?.type).toBe('approval-unknown');
    await story.deps.index.putLink(sha256(link), { ...stored, run: '20260302-080000-0000000000' });
    expect((await showApproval(story.deps, { link }, caller)).refused?.type).toBe('run-unknown');
  });

  test('a request of a gate that an incident interrupted is closed, and its answer is refused; after the resume a new one counts', async () => {
    const story = await toGoNoGo();
    const { deps, run, machine } = story;
    const { link, caller } = requestOf(story, 'technical-lead');
    const { code: confirmation = '', report = '' } = (await showApproval(deps, { link }, caller)).ok ?? {};
    await machine.breakOff();
    await machine.settle();
    expect((await showApproval(deps, { link }, caller)).ok?.state).toBe('closed');
    const given = { answer: 'approved', confirmation, report, note: '' } as const;
    expect((await answerApproval(deps, { link, ...given }, caller)).refused?.type).toBe('approval-closed');
    expect((await events(story)).filter(isType('approval.answered'))).toEqual([]);
    deps.controls.mailer.mails.splice(0);
    const resume = { run, decision: 'resume', reason: 'the network is back' } as const;
    await decideIncident(deps, resume, personIn(deps, 'operations-lead'));
    await machine.settle();
    await sign(story);
    expect(machine.at()).toBe('t-minus-2h');
  });

  test('the same answer again is the same answer; another one is refused', async () => {
    const story = await toGoNoGo();
    const { link, caller } = requestOf(story, 'operations-lead');
    const page = (await showApproval(story.deps, { link }, caller)).ok;
    const answer = { link, answer: 'approved', confirmation: page?.code ?? '', report: page?.report ?? '', note: '' } as const;
    const first = (await answerApproval(story.deps, answer, caller)).ok;
    const again = (await answerApproval(story.deps, answer, caller)).ok;
    expect(again?.answered).toEqual(first?.answered);
    expect((await events(story)).filter(isType('approval.answered'))).toHaveLength(1);
    expect((await answerApproval(story.deps, { ...answer, answer: 'rejected' }, caller)).refused?.type).toBe('approval-answered');
  });

  test('sent back: asked again when a check was attested anew, and not before', async () => {
    const story = await sentBack();
    const { deps, run, machine } = story;
    deps.controls.clock.advance(2 * quarter);
    await sweep(deps);
    await machine.settle();
    expect(deps.controls.mailer.mails.filter((mail) => mail.subject === 'approval-requested')).toHaveLength(0);
    const blocked = (await readRun(deps, run)).ok?.gates[3];
    expect([blocked?.state, blocked?.reasons[0]]).toEqual(['blocked', expect.stringContaining('changes were requested')]);
    const lead = personIn(deps, 'operations-lead');
    await attest(deps, { request: anew(), run, check: 'operations-trained', statement: 'Everybody has now seen the new dashboard.' }, lead);
    await machine.settle();
    await sign(story);
    expect(machine.at()).toBe('t-minus-2h');
  });

  test.each([
    ['behind the clock of the answer', -100],
    ['ahead of it', 100],
  ])('sent back: an attestation counts by its place in the trail, with a clock %s', async (_where, skew) => {
    const story = await sentBack();
    const { deps, run, machine } = story;
    const answered = (await events(story)).findLast(isType('approval.answered'))?.event.at ?? '';
    deps.controls.clock.set(new Date(Date.parse(answered) + skew).toISOString());
    const lead = personIn(deps, 'operations-lead');
    await attest(deps, { request: anew(), run, check: 'operations-trained', statement: 'Everybody has now seen the new dashboard.' }, lead);
    deps.controls.clock.advance(2 * quarter);
    await sweep(deps);
    await machine.settle();
    expect(deps.controls.mailer.mails.filter((mail) => mail.subject === 'approval-requested')).toHaveLength(3);
  });

  test("another person's word, or other words, void the answers before T0", async () => {
    const story = await toGoNoGo();
    const { deps, run, machine } = story;
    const lead = personIn(deps, 'operations-lead');
    await attest(deps, { request: anew(), run, check: 'operations-trained', statement: 'On second thoughts, only half of them.' }, lead);
    await machine.settle();
    const voided = (await events(story)).filter(isType('approval.invalidated'));
    expect(voided.map(({ event }) => event.data.checks)).toEqual([['operations-trained']]);
  });
});
