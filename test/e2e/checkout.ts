import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { localPlaces, projectFolder, writablePlaces } from '../../lib/local/paths.ts';

export type Said = { readonly code: number | null; readonly out: string; readonly err: string };

/** This process's environment without what the test runner put there: what is started is to find a newcomer's. */
export const ownEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|HOLDPOINT_|AWS_|POWERTOOLS_)|^(TEST|NODE_ENV|NODE_V8_COVERAGE)$/.test(name)),
  );

/** Runs Node in a folder and keeps what it said. A test's time limit ends the test, this ends the program. */
export const node = async (cwd: string, args: readonly string[], limitMs: number): Promise<Said> => {
  const child = spawn(process.execPath, args, { cwd, env: ownEnv(), stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
};

/** The same files under another name, without their bytes: npm wants a folder of its own, and a copy would take half a gigabyte. */
const linkTree = (from: string, to: string): void => {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [here, there] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(here, there);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(here), there);
    else linkSync(here, there);
  }
};

/**
 * A checkout of its own with everything that this one has, committed or not, so that a test may change it. The installed packages
 * and the prepared Python environment are shared: making them is not what is tested here.
 */
export const copyOfThis = (): { readonly folder: string; write(file: string, content: string): void; remove(): void } => {
  const folder = mkdtempSync(join(writablePlaces().folder, 'checkout-'));
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: projectFolder, encoding: 'utf8' });
  for (const file of files.split('\n').filter((name) => name !== '' && existsSync(join(projectFolder, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(projectFolder, file), join(folder, file));
  }
  mkdirSync(join(folder, '.local'));
  linkTree(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
  symlinkSync(localPlaces().venv, join(folder, '.local', 'venv'));
  git('init', '--quiet');
  git('add', '--all');
  git(
    '-c',
    'user.name=tests',
    '-c',
    'user.email=tests@example.com',
    '-c',
    'commit.gpgsign=false',
    'commit',
    '--quiet',
    '--message',
    'as it is',
  );
  return {
    folder,
    write: (file, content) => writeFileSync(join(folder, file), content),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
