import { readFileSync } from 'node:fs';
import { type Stage, stageSchema } from '../checklist/stage.ts';
import { signerRoles } from '../roles.ts';
import { contradictions } from './stage-options.ts';

/** Reads and validates a stage's JSON file. Throws an error whose message tells the person who deploys what to correct. */
export const readStageFile = (file: unknown): Stage => {
  if (typeof file !== 'string')
    throw new Error(
      'The context value `stageFile` is missing. Name the JSON file of the stage: cdk deploy --all --context stageFile=production.json',
    );
  const read = stageSchema.safeParse(jsonOf(file));
  if (!read.success)
    throw new Error(
      `${file} is not a valid stage configuration: ${read.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole file'}: ${message}`).join('; ')}`,
    );
  const wrong = [...unusable(read.data), ...contradictions(read.data), ...(read.data.local ? notLocal(read.data) : localOnly(read.data))];
  if (wrong.length > 0) throw new Error(`${file} cannot be deployed: ${wrong.join('; ')}`);
  return read.data;
};

const jsonOf = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (fault) {
    throw new Error(`${file} cannot be read as JSON: ${fault instanceof Error ? fault.message : String(fault)}`, { cause: fault });
  }
};

/** Errors that break any stage: people could not sign in, or an approval could never be complete. */
const unusable = (stage: Stage): readonly string[] => [
  ...twice(
    'roster: the id',
    stage.roster.map(({ id }) => id),
  ),
  ...twice(
    'services: the name',
    stage.services.map(({ name }) => name),
  ),
  ...twice(
    'roster: the subject',
    stage.roster.flatMap(({ subjects }) => subjects.map(({ issuer, subject }) => `${subject} of ${issuer}`)),
  ),
  ...twice(
    'roster: the starter',
    stage.roster.flatMap(({ starters }) => starters.map(({ issuer, actor }) => `${actor} of ${issuer}`)),
  ),
  ...twice(
    'roster: the address',
    stage.roster.map(({ address }) => address.toLowerCase()),
  ),
  ...twice(
    'issuers: the audience',
    stage.issuers.map(({ issuer, audience }) => `${audience} of ${issuer}`),
  ),
  ...stage.issuers.flatMap((issuer) => (issuer.kind === 'ci' ? unusableCi(issuer, stage) : [])),
  ...(/^[^<>@\s]+@[^<>@\s]+$/.test(/<([^<>]+)>\s*$/.exec(stage.mailFrom)?.[1] ?? stage.mailFrom.trim())
    ? []
    : [`mailFrom: got ${stage.mailFrom}, expected an address, or a name and an address in angle brackets`]),
  ...(new URL(stage.publicUrl).pathname === '/'
    ? []
    : [`publicUrl: got ${stage.publicUrl}, expected a URL without a path, because the API is at the root of its domain`]),
  ...(stage.issuers.some(({ kind }) => kind === 'people')
    ? []
    : ['issuers: got no issuer of kind people, expected one, because people could not sign in']),
  ...(isSignable(stage)
    ? []
    : [`roster: ${signerRoles.join(', ')} need three different people with a subject at an issuer of kind people, one for each role`]),
];

type CiIssuer = Extract<Stage['issuers'][number], { kind: 'ci' }>;

/** Issuers whose tokens anybody on the internet can get: an identity must name whose job it is. */
const sharedIssuers: Readonly<Record<string, readonly string[]>> = {
  'token.actions.githubusercontent.com': [
    'repository',
    'repository_id',
    'repository_owner',
    'repository_owner_id',
    'sub',
    'job_workflow_ref',
  ],
  'gitlab.com': ['project_path', 'project_id', 'namespace_path', 'namespace_id', 'sub'],
  'agent.buildkite.com': ['organization_slug', 'organization_id', 'pipeline_slug', 'pipeline_id', 'sub'],
  'oidc.circleci.com': ['oidc.circleci.com/project-id', 'sub'],
};
/** Claims that name the token, not a person. */
const noPersons = ['aud', 'iss', 'exp', 'iat', 'nbf', 'jti'];

const unusableCi = ({ issuer, identities, starterClaim }: CiIssuer, stage: Stage): readonly string[] => {
  const services = stage.services.map(({ name }) => name);
  const owners = sharedIssuers[new URL(issuer).host];
  return [
    ...(noPersons.includes(starterClaim)
      ? [`issuers: starterClaim of ${issuer} is ${starterClaim}, which names no person; name a claim such as actor_id`]
      : []),
    ...twice(
      `issuers: the claims of an identity of ${issuer},`,
      identities.map(({ claims }) => JSON.stringify(Object.entries(claims).sort())),
    ),
    ...identities.flatMap(({ id, claims, services: named }, place) => [
      ...(Object.keys(claims).length === 0 ? [`issuers: the identity ${id} names no claim, so no token could match it`] : []),
      ...named
        .filter((name) => !services.includes(name))
        .map((name) => `issuers: the identity ${id} names the service ${name}, which the stage does not have`),
      ...(owners !== undefined && !owners.some((claim) => claim in claims)
        ? [
            `issuers: everybody can get tokens of ${issuer}, and the identity ${id} does not say whose job it is; name one of the claims ${owners.join(', ')}`,
          ]
        : []),
      ...identities
        .slice(0, place)
        .filter((earlier) => isBroader(earlier.claims, claims))
        .map((earlier) => `issuers: the identity ${earlier.id} comes before ${id} and matches all of its tokens; put ${id} first`),
    ]),
  ];
};

/** Whether every token that has the claims of `narrow` has those of `broad` too. */
const isBroader = (broad: Readonly<Record<string, string>>, narrow: Readonly<Record<string, string>>): boolean =>
  Object.keys(broad).length < Object.keys(narrow).length && Object.entries(broad).every(([claim, value]) => narrow[claim] === value);

/** Whether three different people who can sign in hold the signing roles. */
const isSignable = ({ roster, issuers }: Stage): boolean => {
  const peoples = new Set(issuers.flatMap(({ kind, issuer }) => (kind === 'people' ? [issuer] : [])));
  const [technical = [], operations = [], product = []] = signerRoles.map((role) =>
    roster.filter(({ roles, subjects }) => roles.includes(role) && subjects.some(({ issuer }) => peoples.has(issuer))).map(({ id }) => id),
  );
  return technical.some((a) => operations.some((b) => b !== a && product.some((c) => c !== a && c !== b)));
};

/** A local stage simulates people: it must not be reachable from other machines. */
const notLocal = ({ publicUrl }: Stage): readonly string[] =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(publicUrl).hostname)
    ? []
    : [`local: got true with the address ${publicUrl}, expected an address on this machine: a local stage simulates its people`];

/** Settings that only a local stage may have. */
const localOnly = ({ waitScale, publicUrl, issuers }: Stage): readonly string[] => [
  ...(waitScale === 1 ? [] : [`waitScale: got ${waitScale}, expected 1: only a local stage shortens its windows`]),
  ...[publicUrl, ...issuers.map(({ issuer }) => issuer)].flatMap((url) => (url.startsWith('https://') ? [] : [`${url}: expected https`])),
];

const twice = (what: string, names: readonly string[]): readonly string[] =>
  [...new Set(names.filter((name, place) => names.indexOf(name) !== place))].map((name) => `${what} ${name} appears twice`);
