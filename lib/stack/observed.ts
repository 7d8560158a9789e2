import type { Stack } from 'aws-cdk-lib';
import type { Stage } from '../checklist/stage.ts';
import {
  isWatched,
  type Metric,
  type Platform,
  placeOfMetric,
  type RestartSource,
  type Targets,
  writesMetricOf,
} from '../checklist/targets.ts';
import type { Target } from '../lambda-manifest.ts';
import { clusterArn, environmentsOf, functionArn, serviceArn, tasksArn, unique, wildcardsIn } from './target-arns.ts';

/** What the collector may read of the services that the stage file names, and of nothing else. A place with a role is read by that role. */
export type Observed = Readonly<Record<Extract<Target, `observed-${string}`>, readonly string[]>>;

/** Whether there is anything that somebody has to look at every minute. */
export const hasWatch = (stage: Pick<Stage, 'services'>): boolean => environmentsOf(stage).some(isWatched);

type PlatformOf<K extends Platform['kind']> = Extract<Platform, { kind: K }>;
/** The platforms that are read with Holdpoint's own rights. */
const ownPlatforms = <K extends 'lambda-alias' | 'ecs-service'>(stage: Pick<Stage, 'services'>, kind: K): readonly PlatformOf<K>[] =>
  environmentsOf(stage)
    .flatMap(({ components }) => components.map(({ platform }) => platform))
    .filter((platform): platform is PlatformOf<K> => platform.kind === kind && platform.role === undefined);

/** The configuration is asked for by the alias, and then IAM compares with its ARN. */
const aliasArns = (stack: Stack, platform: PlatformOf<'lambda-alias'>): readonly string[] => {
  const own = functionArn(stack, platform);
  return [own, `${own}:${platform.alias}`];
};

/** The services of ECS that are read with Holdpoint's own rights: what they run, or when their tasks were started. */
const ownServices = (stage: Pick<Stage, 'services'>): readonly EcsService[] => [
  ...ownPlatforms(stage, 'ecs-service'),
  ...environmentsOf(stage)
    .flatMap(({ restarts }) => restarts)
    .filter((source): source is EcsSource => source.kind === 'ecs-service' && source.role === undefined),
];
type EcsSource = Extract<RestartSource, { kind: 'ecs-service' }>;
type EcsService = Pick<EcsSource, 'cluster' | 'service' | 'region'>;

/** The clusters whose tasks may be listed: ListTasks knows no resource, only this condition. */
export const observedClusters = (stack: Stack, stage: Pick<Stage, 'services'>): readonly string[] =>
  unique(ownServices(stage).map((service) => clusterArn(stack, service)));

/** Metrics that are judged, and those that count writes. */
const metricsOf = (targets: Targets): readonly Placed[] => [...targets.metrics, ...[writesMetricOf(targets) ?? []].flat()];
type Placed = Pick<Metric, 'role' | 'externalId' | 'region'>;

/** Whether the profile may name alarms or metrics beside those of the stage file. */
const mayNameFigures = ({ permits }: Targets): boolean => (permits?.alarmPrefixes.length ?? 0) + (permits?.namespaces.length ?? 0) > 0;

export const observedResources = (stack: Stack, stage: Pick<Stage, 'services'>): Observed => {
  const environments = environmentsOf(stage);
  const services = ownServices(stage);
  const ownFigures = environments.some(
    (targets) =>
      (targets.cloudwatch?.role === undefined && (targets.alarms.length > 0 || mayNameFigures(targets))) ||
      metricsOf(targets).some((metric) => placeOfMetric(metric, targets.cloudwatch).role === undefined),
  );
  const ownHistories = environments.some(({ restarts }) => restarts.some(({ kind, role }) => kind !== 'ecs-service' && role === undefined));
  const roles = environments.flatMap((targets) => [
    ...targets.components.flatMap(({ platform }) => (platform.kind === 'reported' ? [] : (platform.role ?? []))),
    ...[...metricsOf(targets), ...targets.restarts].flatMap(({ role }) => role ?? []),
    ...(targets.cloudwatch?.role === undefined ? [] : [targets.cloudwatch.role]),
  ]);
  const any = services.length > 0 ? ['*'] : [];
  return {
    'observed-figures': ownFigures ? ['*'] : [],
    'observed-functions': unique(ownPlatforms(stage, 'lambda-alias').flatMap((platform) => aliasArns(stack, platform))),
    'observed-services': unique(services.map((service) => serviceArn(stack, service))),
    'observed-tasks': unique(services.map((service) => tasksArn(stack, service))),
    'observed-clusters': any,
    'observed-definitions': ownPlatforms(stage, 'ecs-service').length > 0 ? ['*'] : [],
    'observed-histories': ownHistories ? ['*'] : [],
    'observed-roles': unique(roles),
  };
};

/** The wildcards among these resources, as cdk-nag writes them. */
export const observedWildcards = (stack: Stack, stage: Pick<Stage, 'services'>): Observed => {
  const observed = Object.entries(observedResources(stack, stage));
  return Object.fromEntries(observed.map(([on, arns]) => [on, wildcardsIn(stack, arns)])) as Observed;
};
