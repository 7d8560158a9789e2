import type { Notification, Owed, PlannedT0, RenderNotification } from '../notification.ts';
import { counted } from '../wording.ts';
import { approvalRecalled, approvalRequested, approvalsOpen, deputyAnswered } from './approval-mails.ts';
import { followUpsDue, rollbackDecision, runEnded } from './ending-mails.ts';
import { asWords } from './format.ts';
import { inBothZones, type Linked, minute, type Of, oneLine, openRun, plainText, releaseOf, sentence } from './mail-text.ts';
import { written } from './written-mail.ts';

const goWithdrawn = (notification: Of<'go-withdrawn'>): Linked => {
  const gate = oneLine(notification.gateTitle);
  return {
    subject: `Back at ${gate}: ${releaseOf(notification)}`,
    paragraphs: [
      `${releaseOf(notification)} was approved at ${gate}. The approvals no longer count, and the run is at ${gate} again, because:`,
      listed(notification.reasons.map(sentence)),
      'Open the run and see which checks are not satisfied. Prove, attest or waive them again. Then the approvals are requested again.',
    ],
    ...openRun(notification),
  };
};

const t0Missed = (notification: Of<'t0-missed'>): Linked => ({
  subject: `Planned T0 missed: ${releaseOf(notification)}`,
  paragraphs: [
    `T0 of ${releaseOf(notification)} was planned for ${inBothZones(notification.plannedT0)}. 60 minutes later the gates before it had not passed. The run is blocked at ${oneLine(notification.gateTitle)} and can no longer pass by that T0.`,
    'Name another T0, with a reason. The approvals are requested for the new T0:',
    { commands: [`holdpoint reschedule ${oneLine(notification.run)} --t0 INSTANT --reason TEXT`] },
  ],
  ...openRun(notification),
});

const plannedWhen = (plannedT0: PlannedT0): string =>
  plannedT0 === 'when-released'
    ? 'as soon as every gate before the deployment has passed'
    : `at ${inBothZones(plannedT0)}, if every gate before the deployment has passed`;

const deploymentAnnounced = (notification: Of<'deployment-announced'>): Linked => {
  const when = plannedWhen(notification.plannedT0);
  const { owed } = notification;
  return {
    subject: `Deployment announced${owed === null ? '' : `, ${dueFromYou(owed)}`}: ${releaseOf(notification)}`,
    paragraphs: [
      `${releaseOf(notification)} will be deployed ${when}.`,
      ...(notification.movedFrom === null
        ? []
        : [`T0 was moved: before, the deployment was planned ${plannedWhen(notification.movedFrom)}.`]),
      ...notification.freezes.map(
        ({ name, to, toLocal, zone }) =>
          `A freeze holds then: ${oneLine(name)}. The deployment does not start before it ends at ${minute(to)} (${toLocal} ${zone}).`,
      ),
      ...(owed === null ? [] : attestThem(notification, owed)),
      'The page of the run shows its progress, and which checks are still missing from whom.',
    ],
    ...openRun(notification),
    ...(owed === null ? {} : { action: attestAction }),
  };
};

const mostReasons = 10;

const listed = (reasons: readonly string[]): readonly string[] => [
  ...reasons.slice(0, mostReasons),
  ...(reasons.length > mostReasons ? [`and ${reasons.length - mostReasons} more, shown on the page of the run`] : []),
];

const gateOverdue = (notification: Of<'gate-overdue'>): Linked => {
  const gate = oneLine(notification.gateTitle);
  return {
    subject: `Overdue: ${gate} of ${releaseOf(notification)}`,
    paragraphs: [
      `${gate} of ${releaseOf(notification)} is overdue. The gate is blocked and the run goes no further, because:`,
      listed(notification.reasons.map(sentence)),
      'Open the run, see what is missing, and supply it: evidence, an attestation, a waiver or an answer.',
    ],
    ...openRun(notification),
  };
};

const gateBlocked = (notification: Of<'gate-blocked'>): Linked => {
  const gate = oneLine(notification.gateTitle);
  return {
    subject: `Blocked after the deployment started: ${gate} of ${releaseOf(notification)}`,
    paragraphs: [
      `${gate} of ${releaseOf(notification)} is blocked, and the release is in the environment already or on its way there. These checks are not satisfied:`,
      listed(notification.reasons.map(sentence)),
      'Open the run and find the cause. Then mend it and send new evidence, explain the alarm, or record a rollback trigger.',
    ],
    ...openRun(notification),
  };
};

const deploymentFailed = (notification: Of<'deployment-failed'>): Linked => ({
  subject: `Deployment failed: ${releaseOf(notification)}`,
  paragraphs: [
    `The deployment of the component ${oneLine(notification.component)} of ${releaseOf(notification)} was reported as failed on ${inBothZones(notification.at)}. The gate is blocked.`,
    'Look at the job that deploys. Then deploy the component again, or roll the release back and record the rollback trigger.',
  ],
  ...openRun(notification),
});

const changesRequested = (notification: Of<'changes-requested'>): Linked => {
  const gate = oneLine(notification.gateTitle);
  return {
    subject: `Changes requested at ${gate}: ${releaseOf(notification)}`,
    paragraphs: [
      `${oneLine(notification.by)} requested changes as ${asWords(oneLine(notification.role))} at ${gate} of ${releaseOf(notification)} on ${inBothZones(notification.at)}. The gate is blocked; the run has not ended.`,
      'Open the run and read the note. Correct what it asks for, and send the evidence of the check again, or attest or waive it. As soon as the report has changed, Holdpoint asks for the approvals again.',
    ],
    ...openRun(notification),
  };
};

const attestAction = 'Attest them';

const dueFromYou = ({ checks }: Owed): string =>
  `${counted(checks.length, 'attestation')} ${checks.length === 1 ? 'is' : 'are'} due from you`;

const attestThem = (about: Of<'attestations-due' | 'deployment-announced'>, { gateTitle, checks, ahead, due }: Owed) => {
  const listed = ({ title }: Owed['checks'][number]): string => oneLine(title);
  const isOne = checks.length + ahead.flatMap((one) => one.checks).length === 1;
  return [
    `${releaseOf(about)} is waiting at ${oneLine(gateTitle)} for you to attest:`,
    // The list is whole: somebody who sees a part of it would believe to owe no more.
    checks.map(listed),
    ...ahead.flatMap((one) => [`Next, at ${oneLine(one.gateTitle)}, and you can attest it already:`, one.checks.map(listed)]),
    `Please attest before ${inBothZones(due)}: look at ${isOne ? 'it, and say' : 'each of them, and say'} in your own words what you have seen.${isOne ? '' : ' One page has a field for each.'} What you cannot attest can be waived with a reason, on the page of the check. On the command line, holdpoint inbox shows the commands.`,
    'If other people hold the same role, one attestation of each check is enough.',
  ];
};

const attestationsDue = (notification: Of<'attestations-due'>): Linked => ({
  subject: `${dueFromYou(notification)}: ${oneLine(notification.gateTitle)} of ${releaseOf(notification)}`,
  paragraphs: attestThem(notification, notification),
  ...openRun(notification),
  action: attestAction,
});

const incidentOpened = (notification: Of<'incident-opened'>): Linked => {
  const gate = oneLine(notification.gateTitle);
  const why = notification.reason === null ? '' : `: ${sentence(notification.reason)}`;
  return {
    subject: `Incident: ${releaseOf(notification)}`,
    paragraphs: [
      `The run of ${releaseOf(notification)} was interrupted at ${gate}${why}. An incident is open.`,
      notification.decides
        ? 'The run goes no further until you or another operations lead decides. Open the run and find the cause. Then resume the run at that gate, or end it.'
        : 'The run goes no further until operations decide whether it is resumed at that gate or ended. Open the run, and tell operations what you know of the cause.',
    ],
    ...openRun(notification),
  };
};

const exceptionRecorded = (notification: Of<'exception-recorded'>): Linked => {
  const check = oneLine(notification.checkTitle);
  const { until } = notification;

  return {
    subject: `${until === null ? 'Not applicable' : 'Waived'} after your approval: ${check} of ${releaseOf(notification)}`,
    paragraphs: [
      `You approved ${releaseOf(notification)} at ${oneLine(notification.gateTitle)}. After that, on ${inBothZones(notification.at)}, ${oneLine(notification.by)} ${until !== null ? `waived the check “${check}” until ${inBothZones(until)}` : `declared the check “${check}” not applicable`}.`,
      'Your approval stands. The page of the run shows the reason. If you do not agree, speak to operations: they can cancel the run before the deployment, or record a rollback trigger after it.',
    ],
    ...openRun(notification),
  };
};

/** One entry for each kind: a kind without words does not compile. */
const contents: { readonly [Kind in Notification['kind']]: (notification: Of<Kind>) => Linked } = {
  'approval-requested': approvalRequested,
  'approvals-open': approvalsOpen,
  'approval-recalled': approvalRecalled,
  'deputy-answered': deputyAnswered,
  'changes-requested': changesRequested,
  'exception-recorded': exceptionRecorded,
  'attestations-due': attestationsDue,
  'deployment-announced': deploymentAnnounced,
  'go-withdrawn': goWithdrawn,
  't0-missed': t0Missed,
  'deployment-failed': deploymentFailed,
  'gate-blocked': gateBlocked,
  'gate-overdue': gateOverdue,
  'incident-opened': incidentOpened,
  'rollback-decision': rollbackDecision,
  'follow-ups-due': followUpsDue,
  'run-ended': runEnded,
};

const contentOf = (notification: Notification): Linked => (contents[notification.kind] as (one: Notification) => Linked)(notification);

/**
 * The message of a notification to a chat channel, in the form of Slack's incoming webhooks, which others take as well. All text is plain: what
 * people wrote can neither mention anybody nor become a link. The one link leads to a page, where people sign in.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export const renderChat = (notification: Notification): ChatMessage => {
  const { subject, paragraphs, action } = contentOf(notification);
  const body = paragraphs.map(plainText).join('\n\n');
  const plain = (text: string, most: number) =>
    ({ type: 'plain_text', text: text.length > most ? `${text.slice(0, most - 1)}…` : text }) as const;
  return {
    // What notifications show; here Slack reads signs of its own.
    text: subject.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign),
    blocks: [
      { type: 'header', text: plain(subject, 150) },
      { type: 'section', text: plain(body, 2_900) },
      { type: 'actions', elements: [{ type: 'button', text: plain(action, 75), url: notification.url }] },
    ],
  };
};

export type ChatMessage = { readonly text: string; readonly blocks: readonly object[] };

/** Subject, plain text and HTML of one mail. It contains one link, which only opens a page, and nothing that a mail program fetches. */
export const renderMail: RenderNotification = (notification) => {
  const { action, ...content } = contentOf(notification);
  return written(content, notification.name, { action, url: notification.url });
};
