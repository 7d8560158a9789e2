import { accountAndRegion, placeInArn } from '../checklist/aws-places.ts';
import type { Origin, Place, Services } from './feed.ts';

/** Where a component may run, as an event names it. */
export type Running =
  | { readonly kind: 'ecs-service'; readonly cluster: string; readonly service: string }
  | { readonly kind: 'lambda-alias'; readonly function: string; readonly alias: string };

type Component = NonNullable<Services['services'][number]['targets']>[string]['components'][number];

/**
 * The component that runs there by the stage file; undefined when it names none. A platform with a role is in the account of that role, and one
 * with a region in that region; what it does not say is Holdpoint's own. A service of the same name elsewhere is another one, and where an account
 * or a region is not known, nothing is the component.
 */
export const componentOf = (stage: Services, place: Place, origin: Origin, on: Running): string | undefined =>
  componentsOn(stage, place, origin, on).find(
    ({ platform }) => platform.kind !== 'lambda-alias' || on.kind !== platform.kind || platform.alias === on.alias,
  )?.component;

/** The aliases of a Lambda function on which components of the place run, found in the same way. */
export const aliasesOf = (stage: Services, place: Place, origin: Origin, name: string): readonly string[] =>
  componentsOn(stage, place, origin, { kind: 'lambda-alias', function: name }).flatMap(({ platform }) =>
    platform.kind === 'lambda-alias' ? [platform.alias] : [],
  );

/** The components on a service, or on any alias of a function. */
const componentsOn = (
  { services, own }: Services,
  place: Place,
  origin: Origin,
  on: Running | Omit<Extract<Running, { kind: 'lambda-alias' }>, 'alias'>,
): readonly Component[] =>
  (services.find(({ name }) => name === place.service)?.targets?.[place.environment]?.components ?? []).filter(({ platform }) => {
    if (platform.kind !== on.kind) return false;
    const named = platform.kind === 'lambda-alias' ? [platform.function] : [platform.cluster, platform.service];
    const said = [accountAndRegion(platform), ...named.map(placeInArn)];
    if (!isThere(origin, said, own)) return false;
    const same = (name: string, of: string): boolean => name === of || name.endsWith(`/${of}`) || name.endsWith(`:${of}`);
    if (platform.kind === 'ecs-service')
      return on.kind === 'ecs-service' && same(platform.cluster, on.cluster) && same(platform.service, on.service);
    return on.kind === 'lambda-alias' && same(platform.function, on.function);
  });

/** Whether account and region are known and all that is said of them, or Holdpoint's own where nothing is said. */
const isThere = (origin: Origin, said: readonly Partial<Origin>[], own: Partial<Origin> = {}): boolean =>
  (['account', 'region'] as const).every((part) => {
    const expected = said.flatMap((one) => one[part] ?? []);
    return origin[part] !== undefined && (expected.length === 0 ? [own[part]] : expected).every((one) => one === origin[part]);
  });
