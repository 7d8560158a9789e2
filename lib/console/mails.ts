import type { Notification, RenderNotification } from '../ports.ts';
import { asWords, withNames } from './format.ts';

/**
 * Text of callers on one line. A version or a name must not start a header or a paragraph, and an address in it must not become a
 * link: mail programs would show it beside ours.
 */
export const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/:\/\/|\bwww\./gi, (sign) => `${sign} `)
    .trim();
const minute = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

type Content = {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly small: readonly string[];
};
type Linked = Content & { readonly action: string };
type Of<Kind extends Notification['kind']> = Extract<Notification, { kind: Kind }>;

const releaseOf = ({ service, version, environment }: Notification): string => oneLine(`${service} ${version} to ${environment}`);

const approvalRequested = (notification: Of<'approval-requested'>): Linked => {
  const gate = oneLine(notification.gateTitle);
  const again = notification.round > 1;
  return {
    subject: `${gate}${again ? `, round ${notification.round}` : ''}: your answer is needed for ${releaseOf(notification)}`,
    paragraphs: [
      `${releaseOf(notification)} is waiting at ${gate}. Your answer as ${asWords(notification.role)} is needed.`,
      ...(again
        ? ['The report has changed since you were asked before, so earlier answers no longer count. The page shows what changed.']
        : []),
      'Open the report, sign in and read it. Then approve it, request changes or reject it.',
      `Please answer before ${minute(notification.expires)}. Without your answer the gate does not pass.`,
    ],
    action: 'Open the report',
    small: [
      `Run ${oneLine(notification.run)}. The code of the report was ${oneLine(notification.code)} when this mail was sent. The page shows the current code.`,
      'This link is for you only. Do not forward it: other people cannot answer with it.',
    ],
  };
};

const deploymentAnnounced = (notification: Of<'deployment-announced'>): Linked => {
  const when =
    notification.plannedT0 === 'when-gates-pass'
      ? 'as soon as every gate before the deployment has passed'
      : `at ${minute(notification.plannedT0)}, if every gate before the deployment has passed`;
  return {
    subject: `Deployment announced: ${releaseOf(notification)}`,
    paragraphs: [
      `${releaseOf(notification)} will be deployed ${when}.`,
      'The page of the run shows its progress, and which checks are still missing from whom.',
    ],
    action: 'Open the run',
    small: [`Run ${oneLine(notification.run)}.`],
  };
};

const mostReasons = 10;

const gateOverdue = (notification: Of<'gate-overdue'>): Linked => {
  const gate = oneLine(notification.gateTitle);
  const reasons = notification.reasons.map((reason) => `- ${oneLine(withNames(reason, (id) => id))}`);
  return {
    subject: `Overdue: ${gate} of ${releaseOf(notification)}`,
    paragraphs: [
      `${gate} of ${releaseOf(notification)} is overdue. The gate is blocked and the run goes no further, because:`,
      ...reasons.slice(0, mostReasons),
      ...(reasons.length > mostReasons ? [`- and ${reasons.length - mostReasons} more, shown on the page of the run`] : []),
      'Open the run, see what is missing, and supply it: evidence, an attestation, a waiver or an answer.',
    ],
    action: 'Open the run',
    small: [`Run ${oneLine(notification.run)}.`],
  };
};

const incidentOpened = (notification: Of<'incident-opened'>): Linked => ({
  subject: `Incident: ${releaseOf(notification)}`,
  paragraphs: [
    `The run of ${releaseOf(notification)} was interrupted at ${oneLine(notification.interrupted)}, and an incident is open.`,
    'The run goes no further until operations decide. Open the run and find the cause. Then resume the run at that gate, or end it.',
  ],
  action: 'Open the run',
  small: [`Run ${oneLine(notification.run)}.`],
});

const exceptionRecorded = (notification: Of<'exception-recorded'>): Linked => {
  const check = oneLine(notification.checkTitle);
  const { until } = notification;

  return {
    subject: `${until === null ? 'Not applicable' : 'Waived'} after your approval: ${check} of ${releaseOf(notification)}`,
    paragraphs: [
      `You approved ${releaseOf(notification)} at ${oneLine(notification.gateTitle)}. After that, on ${minute(notification.at)}, ${oneLine(notification.by)} ${until !== null ? `waived the check "${check}" until ${minute(until)}` : `declared the check "${check}" not applicable`}.`,
      'Your approval stands. The page of the run shows the reason. If you do not agree, speak to operations: they can cancel the run before the deployment, or record a rollback trigger after it.',
    ],
    action: 'Open the run',
    small: [`Run ${oneLine(notification.run)}.`],
  };
};

const contentOf = (notification: Notification): Linked => {
  switch (notification.kind) {
    case 'approval-requested':
      return approvalRequested(notification);
    case 'deployment-announced':
      return deploymentAnnounced(notification);
    case 'gate-overdue':
      return gateOverdue(notification);
    case 'exception-recorded':
      return exceptionRecorded(notification);
    case 'incident-opened':
      return incidentOpened(notification);
  }
};

/** Subject, plain text and HTML of one mail. It contains one link, which only opens a page, and nothing that a mail program fetches. */
export const renderMail: RenderNotification = (notification) => {
  const { action, ...content } = contentOf(notification);
  return written(content, notification.name, { action, url: notification.url });
};

/** A mail to a reader. */
export const written = (
  { subject, paragraphs, small }: Content,
  name: string,
  link?: { readonly action: string; readonly url: string },
): ReturnType<RenderNotification> => {
  const greeting = `Hello ${oneLine(name)},`;
  const text = [greeting, ...paragraphs, ...(link === undefined ? [] : [`${link.action}: ${link.url}`]), '-- ', ...small].join('\n\n');
  const button =
    link === undefined
      ? ''
      : `<p><a href="${escaped(link.url)}" style="display:inline-block;background:#0a58a6;color:#ffffff;text-decoration:none;font-weight:600;border-radius:8px;padding:10px 18px">${escaped(link.action)}</a></p>
<p style="color:#4b5a6b;font-size:14px">${escaped(link.url)}</p>
`;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:16px;background:#f5f7fa;color:#17212d;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere"><div style="max-width:34rem;margin:0 auto;background:#ffffff;border:1px solid #d5dce5;border-radius:10px;padding:24px">
<p style="margin-top:0">${escaped(greeting)}</p>
${paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`).join('\n')}
${button}${small.map((sentence) => `<p style="color:#4b5a6b;font-size:14px">${escaped(sentence)}</p>`).join('\n')}
</div></body></html>`;
  return { subject, text, html };
};
