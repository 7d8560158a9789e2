import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Stage } from '../checklist/stage.ts';

const lambdas = fileURLToPath(new URL('../../lambdas/', import.meta.url));

/** The functions, by the name of their entry file; the prefix says who calls. */
export const functionNames = ['api-authorizer', 'api-ci', 'api-people', 'api-audit', 'task-opener', 'event-settler', 'event-feed', 'event-pulse'] as const;
export type FunctionName = (typeof functionNames)[number];

/** Upper limits of a bundle, in bytes. */
export const bundleLimit = (name: FunctionName): number => (name.startsWith('api-') && name !== 'api-authorizer' ? 1_200_000 : 500_000);

/**
 * Modules that a function never needs, each replaced by one of ours. The bundle carries the SDK itself, because audit software
 * should run the code that it was tested with.
 */
const instead = { '@aws-sdk/credential-provider-node': join(lambdas, 'shell/credentials.ts') };

/** Some dependencies are CommonJS inside and call `require`, which an ES module does not have. */
const banner = "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** Bundles one function's entry file as an ES module for Lambda's Node 24. */
export const bundleEntry = (name: FunctionName): Uint8Array => {
  const { outputFiles } = buildSync({
    entryPoints: [join(lambdas, `${name}.ts`)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: false,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'error',
    alias: instead,
    banner: { js: banner },
  });
  const contents = outputFiles[0]?.contents;
  if (contents === undefined) throw new Error(`esbuild gave no bundle for ${name}`);
  return contents;
};

/** A folder with `index.mjs` and the stage's configuration beside it, ready to be an asset. The caller of the synthesis owns `folder`. */
export const bundleFunction = (name: FunctionName, stage: Stage, folder: string = join(tmpdir(), `holdpoint-bundles-${process.pid}`)): string => {
  const asset = join(folder, name);
  rmSync(asset, { recursive: true, force: true });
  mkdirSync(asset, { recursive: true });
  writeFileSync(join(asset, 'index.mjs'), bundleEntry(name));
  writeFileSync(join(asset, 'stage.json'), JSON.stringify(stage));
  return asset;
};
