import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as z from 'zod';
import { LocalFault } from './error-document.ts';

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
  /** Who is at work here: two set-ups, or two plays, would take each other's files away. */
  settingUp: 'up.json',
  playing: 'play.json',
} as const;

export const placesIn = (folder: string): Places => ({
  folder,
  ...(Object.fromEntries(Object.entries(names).map(([key, name]) => [key, join(folder, name)])) as { [K in keyof typeof names]: string }),
});

/** Where everything is, or would be: looking makes nothing. */
export const localPlaces = (folder: string = join(projectFolder, '.local')): Places => placesIn(folder);

/** The same for whoever is about to write there. */
export const writablePlaces = (folder?: string): Places => {
  const places = localPlaces(folder);
  try {
    mkdirSync(places.folder, { recursive: true });
    accessSync(places.folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new LocalFault(
      'folder-unusable',
      `Everything local is kept in ${places.folder}, and that folder cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}); give yourself the right to write there, or move the checkout to where you have it, and start again.`,
      { cause },
    );
  }
  return places;
};

/** The file's value, or undefined when there is no file. A file that does not hold what it should is a fault, never guessed at. */
export const readJson = <S extends z.ZodType>(file: string, schema: S): z.infer<S> | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // A folder that is none holds no files either.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LocalFault(
      'folder-unusable',
      `${file} cannot be read (${code ?? 'unknown'}); run this as the user who started the local stage, or give yourself the right to read it.`,
      { cause },
    );
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
