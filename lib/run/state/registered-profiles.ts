import type { Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { inForceIn, missingWords, openIn, type Proposal, proposalsIn, standingOf } from '../../folds/profile.ts';
import { type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { firstGateOf, type RunContext } from './run-context.ts';

/** The scope of the evidence store in which profiles stand, by digest, as canonical JSON. */
export const profileStore = 'profiles';

/** The lane `profile` of a service, whole: it has some events a year. */
export const readProfiles = (deps: Pick<Dependencies, 'trail'>, service: string): Promise<readonly Stored[]> =>
  deps.trail.read(scopes.service(service), { lane: lanes.profile });

/** Refuses a service that the stage does not have. */
export const unknownService = ({ stage }: Pick<Dependencies, 'stage'>, service: string): { readonly refused: Refusal } | undefined =>
  Object.hasOwn(stage.environments, service)
    ? undefined
    : refuse('service-unknown', 'The stage has no such service.', {
        got: service.slice(0, 100),
        expected: Object.keys(stage.environments).join(' or ') || 'a service of this stage',
        fix: 'Name a service of the stage file.',
      });

/** What is registered, in a few words: for refusals. */
export const registeredWords = (proposals: readonly Proposal[]): string => {
  const [inForce, open] = [inForceIn(proposals), openIn(proposals)];
  return [
    inForce === undefined ? 'no profile is in force' : `${inForce.profile} is in force`,
    ...(open === undefined ? [] : [`${open.profile} is proposed`]),
  ].join(', ');
};

/** Whether the run waits at this gate for the approval of its profile: at its first gate, when it named a profile that was only proposed. */
export const waitsForProfile = ({ checklist, started }: Pick<RunContext, 'checklist' | 'started'>, gate: string): boolean =>
  started.event.data.profile?.state === 'proposed' && firstGateOf(checklist, started) === gate;

/** What the gate reads of the service: the lane `profile` where it waits for an approval, else null. */
export const readProfilesFor = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  gate: string,
): Promise<readonly Stored[] | null> => (waitsForProfile(context, gate) ? readProfiles(deps, context.started.event.data.service) : null);

/** Why the gate waits, undefined where nothing about the profile holds it. A lane that was not read holds it, too. */
export const profileBlocker = (
  context: Pick<RunContext, 'checklist' | 'started'>,
  profile: readonly Stored[] | null,
  gate: string,
): string | undefined => {
  const pinned = context.started.event.data.profile;
  if (pinned === undefined || !waitsForProfile(context, gate)) return undefined;
  const name = `the profile ${pinned.digest.slice(0, 12)} of this run`;
  const standing = standingOf(proposalsIn(profile ?? []), pinned.digest, pinned.proposal);
  if (standing === undefined) return `${name} is not known to the service's trail`;
  const { state, answers, by } = standing;
  if (state === 'approved') return undefined;
  if (state === 'open') return `${name} waits for its approval by the ${missingWords(standing)}; it was proposed by ${by}`;
  if (state === 'rejected') return `${name} was rejected by ${answers.at(-1)?.by}: start a run with another profile`;
  return `${name} was replaced by another proposal before it was approved: start a run with another profile`;
};
