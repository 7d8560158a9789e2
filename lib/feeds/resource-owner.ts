import { type LocatedResource, locatedResources, type ResourceKind } from '../checklist/observed-resources.ts';
import type { Place, Services } from './feed.ts';

/** An ECS service without a cluster in its name: the event does not say in which one it is. */
export type Candidate = { readonly kind: ResourceKind; readonly name: string };
/** A resource as an event names it. */
export type Found = {
  readonly account: string;
  readonly region: string | undefined;
  /** Its names, and those of what holds it, the narrowest first: the first list with a name of the stage decides. */
  readonly names: readonly (readonly Candidate[])[];
  /** Tags of the resource, where the event has them. */
  readonly tags?: Readonly<Record<string, string>>;
};

/** The tags by which a resource says whose it is. They come before names. */
export const serviceTag = 'holdpoint:service';
export const environmentTag = 'holdpoint:environment';

/** The names that the stage has for resources of some kinds, each once. */
export const namesOf = ({ services }: Services, ...kinds: readonly ResourceKind[]): readonly string[] => [
  ...new Set(locatedResources(services).flatMap(({ kind, names }) => (kinds.includes(kind) ? names : []))),
];

/** The resources of the stage that are in the account and region. A region that is not known may be any. */
const resourcesIn = ({ services, own }: Services, { account, region }: Pick<Found, 'account' | 'region'>): readonly LocatedResource[] =>
  locatedResources(services).filter(
    (one) =>
      one.accounts.some((expected) => (expected ?? own?.account ?? account) === account) &&
      (one.region === undefined || region === undefined || one.region === region),
  );

const isCalled = ({ kind, names }: LocatedResource, candidate: Candidate): boolean => {
  if (kind !== candidate.kind) return false;
  const isInSomeCluster = kind === 'ecs-service' && !candidate.name.includes('/');
  return names.some((name) => name === candidate.name || (isInSomeCluster && name.endsWith(`/${candidate.name}`)));
};

/** Where a resource belongs. `doubt`: why these are more than the event tells for certain. */
export type ResourceOwners = { readonly places: readonly Place[]; readonly doubt?: string };

/**
 * The services and environments to which a resource belongs: by its tags, else by its entries in the stage. As with alarms, a resource that
 * fits several belongs to all of them, because one observation too many is better than one missed.
 */
export const ownersOfResource = (stage: Services, { names, tags = {}, ...at }: Found): ResourceOwners => {
  const tagged = placesOfTags(stage, tags);
  if (tagged.length > 0) return { places: tagged };
  const resources = resourcesIn(stage, at);
  for (const candidates of names) {
    const fitting = resources.filter((one) => candidates.some((candidate) => isCalled(one, candidate)));
    if (fitting.length === 0) continue;
    const places = distinct(fitting);
    const isCertain = fitting.some((one) => candidates.some(({ name }) => one.names.includes(name)));
    return isCertain || places.length === 1 ? { places } : { places, doubt: 'the event does not name its cluster' };
  }
  return { places: [] };
};

/** The services and environments that have a resource of one of these kinds there: for what happens to all of a kind at once. */
export const placesWith = (stage: Services, kinds: readonly ResourceKind[], at: Pick<Found, 'account' | 'region'>): readonly Place[] =>
  distinct(resourcesIn(stage, at).filter((one) => kinds.includes(one.kind)));

const placesOfTags = ({ services }: Services, tags: Readonly<Record<string, string>>): readonly Place[] => {
  const service = services.find(({ name }) => name === tags[serviceTag]);
  if (service === undefined) return [];
  const said = tags[environmentTag];
  const environments = service.environments.filter((environment) => said === undefined || said === environment);
  return environments.map((environment) => ({ service: service.name, environment }));
};

/** Each place once. */
export const distinct = (all: readonly Place[]): readonly Place[] =>
  all
    .map(({ service, environment }) => ({ service, environment }))
    .filter((one, at, places) => at === places.findIndex((two) => two.service === one.service && two.environment === one.environment));
