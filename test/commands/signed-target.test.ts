import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { adoptTarget } from '../../lib/run/commands/adopt-target.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { production, productionScope } from '../environment.ts';
import { signingFor } from '../fakes.ts';
import { anew, artifact, personIn } from '../given.ts';
import { hour, type Story, sign, toGoNoGo } from '../story.ts';

/** Behind it begins the list of commits of every story. */
const liveCommit = 'e'.repeat(40);

/** Two people name another version: a rollback would now lead there. */
const adopt = async ({ deps, machine }: Story, version: string): Promise<void> => {
  const components = [{ component: 'web', digest: artifact.replaceAll('b', 'd'), reference: '9' }];
  for (const role of ['operations-lead', 'technical-lead'] as const) {
    const named = { ...production, target: 'adopt', version, components, commit: liveCommit, request: anew() } as const;
    expect((await adoptTarget(signingFor(['people'], deps), named, personIn(deps, role))).refused).toBeUndefined();
  }
  await machine.settle();
};

const settledAt = async ({ deps, run }: Story, gate: string) =>
  (await deps.trail.read(`run/${run}`, { lane: `gate/${gate}` })).filter(isType('gate.settled')).map(({ event }) => event.data);
const pageOf = async ({ deps }: Story) => {
  const mail = deps.controls.mailer.mails.findLast(({ subject }) => subject === 'approval-requested') ?? expect.fail('no mail');
  const { url, role } = JSON.parse(mail.text) as { url: string; role: 'technical-lead' };
  return (await showApproval(deps, { link: url.split('/').at(-1) ?? '' }, personIn(deps, role))).ok ?? expect.fail('no page');
};

describe('the rollback target is a part of what people sign', () => {
  test('another target invalidates the round, which says so, and people are asked again', async () => {
    const story = await toGoNoGo();
    const before = await pageOf(story);
    expect(before.target).toMatchObject({ version: '1.2.2' });
    await adopt(story, '1.2.4');
    expect((await pageOf(story)).state).toBe('invalidated');
    const lane = await story.deps.trail.read(`run/${story.run}`, { lane: lanes.approval('go-no-go') });
    expect(lane.find(isType('approval.invalidated'))?.event.data).toMatchObject({ target: { was: '1.2.2', is: '1.2.4' }, checks: [] });
    story.deps.controls.clock.advance(hour);
    story.deps.controls.mailer.mails.splice(0);
    await story.deps.reconciler.request(story.run);
    await story.machine.settle();
    const after = await pageOf(story);
    expect(after).toMatchObject({ state: 'open', round: 2, target: { version: '1.2.4' }, changedBefore: { target: { was: '1.2.2' } } });
    expect(after.report).not.toBe(before.report);
  });

  test('at T0 another target sends the run back to go / no-go', async () => {
    const story = await toGoNoGo();
    await sign(story);
    expect(story.machine.at()).toBe('t-minus-2h');
    const [go] = await settledAt(story, 'go-no-go');
    expect(go?.judgedOn.filter(({ scope }) => scope !== undefined)).toEqual([
      expect.objectContaining({ scope: productionScope, lane: lanes.live }),
    ]);
    await adopt(story, '1.2.4');
    expect(story.machine.at()).toBe('go-no-go');
    const [back] = await settledAt(story, 't-minus-2h');
    expect(back).toMatchObject({ outcome: 'returned' });
    expect(back?.reason).toContain('the rollback target is “1.2.4” and was “1.2.2” when it was signed');
    expect(new Set(back?.judgedOn.flatMap(({ scope, lane }) => (scope === undefined ? [] : lane)))).toEqual(new Set(['drill', 'live']));
    expect((await pageOf(story)).target).toMatchObject({ version: '1.2.4' });
    await sign(story);
    expect(story.machine.at()).toBe('t-minus-2h');
  });

  test('the same version that is named again changes nothing', async () => {
    const story = await toGoNoGo();
    await adopt(story, '1.2.4');
    story.deps.controls.clock.advance(hour);
    story.deps.controls.mailer.mails.splice(0);
    await story.deps.reconciler.request(story.run);
    await story.machine.settle();
    await sign(story);
    await adopt(story, '1.2.4');
    expect(story.machine.at()).toBe('t-minus-2h');
    const view = (await readRun(story.deps, story.run)).ok;
    expect(view?.gates.find(({ id }) => id === 't-minus-2h')?.reasons.join()).not.toContain('rollback target is');
  });
});
