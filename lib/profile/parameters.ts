import { type Checklist, type Item, itemOf } from '../checklist/definition.ts';
import type { Rule } from '../registry/rules.ts';
import type { RecordRule } from '../rules/record-within.ts';
import { type Applied, changing, misfit, misnamed } from './applied.ts';
import type { Misfit } from './read.ts';
import type { Profile, ProfileFeature } from './schema.ts';

type RuleOf<K extends Rule['kind']> = Extract<Rule, { readonly kind: K }>;
const isKind = <K extends Rule['kind']>(rule: Rule | null, kind: K): rule is RuleOf<K> => rule?.kind === kind;
/** Rules on records have the limits of their kind beside what they all have. */
const isRecord = (rule: Rule | null, id: RecordRule['kind'] extends `${infer Id}-record/1` ? Id : never): rule is RecordRule =>
  rule?.kind === `${id}-record/1`;

/** The line that every feature's own tests prove. */
const featureTests = 'features-working';

/** What the document says of one product becomes what the profile says of this one: features, suites, guides, ports, endpoints, services. */
export const withParameters = (checklist: Checklist, profile: Profile): Applied => {
  const misfits = [
    ...featureMisfits(checklist, profile),
    ...suiteMisfits(checklist, profile),
    ...guideMisfits(checklist, profile),
    ...placeMisfits(profile),
  ];
  if (misfits.length > 0) return { checklist, misfits };
  const changed = checklist.items.filter(({ source }) => source !== 'profile').map((item) => ({ ...item, rule: ruleFor(item, profile) }));
  return { checklist: changing(checklist, changed), misfits };
};

const ruleFor = (item: Item, profile: Profile): Rule | null => {
  const { rule, id } = item;
  const { features, suites = {}, guides = {}, endpoints, services, ports } = profile;
  if (isKind(rule, 'coverage-at-least/1'))
    return {
      ...rule,
      features: features.map(({ id: feature, paths, floorPct }) => ({
        id: feature,
        paths,
        ...(floorPct === undefined ? {} : { floorPct }),
      })),
    };
  if (isKind(rule, 'junit-passes/1')) {
    const own = id === featureTests ? testsOf(features) : undefined;
    if (own !== undefined) return { ...without(rule, 'suites'), features: own };
    return Object.hasOwn(suites, id) ? { ...rule, suites: suites[id] ?? [] } : rule;
  }
  if (isRecord(rule, 'document') && Object.hasOwn(guides, id)) return { ...rule, path: guides[id] };
  if (isKind(rule, 'openapi-documented/1') && endpoints !== undefined)
    return { ...rule, minOperations: Math.max(rule.minOperations, endpoints.length) };
  if (isRecord(rule, 'ports') && 'minServices' in rule) {
    const least = Math.max(Number(rule.minServices), services?.length ?? 0);
    const limited = { ...rule, minServices: least, ...(ports === undefined ? {} : { minPort: ports.from, maxPort: ports.to }) };
    return limited;
  }
  return rule;
};

const without = <T extends object, K extends keyof T>(value: T, name: K): Omit<T, K> => {
  const { [name]: _, ...rest } = value;
  return rest;
};

const testsOf = (features: readonly ProfileFeature[]) => {
  const tested = features.flatMap(({ id, suites }) => (suites === undefined ? [] : [{ id, suites }]));
  return tested.length === features.length ? tested : undefined;
};

const repeatedIn = (names: readonly string[]): readonly number[] =>
  names.flatMap((name, place) => (names.indexOf(name) < place ? [place] : []));

const featureMisfits = ({ items }: Checklist, { features }: Profile): readonly Misfit[] => {
  const twice = repeatedIn(features.map(({ id }) => id)).map((place) =>
    misfit(['features', place, 'id'], `two features have the id ${features[place]?.id}`),
  );
  const some = features.some(({ suites }) => suites !== undefined);
  const untested = features.flatMap(({ id, suites }, place) =>
    some && suites === undefined
      ? [misfit(['features', place], `the feature ${id} has no suites, and others have: nothing would prove that it works`)]
      : [],
  );
  const floor = Math.max(
    ...items.flatMap(({ rule, source }) => (source !== 'profile' && isKind(rule, 'coverage-at-least/1') ? rule.floorPct : [])),
    0,
  );
  const low = features.flatMap(({ floorPct }, place) =>
    floorPct !== undefined && floorPct < floor
      ? [
          misfit(
            ['features', place, 'floorPct'],
            `${floorPct} is below the floor of ${floor} of all features; a lower floor needs a deviation`,
          ),
        ]
      : [],
  );
  return [...twice, ...untested, ...low];
};

const suiteMisfits = (checklist: Checklist, profile: Profile): readonly Misfit[] =>
  Object.keys(profile.suites ?? {}).flatMap((id) => {
    const item = itemOf(checklist, id);
    if (item === undefined || item.source === 'profile') return [misnamed(['suites', id], `the document has no line ${id}`)];
    const { rule } = item;
    if (!isKind(rule, 'junit-passes/1')) return [misnamed(['suites', id], `${id} is not proved by test results`)];
    if (rule.suites === undefined)
      return [misnamed(['suites', id], `every test of a report counts for ${id}; suites would leave some out`)];
    if (id === featureTests && testsOf(profile.features) !== undefined)
      return [misnamed(['suites', id], `${id} is proved by the suites of the features`)];
    return [];
  });

const guideMisfits = (checklist: Checklist, { guides = {} }: Profile): readonly Misfit[] =>
  Object.keys(guides).flatMap((id) => {
    const item = itemOf(checklist, id);
    return item !== undefined && item.source !== 'profile' && isRecord(item.rule, 'document')
      ? []
      : [misnamed(['guides', id], `${id} is no line that a document proves; these are: ${documentLines(checklist).join(', ')}`)];
  });

/** The lines that a document of the repository proves. */
export const documentLines = ({ items }: Checklist): readonly string[] =>
  items.flatMap(({ id, rule, source }) => (source !== 'profile' && isRecord(rule, 'document') ? [id] : []));

const placeMisfits = ({ ports, endpoints = [], services = [] }: Profile): readonly Misfit[] => [
  ...(ports !== undefined && ports.to < ports.from
    ? [misfit(['ports', 'to'], `the last port ${ports.to} is before the first one ${ports.from}`)]
    : []),
  ...repeatedIn(endpoints).map((place) => misfit(['endpoints', place], `${endpoints[place]} stands here twice`)),
  ...repeatedIn(services).map((place) => misfit(['services', place], `${services[place]} stands here twice`)),
];
