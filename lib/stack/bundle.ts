import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { openApiDocument } from '../api/document.ts';
import type { Stage } from '../checklist/stage.ts';
import { checklistFor } from '../checklist/stage-checklist.ts';
import { scriptFile, scriptText } from '../console-script.ts';
import { recordLimits } from '../evidence/record-limits.ts';
import { type FunctionName, factsOf, functionNames } from '../lambda-manifest.ts';
import { typeFacts } from '../registry/evidence-types.ts';
import { factWords } from '../registry/written-words.ts';
import { capabilitiesOf } from './capabilities.ts';
import { ownAddresses } from './own-addresses.ts';
import { slimDependencies } from './slim-dependencies.ts';
import { wordless } from './wordless.ts';

const lambdas = fileURLToPath(new URL('../../lambdas/', import.meta.url));

/** Some dependencies contain CommonJS and call `require`, which an ES module does not have. */
const banner = "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

const estimate = fileURLToPath(new URL('../local/estimated-usage.ts', import.meta.url));
/** Puts the local stage's estimate of capacity units in the place of DynamoDB's own figures. */
const estimatedUsage: Plugin = {
  name: 'estimated-usage',
  setup: ({ onResolve }) => onResolve({ filter: /[\\/]consumed-capacity\.ts$/ }, () => ({ path: estimate })),
};

const documentFile = 'openapi-document.json';

/**
 * Puts the written OpenAPI document, which lies beside the bundle, in the place of its writer. It changes with the code only, so a function need
 * not carry the parsers of every evidence type to describe them; and it is read at the first request for it, not at each start.
 */
const writtenDocument: Plugin = {
  name: 'written-document',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]lib[\\/]api[\\/]document\.ts$/ }, () => ({
      contents: `import { readFileSync } from 'node:fs';
        let written;
        export const openApiDocument = () => (written ??= JSON.parse(readFileSync(new URL('./${documentFile}', import.meta.url), 'utf8')));`,
    })),
};

/**
 * Puts the written definition of the stage, which lies beside the bundle, in the place of its modules: words for people are no code, and a function
 * that starts need not apply and check deviations again.
 */
const writtenChecklist: Plugin = {
  name: 'written-checklist',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]lib[\\/]checklist[\\/]stage-checklist\.ts$/ }, () => ({
      contents: `import { readFileSync } from 'node:fs';
        export const checklistFor = () => JSON.parse(readFileSync(new URL('./checklist.json', import.meta.url), 'utf8'));`,
    })),
};

/** Puts what is known of the evidence types in the place of their modules, so that a function loads the parser of a type with its first report. */
const writtenTypes: Plugin = {
  name: 'written-types',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]lib[\\/]registry[\\/]written-types\.ts$/ }, () => ({
      contents: `export const typeFacts = ${JSON.stringify(typeFacts)};`,
    })),
};

/** Puts the words for facts in the place of the schemas that give them: a page shows facts of every type, and parses none. */
const writtenWords: Plugin = {
  name: 'written-words',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]lib[\\/]registry[\\/]written-words\.ts$/ }, () => ({
      contents: `export const factWords = ${JSON.stringify(factWords)};`,
    })),
};

/** Puts the names and limits of the kinds of records in the place of their modules: rules judge facts, and only a parser needs the schemas. */
const writtenRecords: Plugin = {
  name: 'written-records',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]lib[\\/]evidence[\\/]record-limits\.ts$/ }, () => ({
      contents: `export const recordLimits = ${JSON.stringify(recordLimits)};`,
    })),
};

/** Puts the variables of the functions in the place of their manifest: what a role permits is for the stack. */
const writtenVariables: Plugin = {
  name: 'written-variables',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]lib[\\/]lambda-manifest\.ts$/ }, () => ({
      contents: `const variables = ${JSON.stringify(Object.fromEntries(functionNames.map((name) => [name, factsOf(name).variables])))};
        export const factsOf = (name) => ({ variables: variables[name] });`,
    })),
};

/** Puts the script of the pages, as text, in the place of what makes it: a function carries no esbuild and no source of the script. */
const writtenScript: Plugin = {
  name: 'written-script',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]lib[\\/]console-script\.ts$/ }, () => ({
      contents: `export const scriptText = ${JSON.stringify(scriptText)};
        export const scriptFile = ${JSON.stringify(scriptFile)};`,
    })),
};

const everywhere = [
  slimDependencies,
  ownAddresses,
  writtenDocument,
  writtenChecklist,
  writtenTypes,
  writtenWords,
  writtenRecords,
  writtenVariables,
  writtenScript,
];
const settings = {
  outdir: lambdas,
  outExtension: { '.js': '.mjs' },
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
  banner: { js: banner },
} as const satisfies BuildOptions;

/**
 * Bundles an entry file as an ES module for Lambda's Node 24. The SDK is part of the bundle, because audit software should run the code
 * that it was tested with.
 */
export const bundleFile = async (entry: string, plugins: readonly Plugin[] = []): Promise<Uint8Array> => {
  const [bundle] = await bundleFiles([entry], plugins);
  if (bundle === undefined) throw new Error(`esbuild gave no bundle for ${entry}`);
  return bundle;
};

/** One file for each entry file. One build of all takes less than half of what many take, because it reads a shared module once. */
const bundleFiles = async (entries: readonly string[], plugins: readonly Plugin[]): Promise<readonly Uint8Array[]> => {
  const { outputFiles } = await build({ ...settings, entryPoints: [...entries], plugins: [...plugins, ...everywhere] });
  // In the order of the entry files.
  return outputFiles.map(({ contents }) => contents);
};

/**
 * A folder per function under `folder`, each with `index.mjs` and what it loads on demand, the stage's configuration and the definition beside it,
 * and the OpenAPI document where it is served: what `createStacks` deploys. Without the people: bundles are kept in the account for ever, and a
 * change of a person would deploy every function anew.
 */
export const bundleAll = async (stage: Stage, folder: string): Promise<void> => {
  const { roster: _, ...deployed } = stage;
  const can = capabilitiesOf(stage);
  const plugins = can.consumedCapacity ? [] : [estimatedUsage];
  await Promise.all([
    ...(can.shop ? [bundleShop('build', join(folder, 'shop')), bundleShop('build:stop-requests', join(folder, 'shop-stop-requests'))] : []),
    bundleFunctions(folder, plugins),
  ]);
  const [stageText, checklistText] = [JSON.stringify(deployed), JSON.stringify(checklistFor(stage.deviations))];
  for (const name of functionNames) {
    writeFileSync(join(folder, name, 'stage.json'), stageText);
    writeFileSync(join(folder, name, 'checklist.json'), checklistText);
  }
};

/** A file of a bundle, with its name in the folder of the function. */
type BundleFile = { readonly name: string; readonly contents: Uint8Array };

/** These show rules to people, on pages and in answers. */
export const showing: readonly FunctionName[] = ['api-people', 'api-audit'];

const bundleFunctions = async (folder: string, plugins: readonly Plugin[]): Promise<void> => {
  const whole = functionNames.filter((name) => factsOf(name).onDemandLimit === undefined);
  const parted = functionNames.filter((name) => factsOf(name).onDemandLimit !== undefined);
  const silent = [...plugins, wordless];
  const groups = [
    { names: whole.filter((name) => showing.includes(name)), plugins },
    { names: whole.filter((name) => !showing.includes(name)), plugins: silent },
  ];
  const [bundles, parts] = await Promise.all([
    Promise.all(
      groups.map(({ names, plugins: own }) =>
        bundleFiles(
          names.map((name) => join(lambdas, `${name}.ts`)),
          own,
        ),
      ),
    ),
    Promise.all(parted.map((name) => bundleInParts(name, showing.includes(name) ? plugins : silent))),
  ]);
  for (const [group, { names }] of groups.entries())
    for (const [place, contents] of (bundles[group] ?? []).entries())
      write(join(folder, names[place] ?? ''), [{ name: 'index.mjs', contents }]);
  for (const [place, files] of parts.entries()) write(join(folder, parted[place] ?? ''), files);
};

/**
 * `index.mjs` and, in files beside it, what the function imports when it needs it. A build of its own for each function, because in one build of
 * several their files would be shared, with what any of them needs in each.
 */
const bundleInParts = async (name: FunctionName, plugins: readonly Plugin[]): Promise<readonly BundleFile[]> => {
  const { outputFiles } = await build({
    ...settings,
    entryPoints: [{ in: join(lambdas, `${name}.ts`), out: 'index' }],
    splitting: true,
    chunkNames: '[name]-[hash]',
    plugins: [...plugins, ...everywhere],
  });
  const files = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
  // esbuild makes a file also of what only a dropped part of a dependency would import.
  const used = reached(anyImport, (name) => Buffer.from(files.find((file) => file.name === name)?.contents ?? '').toString());
  return files.filter(({ name }) => used.includes(name));
};

const statement = /(?:\bfrom|\bimport) ?"\.\/([\w.-]+\.mjs)"/g;
const anyImport = /(?:\bfrom|\bimport) ?\(?"\.\/([\w.-]+\.mjs)"/g;

/** `index.mjs`, and the files that it imports in this form, directly or not. */
const reached = (form: RegExp, textOf: (name: string) => string): readonly string[] => {
  const files = ['index.mjs'];
  // The list grows while the loop walks it.
  for (const file of files) for (const [, name = ''] of textOf(file).matchAll(form)) if (!files.includes(name)) files.push(name);
  return files;
};

const write = (folder: string, files: readonly BundleFile[]): void => {
  // Files of an earlier bundle would be deployed with it.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, contents } of files) writeFileSync(join(folder, name), contents);
  if (files.some(({ contents }) => Buffer.from(contents).includes(documentFile)))
    writeFileSync(join(folder, documentFile), JSON.stringify(openApiDocument()));
};

const shop = fileURLToPath(new URL('../local/shop/', import.meta.url));

/** Builds the service that a local run releases with its own scripts. */
const bundleShop = async (script: string, folder: string): Promise<void> => {
  await promisify(execFile)('npm', ['run', '--silent', script, '--', `--outfile=${join(folder, 'index.mjs')}`], { cwd: shop });
};

/** `bytes`: what a start loads. `onDemand`: bytes that may be loaded later. */
export type Measured = { readonly bytes: number; readonly onDemand: number; readonly importMs: number };

/** Size of the bundles in `folder`, and how long a fresh Node process takes to import each. */
export const measureBundles = (folder: string): Readonly<Record<FunctionName, Measured>> =>
  Object.fromEntries(
    functionNames.map((name) => {
      const file = join(folder, name, 'index.mjs');
      const script = `const from = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(performance.now() - from);`;
      const output = execFileSync(execPath, ['--no-warnings', '--input-type=module', '-e', script], { encoding: 'utf8', timeout: 30_000 });
      const bytesOf = (files: readonly string[]): number => files.reduce((sum, one) => sum + statSync(join(folder, name, one)).size, 0);
      const bytes = bytesOf(startFiles(join(folder, name)));
      return [name, { bytes, onDemand: bytesOf(codeFiles(join(folder, name))) - bytes, importMs: Math.round(Number(output)) }];
    }),
  ) as Record<FunctionName, Measured>;

/** The files of a function's code. */
export const codeFiles = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.mjs'));

/** Those that a start loads. */
export const startFiles = (folder: string): readonly string[] => reached(statement, (name) => readFileSync(join(folder, name), 'utf8'));
