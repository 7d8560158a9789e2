import type { Origin, Services } from './feed.ts';

type Service = Services['services'][number];

/** The services and environments to which an alarm belongs. `doubt` says why they are more than the name tells for certain. */
export type Owners = {
  readonly places: readonly { readonly service: string; readonly environment: string }[];
  readonly doubt: string | undefined;
};

/** Names are compared word by word and without case: `shop-` is no prefix of `shopping-cpu`, and `production` is no word of `preproduction`. */
const wordsOf = (name: string): readonly string[] =>
  name
    .normalize()
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

const startsWith = (words: readonly string[], first: readonly string[]): boolean =>
  first.length > 0 && first.every((word, place) => word === words[place]);

/**
 * Finds whose alarm it is by the stage's configuration: the longest prefix of whole words counts, and `alarms` of a service say its
 * environment. Otherwise the environment whose name stands in the rest of the alarm's name counts, the longest where one name is part of
 * another. Where the name leaves a choice, the alarm belongs to all that it fits, because one alarm too many is better than one missed. `from`:
 * account and region of the alarm. An entry of another account or region does not fit; where they are not known it does.
 */
export const ownersOf = ({ services }: Services, alarm: string, from?: Origin): Owners => {
  const words = wordsOf(alarm);
  const isThere = (one: Partial<Origin>): boolean =>
    (['account', 'region'] as const).every((part) => one[part] === undefined || from?.[part] === undefined || one[part] === from[part]);
  const fitting = services
    .flatMap((service) => [
      { service, environment: undefined, prefix: wordsOf(service.alarmPrefix) },
      ...(service.alarms ?? []).filter(isThere).map(({ prefix, environment }) => ({ service, environment, prefix: wordsOf(prefix) })),
    ])
    .filter(({ prefix }) => startsWith(words, prefix));
  const longest = Math.max(0, ...fitting.map(({ prefix }) => prefix.length));
  const best = fitting.filter(({ prefix }) => prefix.length === longest);
  const owning = [...new Set(best.map(({ service }) => service))].map((service) => {
    const said = best.flatMap((one) => (one.service === service ? (one.environment ?? []) : []));
    const found = said.length > 0 ? certain(said) : environmentsIn(words.slice(longest), service);
    return { doubt: found.doubt, places: found.environments.map((environment) => ({ service: service.name, environment })) };
  });
  return {
    places: owning.flatMap(({ places }) => places),
    doubt: owning.length > 1 ? 'its name fits several services' : owning[0]?.doubt,
  };
};

type Found = { readonly environments: readonly string[]; readonly doubt: string | undefined };

const certain = (environments: readonly string[]): Found => ({
  environments: [...new Set(environments)],
  doubt: environments.length > 1 ? 'its name fits several environments' : undefined,
});

/** With one of them before it, the name of an environment is the name of another one. */
const otherThan = ['pre', 'non'];

type Place = { readonly from: number; readonly to: number };

/** Places in the words where a name stands, however it is cut into words. */
const placesOf = (words: readonly string[], name: string): readonly Place[] =>
  words.flatMap((_, from) => {
    let joined = '';
    for (let to = from; to < words.length && joined.length < name.length; to += 1) {
      joined += words[to];
      if (joined === name) return [{ from, to: to + 1 }];
    }
    return [];
  });

const contains = (outer: Place, inner: Place): boolean =>
  outer.from <= inner.from && outer.to >= inner.to && outer.to - outer.from > inner.to - inner.from;

const environmentsIn = (words: readonly string[], { environments }: Service): Found => {
  const named = environments.map((environment) => {
    const name = wordsOf(environment).join('');
    return { environment, at: placesOf(words, name), denied: otherThan.flatMap((before) => placesOf(words, before + name)) };
  });
  const all = named.flatMap(({ at, denied }) => [...at, ...denied]);
  const standing = named.filter(({ at }) => at.some((place) => !all.some((other) => contains(other, place))));
  if (standing.length > 0) return certain(standing.map(({ environment }) => environment));
  const left = named.filter(({ denied }) => denied.length === 0).map(({ environment }) => environment);
  if (environments.length === 1) return { environments: left, doubt: undefined };
  return { environments: left, doubt: 'its name names none of the environments' };
};

/** The beginnings of the names of all alarms that may belong to a service of the stage: what the rule of the bus lets through. */
export const alarmPrefixes = ({ services }: Services): readonly string[] => {
  const all = services
    .flatMap(({ alarmPrefix, alarms = [] }) => [alarmPrefix, ...alarms.map(({ prefix }) => prefix)])
    .map((prefix) => prefix.replace(/[^\p{L}\p{N}]+$/u, ''));
  return [...new Set(all)].filter((prefix) => !all.some((other) => other !== prefix && prefix.startsWith(other))).sort();
};
