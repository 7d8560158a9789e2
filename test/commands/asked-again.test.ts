import { expect, test } from 'vitest';
import type { Notification } from '../../lib/ports.ts';
import { sign, toSignOff } from '../story.ts';
import { decideAs } from '../way-back.ts';
import { watch } from './sent-mails.ts';

test('a gate that asks again after a rejection says so in its mail, with the rejection, the decision and what is not applicable in one line', async () => {
  const story = await toSignOff();
  const mailed = watch(story);
  await sign(story, 'rejected');
  const [decision] = mailed('rollback-decision') as Extract<Notification, { kind: 'rollback-decision' }>[];
  expect(decision?.because).toMatchObject({ how: 'rejected', title: 'Sign-Off', detail: 'rejected by Tove Technical as technical lead' });
  expect(decision?.because.at.at).toMatch(/^2026-/);
  expect(decision?.silentAt).toBeNull();
  const again = watch(story);
  await decideAs(story, 'continue');
  const [asked] = again('approval-requested') as Extract<Notification, { kind: 'approval-requested' }>[];
  expect(asked).toMatchObject({ round: 1, time: 2, because: 'rejected by Tove Technical as technical lead' });
  const { exceptions, total, more, starter, changed } = asked?.essentials ?? expect.fail('nobody was asked again');
  expect(exceptions.filter(({ kind }) => kind === 'not-passed').map(({ titles: [title], reason }) => [title, reason])).toEqual([
    ['Sign-Off', expect.stringMatching(/^ended at .+: rejected by Tove Technical as technical lead$/)],
    ['Rollback: decision', expect.stringContaining('Ole Operations')],
  ]);
  const said = exceptions.flatMap(({ kind, words }) => (kind === 'not-applicable' && words !== null ? [`${words.by} ${words.text}`] : []));
  expect(said.length).toBe(new Set(said).size);
  expect(exceptions.some(({ kind, titles }) => kind === 'not-applicable' && titles.length > 5)).toBe(true);
  expect(total - more).toBe(exceptions.reduce((sum, { titles }) => sum + titles.length, 0));
  expect([starter, changed]).toEqual(['somebody who has left the roster', null]);
});
