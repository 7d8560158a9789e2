import { describe, expect, test } from 'vitest';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { check, checklistOf, dependenciesOf, gate } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import type { Story } from '../story.ts';
import { answerAs, letters, roles, tove } from './approval-requests.ts';

const withChat = async (): Promise<Story> => {
  const deps = dependenciesOf(
    checklistOf(
      [gate('phase-1', { role: 'approval', asks: [...roles] }), gate('phase-2')],
      [
        ...roles.map((role) => check(`s-${role}`, 'phase-1', { rule: { kind: 'signed/1', role }, kind: 'sign-off' })),
        check('b', 'phase-2'),
      ],
    ),
    { stage: { chat: { zone: 'Europe/Berlin' } } },
  );
  return { deps, ...(await atFirstGate(deps)) };
};
const kinds = ({ deps }: Story): string[] => deps.controls.chat.told.map(({ kind }) => kind);

describe('the chat channel of a stage', () => {
  test('is told once a round that people are asked, with a link to the run and to no answer', async () => {
    const story = await withChat();
    for (let n = 0; n < 3; n += 1) {
      story.deps.controls.clock.advance(61_000);
      await sweep(story.deps);
      await story.machine.settle();
    }
    expect(kinds(story)).toEqual(['approvals-open']);
    expect(story.deps.controls.chat.told[0]).toMatchObject({
      url: `https://holdpoint.example.com/runs/${story.run}`,
      expires: { zone: 'Europe/Berlin', local: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/) },
    });
    const links = letters(story).map(({ about }) => about.url);
    for (const link of links) expect(JSON.stringify(story.deps.controls.chat.told)).not.toContain(link);
  });

  test('that does not answer holds nothing: mails go out, the gate passes, and it is told later', async () => {
    const other = await withChat();
    other.deps.controls.onCall(async (call) => {
      if (call === 'chat.tell') throw new Error('status 503');
    });
    expect(letters(other)).toHaveLength(3);
    expect((await answerAs(other, tove, 'rejected')).refused).toBeUndefined();
    await other.machine.settle().catch(() => undefined);
    await other.machine.settle().catch(() => undefined);
    expect(other.machine.at()).toBe('end rejected');
    expect(kinds(other)).toEqual(['approvals-open']);
    other.deps.controls.onCall(undefined);
    for (let n = 0; n < 3; n += 1) {
      other.deps.controls.clock.advance(5 * 61_000);
      await sweep(other.deps);
      await other.machine.settle();
    }
    expect(kinds(other)).toEqual(['approvals-open', 'run-ended']);
    expect(other.deps.controls.mailer.mails.filter(({ subject }) => subject === 'run-ended').map(({ to }) => to.address)).toHaveLength(3);
  });

  test('is nobody on a stage without one', async () => {
    const plain = dependenciesOf(checklistOf([gate('phase-1'), gate('phase-2')], [check('a', 'phase-1'), check('b', 'phase-2')]));
    expect(plain.chat).toBeNull();
  });
});
