import MailComposer from 'nodemailer/lib/mail-composer';
import * as z from 'zod';
import type { Mail, Mailer } from '../../lib/ports.ts';
import { type AwsCall, faultOf, parsed } from './aws-call.ts';

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

type Config = { readonly from: string; readonly set: string; readonly region: string };
const acceptedSchema = z.object({ MessageId: z.string().min(1) });

/**
 * SES (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html). A returned message id means accepted. `set` is the
 * configuration set to send with, so that no default set rewrites the links; `region` is where SES is asked.
 */
export const createSesMailer = (call: AwsCall, { from, set, region }: Config): Mailer => ({
  send: async (mail) => {
    const mime = await toMime(from, { ...mail, region });
    const input = {
      FromEmailAddress: from,
      Destination: { ToAddresses: [mail.to.address] },
      Content: { Raw: { Data: mime.toString('base64') } },
      ConfigurationSetName: set,
      // SES hands them back with a bounce or a complaint; the feed of undelivered mails reads them.
      EmailTags: Object.entries(mail.about ?? {}).map(([Name, Value]) => ({ Name, Value })),
    };
    const answer = await call({ region }, { service: 'email', operation: 'SendEmail', input });
    if ('failed' in answer) throw faultOf(answer);
    const accepted = parsed(acceptedSchema, answer.text);
    if (accepted === undefined) throw new Error('SES accepted a mail without returning its message id');
    return { message: accepted.MessageId };
  },
});
