import * as z from 'zod';
import { localAccount } from './child-env.ts';
import { LocalFault } from './error-document.ts';

/** A mail as its reader would see it. `at` is when it was handed over. */
export type LocalMail = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly at: string;
};

/** The emulator decodes the MIME that the mailer handed over; the recipient is the envelope's, the subject the header's. */
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
const limitMs = 5_000;

/** What the emulator's answer says, in the order in which the mails were handed over. */
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

/** Every mail that Holdpoint has handed to the local AWS since it was set up. Nothing leaves this machine. */
export const readMailbox = async (endpoint: string): Promise<readonly LocalMail[]> => {
  let answer: Response;
  try {
    answer = await fetch(`${endpoint}/_ministack/ses/messages?account=${localAccount}`, { signal: AbortSignal.timeout(limitMs) });
  } catch (cause) {
    throw new LocalFault('endpoint-silent', `${endpoint} does not answer, so the local mails could not be read.`, { cause });
  }
  const body: unknown = answer.ok ? await answer.json().catch(() => undefined) : undefined;
  const read = answerSchema.safeParse(body);
  if (!read.success) {
    throw new LocalFault(
      'endpoint-silent',
      `${endpoint} keeps no mailbox (status ${answer.status}); mails can be read on the emulator that the local stage starts.`,
    );
  }
  return mailsIn(body);
};
