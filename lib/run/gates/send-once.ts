import type { Stored } from '../../audit/event.ts';
import { digestOf } from '../../canonical-json.ts';
import { ofType, type RunContext, withAppended } from '../state/run-context.ts';
import { claimMail, retryClaim } from './claim-mail.ts';
import { recordNotice } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';

/** Nothing older is sent, and nothing is tried for longer. Milliseconds. */
const sentWithinMs = 24 * 3_600_000;

export const isOld = (at: string, now: Date): boolean => now.getTime() - Date.parse(at) > sentWithinMs;

/** `lane`: the notice lane of `scope` as it was read. */
export type NoticeLane = { readonly context: RunContext; readonly scope: string; readonly lane: readonly Stored[] };

/**
 * `notice` names the message within the run, `to` its receiver in the trail. `send` gets an id that is the same each time, and returns the
 * name under which the message is recorded as sent; undefined when it was not taken.
 */
export type Message = {
  readonly notice: string;
  readonly to: string;
  readonly send: (id: string) => Promise<string | undefined>;
};

/** The lane with what was appended, and whether the receiver did not take the message. */
export type Sent = { readonly lane: readonly Stored[]; readonly failed: boolean };

/** Sends a message to a program as mails are sent: under a claim, recorded, and again for a day with growing pauses where it was not taken. */
export const sendOnce = async (
  deps: Pick<Reconciliation, 'trail' | 'clock' | 'retryAt'>,
  { context, scope, lane }: NoticeLane,
  { notice, to, send }: Message,
): Promise<Sent> => {
  const untouched = { lane, failed: false };
  if (ofType(lane, 'notice.sent').some(({ event }) => event.data.notice === notice)) return untouched;
  const first = ofType(lane, 'mail.claimed').find(({ event }) => event.data.purpose === notice);
  if (first !== undefined && isOld(first.event.at, deps.clock.now())) return untouched;
  const claimed = await claimMail(deps, context, { purpose: notice, lane, scope });
  if (claimed === undefined) return untouched;
  const id = digestOf([context.run, notice]).slice(0, 32);
  const sent = await send(id);
  if (sent === undefined) {
    retryClaim(deps, claimed, notice);
    return { lane: claimed, failed: true };
  }
  const person = { id: to, name: to, address: '', roles: [] };
  const stored = await recordNotice(deps, context, claimed, { notice: sent, accepted: [{ person, message: id }], scope });
  return { lane: await withAppended(deps, claimed, stored), failed: false };
};
