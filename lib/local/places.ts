import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as z from 'zod';
import { LocalFault } from './fault.ts';

/** The checkout that this code belongs to. */
export const projectFolder = resolve(fileURLToPath(new URL('../../', import.meta.url)));

/** Everything that the local stage keeps lies in one ignored folder. */
export type Places = { readonly [K in keyof typeof names]: string } & { readonly folder: string };
const names = {
  venv: 'venv',
  /** Ports, chosen once: links and tokens name them. */
  ports: 'state.json',
  /** What the emulator keeps over a stop. */
  emulatorState: 'state',
  emulatorFiles: 'files',
  emulatorScratch: 'scratch',
  emulator: 'emulator.json',
  emulatorLog: 'emulator.log',
  secrets: 'secrets.json',
  stage: 'stage.json',
  deployed: 'deployed.json',
  deployLog: 'deploy.log',
  template: 'cdk.out',
  services: 'services.json',
  servicesLog: 'services.log',
} as const;

export const placesIn = (folder: string): Places => ({
  folder,
  ...(Object.fromEntries(Object.entries(names).map(([key, name]) => [key, join(folder, name)])) as { [K in keyof typeof names]: string }),
});

export const localPlaces = (folder: string = join(projectFolder, '.local')): Places => {
  mkdirSync(folder, { recursive: true });
  return placesIn(folder);
};

/** The file's value, or undefined when there is no file. A file that does not hold what it should is a fault, never guessed at. */
export const readJson = <S extends z.ZodType>(file: string, schema: S): z.infer<S> | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LocalFault(
      'folder-damaged',
      `${file} does not hold what the local stage wrote there; run \`npx holdpoint local down\`, delete that file, and start again.`,
      { cause },
    );
  }
};

/** Written whole or not at all. `mode` is that of a file with secrets unless it is said otherwise. */
export const writeJson = (file: string, value: unknown, mode = 0o600): void => {
  const written = `${file}.${process.pid}`;
  writeFileSync(written, `${JSON.stringify(value, null, 2)}\n`, { mode });
  renameSync(written, file);
};

export const remove = (path: string): void => rmSync(path, { recursive: true, force: true });
