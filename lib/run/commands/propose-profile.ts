import { lanes, scopes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import { type DefinitionDiff, diffDefinitions } from '../../checklist/definition-diff.ts';
import { inForceIn, missingWords, openIn, type Proposal } from '../../folds/profile.ts';
import { type Outcome, ok, type Refusal } from '../../outcome.ts';
import { unexplainedObservations } from '../../profile/observe.ts';
import { observedTooLong } from '../../profile/observe-limit.ts';
import { targetMisfits } from '../../profile/permitted-targets.ts';
import { type Misfit, type ProfileFile, readProfile } from '../../profile/read.ts';
import { unexplainedRemovals } from '../../profile/removed-features.ts';
import { profileDigest, profileText } from '../../profile/schema.ts';
import { proposingRoles } from '../../roles.ts';
import type { PersonCaller } from '../state/caller.ts';
import { profileStore, unknownService } from '../state/registered-profiles.ts';
import { actorOf } from '../state/run-context.ts';
import { needsRole } from './authorize.ts';
import type { Command } from './command.ts';
import { profileParametersSchema } from './inputs.ts';
import { withinProposals } from './limits.ts';
import { applied, type Defined, decidedInLane, definedNow, type ProfileDependencies, profileRefused, stagedFor } from './profile-steps.ts';
import { recordRefusedIn } from './refusals.ts';

export type ProfileInput = { readonly service: string; readonly bytes: Uint8Array; readonly dryRun: boolean };

export type ProfileProposed = {
  /** Null where nothing was recorded: in a dry run. */
  readonly event: string | null;
  readonly profile: string;
  readonly definition: string;
  readonly base: string;
  readonly state: 'checked' | 'proposed' | 'in-force';
  /** Who has still to approve it; null where nobody has. */
  readonly needs: string | null;
  /** From what is in force, or from the bare checklist. */
  readonly diff: DefinitionDiff;
  readonly alreadyRecorded: boolean;
};

/** Aliases repeat values: what is stored may be so much larger than the file. Bytes. */
const mostBytes = 256 * 1024;

type Refused = { readonly refused: Refusal };
type Candidate = Defined & { readonly file: ProfileFile; readonly profile: string; readonly base: string };

/**
 * Proposes the profile of a service: reads the file, applies it to the stage's checklist, and compares it with the profile in force. A later
 * proposal takes the place of an open one. The same content for the same checklist is the same proposal. Profile and definition are stored
 * before the event, under their digests, so that whatever the event names can be read.
 */
const perform = async (deps: ProfileDependencies, input: ProfileInput, caller: PersonCaller): Promise<Outcome<ProfileProposed>> => {
  const { service, dryRun } = input;
  const unknown = unknownService(deps, service);
  if (unknown !== undefined) return unknown;
  const by = { service, caller, action: 'propose a profile' };
  const found = needsRole(caller, proposingRoles, 'the profile of a service') ?? readCandidate(deps, input);
  if (found.refused !== undefined)
    return recordRefusedIn(deps, scopes.service(service), caller, { action: by.action, refused: found.refused });
  const over = dryRun ? undefined : await withinProposals(deps, caller);
  if (over !== undefined) return recordRefusedIn(deps, scopes.service(service), caller, { action: by.action, refused: over.refused });
  const candidate = found.ok;
  if (!dryRun) await keep(deps, candidate);
  return decidedInLane<'profile.proposed', ProfileProposed>(deps, by, async (proposals) => {
    const before = await definedNow(deps, proposals);
    if (before.refused !== undefined) return before;
    const unexplained = [
      ...unexplainedRemovals(before.ok.checklist, candidate.checklist),
      ...unexplainedObservations(before.ok.checklist, candidate.checklist),
    ];
    if (unexplained.length > 0) return misfitting(candidate.file, unexplained);
    const answerOf = answering(candidate, diffDefinitions(before.ok.checklist, candidate.checklist));
    const same = sameAs(proposals, candidate);
    if (same !== undefined || dryRun) return ok({ answer: answerOf(same, dryRun ? 'checked' : 'already') });
    return ok({
      draft: {
        scope: scopes.service(service),
        lane: lanes.profile,
        // Behind every other proposal and answer the same content is another proposal.
        step: `proposed/${digestOf([candidate.profile, candidate.base, lastEventOf(proposals)])}`,
        type: 'profile.proposed',
        actor: actorOf(caller),
        data: { profile: candidate.profile, definition: candidate.digest, base: candidate.base, by: caller.id },
      },
      answerOf: ({ event: { id } }, after) =>
        answerOf(
          after.find(({ event }) => event === id),
          'new',
        ),
    });
  });
};

export const proposeProfile: Command<ProfileInput, PersonCaller, ProfileDependencies, ProfileProposed> = Object.assign(perform, {
  id: 'proposeProfile',
  input: profileParametersSchema,
  callers: ['person' as const],
});

/** The file, read and applied; every mistake in one refusal. */
const readCandidate = (deps: ProfileDependencies, { service, bytes }: ProfileInput): Outcome<Candidate> | Refused => {
  const read = readProfile(bytes);
  if ('wrong' in read) return profileRefused('The file is not a profile.', read.wrong, fixOfFile);
  const file = read.ok;
  const { profile } = file;
  const { checklist, digest: base } = deps.definitions.current();
  const foreign: readonly Misfit[] =
    profile.service === service ? [] : [{ path: ['service'], message: `the profile is put for the service ${service}` }];
  const large: readonly Misfit[] =
    Buffer.byteLength(profileText(profile)) > mostBytes
      ? [{ path: [], message: `with its aliases the profile has more than ${mostBytes} bytes` }]
      : [];
  const result = large.length > 0 ? { wrong: [] } : applied(checklist, profile);
  const wrong = [
    ...foreign,
    ...large,
    ...observedTooLong(profile, deps.clock.now()),
    ...('wrong' in result ? result.wrong : []),
    ...targetMisfits(profile, stagedFor(deps, service)),
  ];
  if (wrong.length > 0 || 'wrong' in result) return misfitting(file, wrong);
  return ok({ ...result.ok, file, profile: profileDigest(profile), base });
};

const fixOfFile = 'Correct the file and send it again; `holdpoint profile put FILE --dry-run` says the same without a proposal.';

const misfitting = ({ placed }: ProfileFile, misfits: readonly Misfit[]): Refused =>
  profileRefused('The profile does not fit.', placed(misfits), fixOfFile);

const keep = async ({ evidence, definitions }: ProfileDependencies, { file, profile, checklist }: Candidate): Promise<void> => {
  await evidence.put(profileStore, profile, Buffer.from(profileText(file.profile)), 'application/json');
  await definitions.publish(checklist);
};

/** What is open, or in force with nothing open behind it, with the same content for the same checklist. */
const sameAs = (proposals: readonly Proposal[], { profile, base }: Candidate): Proposal | undefined => {
  const open = openIn(proposals);
  if (open !== undefined) return open.profile === profile && open.base === base ? open : undefined;
  const inForce = inForceIn(proposals);
  return inForce?.profile === profile ? inForce : undefined;
};

const lastEventOf = (proposals: readonly Proposal[]): string | null => {
  const last = proposals.at(-1);
  return last?.answers.at(-1)?.event ?? last?.event ?? null;
};

const answering =
  ({ profile, digest, base }: Candidate, diff: DefinitionDiff) =>
  (proposal: Proposal | undefined, how: 'checked' | 'already' | 'new'): ProfileProposed => {
    const isInForce = proposal?.state === 'approved';
    return {
      event: how === 'checked' ? null : (proposal?.event ?? null),
      profile,
      definition: digest,
      base,
      state: how === 'checked' ? 'checked' : isInForce ? 'in-force' : 'proposed',
      needs: isInForce || how === 'checked' ? null : missingWords(proposal ?? { answers: [] }),
      diff,
      alreadyRecorded: how === 'already',
    };
  };
