import * as z from 'zod';
import { defineEvent } from '../event-definition.ts';

/**
 * What became of a mail that the mail system had accepted. bounced: the person's mail server refused it for good; delayed: SES gave up
 * repeating it, or an automatic answer came back; suppressed: SES sends nothing to the address since an earlier bounce or complaint;
 * complained: it arrived and was reported as spam; rejected: SES itself refused to send it.
 */
export const mailFailures = ['bounced', 'delayed', 'suppressed', 'complained', 'rejected'] as const;

/** What operations hear of a waiting gate, as an alarm of its own. */
export const raisedSignals = ['ReviewFailed', 'T0Missed', 'WaitTooLong'] as const;

export const noticeEvents = {
  /**
   * Of several reconcilers that want to send a mail, the one whose claim is stored sends it. Until 2026-11-27 the purpose `signal/…` said what
   * `signal.raised` says.
   */
  'mail.claimed': defineEvent('reconciler', { purpose: z.string(), attempt: z.int().min(1) }),
  /** `about`: the notice or the kind of notification. `message`: the id under which the mail system had accepted the mail. */
  'mail.undelivered': defineEvent('any-writer', {
    about: z.string(),
    person: z.string(),
    failure: z.enum(mailFailures),
    message: z.string(),
  }),
  /**
   * Operations heard of it once in this visit of the gate. `about`: the check that failed, the planned T0 that was missed, or `overdue`, the
   * wait itself. `visit`: when the gate was first opened in it.
   */
  'signal.raised': defineEvent('reconciler', { signal: z.enum(raisedSignals), about: z.string(), gate: z.string(), visit: z.string() }),
  /** `owed`: whom the same mail named the attestations that they owe at the visit `entry` of the gate. */
  'notice.sent': defineEvent('reconciler', {
    notice: z.string(),
    people: z.array(z.string()),
    message: z.string(),
    owed: z.object({ entry: z.string(), checks: z.array(z.string()), people: z.array(z.string()) }).optional(),
  }),
} as const;
