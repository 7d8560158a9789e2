import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { runTool, type Workspace } from './workspace.ts';

/** Release 2 really fails for orders that release 1 stored. */
export type ReleaseNumber = 1 | 2;

/** A checkout of the released service, in a repository of its own inside the demo's folder. */
export type ShopSource = {
  readonly folder: string;
  readonly version: string;
  readonly commit: string;
  /** The commit of the release before; null of the first one. */
  readonly base: string | null;
};

const shopFolder = (workspace: Workspace): string => join(workspace.root, 'lib', 'local', 'shop');
/** What the service's own tools write, and the releases, which are no part of its source. */
const notSource = ['releases', 'node_modules', 'reports', 'dist'];

/** Checks the release out, into a folder of its own: release 2 is a commit on top of release 1. */
export const checkOutShop = (workspace: Workspace, number: ReleaseNumber): ShopSource => {
  const folder = join(workspace.folder, `shop-${number}`);
  const original = shopFolder(workspace);
  if (!existsSync(folder)) {
    cpSync(original, folder, { recursive: true, filter: (path) => path === original || !notSource.includes(basename(path)) });
    git(folder, 'init', '--quiet');
    commit(folder, versionOf(1));
  }
  if (number !== 1 && readVersion(folder) !== versionOf(number)) {
    cpSync(join(original, 'releases', String(number)), folder, { recursive: true });
    writeVersion(folder, versionOf(number));
    commit(folder, versionOf(number));
  }
  const base = number === 1 ? null : git(folder, 'rev-parse', 'HEAD~1');
  return { folder, version: readVersion(folder), commit: git(folder, 'rev-parse', 'HEAD'), base };
};

const versionOf = (number: ReleaseNumber): string => `${number}.0.0`;

/** Bundles the service with its own script. Returns the bundle's bytes. */
export const buildShop = async (workspace: Workspace, { folder }: ShopSource): Promise<Buffer> => {
  const { code, output } = await runTool(workspace, 'npm', ['run', '--silent', 'build'], {
    cwd: folder,
    log: join(workspace.folder, 'build.log'),
    limitMs: 60_000,
  });
  if (code !== 0) throw new Error(`the shop could not be built: ${output.slice(-400)}`);
  return readFileSync(join(folder, 'dist', 'index.mjs'));
};

const manifestSchema = z.looseObject({ version: z.string() });
const lockSchema = manifestSchema.extend({ packages: z.looseObject({ '': manifestSchema }) });

const readVersion = (folder: string): string =>
  manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version;

/** As `npm version` does. */
const writeVersion = (folder: string, version: string): void => {
  const change = <S extends z.ZodType>(name: string, schema: S, changed: (value: z.infer<S>) => unknown): void => {
    const file = join(folder, name);
    writeFileSync(file, `${JSON.stringify(changed(schema.parse(JSON.parse(readFileSync(file, 'utf8')))), null, 2)}\n`);
  };
  change('package.json', manifestSchema, (manifest) => ({ ...manifest, version }));
  change('package-lock.json', lockSchema, (lock) => ({
    ...lock,
    version,
    packages: { ...lock.packages, '': { ...lock.packages[''], version } },
  }));
};

const firstOfMonth = (): string => `${new Date().toISOString().slice(0, 7)}-01T00:00:00Z`;

const commit = (folder: string, version: string): void => {
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--no-verify', '--message', `Release ${version}`);
};

/**
 * One author and one date, so that the same files are the same commit on every machine. The date is the first day of this month, because
 * documents that nobody has changed for a year do not count. The user's own settings do not matter.
 */
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'commit.gpgsign=false', '-c', 'init.defaultBranch=main', '-c', 'core.autocrlf=false', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'shop',
      GIT_AUTHOR_EMAIL: 'shop@example.com',
      GIT_COMMITTER_NAME: 'shop',
      GIT_COMMITTER_EMAIL: 'shop@example.com',
      GIT_AUTHOR_DATE: firstOfMonth(),
      GIT_COMMITTER_DATE: firstOfMonth(),
    },
  }).trim();
