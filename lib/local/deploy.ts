import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Stage } from '../checklist/stage.ts';
import { localAccount, localRegion } from './child-env.ts';
import { LocalFault } from './error-document.ts';
import { type Places, projectFolder, readJson, remove, writeJson } from './paths.ts';
import { type Ran, run } from './run-process.ts';

// The SDK's notice about next year's Node versions would stand between the lines of every command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** The outputs of all stacks, by name. */
export type Outputs = Readonly<Record<string, string>>;
const deployedSchema = z.object({
  /** Of everything that the deployment was made from. */
  digest: z.string(),
  /** Where it was made, and the instant at which the trail's table was made there: another table is another deployment. */
  endpoint: z.string(),
  tableMadeAt: z.string(),
  outputs: z.record(z.string(), z.string()),
});
export type Deployed = z.infer<typeof deployedSchema>;

/** Milliseconds. A deployment takes seconds; on an endpoint that hangs it would wait for an hour. */
const limits = { synthesis: 180_000, bootstrap: 180_000, deploy: 300_000 } as const;

const cdk = join(projectFolder, 'node_modules/aws-cdk/bin/cdk');
const sources = ['bin/app.ts', 'cdk.json', 'package-lock.json', 'tsconfig.json', 'lambdas', 'lib'];
/** They take no part in what is deployed. */
const apart = ['lib/local', 'lib/cli'];

/** Digest of everything that the deployment is made from: sources, lockfile, stage. The definition is part of both. */
export const deploymentDigest = (stage: Stage, folder: string = projectFolder): string => {
  const hash = createHash('sha256');
  for (const file of sources.flatMap((source) => filesOf(join(folder, source), folder))) {
    const bytes = readFileSync(file);
    hash.update(`${relative(folder, file)}\n${bytes.length}\n`).update(bytes);
  }
  return hash.update(JSON.stringify(stage)).digest('hex');
};

const filesOf = (path: string, folder: string): string[] => {
  if (apart.includes(relative(folder, path))) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesOf(join(path, name), folder));
};

/** What an earlier start noted; whether the endpoint still has it is another question. */
export const standingNote = (places: Places): Deployed | undefined => readJson(places.deployed, deployedSchema);

/** What an earlier start deployed, when this endpoint still has it. */
export const standing = async (places: Places, endpoint: string): Promise<Deployed | undefined> => {
  const deployed = standingNote(places);
  if (deployed === undefined || deployed.endpoint !== endpoint) return undefined;
  return (await tableMadeAt(endpoint, deployed.outputs)) === deployed.tableMadeAt ? deployed : undefined;
};

const tableMadeAt = async (endpoint: string, outputs: Outputs): Promise<string | undefined> => {
  const client = new DynamoDBClient(clientConfig(endpoint));
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: outputOf(outputs, 'AuditTable') }));
    return Table?.CreationDateTime?.toISOString();
  } catch (fault) {
    if (fault instanceof Error && fault.name === 'ResourceNotFoundException') return undefined;
    throw fault;
  } finally {
    client.destroy();
  }
};

/** Dummy credentials and this endpoint, whatever the caller's environment says. */
export const clientConfig = (endpoint: string) => ({
  endpoint,
  region: localRegion,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 3,
});

export const outputOf = (outputs: Outputs, name: string): string => {
  const value = outputs[name];
  if (value === undefined)
    throw new LocalFault('deploy-failed', `The deployed app has no output ${name}; run \`npx holdpoint local down\`, then start again.`);
  return value;
};

type Work = {
  readonly places: Places;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly say: (message: string) => void;
};

/** The very app that goes to AWS, with the local stage's configuration. Needs no endpoint. */
export const synthesise = async ({ places, env, signal }: Work): Promise<void> => {
  // The CDK's own check of the templates takes most of a synthesis; `npm test` makes it, and it changes nothing in what is deployed.
  const quickly = { ...env, CDK_VALIDATION: 'false' };
  writeFileSync(places.deployLog, '');
  remove(places.template);
  const args = ['synth', '--quiet', '--no-notices', '--output', places.template, '--context', `stageFile=${places.stage}`];
  told(
    'The app could not be synthesised',
    places,
    await run(process.execPath, [cdk, ...args], {
      cwd: projectFolder,
      env: quickly,
      signal,
      limitMs: limits.synthesis,
      log: places.deployLog,
    }),
  );
};

/** Roles and the assets bucket that every CDK deployment needs. Repeating it changes nothing. */
export const bootstrap = async ({ places, env, signal, say }: Work): Promise<void> => {
  const args = ['bootstrap', `aws://${localAccount}/${localRegion}`, '--no-notices'];
  const ran = await run(process.execPath, [cdk, ...args], {
    cwd: places.folder,
    env,
    signal,
    limitMs: limits.bootstrap,
    log: places.deployLog,
    onLine: progress(say),
  });
  told('The account could not be prepared', places, ran);
};

/** Deploys what was synthesised and notes it, with the outputs of its stacks. */
export const deploy = async (
  { places, env, signal, say }: Work,
  { digest, endpoint }: Pick<Deployed, 'digest' | 'endpoint'>,
): Promise<Deployed> => {
  const outputsFile = join(places.folder, 'outputs.json');
  remove(places.deployed);
  remove(outputsFile);
  const args = [
    'deploy',
    '--app',
    places.template,
    '--all',
    '--require-approval',
    'never',
    '--method',
    'direct',
    '--concurrency',
    '3',
    '--progress',
    'events',
    '--no-notices',
    '--outputs-file',
    outputsFile,
  ];
  const ran = await run(process.execPath, [cdk, ...args], {
    cwd: places.folder,
    env,
    signal,
    limitMs: limits.deploy,
    log: places.deployLog,
    onLine: progress(say),
  });
  told('The app could not be deployed', places, ran);
  const byStack = readJson(outputsFile, z.record(z.string(), z.record(z.string(), z.string()))) ?? {};
  const outputs = Object.assign({}, ...Object.values(byStack)) as Outputs;
  const madeAt = await tableMadeAt(endpoint, outputs);
  if (madeAt === undefined)
    throw new LocalFault(
      'deploy-failed',
      `The deployment ended well, but ${endpoint} has no table for the trail; run \`npx holdpoint local down\`, then start again.`,
    );
  return { digest, endpoint, tableMadeAt: madeAt, outputs };
};

/** Noted only when the settings after the deployment are made, too. */
export const noteDeployed = (places: Places, deployed: Deployed): void => writeJson(places.deployed, deployed);

const told = (what: string, places: Places, { code, output, timedOut }: Ran): void => {
  if (code === 0) return;
  throw new LocalFault(
    'deploy-failed',
    `${what}: ${timedOut ? 'it took too long and was ended' : reasonIn(output)} (all of it is in ${places.deployLog}).`,
  );
};

/** The line that says why: CloudFormation's failed resource, else the first error, else the last line. */
export const reasonIn = (output: string): string => {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const found =
    lines.find((line) => /_FAILED\b/.test(line)) ?? lines.find((line) => /\b\w*(Error|Fault|failed)\b/.test(line)) ?? lines.at(-1);
  return (found ?? 'it said nothing').slice(0, 400);
};

/** CloudFormation's events as short progress: `Holdpoint-local-App 12/80`. */
export const progress = (say: (message: string) => void): ((line: string) => void) => {
  let last = '';
  return (line) => {
    const match = /^(\S+) \|\s*(\d+)\/(\d+) \|/.exec(line.trim());
    const message = match === null ? '' : `${match[1]} ${match[2]}/${match[3]}`;
    if (message === '' || message === last) return;
    last = message;
    say(message);
  };
};
