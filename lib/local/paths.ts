import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as z from 'zod';
import { LocalFault } from './local-fault.ts';

/** The checkout that this code belongs to. */
export const projectFolder = resolve(fileURLToPath(new URL('../../', import.meta.url)));

/** The files and folders of the local stage. All of them are inside one folder that git ignores. */
const names = {
  venv: 'venv',
  /** Ports are chosen once, because links and tokens contain them. */
  ports: 'ports.json',
  /** The emulator's tables and objects: the copy that it works on, and the one that was saved last, which `saved` names. */
  data: 'data',
  saved: 'saved.json',
  /** Where earlier versions kept them. */
  olderState: 'state',
  olderFiles: 'files',
  /** Stands while runs that the last stop broke off have not been ended in the trail. */
  restored: 'restored.json',
  emulatorScratch: 'scratch',
  emulator: 'emulator.json',
  emulatorLog: 'emulator.log',
  secrets: 'secrets.json',
  stage: 'stage.json',
  deployment: 'deployment.json',
  deployLog: 'deploy.log',
  template: 'cdk.out',
  services: 'services.json',
  servicesLog: 'services.log',
  /** Locks: two set-ups, or two demos, would overwrite each other's files. */
  upLock: 'up.json',
  demoLock: 'demo.json',
  /** What the last demonstration came to, as `--json` prints it. */
  demoDocument: 'last-demo.json',
} as const;
export type LocalPaths = { readonly [K in keyof typeof names]: string } & { readonly folder: string };

export const pathsIn = (folder: string): LocalPaths => ({
  folder,
  ...(Object.fromEntries(Object.entries(names).map(([key, name]) => [key, join(folder, name)])) as { [K in keyof typeof names]: string }),
});

/** The paths of the local stage. Creates nothing, so the folder may be missing. */
export const localPaths = (folder: string = join(projectFolder, '.local')): LocalPaths => pathsIn(folder);

/** The same, for a command that writes there: creates the folder, or throws when it cannot be written. */
export const writablePaths = (folder?: string): LocalPaths => {
  const paths = localPaths(folder);
  try {
    mkdirSync(paths.folder, { recursive: true });
    accessSync(paths.folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new LocalFault(
      'folder-unusable',
      `The local stage keeps its files in ${paths.folder}, and that folder cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}); make it writable or move the checkout, then start again.`,
      { cause },
    );
  }
  return paths;
};

/** The file's value, or undefined when the file is missing. Throws when its content does not match the schema. */
export const readJson = <S extends z.ZodType>(file: string, schema: S): z.infer<S> | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // ENOTDIR: the "folder" is a file, so it contains nothing.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LocalFault(
      'folder-unusable',
      `${file} cannot be read (${code ?? 'unknown'}); run this command as the user who started the local stage, or make the file readable.`,
      { cause },
    );
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LocalFault(
      'folder-damaged',
      `${file} does not contain what the local stage wrote; run \`node bin/holdpoint.mjs local down\`, delete that file, and start again.`,
      { cause },
    );
  }
};

/** Replaces the file atomically. The default mode lets only its owner read it, because some of these files hold secrets. */
export const writeJson = (file: string, value: unknown, mode = 0o600): void => {
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode });
    renameSync(temporary, file);
  } catch (cause) {
    remove(temporary);
    throw diskFullFault(cause, file) ?? cause;
  }
};

/** The fault to report when a disk, or a user's share of it, is full; undefined for any other error. `place`: what could not be written. */
export const diskFullFault = (thrown: unknown, place: string): LocalFault | undefined => {
  if (thrown instanceof LocalFault && thrown.type === 'disk-full') return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (!/\b(ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded/i.test(text)) return undefined;
  return new LocalFault(
    'disk-full',
    `The disk is full: ${place} could not be written (${text}). Free some space there, then start again; what was saved before is kept.`,
    { cause: thrown },
  );
};

export const remove = (path: string): void => rmSync(path, { recursive: true, force: true });
