import * as z from 'zod';
import { localAccount } from './child-env.ts';
import { LocalFault } from './fault.ts';

/** One mail as the mailer handed it over to SES. */
export type LocalMail = { readonly at: string; readonly to: string; readonly subject: string; readonly text: string; readonly html: string };

const messages = z.object({
  messages: z.record(z.string(), z.array(z.looseObject({ To: z.array(z.string()), Subject: z.string(), BodyText: z.string().default(''), BodyHtml: z.string().default(''), Timestamp: z.number() }))),
});

/** Every mail of this stage, oldest first: the emulator keeps what SES would have sent, and delivers nothing. */
export const readMails = async (endpoint: string): Promise<LocalMail[]> => {
  const response = await fetch(`${endpoint}/_ministack/ses/messages`, { signal: AbortSignal.timeout(10_000) }).catch((cause: unknown) => {
    throw new LocalFault('not-running', 'The local AWS does not answer, so its mails cannot be read; start it with `npx holdpoint local up`.', { cause });
  });
  const parsed = messages.parse(await response.json());
  return (parsed.messages[localAccount] ?? [])
    .map((mail) => ({ at: new Date(mail.Timestamp * 1000).toISOString(), to: mail.To.join(', '), subject: mail.Subject, text: mail.BodyText, html: mail.BodyHtml }))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
};
