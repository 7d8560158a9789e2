import type { Draft, Stored } from '../../audit/event.ts';
import { scopes } from '../../audit/lane.ts';
import { type Checklist, checklistDigest } from '../../checklist/definition.ts';
import { inForceIn, type Proposal, proposalsIn } from '../../folds/profile.ts';
import { Conflict, type Mistake, type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { profiled } from '../../profile/apply.ts';
import type { targetMisfits } from '../../profile/permitted-targets.ts';
import type { Misfit } from '../../profile/read.ts';
import type { Profile } from '../../profile/schema.ts';
import { counted } from '../../wording.ts';
import type { PersonCaller } from '../state/caller.ts';
import { readProfiles } from '../state/registered-profiles.ts';
import { appendToService, type ServiceWriter } from '../writing/append-to-service.ts';
import { addressing } from '../writing/source-address.ts';
import { recordRefusedIn } from './refusals.ts';

export type ProfileDependencies = ServiceWriter & Pick<Dependencies, 'definitions' | 'evidence' | 'people' | 'quotas' | 'stage'>;
type Refused = { readonly refused: Refusal };

/** The definition of a service, with its digest. */
export type Defined = { readonly checklist: Checklist; readonly digest: string };

/** So many mistakes are listed in a refusal. */
const mostMistakes = 200;

/** `wrong`: everything that is wrong, with its place where the file is at hand. `fix` completes the refusal. */
export const profileRefused = (detail: string, wrong: readonly Mistake[], fix: string): Refused => {
  const [first] = wrong;
  const more = wrong.length > mostMistakes ? ` The first ${mostMistakes} are listed.` : '';
  const where = first === undefined || first.line === 0 ? '' : `line ${first.line}, column ${first.column}: `;
  return refuse('profile-invalid', `${detail}${more}`, {
    got: first === undefined ? 'nothing' : `${where}${first.member === '' ? '' : `${first.member}: `}${first.message}`.slice(0, 400),
    expected: 'a profile that fits its schema (`holdpoint schema profile`) and the checklist of this stage',
    fix,
    mistakes: wrong.slice(0, mostMistakes),
  });
};

/** With what the targets of a profile are compared. */
export const stagedFor = ({ stage }: Pick<Dependencies, 'stage'>, service: string): Parameters<typeof targetMisfits>[1] => ({
  environments: Object.hasOwn(stage.environments, service) ? (stage.environments[service] ?? []) : [],
  targets: Object.hasOwn(stage.targets, service) ? (stage.targets[service] ?? {}) : {},
});

/** The checklist of the stage with a profile applied, or what does not fit. */
export const applied = (current: Checklist, profile: Profile): { readonly ok: Defined } | { readonly wrong: readonly Misfit[] } => {
  const result = profiled(current, profile);
  return 'wrong' in result ? result : { ok: { checklist: result.ok, digest: checklistDigest(result.ok) } };
};

/** What the runs of the service take now: the definition of the profile in force, or the bare checklist. */
export const definedNow = async (
  { definitions }: Pick<Dependencies, 'definitions'>,
  proposals: readonly Proposal[],
): Promise<Outcome<Defined>> => {
  const inForce = inForceIn(proposals);
  const { checklist, digest } = definitions.current();
  if (inForce === undefined) return ok({ checklist, digest });
  const found = await definitions.read(inForce.definition);
  return found === undefined ? lostDefinition(inForce.definition) : ok({ checklist: found, digest: inForce.definition });
};

export const lostDefinition = (digest: string): Refused =>
  refuse('definition-unknown', 'The definition of the registered profile is not in the evidence store.', {
    expected: digest,
    fix: 'Restore the definitions/ objects of the evidence bucket.',
  });

/** What a reading of the lane leads to: an answer without an event, or an event behind what was read. */
export type ProfileStep<T extends 'profile.proposed' | 'profile.answered', A> =
  | { readonly answer: A }
  | { readonly draft: Draft<T>; readonly answerOf: (stored: Stored<T>, proposals: readonly Proposal[]) => A };

/** How often a step that lost its place is decided again. */
const attempts = 8;

/**
 * Reads the lane, decides, and appends at the place behind it: of two proposals or answers at once the lane decides, and the other one is decided
 * again on what stands there now. A refusal is recorded in the scope of the service.
 */
export const decidedInLane = async <T extends 'profile.proposed' | 'profile.answered', A>(
  deps: ProfileDependencies,
  { service, caller, action }: { readonly service: string; readonly caller: PersonCaller; readonly action: string },
  decide: (proposals: readonly Proposal[]) => Promise<Outcome<ProfileStep<T, A>> | Refused>,
): Promise<Outcome<A>> => {
  const scope = scopes.service(service);
  const own = addressing(deps, caller);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const lane = await readProfiles(deps, service);
    const decided = await decide(proposalsIn(lane));
    if (decided.refused !== undefined) return recordRefusedIn(deps, scope, caller, { action, refused: decided.refused });
    const step = decided.ok;
    if ('answer' in step) return ok(step.answer);
    const stored = await appendToService(own, service, step.draft as Draft, lane);
    if (stored !== undefined) return ok(step.answerOf(stored as Stored<T>, proposalsIn([...lane, stored])));
  }
  throw new Conflict(`${action} ${scope}: lost the place ${counted(attempts, 'time')}`);
};
