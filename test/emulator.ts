import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { childEnv } from '../lib/local/child-env.ts';
import { startEmulator, stopEmulator } from '../lib/local/emulator.ts';
import { localPlaces, placesIn, projectFolder } from '../lib/local/paths.ts';
import { freePort } from '../lib/local/ports.ts';
import { startOf } from '../lib/local/processes.ts';
import { preparePython } from '../lib/local/python.ts';

const localFolder = join(projectFolder, '.local');

/** A suite that was killed could not stop its emulator; the next one does. */
const clearLeftovers = async (): Promise<void> => {
  for (const name of readdirSync(localFolder)) {
    const suite = /^test-(\d+)$/.exec(name)?.[1];
    if (suite === undefined || startOf(Number(suite)) !== undefined) continue;
    await stopEmulator(placesIn(join(localFolder, name)));
    rmSync(join(localFolder, name), { recursive: true, force: true });
  }
};

/**
 * An emulator of the suite's own, in a folder of its own: neither the stage that somebody has running nor another suite is in its
 * way. One that is named already (the player's) is used as it is.
 */
export const setup = async (): Promise<(() => Promise<void>) | undefined> => {
  if (process.env.HOLDPOINT_TEST_ENDPOINT !== undefined) return undefined;
  const folder = join(localFolder, `test-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  await clearLeftovers();
  const places = placesIn(folder);
  const env = childEnv(process.env, folder);
  try {
    const { interpreter } = await preparePython({ venv: localPlaces().venv, env, say: (message) => console.error(message) });
    const { endpoint } = await startEmulator({ places, interpreter, port: await freePort(), env });
    process.env.HOLDPOINT_TEST_ENDPOINT = endpoint;
  } catch (fault) {
    rmSync(folder, { recursive: true, force: true });
    throw fault;
  }
  return async () => {
    await stopEmulator(places);
    rmSync(folder, { recursive: true, force: true });
  };
};
