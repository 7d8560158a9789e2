import { counted } from '../canonical-json.ts';
import type { ApprovalEssentials, LocalInstant, Quoted } from '../notification.ts';
import { authorWords } from '../query/author-words.ts';
import { asWords } from './format.ts';
import { type Linked, minute, type Of, oneLine, openRun, type Part, releaseOf, sentence } from './mail-text.ts';

/** Mails about the request of an approval. */

/** "2026-03-09 09:00 Europe/Berlin (2026-03-09 08:00 UTC)". */
export const inBothZones = ({ at, local, zone }: LocalInstant): string =>
  zone === 'UTC' ? minute(at) : `${local} ${oneLine(zone)} (${minute(at)})`;

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

const verdictWords: Readonly<Record<string, string>> = {
  error: 'Could not be judged',
  fail: 'Failed',
  inconclusive: 'Inconclusive',
  missing: 'Missing',
  waived: 'Waived',
  'not-applicable': 'Not applicable',
  overridden: 'Overridden',
  breached: 'Breached',
};

const exceptionLine = ({ verdict, title, reason, words }: ApprovalEssentials['exceptions'][number]): string =>
  `${verdictWords[verdict] ?? asWords(oneLine(verdict))}: ${oneLine(title)}. ${upper(sentence(reason))}.${words === null ? '' : ` ${quoted(words)}`}`;

const upper = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const exceptionsOf = ({ exceptions, more }: ApprovalEssentials): readonly Part[] =>
  exceptions.length === 0
    ? ['Exceptions: none. No check of the run so far is failing, missing, waived or not applicable.']
    : ['Exceptions of the run so far:', [...exceptions.map(exceptionLine), ...(more > 0 ? [`and ${more} more, shown on the page`] : [])]];

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
            `${oneLine(name)} ${answerWords[answer] ?? asWords(oneLine(answer))} as ${asWords(oneLine(role))} on ${minute(at)}`,
        ),
      ];

const mostAuthors = 10;

const authorsOf = ({ authors }: ApprovalEssentials): readonly Part[] => {
  if (authors === null) return [];
  const left = authors.names.length - mostAuthors;
  const named = [...authors.names.slice(0, mostAuthors).map(oneLine), ...(left > 0 ? [`${left} more`] : [])];
  return [`Authors of the release: ${authorWords({ ...authors, people: named })}. At least one signer must be somebody else.`];
};

export const approvalRequested = (notification: Of<'approval-requested'>): Linked => {
  const { essentials, reminder, forName, round } = notification;
  const gate = oneLine(notification.gateTitle);
  const until = inBothZones(notification.expires);
  const role = asWords(notification.role);
  const release = releaseOf(notification);
  const asked = forName === null ? `Your answer as ${role} is needed` : `Your answer as deputy of ${oneLine(forName)}, ${role}, is needed`;
  return {
    // Reminders have the same subject: mail programs put a conversation together by it.
    subject: `${gate}${round > 1 ? `, round ${round}` : ''}: your answer is needed for ${release} before ${until}`,
    paragraphs: [
      ...(reminder === null ? [] : [`Reminder: ${timeLeft(reminder.leftSeconds)} left to answer.`]),
      `${release} is waiting at ${gate}. ${asked} before ${until}. Without it the gate does not pass.`,
      ...(forName === null ? [] : [`${oneLine(forName)} can answer as well; the first answer counts, and both names are recorded.`]),
      ...(round > 1 ? ['You were asked before, and the earlier answers no longer count. The page shows what changed.'] : []),
      ...(notification.because === null ? [] : [`You are asked again, because ${sentence(notification.because)}.`]),
      ...exceptionsOf(essentials),
      countsOf(essentials),
      `Why: ${essentials.why === null ? 'no reason was given.' : quoted(essentials.why)}`,
      `Risk: ${oneLine(essentials.risk)}. Impact: ${oneLine(essentials.impact)}. Planned T0: ${essentials.plannedT0 === 'when-released' ? 'as soon as every gate before the deployment has passed' : minute(essentials.plannedT0)}.`,
      ...authorsOf(essentials),
      ...answersOf(essentials),
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
      `${release} is waiting at ${gate} for ${notification.roles.length === 1 ? 'the answer' : 'answers'} of: ${notification.roles.map(asWords).join(', ')}. They can answer until ${minute(notification.expires)}. Each of them got a mail with a link of their own.`,
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
          ? `The newer run ${oneLine(notification.newer ?? '')} asks for the same approvals, so the requests at ${gate} of ${release} ended on ${minute(notification.at)}.`
          : `${oneLine(notification.by)} recalled the requests at ${gate} of ${release} on ${minute(notification.at)}.`
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
      `${by}, your deputy, ${answerWords[notification.answer] ?? asWords(oneLine(notification.answer))} for you as ${role} at ${gate} of ${release} on ${minute(notification.at)}. Both names are in the audit trail.`,
      'If you do not agree, speak to operations: they can cancel the run before the deployment, or record a rollback trigger after it.',
    ],
    ...openRun(notification),
  };
};
