import { readFileSync } from 'node:fs';
import { audiencesOf, contextLimit } from '../api/identity.ts';
import { callbackFlaws } from '../checklist/callbacks.ts';
import { baseChecklist } from '../checklist/checklist.ts';
import { type CiPreset, presetOf } from '../checklist/ci-presets.ts';
import { resourceFlaws } from '../checklist/observed-resources.ts';
import { protectionRuleFlaws } from '../checklist/protection-rules.ts';
import { rosterFlaws, twice } from '../checklist/roster.ts';
import { type CiIssuer, type Demand, type Stage, stageSchema } from '../checklist/stage.ts';
import { schemaWords } from '../schema-words.ts';
import { contradictions } from './stage-options.ts';

/** Reads and validates a stage's JSON file. Throws an error whose message tells the person who deploys what to correct. */
export const readStageFile = (file: unknown): Stage => {
  if (typeof file !== 'string')
    throw new Error(
      'The context value `stageFile` is missing. Name the JSON file of the stage: cdk deploy --all --context stageFile=production.json',
    );
  const read = stageSchema.safeParse(jsonOf(file), { reportInput: true });
  if (!read.success)
    throw new Error(
      `${file} is not a valid stage configuration: ${read.error.issues.map((issue) => `${issue.path.join('.') || 'the whole file'}: ${schemaWords(issue)}`).join('; ')}`,
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
    'services: the name',
    stage.services.map(({ name }) => name),
  ),
  ...twice(
    'issuers: the audience',
    stage.issuers.flatMap((one) => audiencesOf(one).map((audience) => `${audience} of ${one.issuer}`)),
  ),
  ...stage.issuers.flatMap((issuer) => (issuer.kind === 'ci' ? unusableCi(issuer, stage) : [])),
  ...stage.services.flatMap(({ name, environments, alarms = [] }) =>
    alarms
      .filter(({ environment }) => !environments.includes(environment))
      .map(
        ({ environment, prefix }) =>
          `services: the alarms ${prefix} of ${name} name the environment ${environment}, which it does not have`,
      ),
  ),
  ...resourceFlaws(stage),
  ...callbackFlaws(
    stage.services,
    [...baseChecklist.gates, ...baseChecklist.rollback.gates].map(({ id }) => id),
  ),
  // The way back protects no job: it is walked when a gate of the way there no longer holds.
  ...protectionRuleFlaws(
    stage.services,
    baseChecklist.gates.map(({ id }) => id),
  ),
  ...stage.services.flatMap(({ name, environments, freezes = [] }) =>
    freezes.flatMap((freeze) =>
      (freeze.environments ?? [])
        .filter((environment) => !environments.includes(environment))
        .map(
          (environment) => `services: the freeze ${freeze.name} of ${name} names the environment ${environment}, which it does not have`,
        ),
    ),
  ),
  ...(/^[^<>@\s]+@[^<>@\s]+$/.test(/<([^<>]+)>\s*$/.exec(stage.mailFrom)?.[1] ?? stage.mailFrom.trim())
    ? []
    : [`mailFrom: got ${stage.mailFrom}, expected an address, or a name and an address in angle brackets`]),
  ...(new URL(stage.publicUrl).pathname === '/'
    ? []
    : [`publicUrl: got ${stage.publicUrl}, expected a URL without a path, because the API is at the root of its domain`]),
  ...(stage.issuers.some(({ kind }) => kind === 'people')
    ? []
    : ['issuers: got no issuer of kind people, expected one, because people could not sign in']),
  ...rosterFlaws(stage),
];

/** Claims that name the token, not a person. */
const noPersons = ['aud', 'iss', 'exp', 'iat', 'nbf', 'jti'];

const unusableCi = (ci: CiIssuer, stage: Stage): readonly string[] => {
  const { issuer, identities } = ci;
  const preset = presetOf(ci);
  return [
    ...(preset === undefined || stage.local || preset.issuer.pattern.test(issuer)
      ? []
      : [`issuers: got ${issuer}, and the issuer of ${preset.title} is ${preset.issuer.form}`]),
    ...unusableStarter(ci, preset),
    ...twice(
      `issuers: the claims of an identity of ${issuer},`,
      identities.map(({ claims }) => JSON.stringify(Object.entries(claims).sort())),
    ),
    ...identities.flatMap((identity, place) => [
      ...unusableIdentity(ci, identity, stage),
      ...identities
        .slice(0, place)
        .filter((earlier) => isBroader(earlier.claims, identity.claims))
        .map(({ id }) => `issuers: the identity ${id} comes before ${identity.id} and matches all of its tokens; put ${identity.id} first`),
    ]),
  ];
};

const unusableStarter = ({ issuer, identities, starterClaim }: CiIssuer, preset: CiPreset | undefined): readonly string[] => {
  const namesNobody = preset?.starter === null;
  const isNamed = starterClaim !== undefined || (preset !== undefined && !namesNobody);
  return [
    ...(starterClaim !== undefined && noPersons.includes(starterClaim)
      ? [`issuers: starterClaim of ${issuer} is ${starterClaim}, which names no person; name a claim such as actor_id`]
      : []),
    ...(starterClaim !== undefined && namesNobody
      ? [
          `issuers: tokens of ${preset.title} name no person; leave starterClaim out and name a \`starter\` in each identity that starts runs`,
        ]
      : []),
    ...(isNamed || namesNobody || identities.every(({ starter }) => starter !== undefined)
      ? []
      : [`issuers: ${issuer} has no starterClaim, so no run could be started; name the claim that says who started the job`]),
    ...(isNamed
      ? identities
          .filter(({ starter }) => starter !== undefined)
          .map(({ id }) => `issuers: the identity ${id} has a \`starter\`, and the tokens of ${issuer} name one themselves; leave it out`)
      : []),
  ];
};

const unusableIdentity = (ci: CiIssuer, { id, claims, services, environments = [] }: CiIssuer['identities'][number], stage: Stage) => {
  const preset = presetOf(ci);
  const known = stage.services.filter(({ name }) => services.includes(name));
  // The authorizer passes the identity on in its context.
  const size = JSON.stringify({ id, services, environments }).length;
  return [
    ...(Object.keys(claims).length === 0 ? [`issuers: the identity ${id} names no claim, so no token could match it`] : []),
    ...services
      .filter((name) => !stage.services.some((one) => one.name === name))
      .map((name) => `issuers: the identity ${id} names the service ${name}, which the stage does not have`),
    ...environments
      .filter((name) => !known.some((one) => one.environments.includes(name)))
      .map((name) => `issuers: the identity ${id} names the environment ${name}, which none of its services has`),
    ...(preset === undefined || namesOwner(preset, claims)
      ? []
      : [
          `issuers: everybody can get tokens of ${ci.issuer}, and the identity ${id} does not say whose job it is; name one of the claims ${preset.owners.join(', ')}`,
        ]),
    ...(size < contextLimit / 2 ? [] : [`issuers: the identity ${id} has too many services for one identity; make several of it`]),
  ];
};

/** Whether only jobs of one owner can have these claims. */
const namesOwner = ({ owners, subject }: CiPreset, claims: CiIssuer['identities'][number]['claims']): boolean =>
  owners.some((name) => {
    const demand = claims[name];
    if (demand === undefined) return false;
    return name !== 'sub' || subject === undefined || valuesOf(demand).every((value) => subject.test(String(value)));
  });

const valuesOf = (demand: Demand) => [demand].flat();

/** Whether every token that has the claims of `narrow` has those of `broad` too, and other tokens as well. */
const isBroader = (broad: Readonly<Record<string, Demand>>, narrow: Readonly<Record<string, Demand>>): boolean =>
  JSON.stringify(Object.entries(broad).sort()) !== JSON.stringify(Object.entries(narrow).sort()) &&
  Object.entries(broad).every(([claim, demand]) => {
    const other = narrow[claim];
    if (other === undefined) return false;
    // A list also matches a claim that is a list; a single value does not.
    const isWideEnough = Array.isArray(demand) || !Array.isArray(other);
    return isWideEnough && valuesOf(other).every((value) => valuesOf(demand).includes(value));
  });

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
