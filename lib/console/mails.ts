import type { Notification, RenderNotification } from '../ports.ts';
import { asWords, withNames } from './format.ts';

/**
 * Text of callers on one line: a version or a name never starts a header or a paragraph of its own, and an address in it is no link:
 * mail programs would make one of it, beside ours.
 */
const check = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/:\/\/|\bwww\./gi, (sign) => `${sign} `)
    .trim();
const day = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

type Content = {
  readonly subject: string;
  readonly greeting: string;
  readonly paragraphs: readonly string[];
  readonly action: string;
  readonly small: readonly string[];
};

const release = (notification: Notification): string =>
  check(`${notification.service} ${notification.version} to ${notification.environment}`);

/** What each mail says. It carries a link that opens a page and nothing that decides: whoever fetches the link changes nothing. */
const contentOf = (notification: Notification): Content => {
  const greeting = `Hello ${check(notification.name)},`;
  const run = `Run ${check(notification.run)}.`;
  if (notification.kind === 'approval-requested') {
    return {
      subject: `${check(notification.gateTitle)}: your answer for ${release(notification)}`,
      greeting,
      paragraphs: [
        `${release(notification)} has reached ${check(notification.gateTitle)}. You are asked as ${asWords(notification.role)}.`,
        'Open the report, read it, and approve, reject or send it back. You will be asked to sign in.',
        `Answer until ${day(notification.expires)}. No answer in time denies.`,
      ],
      action: 'Open the report',
      small: [
        `${run} Code of the report when this mail was written: ${check(notification.code)}; the page shows the one that counts.`,
        'The link is meant for you. Do not forward it: nobody else can answer with it.',
      ],
    };
  }
  if (notification.kind === 'deployment-announced') {
    const when = notification.plannedT0 === 'when-released' ? 'as soon as it is released' : `at ${day(notification.plannedT0)}`;
    return {
      subject: `Deployment announced: ${release(notification)}`,
      greeting,
      paragraphs: [`${release(notification)} will be deployed ${when}.`, 'Nothing is asked of you. The page of the run shows how it goes.'],
      action: 'Open the run',
      small: [run],
    };
  }
  if (notification.kind === 'gate-overdue') {
    return {
      subject: `Overdue: ${check(notification.gateTitle)} of ${release(notification)}`,
      greeting,
      paragraphs: [
        `${check(notification.gateTitle)} of ${release(notification)} should have settled by now. It is held where it is.`,
        ...notification.reasons.slice(0, 10).map((reason) => `- ${check(withNames(reason, (id) => id))}`),
      ],
      action: 'Open the run',
      small: [run],
    };
  }
  return {
    subject: `Incident: ${release(notification)}`,
    greeting,
    paragraphs: [
      `${release(notification)} met an incident at ${check(notification.interrupted)}. Nothing goes on until a person decides: resume the run where it was, or end it.`,
    ],
    action: 'Open the run',
    small: [run],
  };
};

/** Subject, plain text and HTML of one mail. Pure; no picture, no style sheet, no address but the one link. */
export const renderMail: RenderNotification = (notification) => {
  const { subject, greeting, paragraphs, action, small } = contentOf(notification);
  const text = [greeting, ...paragraphs, `${action}: ${notification.url}`, '-- ', ...small].join('\n\n');
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:16px;background:#f5f7fa;color:#17212d;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere"><div style="max-width:34rem;margin:0 auto;background:#ffffff;border:1px solid #d5dce5;border-radius:10px;padding:24px">
<p style="margin-top:0">${escaped(greeting)}</p>
${paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`).join('\n')}
<p><a href="${escaped(notification.url)}" style="display:inline-block;background:#0a58a6;color:#ffffff;text-decoration:none;font-weight:600;border-radius:8px;padding:10px 18px">${escaped(action)}</a></p>
<p style="color:#4b5a6b;font-size:14px">${escaped(notification.url)}</p>
${small.map((sentence) => `<p style="color:#4b5a6b;font-size:14px">${escaped(sentence)}</p>`).join('\n')}
</div></body></html>`;
  return { subject, text, html };
};
