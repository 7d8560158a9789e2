import * as z from 'zod';
import { accountAndRegion, nameOfSource, placeInArn } from './aws-places.ts';
import type { Targets } from './targets.ts';

export const accountId = z.string().regex(/^\d{12}$/);
export const regionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/);

export const resourceKinds = [
  'ecs-service',
  'ecs-cluster',
  'codedeploy-application',
  'rds-instance',
  'rds-cluster',
  'lambda-function',
  'auto-scaling-group',
] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/**
 * AWS resources of a service, by the names that the events of AWS have for them, each with the environment that it belongs to. An ECS
 * service is named `cluster/service`, because its name is unique in its cluster only, or `service` where targets or an entry tell the cluster;
 * a CodeDeploy application `application` or, where its groups deploy to different environments, `application/group`.
 */
export const observedResourcesSchema = z
  .array(
    z.strictObject({
      kind: z.enum(resourceKinds),
      // An event pattern takes a star, a backslash and a question mark for something else.
      name: z.string().regex(/^[^\p{Cc}\p{Zl}\p{Zp}*?"\\]{1,255}$/u, 'the name of a resource, of at most 255 characters'),
      environment: z.string().min(1),
      /** Without it, the account that the targets of the environment tell of the resource, else Holdpoint's own. */
      account: accountId.optional(),
      /** Without it, every region from which events come: the service may run in several. */
      region: regionName.optional(),
    }),
  )
  .min(1);
export type ObservedResource = z.infer<typeof observedResourcesSchema>[number];

/** Kinds of which the feeds tell restarts under the resource's own name. */
const restarting: readonly ResourceKind[] = ['ecs-service', 'rds-instance', 'rds-cluster', 'auto-scaling-group'];

/** The resources of an environment that may be restarted by hand, by their names. */
export const restartingIn = (resources: readonly ObservedResource[], environment: string): readonly string[] => [
  ...new Set(resources.flatMap((one) => (one.environment === environment && restarting.includes(one.kind) ? [one.name] : []))),
];

type Service = {
  readonly name: string;
  readonly environments: readonly string[];
  readonly resources?: readonly ObservedResource[] | undefined;
  readonly targets?: Readonly<Record<string, Pick<Targets, 'components' | 'restarts'>>> | undefined;
};

/** A resource that targets name, as entries name it. No account: Holdpoint's own. */
type Targeted = { readonly kind: ResourceKind; readonly name: string; readonly account: string | undefined };

const lastPart = (name: string): string => name.split(/[/:]/).at(-1) ?? name;

/** What Holdpoint itself reads, sets back or compares in an environment, as far as it has a kind of resource. */
const targetedIn = ({ components, restarts }: Pick<Targets, 'components' | 'restarts'>): readonly Targeted[] => [
  ...components.flatMap(({ platform }): readonly Targeted[] => {
    if (platform.kind === 'reported') return [];
    const { account } = accountAndRegion(platform);
    if (platform.kind === 'lambda-alias')
      return [{ kind: 'lambda-function', name: lastPart(platform.function), account: account ?? placeInArn(platform.function).account }];
    const [cluster, service] = [platform.cluster, platform.service].map(lastPart);
    const inArn = placeInArn(platform.cluster).account ?? placeInArn(platform.service).account;
    return [{ kind: platform.kind, name: `${cluster}/${service}`, account: account ?? inArn }];
  }),
  ...restarts.map((source) => ({ kind: source.kind, name: nameOfSource(source), account: accountAndRegion(source).account })),
];

/** A resource as the feeds look for it. `names`: one, unless nothing tells in which cluster it is. `accounts`: undefined is Holdpoint's own. */
export type LocatedResource = ObservedResource & {
  readonly service: string;
  readonly names: readonly string[];
  readonly accounts: readonly (string | undefined)[];
};

/** Where the entry says too little, the targets of its environment tell cluster and account, and a cluster among the entries that of its services. */
const located = (service: Service, resource: ObservedResource): LocatedResource => {
  const { kind, name, environment, account } = resource;
  const isBare = kind === 'ecs-service' && !name.includes('/');
  const targets = service.targets?.[environment];
  const targeted = (targets === undefined ? [] : targetedIn(targets)).filter(
    (one) => one.kind === kind && (one.name === name || (isBare && lastPart(one.name) === name)),
  );
  const inTargets = targeted.map((one) => one.name);
  const clusters = (service.resources ?? []).filter((one) => one.kind === 'ecs-cluster' && one.environment === environment);
  const inClusters = clusters.map((one) => `${one.name}/${name}`);
  return {
    ...resource,
    service: service.name,
    names: isBare ? [...new Set(inTargets.length > 0 ? inTargets : inClusters)] : [name],
    accounts: account === undefined ? [...new Set(targeted.map((one) => one.account))] : [account],
  };
};

/** All resources of a stage. One whose account nothing tells is in Holdpoint's own. */
export const locatedResources = (services: readonly Service[]): readonly LocatedResource[] =>
  services.flatMap((service) =>
    (service.resources ?? []).map((resource) => {
      const found = located(service, resource);
      return found.accounts.length > 0 ? found : { ...found, accounts: [undefined] };
    }),
  );

type Observing = { readonly services: readonly Service[]; readonly observedAccounts?: readonly string[] | undefined };

/** Entries whose environment the service does not have, or that fit resources of other services, too. */
export const resourceFlaws = ({ services, observedAccounts = [] }: Observing): readonly string[] =>
  services.flatMap((service) =>
    (service.resources ?? []).flatMap((resource) => {
      const { kind, name, environment } = resource;
      const what = `services: the ${kind} ${name} of ${service.name}`;
      if (!service.environments.includes(environment)) return [`${what} names the environment ${environment}, which it does not have`];
      const { names, accounts } = located(service, resource);
      const hint = names.length === 0 ? 'nothing else tells it' : `it may be ${names.join(' or ')}`;
      return [
        ...(names.length === 1
          ? []
          : [`${what} names no cluster, and ${hint}: name it as cluster/${name}, because each cluster may have a service of this name`]),
        ...(accounts.length === 1 || observedAccounts.length === 0
          ? []
          : [
              `${what} names no account, and the stage also hears ${observedAccounts.join(', ')}: add "account", because each may have one of this name`,
            ]),
      ];
    }),
  );
