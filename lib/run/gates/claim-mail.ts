import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { World } from '../../ports.ts';
import { appendTo, extended, type RunHead, system } from '../state/run-context.ts';
import { lookAgain } from '../writing/recheck.ts';
import { pauseAfter } from './defer-mail-faults.ts';

/** Whoever claimed a mailing and has not said by then that it went out has broken off: another may claim it. Milliseconds. */
const mailWithinMs = 60_000;

/**
 * Lets one settler of many send: mails cannot be taken back, and several look at a gate at once. Answers with the notice lane when
 * the caller may send now. Whoever may not leaves a look behind, should the other have broken off.
 */
export const claimMail = async (
  world: Pick<World, 'trail' | 'due' | 'clock'>,
  head: RunHead,
  purpose: string,
): Promise<readonly Stored[] | undefined> => {
  const lane = await world.trail.read(head.scope, { lane: lanes.notice });
  const claims = lane.filter(isType('mail.claimed')).filter((stored) => stored.event.data.purpose === purpose);
  const last = claims.at(-1);
  const again = last === undefined ? 0 : Date.parse(last.event.at) + pauseAfter(claims.length, mailWithinMs);
  if (again <= world.clock.now().getTime()) {
    const { stored, adopted } = await appendTo(world, head.opener, lane, {
      scope: head.scope,
      lane: lanes.notice,
      step: `${purpose}/claimed/${claims.length + 1}`,
      type: 'mail.claimed',
      actor: system('settler'),
      data: { purpose, attempt: claims.length + 1 },
    });
    if (!adopted) return extended(world, lane, stored);
  }
  await lookAgain(world, head.run, '', Math.max(again, world.clock.now().getTime() + mailWithinMs));
  return undefined;
};
