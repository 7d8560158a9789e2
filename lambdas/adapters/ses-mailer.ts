import { type SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Mail, Mailer } from '../../lib/ports.ts';

/** The mail as MIME: text and HTML as alternatives; nodemailer builds headers and encodings and fetches nothing. */
export const toMime = async (from: string, { to, subject, text, html }: Omit<Mail, 'about'>): Promise<Buffer> => {
  const composer = new MailComposer({
    from,
    to: { name: to.name, address: to.address },
    subject,
    text,
    html,
    disableFileAccess: true,
    disableUrlAccess: true,
    headers: { 'Auto-Submitted': 'auto-generated' },
  });
  return composer.compile().build();
};

/** SES. A returned message id means accepted. `set` is the configuration set to send with, so that no default set rewrites the links. */
export const createSesMailer = (client: SESv2Client, { from, set }: { readonly from: string; readonly set: string }): Mailer => ({
  send: async (mail) => {
    const Data = await toMime(from, mail);
    const { MessageId } = await client.send(
      new SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [mail.to.address] },
        Content: { Raw: { Data } },
        ConfigurationSetName: set,
        // SES hands them back with a bounce or a complaint; the feed of undelivered mails reads them.
        EmailTags: Object.entries(mail.about ?? {}).map(([Name, Value]) => ({ Name, Value })),
      }),
    );
    if (MessageId === undefined) throw new Error('SES accepted a mail without returning its message id');
    return { message: MessageId };
  },
});
