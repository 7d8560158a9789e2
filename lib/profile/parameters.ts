import { evidenceOf } from '../checklist/builders.ts';
import { type Checklist, type Item, itemOf } from '../checklist/definition.ts';
import { keyOfEndpoint } from '../evidence/listed-names.ts';
import { kindOf, type Rule } from '../registry/rules.ts';
import type { ServiceParameter } from '../rules/service-parameters.ts';
import { counted } from '../wording.ts';
import { type Applied, changing, misfit, misnamed } from './applied.ts';
import type { Misfit } from './read.ts';
import type { Profile, ProfileFeature } from './schema.ts';

/** Whether the rule of a check of the document has this parameter of a service. */
const takes = ({ rule, source }: Item, parameter: ServiceParameter): boolean =>
  rule !== null && source !== 'profile' && kindOf(rule).service.takes(rule).includes(parameter);

/** The checks that tests of every feature, and of every service prove. */
export const [featureTests, serviceTests] = ['features-working', 'services-communicate'] as const;
/** The checks that tests of every endpoint prove. */
const endpointTests: readonly string[] = ['endpoints-responding', 'input-validated'];

/** What the document says of one product becomes what the profile says of this one: features, suites, guides, ports, endpoints, services, peak. */
export const withParameters = (checklist: Checklist, profile: Profile): Applied => {
  const misfits = [
    ...featureMisfits(checklist, profile),
    ...suiteMisfits(checklist, profile),
    ...guideMisfits(checklist, profile),
    ...placeMisfits(profile),
    ...peakMisfits(checklist, profile),
  ];
  if (misfits.length > 0) return { checklist, misfits };
  const changed = checklist.items
    .filter(({ source }) => source !== 'profile')
    .map((item) => ({
      ...item,
      rule: ruleFor(item, profile),
      ...(item.sources === undefined ? {} : { sources: item.sources.map((one) => ({ ...one, rule: sourceRule(one.rule, profile) })) }),
    }));
  return { checklist: changing(checklist, changed), misfits };
};

const ruleFor = (
  { id, rule }: Item,
  { features, suites = {}, guides = {}, endpoints, services, migrations, ports, expectedPeak }: Profile,
): Rule | null =>
  rule === null
    ? null
    : kindOf(rule).service.fitted(rule, {
        features,
        tested: id === featureTests ? testsOf(features) : undefined,
        suites: Object.hasOwn(suites, id) ? suites[id] : undefined,
        document: Object.hasOwn(guides, id) ? guides[id] : undefined,
        exercised: exercisedBy(id, { endpoints, services }),
        endpoints,
        services,
        production: features.flatMap(({ paths }) => paths),
        migrations,
        ports,
        expectedPeak,
      });

/** Further sources of a check take the names only: suites and documents are given to the check itself. */
const sourceRule = (rule: Rule, { features, endpoints, services }: Profile): Rule =>
  kindOf(rule)
    .service.takes(rule)
    .some((one) => one === 'endpoints' || one === 'services')
    ? kindOf(rule).service.fitted(rule, { features, endpoints, services })
    : rule;

/** A single service has no other one with which it could communicate. */
const exercisedBy = (id: string, { endpoints, services = [] }: Pick<Profile, 'endpoints' | 'services'>) => {
  if (endpointTests.includes(id) && endpoints !== undefined) return { endpoints: [...endpoints] };
  return id === serviceTests && services.length > 1 ? { services: [...services] } : undefined;
};

/** Of a single feature without suites all tests of the usual suites are: it is the whole product. */
const testsOf = (features: readonly ProfileFeature[]) =>
  features.length === 1 && features[0]?.suites === undefined ? undefined : features.map(({ id, paths, suites }) => ({ id, paths, suites }));

const repeatedIn = (names: readonly string[]): readonly number[] =>
  names.flatMap((name, place) => (names.indexOf(name) < place ? [place] : []));

const featureMisfits = ({ items }: Checklist, { features }: Profile): readonly Misfit[] => {
  const twice = repeatedIn(features.map(({ id }) => id)).map((place) =>
    misfit(['features', place, 'id'], `two features have the id ${features[place]?.id}`),
  );
  const floor = Math.max(...items.filter((item) => takes(item, 'features')).map(floorOf), 0);
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
  return [...twice, ...low];
};

/** The floor of coverage of a rule that has one. */
export const floorOf = ({ rule }: Item): number =>
  rule !== null && 'floorPct' in rule && typeof rule.floorPct === 'number' ? rule.floorPct : 0;

const suiteMisfits = (checklist: Checklist, profile: Profile): readonly Misfit[] =>
  Object.keys(profile.suites ?? {}).flatMap((id) => {
    const item = itemOf(checklist, id);
    if (item === undefined || item.source === 'profile') return [misnamed(['suites', id], `the document has no check ${id}`)];
    if (evidenceOf(item)[0] !== 'junit') return [misnamed(['suites', id], `${id} is not proved by test results`)];
    if (!takes(item, 'suites')) return [misnamed(['suites', id], `every test of a report counts for ${id}; suites would leave some out`)];
    if (id === featureTests && profile.features.every((one) => one.suites !== undefined))
      return [misnamed(['suites', id], `${id} is proved by the suites of the features`)];
    return [];
  });

const guideMisfits = (checklist: Checklist, { guides = {} }: Profile): readonly Misfit[] =>
  Object.keys(guides).flatMap((id) => {
    const item = itemOf(checklist, id);
    return item !== undefined && takes(item, 'document')
      ? []
      : [misnamed(['guides', id], `${id} is no check that a document proves; these are: ${documentLines(checklist).join(', ')}`)];
  });

/** The checks that a document of the repository proves. */
export const documentLines = ({ items }: Checklist): readonly string[] =>
  items.flatMap((item) => (takes(item, 'document') ? [item.id] : []));

const placeMisfits = ({ ports, endpoints = [], services = [] }: Profile): readonly Misfit[] => [
  ...(ports !== undefined && ports.to < ports.from
    ? [misfit(['ports', 'to'], `the last port ${ports.to} is before the first one ${ports.from}`)]
    : []),
  ...repeatedIn(endpoints.map(keyOfEndpoint)).map((place) => misfit(['endpoints', place], `${endpoints[place]} stands here twice`)),
  ...repeatedIn(services).map((place) => misfit(['services', place], `${services[place]} stands here twice`)),
];

/** A peak below the one that is expected where no profile states any is a looser figure. */
const peakMisfits = ({ items }: Checklist, { expectedPeak }: Profile): readonly Misfit[] =>
  expectedPeak === undefined
    ? []
    : items.flatMap((item) => {
        const usual = takes(item, 'expectedPeak') ? peakOf(item) : 0;
        return expectedPeak < usual
          ? [
              misfit(
                ['expectedPeak'],
                `${expectedPeak} is below the peak of ${counted(usual, 'client')} that ${item.id} expects; write a deviation of its expectedPeak in place of this`,
              ),
            ]
          : [];
      });

/** The clients that a rule expects at the peak. */
export const peakOf = ({ rule }: Item): number =>
  rule !== null && 'expectedPeak' in rule && typeof rule.expectedPeak === 'number' ? rule.expectedPeak : 0;
