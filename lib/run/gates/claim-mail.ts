import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { appendToLane, type RunContext, system, withAppended } from '../state/run-context.ts';
import { pauseAfter, type Reconciliation } from './reconciliation.ts';

/** A reconciler that has claimed a mailing and not recorded it by then has crashed: another one may claim it. Milliseconds. */
const mailWithinMs = 60_000;

/** `lane`: the notice lane as read, of the run or of `scope`. */
export type Claim = { readonly purpose: string; readonly lane: readonly Stored[]; readonly scope?: string };

/**
 * Lets one of several reconcilers send: mails cannot be taken back. Returns the notice lane when the caller may send now. When another
 * reconciler has the claim it returns undefined, and the run is reconciled again when that claim ends.
 */
export const claimMail = async (
  deps: Pick<Reconciliation, 'trail' | 'clock' | 'retryAt'>,
  context: RunContext,
  { purpose, lane, scope = context.scope }: Claim,
): Promise<readonly Stored[] | undefined> => {
  const claims = lane.filter(isType('mail.claimed')).filter((stored) => stored.event.data.purpose === purpose);
  const last = claims.at(-1);
  const endsAt = last === undefined ? 0 : Date.parse(last.event.at) + pauseAfter(claims.length, mailWithinMs);
  const now = deps.clock.now().getTime();
  if (endsAt <= now) {
    const { stored, adopted } = await appendToLane(deps, context.parentHash, lane, {
      scope,
      lane: lanes.notice,
      step: `${purpose}/claimed/${claims.length + 1}`,
      type: 'mail.claimed',
      actor: system('reconciler'),
      data: { purpose, attempt: claims.length + 1 },
    });
    if (!adopted) return withAppended(deps, lane, stored);
  }
  deps.retryAt(new Date(Math.max(endsAt, now + mailWithinMs)));
  return undefined;
};

/** The mail system accepted none of the claimed mails: they are sent again when the claim has ended. */
export const retryClaim = (
  { clock, retryAt }: Pick<Reconciliation, 'clock' | 'retryAt'>,
  lane: readonly Stored[],
  purpose: string,
): void => {
  const claims = lane.filter(isType('mail.claimed')).filter((stored) => stored.event.data.purpose === purpose).length;
  retryAt(new Date(clock.now().getTime() + pauseAfter(claims, mailWithinMs)));
};
