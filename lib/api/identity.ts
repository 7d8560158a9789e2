import * as z from 'zod';
import type { PeopleIssuer, Stage } from '../checklist/stage.ts';
import { type Outcome, ok, type Refusal, type RefusalType, refusalTitles, refuse } from '../outcome.ts';
import { roleSchema } from '../roles.ts';
import type { Caller, PersonCaller } from '../run/state/caller.ts';
import { ciCaller } from './ci-token.ts';
import { shown } from './problem.ts';

/** Claims of a token whose signature, issuer, audience and times have been checked. */
export type Claims = Readonly<Record<string, unknown>>;
export type Issuer = Stage['issuers'][number];

/** Signature algorithms that are accepted: asymmetric ones only, so that no public key can ever serve as a shared secret. */
export const algorithms = ['RS256', 'ES256', 'EdDSA'] as const;

/**
 * The issuer that the token names. Unknown issuers are refused before any key is fetched. One provider may serve CI jobs and people; then
 * the audience says for which of them the token was issued.
 */
export const issuerOf = (stage: Stage, issuer: unknown, audience: unknown): Outcome<Issuer> => {
  const found = stage.issuers.filter((candidate) => candidate.issuer === issuer);
  const meant = found.find((candidate) => [audience].flat().some((one) => audiencesOf(candidate).includes(one as string))) ?? found[0];
  if (meant !== undefined) return ok(meant);
  return refuse('issuer-untrusted', 'The token comes from an issuer that this stage does not trust.', {
    got: typeof issuer === 'string' ? shown(issuer) : 'no iss claim',
    expected: `one of ${stage.issuers.map((candidate) => candidate.issuer).join(', ')}`,
    fix: 'Use a token of a trusted issuer, or ask the owner of this stage to add the issuer to its configuration.',
  });
};

/** What the tokens of an issuer must be issued for: the API, or when people send ID tokens, one of the clients. */
export const audiencesOf = (issuer: Issuer): readonly string[] =>
  issuer.kind === 'people' && issuer.bearer === 'id-token' ? clientsOf(issuer) : [issuer.audience];

/** The clients through which people may have got their tokens. */
export const clientsOf = ({ clientId, cliClientId, clients = [] }: PeopleIssuer): readonly string[] => [
  clientId,
  ...(cliClientId === undefined ? [] : [cliClientId]),
  ...clients,
];

/** Maps verified claims to a caller by the stage's configuration. Deny by default: claims without a mapping have no caller. */
export const callerOf = (stage: Stage, issuer: Issuer, claims: Claims): Outcome<Caller> =>
  issuer.kind === 'ci' ? ciCaller(stage, issuer, claims) : personCaller(stage, issuer, claims);

const personCaller = (stage: Stage, issuer: Issuer, claims: Claims): Outcome<PersonCaller> => {
  const person = stage.roster.find((candidate) =>
    candidate.subjects.some((known) => known.issuer === issuer.issuer && known.subject === claims.sub),
  );
  if (person === undefined) return unmappedPerson();
  const signedInAt = instantOf(claims.auth_time);
  return signedInAt === undefined ? noSignInTime(claims.auth_time) : ok({ kind: 'person', id: person.id, roles: person.roles, signedInAt });
};

/** A time in seconds since the epoch, within the years that a date can have; undefined for anything else. */
export const instantOf = (seconds: unknown): Date | undefined =>
  typeof seconds === 'number' && seconds > 0 && seconds < 253_402_300_800 ? new Date(seconds * 1000) : undefined;

/** The time of the sign-in is never guessed: signatures and waivers depend on it. */
export const noSignInTime = (got: unknown): { refused: Refusal } =>
  refuse('sign-in-time-missing', 'Your identity provider did not say when you signed in.', {
    got: got === undefined ? 'no auth_time claim' : `auth_time ${shown(JSON.stringify(got))}`,
    expected: 'the claim auth_time, in seconds since 1970',
    fix: 'Signing in again does not help. Ask the owner of this stage to make the provider send auth_time; the README says how, under Sign-in.',
  });

const unmappedPerson = (): { refused: Refusal } =>
  refuse('identity-unmapped', 'You are signed in, but you are not in the roster of this stage.', {
    got: 'a subject that is not in the roster',
    expected: 'a person of the roster',
    fix: 'Ask the owner of this stage to add you to the roster.',
  });

/** The person of a session, looked up at every request: removing a person from the roster ends their access at once. */
export const rosterCaller = (stage: Stage, person: string, signedInAt: Date): Outcome<PersonCaller> => {
  const found = stage.roster.find((candidate) => candidate.id === person);
  return found === undefined ? unmappedPerson() : ok({ kind: 'person', id: found.id, roles: found.roles, signedInAt });
};

/**
 * What the authorizer found out, as it travels in the request's context. An HTTP API cannot say why its authorizer denied a request, and
 * callers must learn what was wrong with their token. So the authorizer allows every request and passes on what it found; the functions
 * refuse every request without a caller (see `lib/api/mount.ts`), also when the context is empty.
 */
export type Identity =
  | {
      readonly kind: 'caller';
      readonly caller: Caller;
      /** Id of a browser's session, to which a form's nonce is bound; null for a bearer token. */
      readonly session: string | null;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'anonymous' }
  /** The issuer did not answer, so the token could not be verified. */
  | { readonly kind: 'unavailable' };

const callerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ci'),
    id: z.string(),
    services: z.array(z.string()),
    environments: z.array(z.string()).optional(),
    person: z.string().nullable(),
    unnamed: z.enum(['rerun', 'nobody']).optional(),
    token: z.string(),
  }),
  z.strictObject({
    kind: z.literal('person'),
    id: z.string(),
    roles: z.array(roleSchema),
    signedInAt: z.iso.datetime().transform((text) => new Date(text)),
  }),
]);
const refusalSchema = z.strictObject({
  type: z.enum(Object.keys(refusalTitles) as [RefusalType, ...RefusalType[]]),
  detail: z.string(),
  got: z.string().optional(),
  expected: z.string().optional(),
  fix: z.string().optional(),
});

const parsedJson = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'JSON expected' });
    return z.NEVER;
  }
});
const contextSchema = z.union([
  z.object({ caller: parsedJson.pipe(callerSchema), session: z.string().optional() }),
  z.object({ refusal: parsedJson.pipe(refusalSchema) }),
  z.object({ unavailable: z.literal('true') }),
]);

/** The most characters of an authorizer's context. API Gateway documents 8 KB for authorizer results; HTTP APIs are not said to take more. */
export const contextLimit = 8_000;

/**
 * The authorizer's context: flat strings, as API Gateway passes them on. What would be too large for the gateway identifies nobody:
 * no caller that synthesis accepts is.
 */
export const contextOf = (identity: Identity): Record<string, string> => {
  const context = membersOf(identity);
  return Buffer.byteLength(JSON.stringify(context)) <= contextLimit ? context : { unavailable: 'true' };
};

const membersOf = (identity: Identity): Record<string, string> => {
  if (identity.kind === 'caller')
    return { caller: JSON.stringify(identity.caller), ...(identity.session === null ? {} : { session: identity.session }) };
  if (identity.kind === 'refused') return { refusal: JSON.stringify(identity.refusal) };
  return identity.kind === 'unavailable' ? { unavailable: 'true' } : { anonymous: 'true' };
};

/** The inverse of `contextOf`. A context that does not parse is anonymous, which no operation admits. */
export const identityOf = (context: unknown): Identity => {
  const parsed = contextSchema.safeParse(context);
  if (!parsed.success) return { kind: 'anonymous' };
  if ('caller' in parsed.data) return { kind: 'caller', caller: parsed.data.caller, session: parsed.data.session ?? null };
  if ('refusal' in parsed.data) return { kind: 'refused', refusal: parsed.data.refusal };
  return { kind: 'unavailable' };
};
