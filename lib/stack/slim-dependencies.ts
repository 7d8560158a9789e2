import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/**
 * Everything that the bundler changes in the code of dependencies, above all of the AWS SDK. `slimDependencies` in bundle.ts is the only use:
 * without it the bundles carry the dependencies as published and do the same, but the limits in lib/lambda-manifest.ts have to be raised.
 *
 * Bundle sizes without and with this file: event-feed 696 KB and 460 KB, rollback-declarer 660 KB and 425 KB.
 */

const lambdas = fileURLToPath(new URL('../../lambdas/', import.meta.url));
const library = fileURLToPath(new URL('../', import.meta.url));

/**
 * The SDK writes member names of its schemas as `[_name]:` with a constant of the same file. A bundler must keep every such object, used
 * or not, because a computed name could run code. With the values of the constants written out, the bundler drops the schemas of unused
 * commands: 15 to 20 % of a bundle.
 */
export const plainNames = (source: string): string => {
  const names = new Map([...source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]));
  return source.replace(/\[(\w+)\]:/g, (whole, name: string) => (names.has(name) ? `${names.get(name)}:` : whole));
};

const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));

/** Every word in our functions. An error class that is not among them is never matched with `instanceof`. */
const words = (): ReadonlySet<string> => new Set(filesIn(lambdas, '.ts').flatMap((file) => readFileSync(file, 'utf8').match(/\w+/g) ?? []));

/**
 * The SDK registers a class for every error of a service, which keeps all of them in the bundle: half of a client. An error that our code
 * does not name arrives as the service's base exception instead, with the same name, message and status, which is what the SDK's retries read.
 */
export const namedErrors = (source: string, named: ReadonlySet<string>): string =>
  source.replace(/^n0_registry\.registerError\([\w$]+, (\w+)\);$/gm, (whole, error: string) => (named.has(error) ? whole : ''));

/**
 * Every schema of zod carries what writes it as JSON Schema, in case it is asked to: 19 KB of a function that never asks. `z.toJSONSchema` itself
 * works without it, and is carried where it is called. So do the members that say a schema's limits, such as `minLength`: our code reads none.
 */
export const withoutJsonSchema = (source: string): string =>
  source
    .replace(/^ +inst\._zod\.processJSONSchema = \(ctx, json, params\) => processors\.\w+\(inst, ctx, json, params\);$/gm, '')
    .replace(/^ {4}\w+: \(inst\) => processors\.aggregateChecks\(inst\)\.\w+ \?\? null,\n/gm, '')
    .replace(/^ {4}\w+: \(inst\) => \{\n {8}const \{.*\} = processors\.aggregateChecks\(inst\);\n(?: {8}.*\n)+ {4}\},\n/gm, '')
    .replace(/^ +jsonSchema: \{\n(?: +(?:input|output): createStandardJSONSchemaMethod\(this, "\w+"\),\n){2} +\},$/m, '')
    .replace(/^ {4}toJSONSchema\(params\) \{\n +return createToJSONSchemaMethod\(this, \{\}\)\(params\);\n {4}\},$/m, '');

/**
 * Every schema of zod has a method for each kind of schema and each format of texts, so that one schema carries them all. Methods of one statement
 * that nobody calls are left out.
 */
export const calledMethods = (source: string, called: ReadonlySet<string>): string =>
  source.replace(/^ {4}(\w+)\([^()\n]*\) \{\n {8}return .*;\n {4}\},?\n/gm, (whole, name: string) => (called.has(name) ? whole : ''));

/** Every name that is called as a method in our code or in zod's own. */
const calls = (zod: string): ReadonlySet<string> =>
  new Set(
    [...filesIn(lambdas, '.ts'), ...filesIn(library, '.ts'), zod].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\.(\w+)\(/g)].map(([, name = '']) => name),
    ),
  );

/** A client reads nothing but the version from its package file. */
const versionOf = (file: string): string => JSON.stringify({ version: (JSON.parse(file) as { readonly version: string }).version });

const yamlModules = fileURLToPath(new URL('../../node_modules/yaml/browser/dist/index.js', import.meta.url));

/** The names of the clients' services in their hosts. */
const hosts: Readonly<Record<string, string>> = { dynamodb: 'dynamodb', eventbridge: 'events', sfn: 'states' };

/** A client whose host stands here asks at `lambdas/shell/endpoints.ts`; any other keeps its own rules. */
const regionalEndpoint = (path: string): string => {
  const host = hosts[/client-([^\\/]+)/.exec(path)?.[1] ?? ''];
  if (host === undefined) return readFileSync(path, 'utf8');
  return `import { endpointOf } from ${JSON.stringify(join(lambdas, 'shell/endpoints.ts'))};
    export const defaultEndpointResolver = endpointOf(${JSON.stringify(host)});`;
};

/** Modules that our functions never use, although the bundler cannot know it, each with its replacement. */
const unused: readonly (readonly [RegExp, string])[] = [
  // Our mails have no attachments, so the table of some thousand file types is never read.
  [
    /nodemailer[\\/].*[\\/]mime-types\.js$/,
    "export const detectMimeType = () => 'application/octet-stream'; export const detectExtension = () => 'bin';",
  ],
  // YAML is only read, and its tokens are neither edited nor written. A key that is itself a list or a map is written as text for its name,
  // which needs no folding of long lines.
  [
    /yaml[\\/].*[\\/]stringify[\\/]foldFlowLines\.js$/,
    "export const FOLD_BLOCK = 'block'; export const FOLD_FLOW = 'flow'; export const FOLD_QUOTED = 'quoted'; export const foldFlowLines = (text) => text;",
  ],
  // The mailer forbids mails to fetch content.
  [/nodemailer[\\/].*[\\/]fetch[\\/]index\.js$/, "export default () => { throw new Error('a mail may not fetch content'); };"],
  // Node has the hash.
  [/@smithy[\\/]core[\\/].*[\\/]checksum[\\/]sha256[\\/]Sha256Js\.js$/, 'export class Sha256Js {}'],
  // Nobody sets the mode of retries that measures the rate of requests.
  [
    /@smithy[\\/]core[\\/].*[\\/]util-retry[\\/]AdaptiveRetryStrategy\.js$/,
    "export class AdaptiveRetryStrategy { constructor() { throw new Error('the retry mode adaptive is not supported'); } }",
  ],
  // A function has its settings in its environment; there is no file of profiles to ask next.
  [
    /@smithy[\\/]core[\\/].*[\\/]node-config-provider[\\/]fromSharedConfigFiles\.js$/,
    `import { CredentialsProviderError } from "../property-provider/CredentialsProviderError";
      export const fromSharedConfigFiles = () => async () => { throw new CredentialsProviderError('a function has no config files'); };`,
  ],
  // A function has its region in its environment and need not ask the machine for it.
  [
    /@smithy[\\/]core[\\/].*[\\/]regionConfig[\\/]getInstanceMetadataRegion\.js$/,
    'export const getInstanceMetadataRegion = async () => undefined;',
  ],
  // What the rules of endpoints ask about AWS's partitions; `regionalEndpoint` stands in for the rules.
  [/@aws-sdk[\\/]core[\\/].*[\\/]client[\\/]util-endpoints[\\/]aws\.js$/, 'export const awsEndpointFunctions = {};'],
  // None of our schemas uses the keyword of OpenAPI that Ajv knows.
  [/ajv[\\/]dist[\\/]vocabularies[\\/]discriminator[\\/]index\.js$/, 'exports.default = {};'],
  // What AWS may count of a client's settings, and sees nothing of here.
  [/@aws-sdk[\\/]core[\\/].*[\\/]middleware-user-agent[\\/]check-features\.js$/, 'export const checkFeatures = async () => undefined;'],
  // The clients have no logger: it would write what is sent, with tokens and people's words.
  [
    /@aws-sdk[\\/]core[\\/].*[\\/]middleware-logger[\\/]loggerMiddleware\.js$/,
    'export const loggerMiddleware = undefined, loggerMiddlewareOptions = undefined; export const getLoggerPlugin = () => ({ applyToStack: () => undefined });',
  ],
  // Lambda has the Node that the stack names.
  [
    /@aws-sdk[\\/]core[\\/].*[\\/]client[\\/]emitWarningIfUnsupportedVersion\.js$/,
    'export const state = {}; export const emitWarningIfUnsupportedVersion = () => undefined;',
  ],
  // S3 is asked without its client.
  [
    /@smithy[\\/]core[\\/].*[\\/]service-customizations[\\/]s3\.js$/,
    `export const resolveParamsForS3 = async () => { throw new Error('there is no client of S3'); };
      export const DOT_PATTERN = undefined; export const S3_HOSTNAME_PATTERN = undefined;
      export const isArnBucketName = undefined; export const isDnsCompatibleBucketName = undefined;`,
  ],
  // For values that contain themselves. Our one schema that contains itself reads JSON, which cannot.
  [
    /zod[\\/]v4[\\/]core[\\/]memoizer\.js$/,
    'export class $ZodCyclicError extends Error {} export const memoizer = () => undefined; export const isBackEdge = () => false; export const isRecursiveSchema = () => false;',
  ],
  // Our clients speak JSON protocols, whose dates are numbers. Node reads and writes the texts of those that stand in headers.
  [
    /@smithy[\\/]core[\\/].*[\\/]serde[\\/]date-utils\.js$/,
    `const parsed = (value) => {
        if (value === null || value === undefined) return undefined;
        const date = new Date(value);
        if (typeof value !== 'string' || Number.isNaN(date.getTime())) throw new TypeError('not a date');
        return date;
      };
      export { parsed as parseRfc3339DateTime, parsed as parseRfc3339DateTimeWithOffset, parsed as parseRfc7231DateTime };
      export const dateToUtcString = (date) => date.toUTCString();
      export const parseEpochTimestamp = (value) => {
        if (value === null || value === undefined) return undefined;
        if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError('not the seconds of a date');
        return new Date(Math.round(value * 1000));
      };`,
  ],
  // Their commands have no label in a path or a host.
  [
    /@smithy[\\/]core[\\/].*[\\/]protocols[\\/]HttpBindingNormalizedSchema\.js$/,
    `import { translateTraits } from "../schema";
      export const getHttpOperationBindings = ({ traits = {} }) => {
        const { http, endpoint } = translateTraits(traits);
        return [http?.[0], http?.[1], [], undefined, endpoint?.[0]];
      };
      export class HttpBindingNormalizedSchema { static of() { throw new Error('a command with a label in its host is not supported'); } }`,
  ],
  // We call no command that streams events.
  [
    /@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]event-streams[\\/]index\.js$/,
    'export const resolveEventStreamSerdeConfig = (input) => input; export const eventStreamSerdeProvider = () => ({}); export class EventStreamSerde {}',
  ],
  // DynamoDB's client keeps discovered endpoints in it; discovery is off. A map does the same without a bound.
  [/mnemonist[\\/]lru-cache\.js$/, 'export default class extends Map { constructor() { super(); } peek(key) { return this.get(key); } }'],
];

export const slimDependencies: Plugin = {
  name: 'slim-dependencies',
  setup: ({ onLoad, onResolve }) => {
    const named = words();
    // A function has its credentials in its environment; the SDK's chain of other providers is never asked.
    // The same library as modules, of which the bundler drops what nobody calls.
    onResolve({ filter: /^yaml$/ }, () => ({ path: yamlModules }));
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({ path: join(lambdas, 'shell/credentials.ts') }));
    onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, ({ path }) => ({
      contents: namedErrors(plainNames(readFileSync(path, 'utf8')), named),
      loader: 'js',
    }));
    onLoad({ filter: /zod[\\/]v4[\\/]classic[\\/]schemas\.js$/ }, ({ path }) => ({
      contents: calledMethods(withoutJsonSchema(readFileSync(path, 'utf8')), calls(path)),
      loader: 'js',
    }));
    onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, ({ path }) => ({
      contents: versionOf(readFileSync(path, 'utf8')),
      loader: 'json',
    }));
    onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]endpoint[\\/]endpointResolver\.js$/ }, ({ path }) => ({
      contents: regionalEndpoint(path),
      loader: 'js',
    }));
    for (const [filter, contents] of unused) onLoad({ filter }, () => ({ contents, loader: 'js' }));
  },
};
