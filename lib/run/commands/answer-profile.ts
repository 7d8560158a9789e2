import type { ProfileAnswer } from '../../audit/events/profile.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { type AnsweredProfile, flawOfAnswer, missingWords, openIn, type Proposal } from '../../folds/profile.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import { profileRoles } from '../../roles.ts';
import type { PersonCaller } from '../state/caller.ts';
import { registeredWords, unknownService } from '../state/registered-profiles.ts';
import { actorOf } from '../state/run-context.ts';
import { needsRole, staleSignIn } from './authorize.ts';
import type { Command } from './command.ts';
import { type ProfileAnswerInput, profileAnswerSchema } from './inputs.ts';
import { decidedInLane, type ProfileDependencies } from './profile-steps.ts';
import { recordRefusedIn } from './refusals.ts';

export type ProfileAnswered = {
  readonly event: string;
  readonly profile: string;
  readonly definition: string;
  readonly answer: ProfileAnswer;
  readonly state: 'proposed' | 'in-force' | 'rejected';
  /** Who has still to approve it; null where nobody has. */
  readonly needs: string | null;
  readonly alreadyRecorded: boolean;
};
type Input = ProfileAnswerInput & { readonly service: string };
type Refused = { readonly refused: Refusal };

/**
 * Answers the open proposal of a service: a technical lead and an operations lead approve it, two people, neither of whom has proposed it; one
 * rejection ends it. What is approved is the profile together with the definition that it gives, so that nobody approves it for a checklist
 * that was changed since.
 */
const perform = async (deps: ProfileDependencies, input: Input, caller: PersonCaller): Promise<Outcome<ProfileAnswered>> => {
  const { service } = input;
  const unknown = unknownService(deps, service);
  if (unknown !== undefined) return unknown;
  const scope = scopes.service(service);
  const by = { service, caller, action: `answer a profile: ${input.answer}` };
  const no = needsRole(caller, profileRoles, 'the profile of a service') ?? staleSignIn(caller, deps.clock.now());
  if (no !== undefined) return recordRefusedIn(deps, scope, caller, { action: by.action, refused: no.refused });
  const roles = profileRoles.filter((role) => caller.roles.includes(role));
  let kept: Promise<string> | undefined;
  return decidedInLane<'profile.answered', ProfileAnswered>(deps, by, async (proposals) => {
    const own = ownAnswer(proposals, input, caller);
    if (own !== undefined) return ok({ answer: answerFrom(own.proposal, own.answered, true) });
    const found = answerable(deps, proposals, input, { by: caller.id, roles });
    if (found.refused !== undefined) return found;
    const { event, profile, definition } = found.ok;
    if (input.reason !== undefined) kept ??= deps.people.keep(scope, input.reason);
    const reason = kept === undefined ? null : await kept;
    return ok({
      draft: {
        scope,
        lane: lanes.profile,
        step: `answered/${event}/${caller.id}/${input.answer}`,
        type: 'profile.answered',
        actor: actorOf(caller),
        data: { profile, definition, proposal: event, answer: input.answer, by: caller.id, roles, reason },
      },
      answerOf: (stored, after) => {
        const { id, at, data } = stored.event;
        return answerFrom(after.find((one) => one.event === event) ?? found.ok, { ...data, event: id, at }, false);
      },
    });
  });
};

export const answerProfile: Command<Input, PersonCaller, ProfileDependencies, ProfileAnswered> = Object.assign(perform, {
  id: 'answerProfile',
  input: profileAnswerSchema,
  callers: ['person' as const],
});

type Own = { readonly proposal: Proposal; readonly answered: AnsweredProfile };

/** The same answer of the same person to the newest proposal with this profile. */
const ownAnswer = (proposals: readonly Proposal[], { profile, answer }: Input, { id }: PersonCaller): Own | undefined => {
  const proposal = proposals.findLast((one) => one.profile === profile);
  const answered = proposal?.answers.find((one) => one.by === id && one.answer === answer);
  return proposal === undefined || answered === undefined ? undefined : { proposal, answered };
};

const answerFrom = (proposal: Proposal, { event, answer }: AnsweredProfile, alreadyRecorded: boolean): ProfileAnswered => ({
  event,
  profile: proposal.profile,
  definition: proposal.definition,
  answer,
  state: proposal.state === 'approved' ? 'in-force' : answer === 'rejected' ? 'rejected' : 'proposed',
  needs: proposal.state === 'open' ? missingWords(proposal) : null,
  alreadyRecorded,
});

/** The open proposal, where this person may answer it now. */
const answerable = (
  { definitions }: Pick<ProfileDependencies, 'definitions'>,
  proposals: readonly Proposal[],
  input: Input,
  person: Pick<AnsweredProfile, 'by' | 'roles'>,
): Outcome<Proposal> => {
  const open = openIn(proposals);
  if (open === undefined || open.profile !== input.profile)
    return refuse('profile-unknown', 'No open proposal of the service has this profile.', {
      got: input.profile,
      expected: registeredWords(proposals),
      fix: 'Look at the open proposal with `holdpoint profile diff`.',
    });
  const flaw = flawOfAnswer(open, person);
  if (flaw === 'own')
    return refuse('profile-own', 'Who has proposed a profile may not answer it.', {
      got: person.by,
      expected: `two other people: the ${profileRoles.join(' and the ')}`,
      fix: 'Ask another holder of the role.',
    });
  if (flaw !== undefined) return answeredBefore(open, person);
  return outdated(open, input, definitions.current().digest) ?? ok(open);
};

const answeredBefore = (open: Proposal, { by, roles }: Pick<AnsweredProfile, 'by' | 'roles'>): Refused => {
  const own = open.answers.find((one) => one.by === by);
  return refuse(
    'profile-answered',
    own === undefined ? 'Another person has approved the profile in your role.' : 'You have answered this proposal already.',
    {
      got: own?.answer ?? roles.join(', '),
      expected: `an answer by the ${missingWords(open)}`,
      fix: 'Ask a holder of the other role. To change the profile, propose another one: it takes the place of this one.',
    },
  );
};

/** A rejection needs no right definition. */
const outdated = (open: Proposal, { answer, definition }: Input, base: string): Refused | undefined => {
  if (definition !== undefined && definition !== open.definition)
    return refuse('profile-outdated', 'The open proposal gives another definition than the one that you were shown.', {
      got: definition,
      expected: open.definition,
      fix: 'Look at the diff again with `holdpoint profile diff`.',
    });
  if (answer === 'rejected' || base === open.base) return undefined;
  return refuse(
    'profile-outdated',
    "The stage's checklist has changed since the profile was proposed, so that it gives another definition now.",
    {
      got: `a proposal for the checklist ${open.base}`,
      expected: `one for the checklist ${base}`,
      fix: 'Propose the same file again with `holdpoint profile put`: its diff then shows the definition that it gives now.',
    },
  );
};
