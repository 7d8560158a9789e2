import type { Ended, Notification, RollbackCause, RunEnding } from '../notification.ts';
import { durationWords } from '../wording.ts';
import { inBothZones, type Linked, type Of, oneLine, openRun, releaseOf, secondInBothZones, sentence } from './mail-text.ts';

/** Mails of the way back and of the end of a run. */

const openRollback = (notification: Notification): Pick<Linked, 'action' | 'small'> => ({
  ...openRun(notification),
  action: 'Open the rollback',
});

export const rollbackDecision = (notification: Of<'rollback-decision'>): Linked => {
  const release = releaseOf(notification);
  const run = oneLine(notification.run);
  const happened = causeOf(notification.because, release);
  const silent = notification.silentAt === null ? null : secondInBothZones(notification.silentAt);
  if (notification.asks === 'data')
    return {
      subject: `Decide: restore or keep the data of ${release}`,
      paragraphs: [
        `${release} is being rolled back. Decide whether its database is restored from the backup, or kept as it is.`,
        `${happened} ${targetOf(notification)}`,
        silent === null
          ? 'The rollback waits for your answer: nothing is restored or kept without it.'
          : `Without an answer the data is kept at ${silent}: the change is declared as backward-compatible.`,
        'Open the page of the rollback and compare the time of the backup with what was written since. Then decide there, or on the command line:',
        { commands: ['--restore', '--keep'].map((answer) => `holdpoint rollback-data ${run} ${answer} --reason TEXT`) },
      ],
      ...openRollback(notification),
    };
  const due = secondInBothZones(notification.dueAt);
  return {
    subject: `${notification.reminder ? 'Still to decide' : 'Decide'} before ${due}: roll back ${release}?`,
    paragraphs: [
      happened,
      targetOf(notification),
      silent === null
        ? `Without an answer nothing changes: the release stays until somebody decides. The time target for the decision ends at ${due}.`
        : `Without an answer the release is rolled back at ${silent}.`,
      ...(notification.because.how === 'capped' ? [extensionText(notification.because)] : []),
      'Decide now on the page of the rollback, or on the command line:',
      { commands: ['roll-back', 'continue'].map((decision) => `holdpoint rollback-decision ${run} --decision ${decision} --reason TEXT`) },
    ],
    ...openRollback(notification),
  };
};

/** What each answer does when a review has reached its cap. */
const extensionText = ({ title, seconds, until }: Extract<RollbackCause, { how: 'capped' }>): string =>
  `To roll back takes the release back at once. To continue leads back to ${oneLine(title)} with its time and evidence: it passes when the release is stable for long enough. Incidents can extend it again for ${durationWords(seconds)} from the decision; then people decide again. If it has not passed by ${secondInBothZones(until)}, the run ends as not stable.`;

const causeOf = (because: RollbackCause, release: string): string => {
  const title = oneLine(because.title);
  const at = secondInBothZones(because.at);
  if (because.how === 'declared') return `${oneLine(because.by)} declared the rollback trigger “${title}” for ${release} on ${at}.`;
  if (because.how === 'measured')
    return `The rollback trigger “${title}” was measured for ${release} on ${at}.${because.detail === null ? '' : ` Measured: ${sentence(because.detail)}.`}`;
  if (because.how === 'capped')
    return `Incidents have extended ${title} of ${release} for as long as they may${because.detail === null ? '' : `: ${sentence(because.detail)}`}.`;
  return `${release} did not pass ${title} on ${at}${because.detail === null ? '' : `: ${sentence(because.detail)}`}.`;
};

const targetOf = ({ target, environment }: Of<'rollback-decision'>): string => {
  if (target === null) return 'To which version a rollback leads is not known yet: the page of the rollback shows it.';
  return target === 'withdrawn'
    ? `A rollback takes the service away from ${oneLine(environment)}: no version was live before.`
    : `A rollback leads to version ${oneLine(target)}.`;
};

const askedHow: Readonly<Record<Of<'follow-ups-due'>['why'], readonly [subject: string, sentence: string]>> = {
  asked: ['To be answered after the rollback', 'was rolled back. Its audit trail stays open until this is answered:'],
  reminder: ['Still to be answered after the rollback', 'was rolled back a while ago, and this is not answered yet:'],
  overdue: ['Overdue after the rollback', 'was rolled back, and this is overdue:'],
};

export const followUpsDue = (notification: Of<'follow-ups-due'>): Linked => {
  const release = releaseOf(notification);
  const [subject, asked] = askedHow[notification.why];
  const { ended } = notification;
  return {
    subject: ended === null ? `${subject}: ${release}` : `${endings[ended.outcome][0]}, and to be answered: ${release}`,
    paragraphs: [
      ...(ended === null
        ? [`${release} ${asked}`]
        : [...howEnded(release, ended), 'The audit trail of the run stays open until this is answered:']),
      notification.items.map(({ title }) => oneLine(title)),
      `Answer on the page of the rollback. On the command line, holdpoint inbox shows the command for each. The cause can be stated by everybody who operates. The use of a power is reviewed by a technical lead, an operations lead or a product owner who did not use it.`,
      notification.why === 'overdue'
        ? `It was due at ${inBothZones(notification.dueAt)}.`
        : `Please do so before ${inBothZones(notification.dueAt)}: after that it is overdue, and an alarm is raised.`,
    ],
    ...openRollback(notification),
  };
};

/** How a run ended: for the subject, as a sentence, and what the reader does now. */
export const endings: Readonly<Record<RunEnding, readonly [title: string, ended: string, then: string]>> = {
  'production-stable': [
    'Production stable',
    'is stable in production: every gate has passed',
    'The page of the run keeps the whole record.',
  ],
  rejected: [
    'Rejected',
    'was rejected',
    'Do not deploy it. Open the run, read the note, and correct the cause. The corrected release needs a run of its own.',
  ],
  cancelled: ['Cancelled', 'was cancelled before its deployment', 'Do not deploy it. The page of the run says why.'],
  expired: [
    'Expired',
    'has ended, because a gate did not pass before its deadline',
    'Do not deploy it. Open the run, see what was missing, and start another run.',
  ],
  'rolled-back': [
    'Rolled back',
    'was rolled back: every step was proved from outside, and the service is healthy',
    'The page of the run shows what is running now, the proofs and the measured times. Find the cause before the next release.',
  ],
  'rolled-back-unverified': [
    'Rolled back, not verified',
    'was rolled back, and the health of the service was not proved afterwards',
    'The last stable version runs. Open the run, see what was not proved, and watch the service with operations.',
  ],
  'rollback-escalated': [
    'Rollback not completed',
    'could not be rolled back, and people have taken over',
    'Open the run: it says which step failed and what is running now. The environment stays reserved until the running version is read back.',
  ],
  superseded: [
    'Superseded',
    'has ended, because a newer release took over its environment during the reviews',
    'It is neither stable nor failed. The page of the run lists what was not reached.',
  ],
  'not-deployed': [
    'Not deployed',
    'has ended, because no deployment was reported in time',
    'Make sure that nothing was deployed. Start another run for the release.',
  ],
  'not-stable': [
    'Not stable',
    'has ended, because stable operation was not reached in time',
    'The release is deployed and not proved to be stable. Open the run, see what was bad, and decide with operations whether to roll back.',
  ],
  incident: [
    'Ended by an incident',
    'has ended with an incident',
    'Open the run and see how far it came. What was deployed by then is still deployed: decide with operations what becomes of it.',
  ],
};

/** How it ended and why, and what the reader does now. */
const howEnded = (release: string, { outcome, gateTitle, reason }: Ended): readonly string[] => {
  const [, ended, then] = endings[outcome];
  const why = reason === null ? '' : `: ${sentence(reason)}`;
  const where = outcome === 'production-stable' ? '' : ` The last gate was ${oneLine(gateTitle)}${why}.`;
  return [`The run of ${release} ${ended}.${where}`, then];
};

export const runEnded = (notification: Of<'run-ended'>): Linked => ({
  subject: `${endings[notification.outcome][0]}: ${releaseOf(notification)}`,
  paragraphs: howEnded(releaseOf(notification), notification),
  ...openRun(notification),
});
