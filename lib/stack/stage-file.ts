import { readFileSync } from 'node:fs';
import { type Stage, stageSchema } from '../checklist/stage.ts';
import { signerRoles } from '../roles.ts';

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
  const wrong = [...unusable(read.data), ...(read.data.local ? [] : localOnly(read.data))];
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
  ...stage.issuers.flatMap((issuer) =>
    issuer.kind === 'ci'
      ? issuer.identities
          .filter(({ claims }) => Object.keys(claims).length === 0)
          .map(({ id }) => `issuers: the identity ${id} names no claim, so no token could match it`)
      : [],
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
  ...(isSignable(stage)
    ? []
    : [`roster: ${signerRoles.join(', ')} need three different people with a subject at an issuer of kind people, one for each role`]),
];

/** Whether three different people who can sign in hold the signing roles. */
const isSignable = ({ roster, issuers }: Stage): boolean => {
  const peoples = new Set(issuers.flatMap(({ kind, issuer }) => (kind === 'people' ? [issuer] : [])));
  const [technical = [], operations = [], product = []] = signerRoles.map((role) =>
    roster.filter(({ roles, subjects }) => roles.includes(role) && subjects.some(({ issuer }) => peoples.has(issuer))).map(({ id }) => id),
  );
  return technical.some((a) => operations.some((b) => b !== a && product.some((c) => c !== a && c !== b)));
};

/** Settings that only a local stage may have. */
const localOnly = ({ waitScale, publicUrl, issuers }: Stage): readonly string[] => [
  ...(waitScale === 1 ? [] : [`waitScale: got ${waitScale}, expected 1: only a local stage shortens its windows`]),
  ...[publicUrl, ...issuers.map(({ issuer }) => issuer)].flatMap((url) => (url.startsWith('https://') ? [] : [`${url}: expected https`])),
];

const twice = (what: string, names: readonly string[]): readonly string[] =>
  [...new Set(names.filter((name, place) => names.indexOf(name) !== place))].map((name) => `${what} ${name} appears twice`);
