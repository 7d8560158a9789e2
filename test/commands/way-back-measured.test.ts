import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { foldRollback } from '../../lib/folds/rollback.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { appendToRun, noFollowUp } from '../../lib/run/writing/append.ts';
import { signingFor } from '../fakes.ts';
import { check, contextOf } from '../given.ts';
import type { Story } from '../story.ts';
import { decideAs, declare, later, probeFailed, probeRecorded, shopTargets, smallRelease, started } from '../way-back.ts';

/** What is measured while people decide about a rollback. */

const feature = 'critical-feature-not-working';
const corruption = 'data-corruption-detected';
const laneOf = ({ deps, run }: Story) => deps.trail.read(scopes.run(run), { lane: lanes.rollback });
const rollbackOf = async (story: Story) => foldRollback(await laneOf(story));
/** Of the open round: which, and who said so. */
const triggersOf = async (story: Story): Promise<string[]> =>
  (await rollbackOf(story)).triggers.map(({ event: { data } }) => `${data.trigger} ${data.by === null ? 'measured' : 'declared'}`);
const pagesOf = ({ deps }: Story): string[] => deps.controls.pager.pages.map(({ subject }) => subject.split(':')[0] ?? '');
const mailsOf = ({ deps }: Story): string[] =>
  deps.controls.mailer.mails.filter(({ subject }) => subject === 'rollback-decision').map(({ text }) => text);

describe('a trigger that is measured after a person declared one', () => {
  test.each([corruption, feature])('(%s) is added to it and keeps its silence, and people hear of it', async (declared) => {
    const story = await started();
    await declare(story, declared);
    await later(story, 100);
    expect(mailsOf(story).every((text) => text.includes('"silentAt":null'))).toBe(true);
    await probeFailed(story);
    expect(await triggersOf(story)).toEqual([`${declared} declared`, `${feature} measured`]);
    const shown = (await readRun(story.deps, story.run)).ok?.rollback;
    expect(shown?.triggers.map(({ detail }) => detail)).toEqual([null, 'the critical probe health failed: 3 of 3 tries']);
    expect(Date.parse(shown?.waits?.silentAt ?? '') - Date.parse(shown?.triggers[1]?.at ?? '')).toBe(225_000);
    expect(mailsOf(story).some((text) => text.includes('the critical probe health failed') && !text.includes('"silentAt":null'))).toBe(
      true,
    );
    await later(story, 220);
    expect(story.machine.at()).toBe('rollback-decision');
    await later(story, 10);
    expect((await rollbackOf(story)).decision).toMatchObject({ how: 'silence', by: null });
  });

  test.each([corruption, feature])('(%s) decides itself where the stage says so', async (declared) => {
    const story = await started(shopTargets({ decideThemselves: [feature] }));
    await declare(story, declared);
    expect(story.machine.at()).toBe('rollback-decision');
    await probeFailed(story);
    expect(story.machine.at()).toBe('stop-requests');
    expect((await rollbackOf(story)).decision).toMatchObject({ how: 'by-itself' });
  });

  test('is told to people where silence decides nothing', async () => {
    const checklist = { ...smallRelease, rollback: { ...smallRelease.rollback, silentGates: [] } };
    const story = await started(shopTargets(), { checklist });
    await declare(story);
    await probeFailed(story);
    expect(mailsOf(story).some((text) => text.includes('the critical probe health failed') && text.includes('"silentAt":null'))).toBe(true);
    await later(story, 3600);
    expect([story.machine.at(), (await rollbackOf(story)).decision]).toEqual(['rollback-decision', undefined]);
  });

  test('is a failing check of the gate that was interrupted, too', async () => {
    const intact = check('data-intact', 'deployment-window', { onFail: 'trigger' });
    const story = await started(shopTargets(), { checklist: { ...smallRelease, items: [...smallRelease.items, intact] } });
    await declare(story);
    await failed(story, 'data-intact');
    expect(await triggersOf(story)).toEqual([`${corruption} declared`, 'data-intact measured']);
    await later(story, 230);
    expect((await rollbackOf(story)).decision).toMatchObject({ how: 'silence' });
  });

  test('is decided by who continues, and what fails later opens another round', async () => {
    const story = await started();
    await declare(story);
    for (let look = 0; look < 3; look += 1) {
      await later(story, 20);
      await probeFailed(story);
    }
    expect(await triggersOf(story)).toEqual([`${corruption} declared`, `${feature} measured`]);
    await later(story, 10);
    const before = pagesOf(story);
    await decideAs(story, 'continue');
    await later(story, 600);
    expect([story.machine.at(), await triggersOf(story)]).toEqual(['deployment-window', []]);
    expect(pagesOf(story), 'nobody is asked about what was continued').toEqual(before);
    await probeFailed(story);
    expect([story.machine.at(), await triggersOf(story)]).toEqual(['rollback-decision', [`${feature} measured`]]);
  });

  test('is not lost where nobody has looked between its report and the decision to continue', async () => {
    const story = await started();
    await declare(story);
    // The feed has recorded it, and its request to look got lost.
    await probeRecorded(story);
    story.deps.controls.reconciler.requests.splice(0);
    story.deps.controls.clock.advance(30_000);
    await decideAs(story, 'continue');
    await later(story, 1);
    expect([story.machine.at(), await triggersOf(story)]).toEqual(['rollback-decision', [`${feature} measured`]]);
    await decideAs(story, 'continue');
    await later(story, 600);
    expect([story.machine.at(), await triggersOf(story)], 'once').toEqual(['deployment-window', []]);
  });

  test('is not added once the rollback is decided', async () => {
    const story = await started();
    await declare(story);
    await decideAs(story, 'roll-back');
    expect(story.machine.at()).toBe('stop-requests');
    await probeFailed(story);
    await later(story, 60);
    expect(await triggersOf(story)).toEqual([`${corruption} declared`]);
  });
});

describe('pages about a decision', () => {
  test.each([
    [30, ['Decide']],
    [90, ['Still to decide']],
    [230, ['Nobody has decided']],
  ])('say after %i seconds without a look what is true then, and make up for nothing', async (seconds, expected) => {
    const story = await started();
    const { pager } = story.deps;
    Object.assign(story.deps, { pager: { page: () => Promise.reject(new Error('the pager is down')) } });
    await declare(story).catch(() => undefined);
    Object.assign(story.deps, { pager });
    await later(story, seconds);
    for (let look = 0; look < 3; look += 1) await later(story, 1);
    const paged = (await laneOf(story)).filter(isType('rollback.paged')).map(({ event }) => event.data.why);
    expect([pagesOf(story).filter((page) => !page.startsWith('Budget')), paged.length]).toEqual([expected, 1]);
  });
});

/** Evidence shows that the check fails. */
const failed = async ({ deps, run, machine }: Story, id: string): Promise<void> => {
  const context = await contextOf(deps, run);
  await appendToRun(signingFor(['people', 'reconciler'], deps), context, {
    draft: {
      scope: context.scope,
      lane: lanes.check('deployment-window', id),
      step: 'judged/1',
      type: 'check.judged',
      actor: { kind: 'system', id: 'test' },
      data: {
        ...{
          check: id,
          subject: 'release',
          verdict: 'fail',
          reason: '3 rows are missing',
          facts: 'f'.repeat(64),
          evidence: 'e'.repeat(32),
        },
        ...{
          attempt: 1,
          madeAt: deps.clock.now().toISOString(),
          producer: { run: 'ci', attempt: 1 },
          goodUntil: null,
          by: null,
          words: null,
        },
      },
    },
    lane: 'unread',
    followUp: noFollowUp,
  });
  await machine.settle();
};
