import { describe, expect, test } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import type { Mail } from '../../lib/ports.ts';
import { answerFollowUp } from '../../lib/run/commands/answer-follow-up.ts';
import { declareWithAws } from '../../lib/run/commands/declare-with-aws.ts';
import { freeEnvironment } from '../../lib/run/commands/free-environment.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { readHolding } from '../../lib/run/state/environment.ts';
import { production, productionScope } from '../environment.ts';
import { signingFor } from '../fakes.ts';
import { closedOf, followUpsOf, review, rolledBack, stateCause } from '../follow-up-given.ts';
import { personIn } from '../given.ts';
import type { Story } from '../story.ts';
import { answerFunctions, decideAs, declare, handle, started } from '../way-back.ts';

const eventsOf = ({ deps, run }: Story) => deps.trail.read(scopes.run(run), { prefix: '' });
const closingOf = async (story: Story) => (await eventsOf(story)).find(isType('run.closed'))?.event.data;
const mailsOf = ({ deps }: Story): string[] =>
  deps.controls.mailer.mails.filter(({ subject }) => subject === 'follow-ups-due').map(({ text }) => JSON.parse(text).why as string);
const day = 86_400_000;

/** The sweep comes once a minute; only what is due costs anything. */
const pass = async (story: Story, milliseconds: number): Promise<readonly string[]> => {
  const { deps, machine } = story;
  deps.controls.clock.advance(milliseconds);
  const signals: string[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0))
      signals.push(...((await reconcileGate(signingFor(['reconciler'], deps), request)).signals ?? []));
  }
  await machine.settle();
  return signals;
};

describe('after a rollback', () => {
  test('the path ends and the environment is free, and the trail stays open until the cause is stated', async () => {
    const story = await rolledBack();
    expect(story.machine.at()).toBe('end rolled-back');
    expect((await followUpsOf(story)).map(({ followUp, kind, answered }) => [followUp, kind, answered])).toEqual([
      ['cause', 'rollback-cause', undefined],
    ]);
    expect([await closedOf(story), (await readHolding(story.deps, productionScope, null)).holding.how]).toEqual([false, 'free']);
    expect(verifyScope(await eventsOf(story))).toBeUndefined();
    expect((await stateCause(story)).refused).toBeUndefined();
    await story.machine.settle();
    expect(await closedOf(story)).toBe(true);
    const [asked] = await followUpsOf(story);
    expect(await closingOf(story)).toMatchObject({
      followUps: [
        {
          followUp: 'cause',
          kind: 'rollback-cause',
          opened: asked?.opened.event.id,
          answered: asked?.answered?.event.id,
          answer: 'stated',
          by: personIn(story.deps, 'operations-lead').id,
        },
      ],
    });
    expect(verifyScope(await eventsOf(story))).toBeUndefined();
  });

  test('what a person wrote is kept apart: the trail holds digests of the cause and of the link', async () => {
    const story = await rolledBack();
    await stateCause(story);
    const [asked] = await followUpsOf(story);
    const { words = '', link } = asked?.answered?.event.data ?? {};
    const texts = await story.deps.people.read([words, link ?? '']);
    expect([...texts.values()].map(({ text }) => text)).toEqual([
      'A field of the order was renamed, and the readers of it were not.',
      'https://git.example.com/shop/pull/42',
    ]);
    expect(JSON.stringify(await eventsOf(story))).not.toContain('renamed');
  });

  test('a step that was done by hand is reviewed by somebody else', async () => {
    const story = await rolledBack({ byHand: 'stop-requests' });
    const [, power] = await followUpsOf(story);
    expect(power).toMatchObject({ kind: 'step-by-hand', subject: 'stop-requests', usedBy: [personIn(story.deps, 'operations-lead').id] });
    const id = power?.followUp ?? '';
    expect((await review(story, id, 'operations-lead')).refused?.type).toBe('follow-up-own');
    expect((await review(story, id, 'developer')).refused?.type).toBe('role-missing');
    await stateCause(story);
    await story.machine.settle();
    expect(await closedOf(story)).toBe(false);
    expect((await review(story, id)).refused).toBeUndefined();
    await story.machine.settle();
    expect((await closingOf(story))?.followUps?.map(({ kind, answer }) => [kind, answer])).toEqual([
      ['rollback-cause', 'stated'],
      ['step-by-hand', 'justified'],
    ]);
  });

  test('a decision with AWS credentials alone is reviewed: nobody is known to have used it', async () => {
    const story = await started();
    await declareWithAws(signingFor(['reconciler'], story.deps), {
      run: story.run,
      trigger: 'critical-feature-not-working',
      reason: 'Nobody can check out, and the sign-in is down.',
    });
    await story.machine.settle();
    await answerFunctions(story);
    expect((await followUpsOf(story)).map(({ kind, usedBy }) => [kind, usedBy])).toEqual([
      ['rollback-cause', []],
      ['aws-credentials', []],
    ]);
  });

  test('an escalated rollback keeps its trail open until it is known what runs, and who frees the environment is reviewed', async () => {
    const story = await started();
    await declare(story);
    await decideAs(story, 'roll-back');
    await answerFunctions(story, { acts: () => 'failed' });
    await handle(story, 'stop-requests', 'end');
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rollback-escalated');
    await stateCause(story);
    await story.machine.settle();
    expect(await closedOf(story)).toBe(false);
    expect(verifyScope(await eventsOf(story))).toBeUndefined();
    const lead = personIn(story.deps, 'operations-lead');
    const said = { ...production, reason: 'Version 1.2.2 runs: I have read it in the console.' };
    expect((await freeEnvironment(signingFor(['people'], story.deps), said, lead)).refused).toBeUndefined();
    await story.machine.settle();
    const power = (await followUpsOf(story)).at(-1);
    expect(power).toMatchObject({ kind: 'environment-freed', usedBy: [lead.id] });
    expect(await closedOf(story)).toBe(false);
    await review(story, power?.followUp ?? '');
    await story.machine.settle();
    expect(await closedOf(story)).toBe(true);
  });

  test('a repeated end says nothing about what is live: another release may be live by then', async () => {
    const story = await rolledBack();
    const live = () => story.deps.trail.read(productionScope, { lane: lanes.live });
    const before = (await live()).length;
    await pass(story, 3 * day);
    await stateCause(story);
    await story.machine.settle();
    expect((await live()).length).toBe(before);
  });
});

describe('the mails about the end of a rollback', () => {
  const told = ({ deps }: Story): readonly string[] =>
    deps.controls.mailer.mails
      .filter(({ subject, text }) => subject === 'run-ended' || (subject === 'follow-ups-due' && JSON.parse(text).ended !== null))
      .map(({ to, subject }) => `${to.name}: ${subject}`)
      .toSorted();

  test('are one for each person: who is asked learns by the same mail how the run ended', async () => {
    const story = await rolledBack();
    expect(told(story)).toEqual(['Ole Operations: follow-ups-due', 'Petra Product: run-ended', 'Tove Technical: run-ended']);
    const [asked] = story.deps.controls.mailer.mails.filter(({ subject }) => subject === 'follow-ups-due');
    expect(JSON.parse(asked?.text ?? '').ended).toMatchObject({ outcome: 'rolled-back', reason: null });
  });

  test('reach a person whose mail about the questions was not accepted', async () => {
    const story = await started();
    await declare(story);
    await decideAs(story, 'roll-back');
    story.deps.controls.onCall((call, _caller, [mail]) => {
      if (call === 'mailer.send' && (mail as Mail).subject === 'follow-ups-due') throw new Error('MessageRejected');
    });
    await answerFunctions(story);
    expect(told(story)).toEqual(['Ole Operations: run-ended', 'Petra Product: run-ended', 'Tove Technical: run-ended']);
  });

  test('tell the end once, also when the questions are overdue', async () => {
    const story = await rolledBack();
    await pass(story, 3 * day);
    expect(told(story).filter((one) => one.startsWith('Ole'))).toHaveLength(1);
  });
});

describe('an answer', () => {
  const sent = (story: Story, followUp: string, answer: 'stated' | 'justified', role: Parameters<typeof personIn>[1] = 'operations-lead') =>
    answerFollowUp(
      signingFor(['people'], story.deps),
      { run: story.run, followUp, answer, statement: 'Nobody has looked at the logs.' },
      personIn(story.deps, role),
    );

  test.each([
    ['of an unknown follow-up', 'none', 'stated', 'operations-lead', 'follow-up-unknown'],
    ['that does not fit', 'cause', 'justified', 'operations-lead', 'follow-up-answer'],
    ['of somebody who does not operate', 'cause', 'stated', 'developer', 'role-missing'],
  ] as const)('%s is refused and recorded beside the run', async (_case, followUp, answer, role, type) => {
    const story = await rolledBack();
    expect((await sent(story, followUp, answer, role)).refused?.type).toBe(type);
    const late = await story.deps.trail.read(scopes.late(story.run), { lane: lanes.refusal });
    expect(late.map((stored) => (isType('request.refused')(stored) ? stored.event.data.type : ''))).toEqual([type]);
  });

  test('the first one counts; the same person may repeat it, also after the trail is closed', async () => {
    const story = await rolledBack();
    expect((await stateCause(story)).ok?.alreadyRecorded).toBe(false);
    await story.machine.settle();
    expect(await closedOf(story)).toBe(true);
    expect((await stateCause(story)).ok?.alreadyRecorded).toBe(true);
    expect((await stateCause(story, 'technical-lead')).refused?.type).toBe('follow-up-answered');
  });

  test('of two people at the same moment one is told that the other was faster', async () => {
    const story = await rolledBack();
    const answers = await Promise.all([stateCause(story), stateCause(story, 'technical-lead')]);
    expect(answers.map(({ refused }) => refused?.type).toSorted()).toEqual(['follow-up-answered', undefined]);
    await story.machine.settle();
    expect([(await eventsOf(story)).filter(isType('follow-up.answered')).length, await closedOf(story)]).toEqual([1, true]);
  });

  test('a run that was not rolled back asks nothing', async () => {
    const story = await started();
    expect((await stateCause(story)).refused?.type).toBe('follow-up-unknown');
  });
});

describe('people are told', () => {
  test('when it is asked, after a day, and when it is overdue: then an alarm is raised once a day', async () => {
    const story = await rolledBack();
    expect(new Set(mailsOf(story))).toEqual(new Set(['asked']));
    const asked = mailsOf(story).length;
    expect(await pass(story, day + 60_000)).toEqual([]);
    expect(
      mailsOf(story)
        .slice(asked)
        .every((why) => why === 'reminder'),
    ).toBe(true);
    const reminded = mailsOf(story).length;
    expect(reminded).toBe(2 * asked);
    expect(new Set(await pass(story, day))).toEqual(new Set(['FollowUpOverdue']));
    expect(
      mailsOf(story)
        .slice(reminded)
        .every((why) => why === 'overdue'),
    ).toBe(true);
    const overdue = mailsOf(story).length;
    expect(overdue).toBe(3 * asked);
    expect(await pass(story, 3_600_000)).toEqual([]);
    expect(new Set(await pass(story, day))).toEqual(new Set(['FollowUpOverdue']));
    expect(mailsOf(story).length).toBe(overdue);
  });

  test('the signers, too, where a power is to be reviewed', async () => {
    const plain = await rolledBack();
    const reviewed = await rolledBack({ byHand: 'stop-requests' });
    expect(mailsOf(reviewed).length).toBeGreaterThan(mailsOf(plain).length);
  });

  test('an idle run with an open trail has one due item, and none once it is closed', async () => {
    const story = await rolledBack();
    await pass(story, 600_000);
    const due = () => story.deps.due.list(new Date(story.deps.clock.now().getTime() + 10 * day), 100);
    expect((await due()).map(({ kind }) => kind)).toEqual(['deadline']);
    await stateCause(story);
    await story.machine.settle();
    await pass(story, 600_000);
    expect(await due()).toEqual([]);
  });
});

describe('the verifier', () => {
  const isElsewhere = (stored: Stored): boolean => !stored.event.lane.startsWith(lanes.followUp);

  test('sees that follow-ups are cut from a closed trail, and that a trail was closed without an answer', async () => {
    const story = await rolledBack();
    await stateCause(story);
    await story.machine.settle();
    const events = await eventsOf(story);
    expect(verifyScope(events.filter(isElsewhere))?.reason).toBe('the run was closed with a follow-up that is cut');
    expect(verifyScope(events.filter((stored) => !isType('run.closed')(stored)))?.reason).toContain('is not closed yet');
  });
});
