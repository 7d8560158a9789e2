import type { Services } from './feed.ts';

/** Where a component may run, as an event names it. */
export type Running =
  | { readonly kind: 'ecs-service'; readonly cluster: string; readonly service: string }
  | { readonly kind: 'lambda-alias'; readonly function: string; readonly alias: string };

/** The component that runs there by the stage file; undefined when it names none. A platform with a role is in the account of that role. */
export const componentOf = (
  { services }: Services,
  place: { readonly service: string; readonly environment: string },
  account: string,
  on: Running,
): string | undefined =>
  services
    .find(({ name }) => name === place.service)
    ?.targets?.[place.environment]?.components.find(({ platform }) => {
      if (platform.kind !== on.kind) return false;
      const { role } = platform;
      if (role !== undefined && role.split(':')[4] !== account) return false;
      const same = (name: string, of: string): boolean => name === of || name.endsWith(`/${of}`) || name.endsWith(`:${of}`);
      if (platform.kind === 'ecs-service')
        return on.kind === 'ecs-service' && same(platform.cluster, on.cluster) && same(platform.service, on.service);
      return on.kind === 'lambda-alias' && same(platform.function, on.function) && platform.alias === on.alias;
    })?.component;
