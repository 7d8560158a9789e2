import { digestOf, sha256 } from '../canonical-json.ts';
import { type ClaimValue, presetOf } from '../checklist/ci-presets.ts';
import type { CiIssuer, Demand, Stage } from '../checklist/stage.ts';
import { type Outcome, ok, refuse } from '../outcome.ts';
import type { CiCaller } from '../run/state/caller.ts';
import type { Claims } from './identity.ts';
import { shown } from './problem.ts';

type Identity = CiIssuer['identities'][number];

/** The identity that the stage gives to a CI job's verified claims, and who started the job. */
export const ciCaller = (stage: Stage, issuer: CiIssuer, claims: Claims): Outcome<CiCaller> => {
  const identity = identityFor(issuer, claims);
  if (identity.refused !== undefined) return identity;
  const token = tokenOf(issuer, claims);
  if (token.refused !== undefined) return token;
  const { id, services, environments } = identity.ok;
  return ok({
    kind: 'ci',
    id,
    services,
    ...(environments === undefined ? {} : { environments }),
    ...starterOf(stage, issuer, identity.ok, claims),
    token: token.ok,
  });
};

const identityFor = (issuer: CiIssuer, claims: Claims): Outcome<Identity> => {
  const always = presetOf(issuer)?.demanded ?? {};
  // A mapping without claims would match every token of the issuer, so it matches no token.
  const found = issuer.identities.find(
    (candidate) => Object.keys(candidate.claims).length > 0 && hasAll(claims, candidate.claims) && hasAll(claims, always),
  );
  if (found !== undefined) return ok(found);
  const names = [...new Set([...issuer.identities.flatMap((candidate) => Object.keys(candidate.claims)), ...Object.keys(always)])];
  const demanded = Object.entries(always).map(([name, value]) => `, and ${name}=${JSON.stringify(value)}`);
  return refuse('identity-unmapped', 'The token is valid, but no identity of this stage has its claims.', {
    got: names
      .slice(0, 8)
      .map((name) => `${name}=${shown(JSON.stringify(claimOf(claims, name)) ?? 'absent')}`)
      .join(', '),
    expected: `claims equal to those of a configured identity${demanded.join('')}`,
    fix: 'Ask the owner of this stage to add an identity with these claims, spelled and typed as in `got`, to its configuration.',
  });
};

const claimOf = (claims: Claims, name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined);

const hasAll = (claims: Claims, wanted: Readonly<Record<string, Demand>>): boolean =>
  Object.entries(wanted).every(([name, demand]) => meets(claimOf(claims, name), demand));

/** Text is never a number and never a boolean: an issuer that changes a claim's type has changed its meaning. */
const meets = (claim: unknown, demand: Demand): boolean => {
  if (!Array.isArray(demand)) return claim === demand;
  return Array.isArray(claim) ? demand.some((value) => claim.includes(value)) : demand.includes(claim as ClaimValue);
};

/** The token's own name: its `jti`, else the claims that its CI system makes unique. Without either, one token could start many runs. */
const tokenOf = (issuer: CiIssuer, claims: Claims): Outcome<string> => {
  const jti = claimOf(claims, 'jti');
  if (typeof jti === 'string' && jti !== '') return ok(sha256(`${issuer.issuer}\n${jti}`));
  const unique = presetOf(issuer)?.unique ?? [];
  const parts = [...unique, 'iat'].map((name) => [name, claimOf(claims, name)] as const);
  if (isAbsent(jti) && unique.length > 0 && parts.every(([, value]) => isName(value))) return ok(digestOf([issuer.issuer, ...parts]));
  return refuse('token-invalid', 'The token has no id, so Holdpoint cannot distinguish it from other tokens.', {
    got: isAbsent(jti) ? 'no jti claim' : 'a jti claim that is not text',
    expected: ['a jti claim', ...(unique.length === 0 ? [] : [`or the claims ${[...unique, 'iat'].join(' and ')}`])].join(', '),
    fix: 'Use an issuer that puts a jti claim into its tokens.',
  });
};

const isAbsent = (claim: unknown): boolean => claim === undefined || claim === null;
const isName = (value: unknown): boolean => (typeof value === 'string' && value !== '') || Number.isSafeInteger(value);

/** Who started the job. Unknown when the job was run again and the token still names the first person, or when it names nobody. */
const starterOf = (stage: Stage, issuer: CiIssuer, identity: Identity, claims: Claims): Pick<CiCaller, 'person' | 'unnamed'> => {
  if (issuer.reruns !== 'accepted' && isRerun(issuer, claims)) return { person: null, unnamed: 'rerun' };
  const inRoster = (is: (person: Stage['roster'][number]) => boolean): { readonly person: string | null } => ({
    person: stage.roster.find(is)?.id ?? null,
  });
  if (identity.starter !== undefined) return inRoster(({ id }) => id === identity.starter);
  const named = presetOf(issuer)?.starter ?? null;
  if (issuer.starterClaim === undefined && named === null) return { person: null, unnamed: 'nobody' };
  const claim = claimOf(claims, issuer.starterClaim ?? named?.claim ?? '');
  const part = issuer.starterClaim === undefined ? named?.part : undefined;
  const text = Number.isSafeInteger(claim) ? String(claim) : claim;
  const actor = part === undefined || typeof text !== 'string' ? text : part.exec(text)?.[1];
  return inRoster(({ starters }) => starters.some((known) => known.issuer === issuer.issuer && known.actor === actor));
};

/** Without a preset only a claim with GitHub's name counts; with one that counts attempts, a token that does not say which is not the first. */
const isRerun = (issuer: CiIssuer, claims: Claims): boolean => {
  const preset = presetOf(issuer);
  if (preset !== undefined)
    return preset.attempt !== null && !preset.attempt.first.includes(claimOf(claims, preset.attempt.claim) as ClaimValue);
  const attempt = claimOf(claims, 'run_attempt');
  return attempt !== undefined && attempt !== '1' && attempt !== 1;
};
