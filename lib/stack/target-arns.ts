import { ArnFormat, type Stack, Token } from 'aws-cdk-lib';
import type { Stage } from '../checklist/stage.ts';
import type { Platform, Targets } from '../checklist/targets.ts';

/** What the targets of a stage name, as ARNs. A name stands for a resource of this account, in the region of the target or of the stack. */

type InRegion = { readonly region?: string | undefined };
type EcsService = Extract<Platform, { readonly kind: 'ecs-service' }>;
type Service = Pick<EcsService, 'cluster' | 'service' | 'region'>;

/** Every environment of every service. */
export const environmentsOf = ({ services }: Pick<Stage, 'services'>): readonly Targets[] =>
  services.flatMap(({ targets }) => Object.values(targets ?? {}));

export const unique = <T>(all: readonly T[]): readonly T[] => [...new Set(all)];

/** A name, or the last part of an ARN. */
const nameIn = (text: string): string => text.split('/').at(-1) ?? text;

const arnOf = (stack: Stack, service: string, { region }: InRegion, resource: string): string =>
  stack.formatArn({ service, ...(region === undefined ? {} : { region }), resource, arnFormat: ArnFormat.NO_RESOURCE_NAME });

export const functionArn = (stack: Stack, { function: name, ...place }: InRegion & { readonly function: string }): string =>
  name.startsWith('arn:') ? name : arnOf(stack, 'lambda', place, `function:${name}`);

export const clusterArn = (stack: Stack, platform: Pick<Service, 'cluster' | 'region'>): string =>
  platform.cluster.startsWith('arn:') ? platform.cluster : arnOf(stack, 'ecs', platform, `cluster/${platform.cluster}`);

export const serviceArn = (stack: Stack, platform: Service): string =>
  platform.service.startsWith('arn:') ? platform.service : inCluster(stack, platform, 'service', nameIn(platform.service));

/** All tasks of the cluster: a task has no name that is known before. */
export const tasksArn = (stack: Stack, platform: Pick<Service, 'cluster' | 'region'>): string => inCluster(stack, platform, 'task', '*');

/** What an ARN of the cluster says of account and region holds for what is in it, too. */
const inCluster = (stack: Stack, platform: Pick<Service, 'cluster' | 'region'>, kind: 'service' | 'task', name: string): string =>
  `${clusterArn(stack, platform).split(':cluster/')[0]}:${kind}/${nameIn(platform.cluster)}/${name}`;

/** The wildcards among these ARNs as cdk-nag writes them: it shows a parameter of CloudFormation by its name. */
export const wildcardsIn = (stack: Stack, arns: readonly string[]): readonly string[] => {
  const shown = [
    [stack.partition, 'Partition'],
    [stack.region, 'Region'],
    [stack.account, 'AccountId'],
  ] as const;
  const named = (arn: string): string =>
    shown.reduce((text, [value, name]) => (Token.isUnresolved(value) ? text.replaceAll(value, `<AWS::${name}>`) : text), arn);
  return arns.filter((arn) => arn.endsWith('*')).map(named);
};
