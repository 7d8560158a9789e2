import { isType, type Stored } from '../audit/event.ts';
import type { ProfileAnswer } from '../audit/events/profile.ts';
import { profileRoles } from '../roles.ts';

export type ApprovingRole = (typeof profileRoles)[number];

export type AnsweredProfile = {
  readonly event: string;
  readonly at: string;
  readonly answer: ProfileAnswer;
  readonly by: string;
  readonly roles: readonly ApprovingRole[];
  readonly reason: string | null;
};

/** open: it waits for answers. replaced: a later proposal took its place before it was approved. */
export type ProposalState = 'open' | 'approved' | 'rejected' | 'replaced';

export type Proposal = {
  /** The event `profile.proposed`. */
  readonly event: string;
  readonly at: string;
  readonly profile: string;
  readonly definition: string;
  readonly base: string;
  readonly by: string;
  /** Those that count, in order. */
  readonly answers: readonly AnsweredProfile[];
  readonly state: ProposalState;
};

/**
 * The roles in which another person may still approve it: both at first; behind one approval the role that this one does not need. Empty once
 * two people stand for both.
 */
export const rolesMissing = (answers: readonly AnsweredProfile[]): readonly ApprovingRole[] => {
  const [first, second] = answers.filter(({ answer }) => answer === 'approved');
  if (first === undefined) return profileRoles;
  if (second !== undefined) return [];
  return profileRoles.filter((role) => canStandBeside(first.roles, role));
};

/** Who has still to approve an open proposal. */
export const missingWords = ({ answers }: Pick<Proposal, 'answers'>): string => {
  const missing = rolesMissing(answers);
  return missing.join(answers.length === 0 ? ' and the ' : ' or the ');
};

/** Whether who holds these roles can stand for another one than this. */
const canStandBeside = (roles: readonly ApprovingRole[], other: ApprovingRole): boolean => roles.some((role) => role !== other);

/** Why an answer of this person counts no more, undefined when it counts: the commands refuse by it, and the fold ignores by it. */
export const flawOfAnswer = (
  proposal: Proposal,
  { by, roles }: Pick<AnsweredProfile, 'by' | 'roles'>,
): 'not-open' | 'own' | 'again' | 'role-taken' | undefined => {
  if (proposal.state !== 'open') return 'not-open';
  if (by === proposal.by) return 'own';
  if (proposal.answers.some((one) => one.by === by)) return 'again';
  return roles.some((role) => rolesMissing(proposal.answers).includes(role)) ? undefined : 'role-taken';
};

/** Every proposal of the lane `profile`, oldest first. */
export const proposalsIn = (lane: readonly Stored[]): readonly Proposal[] => lane.reduce<readonly Proposal[]>(following, []);

const following = (before: readonly Proposal[], stored: Stored): readonly Proposal[] => {
  if (isType('profile.proposed')(stored)) {
    const { at, id, data } = stored.event;
    const replaced = before.map((one): Proposal => (one.state === 'open' ? { ...one, state: 'replaced' } : one));
    return [...replaced, { event: id, at, ...data, answers: [], state: 'open' }];
  }
  return isType('profile.answered')(stored) ? before.map((one) => answered(one, stored)) : before;
};

const answered = (proposal: Proposal, { event: { id, at, data } }: Stored<'profile.answered'>): Proposal => {
  const isOfIt = data.proposal === proposal.event && data.profile === proposal.profile && data.definition === proposal.definition;
  if (!isOfIt || flawOfAnswer(proposal, data) !== undefined) return proposal;
  const { answer, by, roles, reason } = data;
  const answers = [...proposal.answers, { event: id, at, answer, by, roles, reason }];
  const approved = rolesMissing(answers).length === 0;
  return { ...proposal, answers, state: answer === 'rejected' ? 'rejected' : approved ? 'approved' : 'open' };
};

/** The profile that runs of the service take: the one that was approved last. */
export const inForceIn = (proposals: readonly Proposal[]): Proposal | undefined => proposals.findLast(({ state }) => state === 'approved');
/** The newest proposal that was rejected, until a later one is approved: its reason says what the next one must heed. */
export const rejectedIn = (proposals: readonly Proposal[]): Proposal | undefined => {
  const newest = proposals.findLast(({ state }) => state === 'approved' || state === 'rejected');
  return newest?.state === 'rejected' ? newest : undefined;
};
export const openIn = (proposals: readonly Proposal[]): Proposal | undefined => proposals.findLast(({ state }) => state === 'open');

/**
 * What became of the profile that a run named while it was proposed. It may have been proposed again since, for a changed checklist: its text is
 * the same, so that any approval from then on counts.
 */
export const standingOf = (proposals: readonly Proposal[], profile: string, proposal: string): Proposal | undefined => {
  const since = proposals.findIndex(({ event }) => event === proposal);
  const own = since < 0 ? [] : proposals.slice(since).filter((one) => one.profile === profile);
  return own.find(({ state }) => state === 'approved') ?? own.at(-1);
};
