import { digestOf } from '../lib/canonical-json.ts';
import type { Checklist } from '../lib/checklist/definition.ts';
import type { Outcome } from '../lib/outcome.ts';
import type { Role } from '../lib/roles.ts';
import { answerProfile, type ProfileAnswered } from '../lib/run/commands/answer-profile.ts';
import { type ProfileProposed, proposeProfile } from '../lib/run/commands/propose-profile.ts';
import { type FakeDependencies, signingFor } from './fakes.ts';
import { personIn } from './given.ts';

/** The profile of the service `shop` with these features, proposed and answered as people do. */
export const serviceScope = 'service/shop';

export const profileFile = (features: readonly string[] = ['cart'], more = ''): Uint8Array =>
  new TextEncoder().encode(
    `service: shop\nfeatures:\n${features.map((id) => `  - { id: ${id}, title: ${id}, paths: ["src/${id}/**"] }\n`).join('')}${more}`,
  );

export const must = <T>(outcome: Outcome<T>): T => {
  if (outcome.refused !== undefined) throw new Error(JSON.stringify(outcome.refused));
  return outcome.ok;
};

export const propose = (
  deps: FakeDependencies,
  bytes: Uint8Array = profileFile(),
  role: Role = 'developer',
  dryRun = false,
): Promise<Outcome<ProfileProposed>> =>
  proposeProfile(signingFor(['people'], deps), { service: 'shop', bytes, dryRun }, personIn(deps, role));

export const answer = (
  deps: FakeDependencies,
  profile: string,
  role: Role,
  given: 'approved' | 'rejected' = 'approved',
): Promise<Outcome<ProfileAnswered>> =>
  answerProfile(
    signingFor(['people'], deps),
    { service: 'shop', profile, answer: given, ...(given === 'rejected' ? { reason: 'The floors are too low.' } : {}) },
    personIn(deps, role),
  );

/** A profile that both leads have approved; its digest. */
export const givenInForce = async (deps: FakeDependencies, bytes: Uint8Array = profileFile()): Promise<string> => {
  const { profile } = must(await propose(deps, bytes));
  for (const role of ['technical-lead', 'operations-lead'] as const) must(await answer(deps, profile, role));
  return profile;
};

/** The same world after a deployment of the stage with another checklist. */
export const afterDeployment = (deps: FakeDependencies, checklist: Checklist): FakeDependencies => {
  const { graph } = deps.definitions.current();
  return { ...deps, definitions: { ...deps.definitions, current: () => ({ checklist, digest: digestOf(checklist), graph }) } };
};
