import { type SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Mail, Mailer } from '../../lib/ports.ts';

/**
 * The Message-ID that SES gives a mail. It overwrites one of ours ("If you provide a Message-ID header, Amazon SES overrides the header with
 * its own value", https://docs.aws.amazon.com/ses/latest/dg/header-fields.html) and answers the part before the @; behind it stands the
 * region, and in us-east-1 `email`. An id that is a whole address already is taken as it is.
 */
export const messageIdOf = (message: string, region: string): string =>
  `<${message.includes('@') ? message : `${message}@${region === 'us-east-1' ? 'email' : region}.amazonses.com`}>`;

type Mime = Omit<Mail, 'about'> & { readonly region?: string };

/** The mail as MIME: text and HTML as alternatives; nodemailer builds headers and encodings and fetches nothing. */
export const toMime = async (from: string, { to, subject, text, html, follows = [], region = 'us-east-1' }: Mime): Promise<Buffer> => {
  const earlier = follows.map((message) => messageIdOf(message, region));
  const parent = earlier.at(-1);
  const composer = new MailComposer({
    from,
    to: { name: to.name, address: to.address },
    subject,
    text,
    html,
    disableFileAccess: true,
    disableUrlAccess: true,
    // RFC 3834: no program shall answer this mail.
    headers: { 'Auto-Submitted': 'auto-generated' },
    // RFC 5322, 3.6.4: the mail before this one, and all of the conversation.
    ...(parent === undefined ? {} : { inReplyTo: parent, references: earlier }),
  });
  return composer.compile().build();
};

/** SES. A returned message id means accepted. `set` is the configuration set to send with, so that no default set rewrites the links. */
export const createSesMailer = (client: SESv2Client, { from, set }: { readonly from: string; readonly set: string }): Mailer => ({
  send: async (mail) => {
    const Data = await toMime(from, { ...mail, region: await client.config.region() });
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
