import type { Stack } from 'aws-cdk-lib';
import type { Stage } from '../checklist/stage.ts';
import { type Actuator, actuatedPlace, type Platform, type Targets } from '../checklist/targets.ts';
import type { Target } from '../lambda-manifest.ts';
import { busNameOf } from './feeds.ts';
import { environmentsOf, functionArn, serviceArn, unique, wildcardsIn } from './target-arns.ts';

type Actuated = Extract<Target, `target-${string}` | 'bus'>;
type Named<K> = Extract<Platform | Actuator, { readonly kind: K }>;

/** Who carries out the steps of a rollback. A step that the stage leaves out is a person's. */
const actuatorsOf = ({ rollback }: Targets): readonly Actuator[] =>
  Object.values(rollback ?? {}).flatMap((setting) =>
    typeof setting === 'object' && setting !== null && 'by' in setting ? [setting.by] : [],
  );

/** The platforms that are set back, or started anew: of a function, a restart touches nothing. */
const platformsOf = ({ components, rollback }: Targets): readonly Platform[] => {
  const own = (step: 'revert-version' | 'restart-services'): boolean => {
    const setting = rollback?.[step];
    return setting !== undefined && 'by' in setting && setting.by.kind === 'platform';
  };
  const platforms = components.map(({ platform }) => (platform.kind === 'reported' ? platform : actuatedPlace(platform)));
  if (own('revert-version')) return platforms;
  return own('restart-services') ? platforms.filter(({ kind }) => kind === 'ecs-service') : [];
};

/**
 * What the actuators of the stage touch, as ARNs: exactly what the targets name. What is in another account or needs a role is reached by the
 * role. A name stands for a resource of this account, in the region of the target or of the stack.
 */
export const actuatedBy = (stack: Stack, stage: Stage): Readonly<Record<Actuated, readonly string[]>> => {
  const all = environmentsOf(stage);
  const actuators = all.flatMap(actuatorsOf);
  const moved = all.flatMap(platformsOf);
  const own = <K extends (Platform | Actuator)['kind']>(places: readonly (Platform | Actuator)[], kind: K): readonly Named<K>[] =>
    places.filter((one): one is Named<K> => one.kind === kind && !('role' in one && one.role !== undefined));
  const aliases = own(moved, 'lambda-alias').map((one) => ({ ...one, arn: functionArn(stack, one) }));
  return {
    'target-aliases': unique(aliases.flatMap(({ arn, alias }) => [arn, `${arn}:${alias}`])),
    'target-versions': unique(aliases.flatMap(({ arn }) => [arn, `${arn}:*`])),
    'target-services': unique(own(moved, 'ecs-service').map((one) => serviceArn(stack, one))),
    'target-functions': unique(own(actuators, 'lambda').map((one) => functionArn(stack, one))),
    'target-roles': unique([...moved, ...actuators].flatMap((one) => ('role' in one && one.role !== undefined ? [one.role] : []))),
    bus: actuators.some(({ kind }) => kind === 'event')
      ? [stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: busNameOf(stage) })]
      : [],
  };
};

/** The wildcards among them, as cdk-nag writes them. */
export const versionWildcards = (stack: Stack, arns: readonly string[]): { readonly 'target-versions': readonly string[] } => ({
  'target-versions': wildcardsIn(stack, arns),
});
