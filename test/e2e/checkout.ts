import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { localPaths, projectFolder, writablePaths } from '../../lib/local/paths.ts';

export type Result = { readonly code: number | null; readonly out: string; readonly err: string };

/** This process's environment without the test runner's variables, as a newcomer's shell would have it. */
export const ownEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|HOLDPOINT_|AWS_|POWERTOOLS_)|^(TEST|NODE_ENV|NODE_V8_COVERAGE)$/.test(name)),
  );

/** Runs Node in a folder and captures its output. `limitMs` ends the program; the test's own limit would not. */
export const node = async (cwd: string, args: readonly string[], limitMs: number): Promise<Result> => {
  const child = spawn(process.execPath, args, { cwd, env: ownEnv(), stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
};

/** Hard-links all files into a new folder. npm needs its own folder, and a copy would take half a gigabyte. */
const linkTree = (from: string, to: string): void => {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkSync(source, target);
  }
};

/**
 * Copies this checkout, with its uncommitted changes, so that a test may change it. Installed packages and the Python environment are
 * shared, because installing them is not tested here.
 */
export const copyOfCheckout = (): {
  readonly folder: string;
  read(file: string): string;
  write(file: string, content: string): void;
  remove(): void;
} => {
  const folder = mkdtempSync(join(writablePaths().folder, 'checkout-'));
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: projectFolder, encoding: 'utf8' });
  for (const file of files.split('\n').filter((name) => name !== '' && existsSync(join(projectFolder, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(projectFolder, file), join(folder, file));
  }
  mkdirSync(join(folder, '.local'));
  linkTree(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
  symlinkSync(localPaths().venv, join(folder, '.local', 'venv'));
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
    'copy of the checkout',
  );
  return {
    folder,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    write: (file, content) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
