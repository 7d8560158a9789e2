import { basename } from 'node:path';
import * as z from 'zod';
import { baseChecklist } from '../checklist/checklist.ts';
import { jsonOrYaml } from '../evidence/yaml.ts';
import { isContainerFile, lacking } from '../profile/needs.ts';
import type { Repository } from '../profile/repository.ts';
import { toolsLookedFor } from '../profile/signs.ts';
import { startingProfile } from '../profile/starting.ts';
import { typesOfFile } from '../registry/evidence.ts';
import { counted } from '../wording.ts';
import { read } from './arguments.ts';
import { git } from './git.ts';
import { type Command, type Io, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';

const options = { output: { type: 'string' }, service: { type: 'string' }, days: { type: 'string' } } as const;
const usualDays = 90;
const dayMs = 86_400_000;

export const init: Command = {
  usage: [
    'holdpoint init [--output FILE] [--service NAME] [--days N]',
    '',
    'Looks at the files that git knows (package.json, an OpenAPI document, documents, Dockerfile, tests, workflows) and writes a commented profile of',
    `the service: features, guides, endpoints, ports. Every check that needs what the repository lacks, or cannot show, is observed for N days (default`,
    `${usualDays}): it is judged and shown, and holds nothing until then. What to send stands behind each. A file that exists is not overwritten.`,
  ].join('\n'),
  binds: 'the repository of this folder, of which it reads the files that git knows; nothing is sent',
  defaults: '--output holdpoint.yaml, --service from package.json or else the name of the folder, --days 90',
  examples: ['holdpoint init', 'holdpoint init --service shop --days 30 --output holdpoint.yaml'],
  prints: z.object({ file: z.string(), service: z.string(), until: z.string(), observed: z.record(z.string(), z.string()) }),
  run: async (argv, io) => {
    const { values } = read(argv, options, []);
    const output = values.output ?? 'holdpoint.yaml';
    const days = Number(values.days ?? usualDays);
    if (!Number.isInteger(days) || days < 1 || days > 365)
      throw new Usage(`--days ${values.days}: a whole number from 1 to 365 is expected`);
    if (await exists(io, output)) throw new Usage(`${output} exists already: remove it first, or name another file with --output`);
    const repository = await look(io, values.service);
    const until = new Date(io.now().getTime() + days * dayMs).toISOString().slice(0, 10);
    await io.writeFile(output, startingProfile(baseChecklist, repository, until));
    const observed = lacking(baseChecklist, repository);
    io.out(
      values.json
        ? jsonText({ file: output, service: repository.service, until, observed: Object.fromEntries(observed) })
        : `${[
            `The profile of ${plain(repository.service)} is in ${plain(output)}. Read it, and name the features as your users do.`,
            `${counted(observed.size, 'check is', 'checks are')} observed until ${until}, because the repository lacks what they need or cannot show it.`,
            `Next: holdpoint profile check ${plain(output)}`,
          ].join('\n')}\n`,
    );
    return 0;
  },
};

const exists = (io: Io, path: string): Promise<boolean> =>
  io.entryOf(path, false).then(
    () => true,
    () => false,
  );

const look = async (io: Io, service: string | undefined): Promise<Repository> => {
  const files = (await git(io, ['ls-files', '-z'])).split('\0').filter((path) => path !== '');
  const manifest = objectOf(await valueIn(io, files, 'package.json'));
  const manifests = files.filter((path) => basename(path) === 'package.json').slice(0, mostManifests);
  const packages = await Promise.all(manifests.map(async (path) => objectOf(await valueIn(io, files, path))));
  const name =
    service ??
    (typeof manifest.name === 'string'
      ? manifest.name.replace(/^@[^/]*\//, '')
      : basename((await git(io, ['rev-parse', '--show-toplevel'])).trim()));
  if (service !== undefined && serviceName(service) !== service)
    throw new Usage(`--service ${service}: letters, digits, dot, underscore and hyphen are expected`);
  return {
    service: serviceName(name),
    files,
    dependencies: packages.flatMap((one) => ['dependencies', 'devDependencies'].flatMap((member) => Object.keys(objectOf(one[member])))),
    openapi: await openapiIn(io, files),
    ports: await portsIn(io, files),
    records: await recordsIn(io),
    tools: await toolsIn(io),
  };
};

const serviceName = (name: string): string =>
  name
    .replace(/[^a-zA-Z0-9._-]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, 64) || 'service';
const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};

/** Of a repository with many packages the rest tells nothing new. */
const mostManifests = 200;
const mostBytes = 2 * 1024 * 1024;

/** The text of a file that git knows; undefined where no such file can be read. */
const textIn = async (io: Io, files: readonly string[], path: string): Promise<string | undefined> => {
  if (!files.includes(path)) return undefined;
  const bytes = await io.readFile(path).catch(() => undefined);
  return bytes === undefined || bytes.byteLength > mostBytes ? undefined : new TextDecoder().decode(bytes);
};

const valueIn = async (io: Io, files: readonly string[], path: string): Promise<unknown> => {
  const text = await textIn(io, files, path);
  return text === undefined ? undefined : jsonOrYaml(text);
};

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** The first document that has operations: those of a usual name first, and the shortest path, which is nearest to the top. Swagger 2 is no evidence. */
const openapiIn = async (io: Io, files: readonly string[]): Promise<Repository['openapi']> => {
  const hasName = (path: string): boolean => typesOfFile(basename(path)).includes('openapi');
  const saying = (await io.output('git', ['grep', '-lzE', '^[^#]{0,20}"?openapi"?[[:space:]]*:', '--', '*.json', '*.yaml', '*.yml'])).text;
  const others = saying.split('\0').filter((path) => files.includes(path) && !hasName(path));
  const byLength = (paths: readonly string[]): readonly string[] => paths.toSorted((a, b) => a.length - b.length);
  for (const path of [...byLength(files.filter(hasName)), ...byLength(others).slice(0, mostManifests)]) {
    const document = objectOf(await valueIn(io, files, path));
    if (typeof document.openapi !== 'string') continue;
    const endpoints = Object.entries(objectOf(document.paths)).flatMap(([at, item]) =>
      methods.flatMap((method) => (/^\/\S*$/.test(at) && objectOf(item)[method] !== undefined ? [`${method.toUpperCase()} ${at}`] : [])),
    );
    if (endpoints.length > 0) return { path, endpoints };
  }
  return undefined;
};

const portsIn = async (io: Io, files: readonly string[]): Promise<readonly number[]> => {
  const texts = await Promise.all(files.filter(isContainerFile).map((path) => textIn(io, files, path)));
  return texts
    .flatMap((text = '') => [...text.matchAll(/^\s*EXPOSE\s+(.+)$/gim)])
    .flatMap(([, said = '']) => [...said.matchAll(/(?<![\w-])(\d{1,5})(?=\/|\s|$)/g)].map(([, port]) => Number(port)))
    .filter((port) => port >= 1 && port <= 65_535);
};

/** The kinds of records that some file names. git ends with 1 where no file does. */
const recordsIn = async (io: Io): Promise<readonly string[]> => {
  const { code, text } = await io.output('git', ['grep', '-hoE', 'holdpoint\\.[a-z-]+/1']);
  return code === 0 ? [...new Set([...text.matchAll(/holdpoint\.([a-z-]+)\/1/g)].map(([, kind = '']) => kind))] : [];
};

/** Files that say how a repository is built and released, for git. */
const buildFiles = [
  ...['*.yml', '*.yaml', '*.toml', '*.gradle', '*.kts', '*.sh', '*.mk', '*.csproj', '*.tf'],
  ...[
    '*package.json',
    '*Makefile',
    '*Jenkinsfile*',
    '*Dockerfile*',
    '*pom.xml',
    '*requirements*.txt',
    '*go.mod',
    '*justfile',
    '*Taskfile*',
  ],
] as const;

/** The tools that these files name, as words of their own. */
const toolsIn = async (io: Io): Promise<readonly string[]> => {
  const words = toolsLookedFor.map((tool) => tool.replace(' ', '[[:space:]]+')).join('|');
  const { code, text } = await io.output('git', ['grep', '-hoiE', `(^|[^a-zA-Z0-9])(${words})([^a-zA-Z0-9]|$)`, '--', ...buildFiles]);
  const said = code === 0 ? text.toLowerCase().replace(/\s+/g, ' ') : '';
  return toolsLookedFor.filter((tool) => said.includes(tool));
};
