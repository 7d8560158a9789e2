import { readFileSync } from 'node:fs';
import { type Stage, stageSchema } from '../checklist/stage.ts';

/** The roles that sign, each by another person. */
const signing = ['technical-lead', 'operations-lead', 'product-owner'] as const;

/** Reads and checks a stage's JSON file. Whoever deploys reads what is wrong with it, not a stack trace. */
export const readStageFile = (file: unknown): Stage => {
  if (typeof file !== 'string')
    throw new Error(
      "which stage? got no context value `stageFile`, expected the path of a stage's JSON file: cdk deploy --all --context stageFile=production.json",
    );
  const read = stageSchema.safeParse(jsonOf(file));
  if (!read.success)
    throw new Error(
      `${file} is not the configuration of a stage: ${read.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`).join('; ')}`,
    );
  const wrong = [...unfit(read.data), ...(read.data.local ? [] : unreal(read.data))];
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

/** What no stage can work with: nobody could sign in, or an approval could never be given. */
const unfit = (stage: Stage): readonly string[] => [
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
          .map(({ id }) => `issuers: the identity ${id} names no claim, so that it is nobody's`)
      : [],
  ),
  ...(/^[^<>@\s]+@[^<>@\s]+$/.test(/<([^<>]+)>\s*$/.exec(stage.mailFrom)?.[1] ?? stage.mailFrom.trim())
    ? []
    : [`mailFrom: got ${stage.mailFrom}, expected an address, or a name and an address in angle brackets`]),
  ...(new URL(stage.publicUrl).pathname === '/'
    ? []
    : [`publicUrl: got ${stage.publicUrl}, expected no path: the API is at the root of its domain`]),
  ...(stage.issuers.some(({ kind }) => kind === 'people') ? [] : ['issuers: none of kind people, so that nobody could sign in']),
  ...(isSignable(stage)
    ? []
    : [`roster: ${signing.join(', ')} need three different people with a subject at an issuer of kind people, one for each role`]),
];

/** Whether each signing role can go to another person who can sign in. */
const isSignable = ({ roster, issuers }: Stage): boolean => {
  const peoples = new Set(issuers.flatMap(({ kind, issuer }) => (kind === 'people' ? [issuer] : [])));
  const [technical = [], operations = [], product = []] = signing.map((role) =>
    roster.filter(({ roles, subjects }) => roles.includes(role) && subjects.some(({ issuer }) => peoples.has(issuer))).map(({ id }) => id),
  );
  return technical.some((a) => operations.some((b) => b !== a && product.some((c) => c !== a && c !== b)));
};

/** What only a stage on a laptop may have. */
const unreal = ({ waitScale, publicUrl, issuers }: Stage): readonly string[] => [
  ...(waitScale === 1 ? [] : [`waitScale: got ${waitScale}, expected 1: only a local stage shortens its windows`]),
  ...[publicUrl, ...issuers.map(({ issuer }) => issuer)].flatMap((url) => (url.startsWith('https://') ? [] : [`${url}: expected https`])),
];

const twice = (what: string, names: readonly string[]): readonly string[] =>
  [...new Set(names.filter((name, place) => names.indexOf(name) !== place))].map((name) => `${what} ${name} stands there twice`);
