import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { childEnv } from '../lib/local/child-env.ts';
import { startEmulator, stopEmulator } from '../lib/local/emulator.ts';
import { localPaths, pathsIn, projectFolder } from '../lib/local/paths.ts';
import { startOf } from '../lib/local/processes.ts';
import { preparePython } from '../lib/local/python.ts';
import { freePort } from '../lib/local/tcp-ports.ts';

const localFolder = join(projectFolder, '.local');

/** Stops the emulators of suites that were killed. */
const stopOrphans = async (): Promise<void> => {
  for (const name of readdirSync(localFolder)) {
    const suite = /^test-(\d+)$/.exec(name)?.[1];
    if (suite === undefined || startOf(Number(suite)) !== undefined) continue;
    await stopEmulator(pathsIn(join(localFolder, name)));
    rmSync(join(localFolder, name), { recursive: true, force: true });
  }
};

/**
 * Starts an emulator for this suite in its own folder and on its own port, so that it cannot disturb a running stage or another suite.
 * Uses the emulator in HOLDPOINT_TEST_ENDPOINT instead when it is set.
 */
export const setup = async (): Promise<(() => Promise<void>) | undefined> => {
  const given = process.env.HOLDPOINT_TEST_ENDPOINT;
  if (given !== undefined) {
    process.env.SHOP_TEST_ENDPOINT = given;
    return undefined;
  }
  const folder = join(localFolder, `test-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  await stopOrphans();
  const paths = pathsIn(folder);
  const env = childEnv(process.env, folder);
  try {
    const { interpreter } = await preparePython({ venv: localPaths().venv, env, say: (message) => console.error(message) });
    const { endpoint } = await startEmulator({ paths, interpreter, port: await freePort(), env });
    process.env.HOLDPOINT_TEST_ENDPOINT = endpoint;
    process.env.SHOP_TEST_ENDPOINT = endpoint;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return async () => {
    await stopEmulator(paths);
    rmSync(folder, { recursive: true, force: true });
  };
};
