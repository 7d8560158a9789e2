import type { ObservedResource, ResourceKind } from '../checklist/observed-resources.ts';
import type { Place, Services } from './feed.ts';

export type Candidate = { readonly kind: ResourceKind; readonly name: string };
/** A resource as an event names it. */
export type Found = {
  readonly account: string;
  /** Where the event says it. Entries of the stage file name no region: what happens in another one is seen, too. */
  readonly region?: string | undefined;
  /** Its names, and those of what holds it, the narrowest first: the first list with a name of the stage decides. */
  readonly names: readonly (readonly Candidate[])[];
  /** Tags of the resource, where the event has them. */
  readonly tags?: Readonly<Record<string, string>>;
};

/** The tags by which a resource says whose it is. They come before names. */
export const serviceTag = 'holdpoint:service';
export const environmentTag = 'holdpoint:environment';

const resourcesOf = ({ services }: Services): readonly (ObservedResource & { readonly service: string })[] =>
  services.flatMap(({ name: service, resources = [] }) => resources.map((resource) => ({ ...resource, service })));

/** The names that the stage has for resources of some kinds, each once. */
export const namesOf = (stage: Services, ...kinds: readonly ResourceKind[]): readonly string[] => [
  ...new Set(resourcesOf(stage).flatMap(({ kind, name }) => (kinds.includes(kind) ? [name] : []))),
];

/**
 * The services and environments to which a resource belongs: by its tags, else by its entries in the stage. As with alarms, a resource that
 * fits several belongs to all of them, because one observation too many is better than one missed.
 */
export const placesOf = (stage: Services, { account, names, tags = {} }: Found): readonly Place[] => {
  const tagged = placesOfTags(stage, tags);
  if (tagged.length > 0) return tagged;
  const own = resourcesOf(stage).filter((one) => one.account === undefined || one.account === account);
  for (const candidates of names) {
    const fitting = own.filter((one) => candidates.some(({ kind, name }) => kind === one.kind && name === one.name));
    if (fitting.length > 0) return distinct(fitting);
  }
  return [];
};

/** The services and environments that have a resource of one of these kinds in the account: for what happens to all of a kind at once. */
export const placesWith = (stage: Services, kinds: readonly ResourceKind[], account: string): readonly Place[] =>
  distinct(resourcesOf(stage).filter((one) => kinds.includes(one.kind) && (one.account === undefined || one.account === account)));

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
