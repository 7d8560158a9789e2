import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ownEnv } from '../e2e/checkout.ts';

const root = resolve(import.meta.dirname, '../..');
const execute = promisify(execFile);

/**
 * Runs `npm pack` in a copy of this checkout under `folder`, because it changes package.json for a moment. Returns the package's path and the
 * copy's.
 */
export const packCli = async (folder: string): Promise<{ readonly tgz: string; readonly copy: string }> => {
  const copy = join(folder, 'checkout');
  mkdirSync(copy);
  for (const part of ['package.json', 'README.md', 'LICENSE', '.npmrc', 'bin', 'lib'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  await execute('npm', ['pack', '--pack-destination', folder], { cwd: copy, env: ownEnv() });
  return { tgz: join(folder, 'holdpoint-0.1.0.tgz'), copy };
};

/** An environment without a registry, a home and the checkout: npm has its folders under `folder`, and programs it installs are found. */
export const emptyEnv = (folder: string): Record<string, string> => ({
  PATH: `${join(folder, 'global', 'bin')}:${process.env.PATH ?? ''}`,
  HOME: join(folder, 'home'),
  npm_config_prefix: join(folder, 'global'),
  npm_config_cache: join(folder, 'cache'),
  npm_config_registry: 'http://127.0.0.1:9',
  npm_config_update_notifier: 'false',
});
