import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { rosterKey } from '../checklist/roster.ts';
import { type Stage, stageSchema } from '../checklist/stage.ts';
import { localAccount, localRegion } from './child-env.ts';
import { LocalFault } from './local-fault.ts';
import { type LocalPaths, projectFolder, readJson, remove, writeJson } from './paths.ts';
import { linesOf, quoted, runProcess } from './run-process.ts';

// The SDK would print its notice about next year's Node versions in the middle of a command's output.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** The outputs of all stacks, by name. */
export type Outputs = Readonly<Record<string, string>>;
const deploymentSchema = z.object({
  /** Digest of everything that the deployment was made from. */
  digest: z.string(),
  endpoint: z.string(),
  /** When the audit table was created there. An emulator that lost its state has another table, or none. */
  tableCreatedAt: z.string(),
  outputs: z.record(z.string(), z.string()),
  /** The product's version. Records of earlier versions have none. */
  version: z.string().optional(),
});
export type Deployment = z.infer<typeof deploymentSchema>;

/** Milliseconds. A deployment takes seconds; on an endpoint that hangs the CDK would wait for an hour. */
const limits = { synthesis: 180_000, bootstrap: 180_000, deploy: 300_000 } as const;

const cdkProgram = join(projectFolder, 'node_modules/aws-cdk/bin/cdk');
/** An AWS endpoint that the user has set may be slower, and is asked more often than needed. */
const polling = new URL('cdk-polling.mjs', import.meta.url).href;
const sources = [
  'bin/app.ts',
  'cdk.json',
  'package-lock.json',
  'tsconfig.json',
  'lambdas',
  'lib',
  'lib/local/shop/src',
  'lib/local/shop/package.json',
];
const notDeployed = ['lib/local', 'lib/cli'];

/** Digest of everything that the deployment is made from: sources, lockfile and stage. */
export const deploymentDigest = (stage: Stage, folder: string = projectFolder): string => {
  const hash = createHash('sha256');
  for (const file of sources.flatMap((source) => filesOf(join(folder, source), folder))) {
    const bytes = readFileSync(file);
    hash.update(`${relative(folder, file)}\n${bytes.length}\n`).update(bytes);
  }
  return hash.update(JSON.stringify(stage)).digest('hex');
};

const filesOf = (path: string, folder: string): string[] => {
  if (notDeployed.includes(relative(folder, path))) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesOf(join(path, name), folder));
};

export const productVersion = (): string =>
  readJson(join(projectFolder, 'package.json'), z.object({ version: z.string() }))?.version ?? 'unknown';

/** The deployment that an earlier start recorded. The endpoint may have lost it since. */
export const readDeployment = (paths: LocalPaths): Deployment | undefined => readJson(paths.deployment, deploymentSchema);

/** The recorded deployment, if the endpoint still has it. */
export const existingDeployment = async (paths: LocalPaths, endpoint: string): Promise<Deployment | undefined> => {
  const recorded = readDeployment(paths);
  if (recorded === undefined || recorded.endpoint !== endpoint) return undefined;
  return (await tableCreatedAt(endpoint, recorded.outputs)) === recorded.tableCreatedAt ? recorded : undefined;
};

/** Called only after the settings that follow a deployment, so that a recorded deployment is complete. */
export const recordDeployment = (paths: LocalPaths, deployment: Deployment): void => writeJson(paths.deployment, deployment);

const tableCreatedAt = async (endpoint: string, outputs: Outputs): Promise<string | undefined> => {
  const client = new DynamoDBClient(clientConfig(endpoint));
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: outputOf(outputs, 'AuditTable') }));
    return Table?.CreationDateTime?.toISOString();
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  } finally {
    client.destroy();
  }
};

/** Dummy credentials and this endpoint, independent of the caller's environment. */
export const clientConfig = (endpoint: string) => ({
  endpoint,
  region: localRegion,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 3,
});

export const outputOf = (outputs: Outputs, name: string): string => {
  const value = outputs[name];
  if (value === undefined)
    throw new LocalFault(
      'deploy-failed',
      `The deployed app has no output ${name}; run \`node bin/holdpoint.mjs local down\`, then start again.`,
    );
  return value;
};

type Context = {
  readonly paths: LocalPaths;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly say: (message: string) => void;
};
type Cdk = { readonly args: readonly string[]; readonly cwd: string; readonly limitMs: number; readonly failure: string };

const runCdk = async ({ paths, env, signal, say }: Context, { args, cwd, limitMs, failure }: Cdk): Promise<void> => {
  const { code, output, timedOut } = await runProcess(process.execPath, ['--import', polling, cdkProgram, ...args, '--no-notices'], {
    cwd,
    env,
    signal,
    limitMs,
    log: paths.deployLog,
    onLine: cdkProgress(say),
  });
  if (code === 0) return;
  const reason = timedOut ? `no result within ${limitMs / 1000} s` : failureReason(output);
  throw new LocalFault('deploy-failed', `${failure}: ${reason} (complete log: ${paths.deployLog}).`);
};

/** Synthesises the app that also goes to AWS, with the local stage's configuration. Needs no endpoint. */
export const synthesise = async (context: Context): Promise<void> => {
  const { paths } = context;
  writeFileSync(paths.deployLog, '');
  remove(paths.template);
  // The CDK's template validation takes most of a synthesis and changes nothing that is deployed; `npm test` runs it.
  await runCdk(
    { ...context, env: { ...context.env, CDK_VALIDATION: 'false' } },
    {
      args: ['synth', '--quiet', '--output', paths.template, '--context', `stageFile=${paths.stage}`],
      cwd: projectFolder,
      limitMs: limits.synthesis,
      failure: 'The app could not be synthesised',
    },
  );
};

/** Creates the roles and the assets bucket that every CDK deployment needs. Running it again changes nothing. */
export const bootstrap = (context: Context): Promise<void> =>
  runCdk(context, {
    args: ['bootstrap', `aws://${localAccount}/${localRegion}`],
    cwd: context.paths.folder,
    limitMs: limits.bootstrap,
    failure: 'The local account could not be prepared for deployments',
  });

/** Deploys the synthesised app. Does not record the deployment. */
export const deploy = async (context: Context, { digest, endpoint }: Pick<Deployment, 'digest' | 'endpoint'>): Promise<Deployment> => {
  const { paths } = context;
  const outputsFile = join(paths.folder, 'outputs.json');
  remove(paths.deployment);
  remove(outputsFile);
  const options = ['--all', '--require-approval', 'never', '--method', 'direct', '--concurrency', '3', '--progress', 'events'];
  await runCdk(context, {
    args: ['deploy', '--app', paths.template, ...options, '--outputs-file', outputsFile],
    cwd: paths.folder,
    limitMs: limits.deploy,
    failure: 'The app could not be deployed',
  });
  const byStack = readJson(outputsFile, z.record(z.string(), z.record(z.string(), z.string()))) ?? {};
  const outputs = Object.assign({}, ...Object.values(byStack)) as Outputs;
  const createdAt = await tableCreatedAt(endpoint, outputs);
  if (createdAt === undefined)
    throw new LocalFault(
      'deploy-failed',
      `The deployment succeeded, but ${endpoint} has no audit table; run \`node bin/holdpoint.mjs local down\`, then start again.`,
    );
  await putRoster(endpoint, outputs, paths.stage);
  return { digest, endpoint, tableCreatedAt: createdAt, outputs, version: productVersion() };
};

/** Uploads the people of the stage, as an operator does on AWS: the functions read them there. */
const putRoster = async (endpoint: string, outputs: Outputs, stageFile: string): Promise<void> => {
  const stage = readJson(stageFile, stageSchema);
  if (stage === undefined)
    throw new LocalFault('folder-damaged', `${stageFile} is missing; run \`node bin/holdpoint.mjs local down\`, then start again.`);
  const client = new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
  try {
    const Body = JSON.stringify(stage.roster);
    await client.send(
      new PutObjectCommand({ Bucket: outputOf(outputs, 'RosterBucket'), Key: rosterKey, Body, ContentType: 'application/json' }),
    );
  } finally {
    client.destroy();
  }
};

/** The line that says why: the resource that CloudFormation could not create, else the first error, else the last line. */
export const failureReason = (output: string): string => {
  const lines = linesOf(output);
  return quoted(
    lines.find((line) => /_FAILED\b/.test(line)) ?? lines.find((line) => /\b\w*(Error|Fault|failed)\b/.test(line)) ?? lines.at(-1),
  );
};

/** Turns CloudFormation's event lines into short progress messages, such as `Holdpoint-local-App 12/80`. */
export const cdkProgress = (say: (message: string) => void): ((line: string) => void) => {
  let last = '';
  return (line) => {
    const match = /^(\S+) \|\s*(\d+)\/(\d+) \|/.exec(line.trim());
    const message = match === null ? '' : `${match[1]} ${match[2]}/${match[3]}`;
    if (message === '' || message === last) return;
    last = message;
    say(message);
  };
};
