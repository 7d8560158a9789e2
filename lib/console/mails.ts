import type { Letter, Letters } from '../ports.ts';
import { spoken, told } from './format.ts';

/**
 * Text of callers on one line: a version or a name never starts a header or a paragraph of its own, and an address in it is no link:
 * mail programs would make one of it, beside ours.
 */
const line = (text: string): string =>
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

const release = (letter: Letter): string => line(`${letter.service} ${letter.version} to ${letter.environment}`);

/** What each mail says. It carries a link that opens a page and nothing that decides: whoever fetches the link changes nothing. */
const contentOf = (letter: Letter): Content => {
  const greeting = `Hello ${line(letter.name)},`;
  const run = `Run ${line(letter.run)}.`;
  if (letter.kind === 'approval-requested') {
    return {
      subject: `${line(letter.gateTitle)}: your answer for ${release(letter)}`,
      greeting,
      paragraphs: [
        `${release(letter)} has reached ${line(letter.gateTitle)}. You are asked as ${spoken(letter.role)}.`,
        'Open the report, read it, and approve, reject or send it back. You will be asked to sign in.',
        `Answer until ${day(letter.expires)}. No answer in time denies.`,
      ],
      action: 'Open the report',
      small: [
        `${run} Code of the report when this mail was written: ${line(letter.code)}; the page shows the one that counts.`,
        'The link is meant for you. Do not forward it: nobody else can answer with it.',
      ],
    };
  }
  if (letter.kind === 'deployment-announced') {
    const when = letter.plannedT0 === 'when-released' ? 'as soon as it is released' : `at ${day(letter.plannedT0)}`;
    return {
      subject: `Deployment announced: ${release(letter)}`,
      greeting,
      paragraphs: [`${release(letter)} will be deployed ${when}.`, 'Nothing is asked of you. The page of the run shows how it goes.'],
      action: 'Open the run',
      small: [run],
    };
  }
  if (letter.kind === 'gate-overdue') {
    return {
      subject: `Overdue: ${line(letter.gateTitle)} of ${release(letter)}`,
      greeting,
      paragraphs: [
        `${line(letter.gateTitle)} of ${release(letter)} should have settled by now. It is held where it is.`,
        ...letter.reasons.slice(0, 10).map((reason) => `- ${line(told(reason, (id) => id))}`),
      ],
      action: 'Open the run',
      small: [run],
    };
  }
  return {
    subject: `Incident: ${release(letter)}`,
    greeting,
    paragraphs: [
      `${release(letter)} met an incident at ${line(letter.interrupted)}. Nothing goes on until a person decides: resume the run where it was, or end it.`,
    ],
    action: 'Open the run',
    small: [run],
  };
};

/** Subject, plain text and HTML of one mail. Pure; no picture, no style sheet, no address but the one link. */
export const renderMail: Letters = (letter) => {
  const { subject, greeting, paragraphs, action, small } = contentOf(letter);
  const text = [greeting, ...paragraphs, `${action}: ${letter.url}`, '-- ', ...small].join('\n\n');
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:16px;background:#f5f7fa;color:#17212d;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere"><div style="max-width:34rem;margin:0 auto;background:#ffffff;border:1px solid #d5dce5;border-radius:10px;padding:24px">
<p style="margin-top:0">${escaped(greeting)}</p>
${paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`).join('\n')}
<p><a href="${escaped(letter.url)}" style="display:inline-block;background:#0a58a6;color:#ffffff;text-decoration:none;font-weight:600;border-radius:8px;padding:10px 18px">${escaped(action)}</a></p>
<p style="color:#4b5a6b;font-size:14px">${escaped(letter.url)}</p>
${small.map((sentence) => `<p style="color:#4b5a6b;font-size:14px">${escaped(sentence)}</p>`).join('\n')}
</div></body></html>`;
  return { subject, text, html };
};
