import { GetFunctionConfigurationCommand, LambdaClient, paginateListVersionsByFunction } from '@aws-sdk/client-lambda';
import { writeRecord } from './records.ts';
import { liveQualifiers, logGroupOf, readEvents, requestLines } from './records-logs.ts';
import type { Report } from './reports.ts';
import type { PublishedVersion } from './shop-function.ts';
import type { DemoStage } from './stage.ts';

/** Records about the function of the service, as Lambda tells of it. */

/** A word of Lambda as the record's state. Lambda says no state of a version that is long there. */
export const functionStateOf = (state: string | undefined, update: string | undefined): string => {
  if (state === 'Failed' || update === 'Failed') return 'failed';
  if (state === 'Pending' || update === 'InProgress') return 'creating';
  return state === undefined || state === 'Active' || state === 'Inactive' ? 'ready' : 'unknown';
};

/** The settings of the live version: they are part of a published version, which nobody can change and everybody can read back. */
export const configurationRecord = async (stage: DemoStage): Promise<Report> => {
  const client = new LambdaClient({});
  const FunctionName = stage.shop.function.functionName;
  const { version } = await stage.shop.function.read('live');
  const published: string[] = [];
  for await (const { Versions = [] } of paginateListVersionsByFunction({ client }, { FunctionName }))
    published.push(...Versions.flatMap(({ Version }) => Version ?? []));
  const { State, LastUpdateStatus, Environment } = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName, Qualifier: version }),
  );
  const state = published.includes(version) ? functionStateOf(State, LastUpdateStatus) : 'missing';
  const settings = Object.keys(Environment?.Variables ?? {}).filter((name) => name.startsWith('SHOP_'));
  return writeRecord(stage.workspace, {
    record: 'resources',
    about: 'configuration',
    environment: 'production',
    tool: 'lambda GetFunctionConfiguration, ListVersionsByFunction',
    content: {
      resources: [
        { name: FunctionName, kind: 'lambda version', state, version },
        ...settings.map((name) => ({ name, kind: 'variable of the version', state, version })),
      ],
    },
  });
};

/**
 * What the alias `staging` runs, beside the release. The rehearsal of the rollback leaves the version before it there, so the release is
 * shifted there first and stays.
 */
export const stagingRecord = async (stage: DemoStage, released: PublishedVersion, component = 'shop'): Promise<Report> => {
  const { functionName, read, shift } = stage.shop.function;
  if ((await read('staging')).digest !== released.digest) await shift(released.version, 'staging');
  const { digest } = await read('staging');
  return writeRecord(stage.workspace, {
    record: 'read-back',
    environment: 'staging',
    tool: 'lambda GetAlias, GetFunctionConfiguration',
    content: {
      components: [{ component, platform: `lambda ${functionName}:staging`, deployed: released.digest, running: digest }],
    },
  });
};

const highest = (figures: readonly number[]): number => figures.reduce((a, b) => Math.max(a, b), 0);

/**
 * The highest memory and the longest answer of the live version since an instant, beside the limits of the function. The service logs both
 * itself: the memory in the emulator's REPORT lines is that of all its processes.
 */
export const usageRecord = async (stage: DemoStage, since: Date): Promise<Report> => {
  const FunctionName = stage.shop.function.functionName;
  const qualifiers = await liveQualifiers(stage);
  const lines = requestLines(await readEvents(await logGroupOf(FunctionName), since)).filter(({ qualifier }) =>
    qualifiers.includes(qualifier),
  );
  const { Timeout, MemorySize } = await new LambdaClient({}).send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier: 'live' }));
  if (Timeout === undefined || MemorySize === undefined) throw new Error(`Lambda gave no limits of the function ${FunctionName}`);
  const memory = lines.flatMap(({ memoryMb }) => memoryMb ?? []);
  const seconds = lines.map(({ latencyMs }) => latencyMs / 1000);
  return writeRecord(stage.workspace, {
    record: 'usage',
    environment: 'production',
    tool: 'log lines of the service; lambda GetFunctionConfiguration',
    content: {
      from: since.toISOString(),
      until: new Date().toISOString(),
      resources: [
        { name: 'memory', unit: 'MB', highest: highest(memory), limit: MemorySize, points: memory.length },
        { name: 'time of an answer', unit: 's', highest: highest(seconds), limit: Timeout, points: seconds.length },
      ],
    },
  });
};
