import type { PinnedProfile } from '../../audit/events/profile.ts';
import { inForceIn, openIn, type Proposal, proposalsIn } from '../../folds/profile.ts';
import { onDemand } from '../../on-demand.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { Misfit } from '../../profile/read.ts';
import { type Profile, profileSchema } from '../../profile/schema.ts';
import { profileStore, readProfiles, registeredWords } from '../state/registered-profiles.ts';
import type { StartRun } from './inputs.ts';
import { applied, type Defined, lostDefinition, profileRefused, stagedFor } from './profile-steps.ts';

const loadPermittedTargets = onDemand(() => import('../../profile/permitted-targets.ts'));

/** The definition that a run pins, and the profile that gives it. */
export type Pinned = Defined & { readonly profile?: PinnedProfile };

type Reader = Pick<Dependencies, 'trail' | 'definitions' | 'evidence' | 'stage'>;
type Refused = { readonly refused: Refusal };

/**
 * What the run is judged by: the registered profile that the start names, else the profile in force, else the bare checklist. The stage may have been
 * deployed with another checklist since the profile was proposed: then the profile is applied to that one. Its text is what people approved, so
 * that nobody approves it anew; where it no longer fits, nothing starts.
 */
export const definitionFor = async (deps: Reader, { service, profile, drill }: StartRun): Promise<Outcome<Pinned>> => {
  const proposals = proposalsIn(await readProfiles(deps, service));
  const inForce = inForceIn(proposals);
  const { checklist, digest } = deps.definitions.current();
  if (profile === undefined && inForce === undefined) return ok({ checklist, digest });
  const chosen = [inForce, openIn(proposals)].find((one) => one !== undefined && (profile ?? inForce?.profile) === one.profile);
  if (chosen === undefined) return unregistered(proposals, profile ?? '');
  const state = chosen.state === 'approved' ? 'in-force' : 'proposed';
  if (drill !== undefined && state === 'proposed') return waitingDrill(proposals, chosen);
  const defined = chosen.base === digest ? await stored(deps, chosen) : await appliedAnew(deps, chosen);
  if (defined.refused !== undefined) return defined;
  // Loaded where a profile is in force or named.
  const { targetMisfits } = await loadPermittedTargets();
  const wrong = targetMisfits(defined.ok.checklist.profile ?? {}, stagedFor(deps, service));
  if (wrong.length > 0)
    return profileRefused(
      'The profile no longer fits: the stage permits other targets than when it was approved.',
      wrong.map(unplaced),
      'Permit them in the stage file again, or correct the profile, propose it with `holdpoint profile put`, and have it approved. Then start the run.',
    );
  return ok({ ...defined.ok, profile: { digest: chosen.profile, base: digest, proposal: chosen.event, state } });
};

const unregistered = (proposals: readonly Proposal[], profile: string): Refused => {
  const last = proposals.findLast((one) => one.profile === profile);
  const became = { open: 'open', approved: 'replaced by another profile', rejected: 'rejected', replaced: 'replaced by another proposal' };
  return refuse(
    'profile-unknown',
    `A run takes a profile that is in force or proposed; this one ${last === undefined ? 'was never proposed' : `was ${became[last.state]}`}.`,
    {
      got: profile,
      expected: registeredWords(proposals),
      fix: 'Leave the profile out to take the one in force, or propose it with `holdpoint profile put`.',
    },
  );
};

/** A drill begins on the way back: no gate of it waits for an approval. */
const waitingDrill = (proposals: readonly Proposal[], { profile }: Proposal): Refused =>
  refuse('profile-unknown', 'A drill takes a profile that is in force: none of its gates waits for an approval.', {
    got: profile,
    expected: registeredWords(proposals),
    fix: 'Leave the profile out, or have it approved first.',
  });

const stored = async ({ definitions }: Reader, { definition }: Proposal): Promise<Outcome<Defined>> => {
  const checklist = await definitions.read(definition);
  return checklist === undefined ? lostDefinition(definition) : ok({ checklist, digest: definition });
};

const appliedAnew = async (deps: Reader, { profile: digest }: Proposal): Promise<Outcome<Defined>> => {
  const profile = await readStored(deps, digest);
  if (profile === undefined) return lostProfile(digest);
  const result = applied(deps.definitions.current().checklist, profile);
  if ('ok' in result) return ok(result.ok);
  return profileRefused(
    'The profile no longer fits: the checklist of the stage has changed since it was approved.',
    result.wrong.map(unplaced),
    'Correct the profile, propose it with `holdpoint profile put`, and have it approved. Then start the run.',
  );
};

/** Undefined when it is not there, or when this version cannot read it any more. */
const readStored = async ({ evidence }: Reader, digest: string): Promise<Profile | undefined> => {
  const bytes = await evidence.get(profileStore, digest);
  if (bytes === undefined) return undefined;
  const read = profileSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return read.success ? read.data : undefined;
};

const lostProfile = (digest: string): Refused =>
  refuse('definition-unknown', 'The registered profile is not in the evidence store, or this version of Holdpoint cannot read it.', {
    expected: digest,
    fix: 'Propose the file again with `holdpoint profile put`, and have it approved.',
  });

/** The stored profile has no lines. */
const unplaced = ({ path, message }: Misfit) => ({ line: 0, column: 0, member: path.join('.'), message });
