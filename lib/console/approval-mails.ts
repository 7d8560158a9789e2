import type { ApprovalEssentials, MailedException, Quoted } from '../notification.ts';
import { authorWords } from '../query/author-words.ts';
import { capital, counted } from '../wording.ts';
import { asWords } from './format.ts';
import { inBothZones, type Linked, type Of, oneLine, openRun, type Part, releaseOf, sentence } from './mail-text.ts';

/** Mails about the request of an approval. */

/** "3 days and 4 hours": as precise as a person needs it. */
export const timeLeft = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (days > 0) return `${counted(days, 'day')}${hours > 0 ? ` and ${counted(hours, 'hour')}` : ''}`;
  if (hours > 0) return `${counted(hours, 'hour')}${rest > 0 ? ` and ${counted(rest, 'minute')}` : ''}`;
  return rest > 0 ? counted(rest, 'minute') : 'less than a minute';
};

/** A text of somebody, marked as theirs: no text of others can pass for a sentence of ours. */
const quoted = ({ by, text }: Quoted): string => {
  const who = by === null ? 'The CI job that started the run' : oneLine(by);
  return text === null ? `${who} gave a text that was erased.` : `${who} wrote: “${oneLine(text).replace(/[“”]/g, '"')}”`;
};

const kindWords: Readonly<Record<string, string>> = {
  error: 'Could not be judged',
  fail: 'Failed',
  inconclusive: 'Inconclusive',
  missing: 'Missing',
  waived: 'Waived',
  'not-applicable': 'Not applicable',
  'not-passed': 'Not passed',
  resumed: 'Resumed',
  overridden: 'Overridden',
  breached: 'Breached',
  announced: 'Announced',
  labelled: 'Labelled',
};

/** Titles of one line, so many that a phone shows them in a few lines. */
const mostTitles = 3;

const exceptionLine = ({ kind, titles, reason, words, isForInformation }: MailedException): string => {
  const what = `${kindWords[kind] ?? asWords(oneLine(kind))}${isForInformation ? ' (for information only, blocks nothing)' : ''}`;
  const left = titles.length - mostTitles;
  const named = `${titles.slice(0, mostTitles).map(readable).join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
  const about = titles.length === 1 ? named : `${counted(titles.length, 'check')}: ${named}`;
  return `${what}: ${about}. ${capital(sentence(reason))}.${words === null ? '' : ` ${quoted(words)}`}`;
};

/** Titles of ours may hold an instant. */
const readable = (title: string): string => sentence(title);

const exceptionsOf = ({ exceptions, total, more }: ApprovalEssentials): readonly Part[] =>
  total === 0
    ? [
        'Exceptions: none. No check of the run so far is failing, missing, waived or not applicable, no gate was left without passing, and no incident was resumed.',
      ]
    : [
        `${counted(total, 'exception')} in the run so far:`,
        [...exceptions.map(exceptionLine), ...(more > 0 ? [`and ${more} more, shown on the page`] : [])],
      ];

const changedOf = ({ changed }: ApprovalEssentials, round: number): readonly Part[] =>
  changed === null
    ? []
    : [
        `Changed since round ${round - 1}:`,
        [...changed.listed.map(sentence).map(capital), ...(changed.more > 0 ? [`and ${changed.more} more, shown on the page`] : [])],
      ];

const countWords: Readonly<Record<string, string>> = { pass: 'passed', fail: 'failed', observed: 'for information only' };

const countsOf = ({ counts }: ApprovalEssentials): string => {
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const parts = counts.map(({ verdict, count }) => `${count} ${countWords[verdict] ?? asWords(verdict)}`);
  return `The report has ${counted(total, 'check')}: ${parts.join(', ')}.`;
};

const answerWords: Readonly<Record<string, string>> = {
  approved: 'approved',
  rejected: 'rejected',
  'changes-requested': 'requested changes',
};

const answersOf = ({ answers }: ApprovalEssentials): readonly Part[] =>
  answers.length === 0
    ? ['Nobody has answered yet.']
    : [
        'Answered so far:',
        answers.map(
          ({ name, role, answer, at }) =>
            `${oneLine(name)} ${answerWords[answer] ?? asWords(oneLine(answer))} as ${asWords(oneLine(role))} on ${inBothZones(at)}`,
        ),
      ];

const mostAuthors = 10;

const authorsOf = ({ authors }: ApprovalEssentials): readonly Part[] => {
  if (authors === null) return [];
  const left = authors.names.length - mostAuthors;
  const named = [...authors.names.slice(0, mostAuthors).map(oneLine), ...(left > 0 ? [`${left} more`] : [])];
  return [`Authors of the release: ${authorWords({ ...authors, people: named })}. At least one signer must be somebody else.`];
};

const ordinal = (count: number): string => {
  const last = count % 10;
  const isTeen = count % 100 > 10 && count % 100 < 14;
  return `${count}${isTeen || last === 0 || last > 3 ? 'th' : ['st', 'nd', 'rd'][last - 1]}`;
};

/** What tells a subject from that of the visit and of the round before. */
const askedAgain = ({ time, round }: Of<'approval-requested'>): string =>
  `${time > 1 ? `, asked for the ${ordinal(time)} time` : ''}${round > 1 ? `, round ${round}` : ''}`;

export const approvalRequested = (notification: Of<'approval-requested'>): Linked => {
  const { essentials, reminder, forName, round, time } = notification;
  const gate = oneLine(notification.gateTitle);
  const until = inBothZones(notification.expires);
  const role = asWords(notification.role);
  const release = releaseOf(notification);
  const asked = forName === null ? `Your answer as ${role} is needed` : `Your answer as deputy of ${oneLine(forName)}, ${role}, is needed`;
  return {
    // Reminders have the same subject: mail programs put a conversation together by it. Another round or visit has another one.
    subject: `${gate}${askedAgain(notification)}: your answer is needed for ${release} before ${until}`,
    paragraphs: [
      ...(reminder === null ? [] : [`Reminder: ${timeLeft(reminder.leftSeconds)} left to answer.`]),
      `${release} is waiting at ${gate}. ${asked} before ${until}. Without it the gate does not pass.`,
      ...(forName === null ? [] : [`${oneLine(forName)} can answer as well; the first answer counts, and both names are recorded.`]),
      ...(round > 1 ? ['You were asked before, and the earlier answers no longer count.'] : []),
      ...(time > 1
        ? [`The run has come to ${gate} for the ${ordinal(time)} time. Answers that were given here before no longer count.`]
        : []),
      ...(notification.because === null ? [] : [`You are asked again, because ${sentence(notification.because)}.`]),
      ...changedOf(essentials, round),
      `Why: ${essentials.why === null ? 'no reason was given.' : quoted(essentials.why)}`,
      `Risk: ${asWords(essentials.risk)}. Impact: ${asWords(essentials.impact)}. Planned T0: ${essentials.plannedT0 === 'when-released' ? 'as soon as every gate before the deployment has passed' : inBothZones(essentials.plannedT0)}.`,
      ...exceptionsOf(essentials),
      countsOf(essentials),
      ...answersOf(essentials),
      `Changes: ${essentials.changes === null ? 'none was named.' : quoted(essentials.changes)}`,
      `Started by ${oneLine(essentials.starter)}, who does not sign it.`,
      ...authorsOf(essentials),
      'Open the report, sign in and read it. Then approve it, request changes or reject it. Opening the link decides nothing.',
    ],
    action: 'Open the report',
    small: [`Run ${oneLine(notification.run)}.`, 'This link is for you only. Do not forward it: other people cannot answer with it.'],
  };
};

export const approvalsOpen = (notification: Of<'approvals-open'>): Linked => {
  const gate = oneLine(notification.gateTitle);
  const release = releaseOf(notification);
  return {
    subject: `${gate}${notification.round > 1 ? `, round ${notification.round}` : ''}: ${release} waits for approval`,
    paragraphs: [
      `${release} is waiting at ${gate} for ${notification.roles.length === 1 ? 'the answer' : 'answers'} of: ${notification.roles.map(asWords).join(', ')}. They can answer until ${inBothZones(notification.expires)}. Each of them got a mail with a link of their own.`,
    ],
    ...openRun(notification),
  };
};

export const approvalRecalled = (notification: Of<'approval-recalled'>): Linked => {
  const gate = oneLine(notification.gateTitle);
  const release = releaseOf(notification);
  return {
    subject: `Recalled: ${gate}${notification.round > 1 ? `, round ${notification.round}` : ''} of ${release}`,
    paragraphs: [
      `${
        notification.by === null
          ? `The newer run ${oneLine(notification.newer ?? '')} asks for the same approvals, so the requests at ${gate} of ${release} ended on ${inBothZones(notification.at)}.`
          : `${oneLine(notification.by)} recalled the requests at ${gate} of ${release} on ${inBothZones(notification.at)}.`
      } Answers to them no longer count, and you need not answer.`,
      `${notification.by === null ? '' : 'The page of the run shows the reason. '}If you are asked again, you get a new mail with a new link.`,
    ],
    ...openRun(notification),
  };
};

export const deputyAnswered = (notification: Of<'deputy-answered'>): Linked => {
  const gate = oneLine(notification.gateTitle);
  const release = releaseOf(notification);
  const by = oneLine(notification.by);
  const role = asWords(oneLine(notification.role));
  return {
    subject: `Answered for you: ${gate} of ${release}`,
    paragraphs: [
      `${by}, your deputy, ${answerWords[notification.answer] ?? asWords(oneLine(notification.answer))} for you as ${role} at ${gate} of ${release} on ${inBothZones(notification.at)}. Both names are in the audit trail.`,
      'If you do not agree, speak to operations: they can cancel the run before the deployment, or record a rollback trigger after it.',
    ],
    ...openRun(notification),
  };
};
