import * as z from 'zod';
import type { mailFailures } from '../audit/events/notice.ts';
import { type Feed, nothing } from './feed.ts';

const source = 'aws.ses';

/** A tag has a list of values, of which we give one. Other mails of our configuration set may lack them. */
const tag = z.tuple([z.string().regex(/^[\w-]{1,100}$/)]);
const mail = z.object({ messageId: z.string().min(1).max(200), tags: z.object({ run: tag, notification: tag, person: tag }) });

/** As SES publishes them: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html */
const detailSchema = z.discriminatedUnion('eventType', [
  z.object({ eventType: z.literal('Bounce'), mail, bounce: z.object({ bounceType: z.string(), bounceSubType: z.string().default('') }) }),
  z.object({ eventType: z.literal('Complaint'), mail, complaint: z.object({ complaintSubType: z.string().nullish() }) }),
  z.object({ eventType: z.literal('Reject'), mail }),
]);

/** A suppressed address gets no mail, and SES reports that as a bounce or a complaint of a sub-type of its own. */
const isSuppressed = (subType: string | null | undefined): boolean => subType === 'Suppressed' || subType === 'OnAccountSuppressionList';

const failureOf = (detail: z.output<typeof detailSchema>): (typeof mailFailures)[number] => {
  if (detail.eventType === 'Reject') return 'rejected';
  if (detail.eventType === 'Complaint') return isSuppressed(detail.complaint.complaintSubType) ? 'suppressed' : 'complained';
  if (isSuppressed(detail.bounce.bounceSubType)) return 'suppressed';
  return detail.bounce.bounceType === 'Transient' ? 'delayed' : 'bounced';
};

/** Mails of this stage that bounced or were reported as spam, as SES publishes them to the default bus. */
export const mailEvent = {
  via: 'mail',
  wiring: {
    kind: 'rule',
    rule: 'Mails',
    description: 'Mails of this stage that did not reach their readers',
    buses: ['default'],
    patterns: ({ name }) => [{ source: [source], detail: { mail: { tags: { 'ses:configuration-set': [`holdpoint-${name}`] } } } }],
  },
  read: (_stage, event) => {
    const envelope = z.object({ source: z.literal(source), detail: z.unknown() }).safeParse(event);
    if (!envelope.success) return undefined;
    const parsed = detailSchema.safeParse(envelope.data.detail);
    if (!parsed.success) return nothing('SES reported a mail that is no mail of a run, or in a way that is not known');
    const { messageId, tags } = parsed.data.mail;
    const [[run], [about], [person]] = [tags.run, tags.notification, tags.person];
    return { observations: [], undelivered: [{ run, about, person, failure: failureOf(parsed.data), message: messageId }], refused: [] };
  },
} as const satisfies Feed;
