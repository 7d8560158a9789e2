import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { Dependencies } from '../../ports.ts';
import { appendToLane, type RunContext, system, withAppended } from '../state/run-context.ts';
import { scheduleRecheck } from '../writing/recheck.ts';
import { pauseAfter } from './defer-mail-faults.ts';

/** Whoever claimed a mailing and has not said by then that it went out has broken off: another may claim it. Milliseconds. */
const mailWithinMs = 60_000;

/**
 * Lets one reconciler of many send: mails cannot be taken back, and several look at a gate at once. Answers with the notice lane when
 * the caller may send now. Whoever may not leaves a look behind, should the other have broken off.
 */
export const claimMail = async (
  deps: Pick<Dependencies, 'trail' | 'due' | 'clock'>,
  context: RunContext,
  purpose: string,
): Promise<readonly Stored[] | undefined> => {
  const lane = await deps.trail.read(context.scope, { lane: lanes.notice });
  const claims = lane.filter(isType('mail.claimed')).filter((stored) => stored.event.data.purpose === purpose);
  const last = claims.at(-1);
  const again = last === undefined ? 0 : Date.parse(last.event.at) + pauseAfter(claims.length, mailWithinMs);
  if (again <= deps.clock.now().getTime()) {
    const { stored, adopted } = await appendToLane(deps, context.parentHash, lane, {
      scope: context.scope,
      lane: lanes.notice,
      step: `${purpose}/claimed/${claims.length + 1}`,
      type: 'mail.claimed',
      actor: system('reconciler'),
      data: { purpose, attempt: claims.length + 1 },
    });
    if (!adopted) return withAppended(deps, lane, stored);
  }
  await scheduleRecheck(deps, context.run, '', Math.max(again, deps.clock.now().getTime() + mailWithinMs));
  return undefined;
};
