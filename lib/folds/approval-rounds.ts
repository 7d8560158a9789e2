import { isType, type Stored } from '../audit/event.ts';
import type { Signers } from '../audit/events/approval.ts';
import type { Role } from '../roles.ts';
import { foldOnce } from './fold-once.ts';
import { maySign } from './signers.ts';

/** One round of an approval: everybody is shown the same report. A change of that report invalidates the round and opens the next. */
export type Round = {
  readonly round: number;
  readonly requests: readonly Stored<'approval.requested'>[];
  readonly mailed: readonly Stored<'approval.mailed'>[];
  /** The answers that count (see `countingAnswers`). */
  readonly answers: readonly Stored<'approval.answered'>[];
  readonly invalidated: Stored<'approval.invalidated'> | undefined;
  /** A newer run ended what was asked. An answer behind it came too late. */
  readonly withdrawn: Stored<'approval.withdrawn'> | undefined;
  /** Who asked took it back, or a newer run has overtaken this one. An answer behind it came too late. */
  readonly recalled: Stored<'approval.recalled' | 'approval.overtaken'> | undefined;
  /** After that: people are to be asked again. */
  readonly reopened: Stored<'approval.reopened'> | undefined;
  /** Digest of the report that was shown in this round. */
  readonly report: string;
};

type OfRound =
  | 'approval.answered'
  | 'approval.withdrawn'
  | 'approval.invalidated'
  | 'approval.recalled'
  | 'approval.overtaken'
  | 'approval.reopened';

/** The rounds of one entry of a gate, in order. */
export const foldRounds = (lane: readonly Stored[], entry: string): readonly Round[] =>
  foldedRounds(lane, entry, [], () => roundsIn(lane, entry));

const foldedRounds = foldOnce<readonly Round[]>();

const roundsIn = (lane: readonly Stored[], entry: string): readonly Round[] => {
  const requests = lane.filter(isType('approval.requested')).filter((stored) => stored.event.data.entry === entry);
  const numbers = [...new Set(requests.map((stored) => stored.event.data.round))].sort((a, b) => a - b);
  return numbers.map((round) => {
    const mine = requests.filter((stored) => stored.event.data.round === round);
    const isOwn = ({ event: { data } }: Stored<OfRound>): boolean => data.entry === entry && data.round === round;
    const withdrawn = lane.filter(isType('approval.withdrawn')).find(isOwn);
    const recalled = lane.filter(isRecall).find(isOwn);
    const ended = Math.min(withdrawn?.event.seq ?? Number.POSITIVE_INFINITY, recalled?.event.seq ?? Number.POSITIVE_INFINITY);
    return {
      round,
      requests: mine,
      mailed: lane
        .filter(isType('approval.mailed'))
        .filter((stored) => mine.some((request) => request.event.data.link === stored.event.data.link)),
      answers: countingAnswers(
        lane.filter(isType('approval.answered')).filter((one) => isOwn(one) && one.event.seq < ended),
        mine[0]?.event.data.signers,
      ),
      invalidated: lane.filter(isType('approval.invalidated')).find(isOwn),
      withdrawn,
      recalled,
      reopened: lane.filter(isType('approval.reopened')).find(isOwn),
      report: mine[0]?.event.data.report ?? '',
    };
  });
};

/** Whichever came first ends the round. */
const isRecall = (stored: Stored): stored is Stored<'approval.recalled' | 'approval.overtaken'> =>
  isType('approval.recalled')(stored) || isType('approval.overtaken')(stored);

/** Who took the requests of a round back, in the middle of a sentence. */
export const recalledBy = ({ event }: Stored<'approval.recalled' | 'approval.overtaken'>): string =>
  event.type === 'approval.recalled'
    ? `the requests were recalled by ${event.data.by} at ${event.at}`
    : `the requests ended at ${event.at}, because the newer run ${event.data.by} asks for the same approvals`;

export const currentRound = (rounds: readonly Round[]): Round | undefined => rounds.at(-1);

/** Who is asked in a round, each once, whatever reminders they got: a deputy once for each person. */
export const askedIn = ({ requests }: Round): readonly Stored<'approval.requested'>[] => [
  ...new Map(requests.map((stored) => [nameOf(stored.event.data), stored])).values(),
];

/** The answer that counts of somebody who is asked. */
export const answerTo = ({ answers }: Round, asked: Asked): Stored<'approval.answered'> | undefined =>
  answers.find(({ event: { data } }) => nameOf(data) === nameOf(asked));

type Asked = { readonly role: string; readonly person: string; readonly for?: string | undefined };
const nameOf = ({ role, person, for: principal }: Asked): string => `${role}/${person}/${principal ?? ''}`;

/** Whether answers of the round can still count. */
export const isOpenRound = ({ invalidated, withdrawn, recalled }: Round): boolean =>
  invalidated === undefined && withdrawn === undefined && recalled === undefined;

/** What a round comes to. One rejection is final; otherwise every role must have approved. Which approvals count decides `countingAnswers`. */
export type RoundResult =
  | { readonly says: 'rejected'; readonly by: Stored<'approval.answered'> }
  | { readonly says: 'changes-requested'; readonly by: Stored<'approval.answered'> }
  | { readonly says: 'waiting'; readonly missing: readonly Role[] }
  | { readonly says: 'approved' };

export const resultOf = (round: Round, roles: readonly Role[]): RoundResult => {
  const rejected = round.answers.find((stored) => stored.event.data.answer === 'rejected');
  if (rejected !== undefined) return { says: 'rejected', by: rejected };
  const sentBack = round.answers.find((stored) => stored.event.data.answer === 'changes-requested');
  if (sentBack !== undefined) return { says: 'changes-requested', by: sentBack };
  const missing = roles.filter((role) => signerOf(round, role) === undefined);
  return missing.length === 0 ? { says: 'approved' } : { says: 'waiting', missing };
};

/**
 * Two answers can be recorded at the same moment. Of approvals the first of a role counts, and only as long as the roles that are left can
 * still bring what `signers` demands; an approval that does not count is as if it was not given, so that another person can still answer for
 * the role. Every other answer counts.
 */
const countingAnswers = (
  answers: readonly Stored<'approval.answered'>[],
  signers: Signers | undefined,
): readonly Stored<'approval.answered'>[] => {
  const counted: Stored<'approval.answered'>[] = [];
  for (const answer of answers) {
    const given = counted.map(({ event: { data } }) => data);
    const isTaken = given.some(({ role }) => role === answer.event.data.role);
    if (answer.event.data.answer !== 'approved' || (!isTaken && maySign(given, answer.event.data, signers) === 'yes')) counted.push(answer);
  }
  return counted;
};

/** The approval of a role in this round. */
export const signerOf = (round: Round, role: string): Stored<'approval.answered'> | undefined =>
  round.answers.find(({ event: { data } }) => data.role === role && data.answer === 'approved');

/** The first rejection of an entry. It decides, whatever happens to its round afterwards. */
export const rejectionOf = (rounds: readonly Round[]): Stored<'approval.answered'> | undefined =>
  rounds.flatMap(({ answers }) => answers).find(({ event }) => event.data.answer === 'rejected');
