import * as z from 'zod';
import { defineEvent } from '../event-definition.ts';

/**
 * What became of a mail that the mail system had accepted. bounced: the person's mail server refused it for good; delayed: SES gave up
 * repeating it, or an automatic answer came back; suppressed: SES sends nothing to the address since an earlier bounce or complaint;
 * complained: it arrived and was reported as spam; rejected: SES itself refused to send it.
 */
export const mailFailures = ['bounced', 'delayed', 'suppressed', 'complained', 'rejected'] as const;

export const noticeEvents = {
  /** Of several reconcilers that want to send a mail, the one whose claim is stored sends it. The purpose `signal/…` says that a signal was raised. */
  'mail.claimed': defineEvent('reconciler', { purpose: z.string(), attempt: z.int().min(1) }),
  /** `about`: the notice or the kind of notification. `message`: the id under which the mail system had accepted the mail. */
  'mail.undelivered': defineEvent('any-writer', {
    about: z.string(),
    person: z.string(),
    failure: z.enum(mailFailures),
    message: z.string(),
  }),
  'notice.sent': defineEvent('reconciler', { notice: z.string(), people: z.array(z.string()), message: z.string() }),
} as const;
