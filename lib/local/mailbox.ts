import * as z from 'zod';
import { localAccount } from './child-env.ts';
import { LocalFault } from './local-fault.ts';
import type { LocalMail } from './printed.ts';

/** The emulator decodes the MIME message. `To` comes from the envelope, `Subject` from the header. */
const messageSchema = z.object({
  To: z.array(z.string()),
  Subject: z.string(),
  BodyText: z.string().nullable(),
  BodyHtml: z.string().nullable(),
  /** Seconds since the epoch. */
  Timestamp: z.number(),
});
const answerSchema = z.object({ messages: z.record(z.string(), z.array(messageSchema)) });

/** Milliseconds. */
const limitMs = 20_000;

/** Parses the emulator's answer; mails are sorted by the time at which they were sent. */
export const mailsIn = (answer: unknown): readonly LocalMail[] => {
  const { messages } = answerSchema.parse(answer);
  return (messages[localAccount] ?? [])
    .toSorted((one, other) => one.Timestamp - other.Timestamp)
    .map(({ To, Subject, BodyText, BodyHtml, Timestamp }) => ({
      to: To.join(', '),
      subject: Subject,
      text: BodyText ?? '',
      html: BodyHtml === null || BodyHtml === '' ? null : BodyHtml,
      at: new Date(Timestamp * 1000).toISOString(),
    }));
};

/** What narrows a list of mails: parts of the address and of the subject in any case, and the id of a run that the mail names as a word of its own. */
export type MailFilter = { readonly to?: string | undefined; readonly subject?: string | undefined; readonly run?: string | undefined };

export const mailsFor = (mails: readonly LocalMail[], { to, subject, run }: MailFilter): readonly LocalMail[] => {
  const has = (text: string, part: string | undefined): boolean => part === undefined || text.toLowerCase().includes(part.toLowerCase());
  const names = (text: string): boolean => run === undefined || text.split(/[^\w-]+/).includes(run);
  return mails.filter((mail) => has(mail.to, to) && has(mail.subject, subject) && names(mail.text));
};

/** Every mail that the app has sent since the emulator was started. Mails never leave this machine. */
export const readMailbox = async (endpoint: string): Promise<readonly LocalMail[]> => {
  let answer: Response;
  try {
    answer = await fetch(`${endpoint}/_ministack/ses/messages?account=${localAccount}`, { signal: AbortSignal.timeout(limitMs) });
  } catch (cause) {
    throw new LocalFault('endpoint-silent', `${endpoint} does not answer, so the local mails cannot be read.`, { cause });
  }
  const body: unknown = answer.ok ? await answer.json().catch(() => undefined) : undefined;
  const read = answerSchema.safeParse(body);
  if (!read.success) {
    throw new LocalFault(
      'endpoint-silent',
      `${endpoint} has no readable mailbox (status ${answer.status}); only the emulator that the local stage starts has one.`,
    );
  }
  return mailsIn(body);
};
