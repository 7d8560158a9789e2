import { grantedPlatform, type ProfileTargets, reachedAt, withProfileTargets } from '../checklist/profile-targets.ts';
import { contradictionsOf, type Targets } from '../checklist/targets.ts';
import { misfit, misnamed } from './applied.ts';
import type { Misfit } from './read.ts';
import type { Profile } from './schema.ts';

/** What the stage file says of the service, by environment. */
type Staged = { readonly environments: readonly string[]; readonly targets: Readonly<Record<string, Targets>> };

/**
 * What a profile names and the stage does not permit. Two people approve a profile, but the rights that it would use are those of the stage:
 * Holdpoint sends requests and reads resources only where the stage file says so.
 */
export const targetMisfits = ({ targets = {} }: Pick<Profile, 'targets'>, staged: Staged): readonly Misfit[] =>
  Object.entries(targets).flatMap(([environment, named]) => {
    const path = ['targets', environment];
    if (!staged.environments.includes(environment))
      return [misnamed(path, `the stage has no such environment of the service; it has: ${staged.environments.join(', ')}`)];
    const stage = Object.hasOwn(staged.targets, environment) ? staged.targets[environment] : undefined;
    if (stage === undefined)
      return [
        misnamed(path, 'the stage file names no targets of this environment, so that it permits none: add `targets` to the service there'),
      ];
    const found = [
      ...probeMisfits(stage, named, path),
      ...openapiMisfits(stage, named, path),
      ...figureMisfits(stage, named, path),
      ...componentMisfits(stage, named, path),
      ...rollbackMisfits(stage, named, path),
    ];
    // What stands together in the wrong way is said once each thing by itself fits.
    if (found.length > 0) return found;
    // Nothing comes later: with the profile everything is named.
    return contradictionsOf({ ...withProfileTargets(stage, named), permits: undefined }).map((message) => misfit(path, message));
  });

type Path = readonly (string | number)[];

const permitted = (all: readonly string[] | undefined): string =>
  all === undefined || all.length === 0 ? 'it permits none' : `it permits ${all.join(', ')}`;

const address = (stage: Targets, named: string, path: Path): readonly Misfit[] =>
  reachedAt(stage, named) === undefined
    ? [misfit(path, `the stage file permits no request to ${named} (permits.addresses): ${permitted(stage.permits?.addresses)}`)]
    : [];

type Named = readonly { readonly id: string }[];

/** The stage's stays as it is, so that nobody weakens it by a profile. */
const sameIds = (staged: Named, named: Named, { path, what }: { readonly path: Path; readonly what: string }): readonly Misfit[] =>
  named.flatMap(({ id }, place) =>
    staged.some((one) => one.id === id)
      ? [
          misfit(
            [...path, place, 'id'],
            `the stage file has a ${what} ${id}, which stays as it is: give this one another id, or take that one out of the stage file`,
          ),
        ]
      : [],
  );

const probeMisfits = (stage: Targets, { probes = [] }: ProfileTargets, path: Path): readonly Misfit[] => {
  return [
    ...probes.flatMap(({ url }, place) => address(stage, url, [...path, 'probes', place, 'url'])),
    ...sameIds(stage.probes, probes, { path: [...path, 'probes'], what: 'probe' }),
  ];
};

const openapiMisfits = (stage: Targets, { openapi }: ProfileTargets, path: Path): readonly Misfit[] =>
  openapi === undefined
    ? []
    : [
        ...address(stage, openapi.base, [...path, 'openapi', 'base']),
        ...(openapi.url === undefined ? [] : address(stage, openapi.url, [...path, 'openapi', 'url'])),
        ...(stage.openapi === undefined
          ? []
          : [misnamed([...path, 'openapi'], 'the stage file names the OpenAPI document already: take it out there, or leave it out here')]),
      ];

const figureMisfits = (stage: Targets, { alarms = [], metrics = [] }: ProfileTargets, path: Path): readonly Misfit[] => {
  const prefixes = stage.permits?.alarmPrefixes ?? [];
  const namespaces = [...(stage.permits?.namespaces ?? []), ...stage.metrics.map(({ namespace }) => namespace)];
  return [
    ...alarms.flatMap((name, place) =>
      stage.alarms.includes(name) || prefixes.some((prefix) => name.startsWith(prefix))
        ? []
        : [
            misfit(
              [...path, 'alarms', place],
              `the stage file permits no alarm ${name} (permits.alarmPrefixes): ${permitted([...stage.alarms, ...prefixes.map((prefix) => `${prefix}*`)])}`,
            ),
          ],
    ),
    ...sameIds(stage.metrics, metrics, { path: [...path, 'metrics'], what: 'metric' }),
    ...metrics.flatMap(({ namespace }, place) =>
      namespaces.includes(namespace)
        ? []
        : [
            misfit(
              [...path, 'metrics', place, 'namespace'],
              `the stage file permits no metric of ${namespace} (permits.namespaces): ${permitted(namespaces)}`,
            ),
          ],
    ),
  ];
};

/** What the stage reads stays read: else nothing would be compared with what CI reports. */
const componentMisfits = (stage: Targets, { components }: ProfileTargets, path: Path): readonly Misfit[] => {
  if (components === undefined) return [];
  const left = stage.components.filter(({ component }) => !components.some((one) => one.component === component));
  return [
    ...components.flatMap((one, place) =>
      grantedPlatform(stage, one) === undefined
        ? [
            misfit(
              [...path, 'components', place, 'platform'],
              `the stage file does not say that ${one.component} runs there, and Holdpoint may read no other platform`,
            ),
          ]
        : [],
    ),
    ...left.map(({ component }) => misfit([...path, 'components'], `the stage file has the component ${component}, which is missing here`)),
  ];
};

const rollbackMisfits = ({ rollback }: Targets, { backwardCompatible }: ProfileTargets, path: Path): readonly Misfit[] => {
  const restore = rollback?.['restore-database'];
  if (backwardCompatible === undefined || backwardCompatible === false) return [];
  if (restore !== undefined && !('notApplicable' in restore)) return [];
  const why = restore === undefined ? 'names nobody who restores data' : 'says that there is no data to restore';
  return [misfit([...path, 'backwardCompatible'], `the stage file ${why}, so that there is nothing to decide`)];
};
