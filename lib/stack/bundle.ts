import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { Stage } from '../checklist/stage.ts';

const lambdas = fileURLToPath(new URL('../../lambdas/', import.meta.url));

/** The functions, by the name of their entry file; the prefix says who calls. */
export const functionNames = [
  'api-authorizer',
  'api-ci',
  'api-people',
  'api-audit',
  'task-opener',
  'event-reconciler',
  'event-feed',
  'event-sweep',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** Upper limits of a bundle, in bytes. */
export const bundleLimit = (name: FunctionName): number => (name.startsWith('api-') && name !== 'api-authorizer' ? 1_200_000 : 500_000);

/** The bundle carries the SDK itself, because audit software should run the code that it was tested with; but not its chain of credential providers. */
const instead = { '@aws-sdk/credential-provider-node': join(lambdas, 'shell/credentials.ts') };

/** Some dependencies are CommonJS inside and call `require`, which an ES module does not have. */
const banner = "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/**
 * The SDK writes member names of its schemas as `[_name]:` with a constant of the same file. A bundler must keep every such object, used
 * or not, because a computed name could run code. With the constants' values put in, the schemas of unused commands fall away: 15 to
 * 20 % of a bundle. The meaning is the same.
 */
export const plainNames = (source: string): string => {
  const names = new Map([...source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]));
  return source.replace(/\[(\w+)\]:/g, (whole, name: string) => (names.has(name) ? `${names.get(name)}:` : whole));
};

/** Every word of our functions: an error that is not among them is told from others by nobody. */
const words = (): ReadonlySet<string> =>
  new Set(
    readdirSync(lambdas, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => readFileSync(join(lambdas, file), 'utf8').match(/\w+/g) ?? []),
  );

/**
 * The SDK registers a class for every error of a service, which keeps them all: half of a client. One that nobody names arrives as the
 * service's own exception instead, with the same name, message and status; the SDK's retries look at those.
 */
export const namedErrors = (source: string, named: ReadonlySet<string>): string =>
  source.replace(/^n0_registry\.registerError\([\w$]+, (\w+)\);$/gm, (whole, error: string) => (named.has(error) ? whole : ''));

/** Of its own package file a client tells the version, and nothing else. */
const versionOf = (file: string): string => JSON.stringify({ version: (JSON.parse(file) as { readonly version: string }).version });

/** Modules that can be reached and are never asked, each with what stands for it. */
const unasked: readonly (readonly [RegExp, string])[] = [
  // The mails have no attachments, so that the table of some thousand file types is not looked into.
  [
    /nodemailer[\\/].*[\\/]mime-types\.js$/,
    "export const detectMimeType = () => 'application/octet-stream'; export const detectExtension = () => 'bin';",
  ],
  // Nothing in a mail is fetched from anywhere: the mailer forbids it.
  [/nodemailer[\\/].*[\\/]fetch[\\/]index\.js$/, "export default () => { throw new Error('a mail fetches nothing'); };"],
  // No command of ours streams events.
  [
    /@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]event-streams[\\/]index\.js$/,
    'export const resolveEventStreamSerdeConfig = (input) => input; export const eventStreamSerdeProvider = () => ({}); export class EventStreamSerde {}',
  ],
  // DynamoDB's client keeps discovered endpoints in it; discovery is off. A map does the same without a bound.
  [/mnemonist[\\/]lru-cache\.js$/, 'export default class extends Map { constructor() { super(); } peek(key) { return this.get(key); } }'],
];

const lean: Plugin = {
  name: 'lean',
  setup: ({ onLoad }) => {
    const named = words();
    onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, ({ path }) => ({
      contents: namedErrors(plainNames(readFileSync(path, 'utf8')), named),
      loader: 'js',
    }));
    onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, ({ path }) => ({
      contents: versionOf(readFileSync(path, 'utf8')),
      loader: 'json',
    }));
    for (const [filter, contents] of unasked) onLoad({ filter }, () => ({ contents, loader: 'js' }));
  },
};

/** Bundles an entry file as an ES module for Lambda's Node 24. */
export const bundleFile = async (entry: string): Promise<Uint8Array> => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'error',
    alias: instead,
    banner: { js: banner },
    plugins: [lean],
  });
  const contents = outputFiles[0]?.contents;
  if (contents === undefined) throw new Error(`esbuild gave no bundle for ${entry}`);
  return contents;
};

/** A folder per function under `folder`, each with `index.mjs` and the stage's configuration beside it: what `createStacks` deploys. */
export const bundleAll = async (stage: Stage, folder: string): Promise<void> => {
  await Promise.all(
    functionNames.map(async (name) => {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'index.mjs'), await bundleFile(join(lambdas, `${name}.ts`)));
      writeFileSync(join(folder, name, 'stage.json'), JSON.stringify(stage));
    }),
  );
};

export type Measured = { readonly bytes: number; readonly importMs: number };

/** What the bundles in `folder` weigh, and how long a fresh process of this Node takes to import each. */
export const measureBundles = (folder: string): Readonly<Record<FunctionName, Measured>> =>
  Object.fromEntries(
    functionNames.map((name) => {
      const file = join(folder, name, 'index.mjs');
      const script = `const from = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(performance.now() - from);`;
      const said = execFileSync(execPath, ['--no-warnings', '--input-type=module', '-e', script], { encoding: 'utf8', timeout: 30_000 });
      return [name, { bytes: statSync(file).size, importMs: Math.round(Number(said)) }];
    }),
  ) as Record<FunctionName, Measured>;
