import { ArnFormat, type Stack } from 'aws-cdk-lib';
import type { Stage } from '../checklist/stage.ts';
import { type Platform, placeOfMetric, type Targets, usualProbes } from '../checklist/targets.ts';
import type { Target } from '../lambda-manifest.ts';

/** What the collector may read of the services that the stage file names, and of nothing else. A place with a role is read by that role. */
export type Observed = Readonly<Record<Extract<Target, `observed-${string}`>, readonly string[]>>;

const environmentsOf = ({ services }: Pick<Stage, 'services'>): readonly Targets[] =>
  services.flatMap(({ targets }) => Object.values(targets ?? {}));

/** Whether there is anything that somebody has to look at every minute. */
export const isWatched = (stage: Pick<Stage, 'services'>): boolean =>
  environmentsOf(stage).some((targets) => usualProbes(targets).length > 0);

type PlatformOf<K extends Platform['kind']> = Extract<Platform, { kind: K }>;
/** The platforms that are read with Holdpoint's own rights. */
const ownPlatforms = <K extends 'lambda-alias' | 'ecs-service'>(stage: Pick<Stage, 'services'>, kind: K): readonly PlatformOf<K>[] =>
  environmentsOf(stage)
    .flatMap(({ components }) => components.map(({ platform }) => platform))
    .filter((platform): platform is PlatformOf<K> => platform.kind === kind && platform.role === undefined);

type Place = { readonly region?: string | undefined };
const arn = (stack: Stack, service: string, { region }: Place, resource: string): string =>
  stack.formatArn({ service, ...(region === undefined ? {} : { region }), resource, arnFormat: ArnFormat.NO_RESOURCE_NAME });

const functionArns = (stack: Stack, platform: PlatformOf<'lambda-alias'>): readonly string[] => {
  const { function: named, alias } = platform;
  const own = named.startsWith('arn:') ? named : arn(stack, 'lambda', platform, `function:${named}`);
  // The configuration is asked for by the alias, and then IAM compares with its ARN.
  return [own, `${own}:${alias}`];
};

/** A name, or the last part of an ARN. */
const nameIn = (text: string): string => text.split('/').at(-1) ?? text;
const clusterArn = (stack: Stack, platform: PlatformOf<'ecs-service'>): string =>
  platform.cluster.startsWith('arn:') ? platform.cluster : arn(stack, 'ecs', platform, `cluster/${platform.cluster}`);

/** The clusters whose tasks may be listed: ListTasks knows no resource, only this condition. */
export const observedClusters = (stack: Stack, stage: Pick<Stage, 'services'>): readonly string[] =>
  unique(ownPlatforms(stage, 'ecs-service').map((platform) => clusterArn(stack, platform)));

const unique = (all: readonly string[]): readonly string[] => [...new Set(all)];

export const observedResources = (stack: Stack, stage: Pick<Stage, 'services'>): Observed => {
  const environments = environmentsOf(stage);
  const services = ownPlatforms(stage, 'ecs-service');
  const ownFigures = environments.some(
    ({ alarms, metrics, cloudwatch }) =>
      (cloudwatch?.role === undefined && alarms.length > 0) ||
      metrics.some((metric) => placeOfMetric(metric, cloudwatch).role === undefined),
  );
  const roles = environments.flatMap(({ components, metrics, cloudwatch }) => [
    ...components.flatMap(({ platform }) => (platform.kind === 'reported' ? [] : (platform.role ?? []))),
    ...metrics.flatMap(({ role }) => role ?? []),
    ...(cloudwatch?.role === undefined ? [] : [cloudwatch.role]),
  ]);
  const any = services.length > 0 ? ['*'] : [];
  return {
    'observed-figures': ownFigures ? ['*'] : [],
    'observed-functions': unique(ownPlatforms(stage, 'lambda-alias').flatMap((platform) => functionArns(stack, platform))),
    'observed-services': unique(
      services.map((platform) => arn(stack, 'ecs', platform, `service/${nameIn(platform.cluster)}/${nameIn(platform.service)}`)),
    ),
    'observed-tasks': unique(services.map((platform) => arn(stack, 'ecs', platform, `task/${nameIn(platform.cluster)}/*`))),
    'observed-clusters': any,
    'observed-definitions': any,
    'observed-roles': unique(roles),
  };
};

/** The wildcards among these resources, as cdk-nag writes them. */
export const observedWildcards = (stage: Pick<Stage, 'services'>): Readonly<Partial<Record<keyof Observed, readonly string[]>>> => ({
  'observed-figures': ['*'],
  'observed-clusters': ['*'],
  'observed-definitions': ['*'],
  'observed-tasks': unique(
    ownPlatforms(stage, 'ecs-service').map(
      ({ cluster, region = '<AWS::Region>' }) => `arn:<AWS::Partition>:ecs:${region}:<AWS::AccountId>:task/${nameIn(cluster)}/*`,
    ),
  ),
});
