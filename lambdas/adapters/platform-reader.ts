import * as z from 'zod';
import type { Platform } from '../../lib/checklist/targets.ts';
import type { Failed, PlatformReader, Running } from '../../lib/collectors/ports.ts';
import { codeDigest } from '../../lib/fields.ts';
import { type AwsCall, parsed } from './aws-call.ts';
import { type Ask, askingEcs, tasksOf } from './ecs-tasks.ts';
import { placeOf } from './lambda-place.ts';
import { aliasSchema, configurationSchema } from './lambda-platform.ts';

type LambdaAlias = Extract<Platform, { kind: 'lambda-alias' }>;
type EcsService = Extract<Platform, { kind: 'ecs-service' }>;

/** What a Lambda alias or an ECS service runs. */
export const createPlatformReader = (call: AwsCall): PlatformReader => ({
  running: (platform) => (platform.kind === 'lambda-alias' ? readAlias(call, platform) : readService(call, platform)),
});

const readAlias = async (call: AwsCall, platform: LambdaAlias): Promise<Running | Failed> => {
  const { function: FunctionName, alias } = platform;
  const place = placeOf(platform, FunctionName);
  const found = await call(place, { service: 'lambda', operation: 'GetAlias', input: { FunctionName, Name: alias } });
  if ('failed' in found) return { failed: found.failed };
  const { FunctionVersion = '', RoutingConfig } = parsed(aliasSchema, found.text) ?? {};
  if (Object.values(RoutingConfig?.AdditionalVersionWeights ?? {}).some((weight) => weight > 0))
    return { failed: `the alias ${alias} shifts requests between two versions` };
  if (!/^\d+$/.test(FunctionVersion)) return { failed: `the alias ${alias} leads to ${FunctionVersion || 'nothing'}, which is no version` };
  // By the alias, which the role may read; the version in the answer says whether it has moved meanwhile.
  const read = await call(place, { service: 'lambda', operation: 'GetFunctionConfiguration', input: { FunctionName, Qualifier: alias } });
  if ('failed' in read) return { failed: read.failed };
  const { Version, CodeSha256 = '' } = parsed(configurationSchema, read.text) ?? {};
  if (Version !== FunctionVersion) return { failed: `the alias ${alias} was moved while it was read` };
  const digest = codeDigest(CodeSha256);
  return digest === undefined ? { failed: 'Lambda gave no digest of the code' } : { digest, reference: FunctionVersion };
};

const servicesSchema = z.object({
  services: z
    .array(
      z.object({
        status: z.string().default('ACTIVE'),
        taskDefinition: z.string().nullish(),
        taskSets: z.array(z.object({ status: z.string(), taskDefinition: z.string() })).default([]),
      }),
    )
    .default([]),
});
const definitionSchema = z.object({
  taskDefinition: z.object({ containerDefinitions: z.array(z.object({ name: z.string(), image: z.string() })).default([]) }),
});

/** The image of the container, in every running task, of the one task definition that the service should run. */
const readService = async (call: AwsCall, platform: EcsService): Promise<Running | Failed> => {
  const { cluster, service, container } = platform;
  const ask = askingEcs(call, platform);
  const found = await ask('DescribeServices', servicesSchema, { cluster, services: [service] });
  if ('failed' in found) return found;
  const [one] = found.services;
  // With CodeDeploy or another controller outside of ECS the primary task set says what should run.
  const definition = one?.taskSets.find(({ status }) => status === 'PRIMARY')?.taskDefinition ?? one?.taskDefinition;
  if (one?.status !== 'ACTIVE' || definition == null) return { failed: `the service ${service} does not exist or is not active` };
  const tasks = await tasksOf(ask, { cluster, service, desiredStatus: 'RUNNING' });
  if ('failed' in tasks) return tasks;
  // A task may have ended between the two requests; then it counts no more.
  const alive = tasks.all.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  const other = alive.find(({ taskDefinitionArn }) => taskDefinitionArn !== definition);
  if (other !== undefined) return { failed: `the service ${service} runs tasks of another task definition, too` };
  const running = alive.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  if (running.length === 0) return { failed: `the service ${service} runs no task` };
  const named = running.map(({ containers }) =>
    container === undefined && containers.length === 1 ? containers[0] : containers.find(({ name }) => name === container),
  );
  if (named.includes(undefined))
    return { failed: container === undefined ? 'the task has several containers: name one' : `the task has no container ${container}` };
  const digests = new Set(named.map((each) => each?.imageDigest ?? undefined));
  if (digests.size > 1) return { failed: `the service ${service} runs different images under one task definition` };
  const [digest = await pinnedDigest(ask, definition, named[0]?.name)] = digests;
  return digest !== undefined && /^sha256:[0-9a-f]{64}$/.test(digest)
    ? { digest, reference: definition }
    : { failed: `ECS gives no digest of the image that the service ${service} runs` };
};

/** A task definition may name its image by digest. */
const pinnedDigest = async (ask: Ask, taskDefinition: string, container: string | undefined): Promise<string | undefined> => {
  const read = await ask('DescribeTaskDefinition', definitionSchema, { taskDefinition });
  if ('failed' in read) return undefined;
  const image = read.taskDefinition.containerDefinitions.find(({ name }) => name === container)?.image;
  return image?.split('@')[1];
};
