import { accountAndRegion } from '../checklist/aws-places.ts';
import type { Services } from './feed.ts';

/** Where a component may run, as an event names it. */
export type Running =
  | { readonly kind: 'ecs-service'; readonly cluster: string; readonly service: string }
  | { readonly kind: 'lambda-alias'; readonly function: string; readonly alias: string };

/** Where an event came from. `region`: as the event says it. */
export type Origin = { readonly account: string; readonly region?: string | undefined };

/**
 * The component that runs there by the stage file; undefined when it names none. A platform with a role is in the account of that role, and one
 * with a region in that region: a service of the same name elsewhere is another one.
 */
export const componentOf = (
  { services }: Services,
  place: { readonly service: string; readonly environment: string },
  { account, region }: Origin,
  on: Running,
): string | undefined =>
  services
    .find(({ name }) => name === place.service)
    ?.targets?.[place.environment]?.components.find(({ platform }) => {
      if (platform.kind !== on.kind) return false;
      const places = [accountAndRegion(platform), placeInArn(platform.kind === 'lambda-alias' ? platform.function : platform.cluster)];
      if (places.some((one) => one.account !== undefined && one.account !== account)) return false;
      if (places.some((one) => one.region !== undefined && one.region !== region)) return false;
      const same = (name: string, of: string): boolean => name === of || name.endsWith(`/${of}`) || name.endsWith(`:${of}`);
      if (platform.kind === 'ecs-service')
        return on.kind === 'ecs-service' && same(platform.cluster, on.cluster) && same(platform.service, on.service);
      return on.kind === 'lambda-alias' && same(platform.function, on.function) && platform.alias === on.alias;
    })?.component;

/** A name may be a whole ARN, which says where the resource is. */
const placeInArn = (name: string): Partial<Origin> => {
  const [arn, , , region, account] = name.split(':');
  return arn !== 'arn' || region === undefined || account === undefined ? {} : { region, account };
};
