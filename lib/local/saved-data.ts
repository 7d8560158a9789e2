import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { diskFullFault, type LocalPaths, readJson, remove, writeJson } from './paths.ts';

/**
 * The emulator writes its tables only when it is stopped, one file per service, in place. So it works on a copy of the saved data, and
 * the copy takes the place of the saved data only when every file of it was written. Whatever happens to the emulator, the data of the
 * last clean stop stays.
 */
const savedSchema = z.object({
  /** The copy's name in the folder `data`. */
  copy: z.string().regex(/^[\w-]+$/),
  savedAt: z.iso.datetime(),
});
export type Saved = z.infer<typeof savedSchema>;

const reportSchema = z.object({ faults: z.array(z.string()) });

/** What is in a copy. `report`: written by the emulator's process after it has saved. */
const placesIn = (paths: LocalPaths, copy: string) => {
  const folder = join(paths.data, copy);
  return {
    folder,
    state: join(folder, 'state'),
    files: join(folder, 'files'),
    deployment: join(folder, 'deployment.json'),
    report: join(folder, 'report.json'),
  } as const;
};
export type WorkingCopy = ReturnType<typeof placesIn> & { readonly copy: string; readonly restored: boolean };

/** The data of the last clean stop, if there is any. */
export const readSaved = (paths: LocalPaths): Saved | undefined => {
  const saved = readJson(paths.saved, savedSchema);
  return saved !== undefined && existsSync(placesIn(paths, saved.copy).state) ? saved : undefined;
};

/**
 * Makes the folder on which an emulator works, with what was saved last in it, and puts the record of the deployment back that belongs to
 * it. Removes copies that were never saved. No emulator may be running.
 */
export const createWorkingCopy = (paths: LocalPaths, now: Date): WorkingCopy => {
  adoptOlderLayout(paths, now);
  const saved = readSaved(paths);
  removeCopies(paths, saved?.copy);
  const copy = nameAt(now);
  const places = placesIn(paths, copy);
  try {
    if (saved !== undefined) cpSync(placesIn(paths, saved.copy).folder, places.folder, { recursive: true, preserveTimestamps: true });
    for (const folder of [places.state, places.files]) mkdirSync(folder, { recursive: true });
  } catch (error) {
    remove(places.folder);
    throw diskFullFault(error, places.folder) ?? error;
  }
  remove(places.report);
  // A deployment that was recorded after the last clean stop is not in the saved data.
  remove(paths.deployment);
  if (existsSync(places.deployment)) cpSync(places.deployment, paths.deployment);
  return { ...places, copy, restored: saved !== undefined };
};

const nameAt = (now: Date): string => now.toISOString().replaceAll(/[^0-9TZ]/g, '');

const removeCopies = (paths: LocalPaths, except?: string): void => {
  if (!existsSync(paths.data)) return;
  for (const name of readdirSync(paths.data)) if (name !== except) remove(join(paths.data, name));
};

/** Earlier versions let the emulator write to `state` and `files` directly. */
const adoptOlderLayout = (paths: LocalPaths, now: Date): void => {
  const tables = join(paths.olderState, 'dynamodb.json');
  if (existsSync(paths.saved) || !existsSync(tables)) return;
  const savedAt = statSync(tables).mtime.toISOString();
  const copy = `${nameAt(now)}-adopted`;
  const places = placesIn(paths, copy);
  mkdirSync(places.folder, { recursive: true });
  renameSync(paths.olderState, places.state);
  if (existsSync(paths.olderFiles)) renameSync(paths.olderFiles, places.files);
  if (existsSync(paths.deployment)) cpSync(paths.deployment, places.deployment);
  writeJson(paths.saved, { copy, savedAt } satisfies Saved);
};

/** Why the ended emulator's data is not complete in its copy; undefined when everything was written. */
export const saveFault = (paths: LocalPaths, copy: string): string | undefined => {
  const faults = reportOf(paths, copy);
  if (faults?.length === 0) return undefined;
  return faults?.[0] ?? (isDiskFull(paths.folder) ? `the disk of ${paths.folder} is full` : `its log is ${paths.emulatorLog}`);
};

const reportOf = (paths: LocalPaths, copy: string): readonly string[] | undefined => {
  try {
    return readJson(placesIn(paths, copy).report, reportSchema)?.faults;
  } catch {
    // A report that was written in part: the disk was full.
    return undefined;
  }
};

/** Below this many bytes nothing useful can be written. */
const fewBytes = 64 * 1024;
const isDiskFull = (folder: string): boolean => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < fewBytes;
};

/** Makes the copy the saved data. Until this is done, the data that was saved before it stays. */
export const keepCopy = (paths: LocalPaths, copy: string, now: Date): void => {
  const { deployment } = placesIn(paths, copy);
  remove(deployment);
  try {
    if (existsSync(paths.deployment)) cpSync(paths.deployment, deployment);
  } catch (error) {
    throw diskFullFault(error, deployment) ?? error;
  }
  writeJson(paths.saved, { copy, savedAt: now.toISOString() } satisfies Saved);
  removeCopies(paths, copy);
};

/** Removes a copy that was not saved, so that a full disk has room again. */
export const dropCopy = (paths: LocalPaths, copy: string): void => remove(placesIn(paths, copy).folder);

/** Deletes all data of the local stage: saved or not, of this version or an earlier one. Ports, secrets and the Python environment stay. */
export const deleteData = (paths: LocalPaths): void => {
  for (const path of [paths.saved, paths.data, paths.deployment, paths.olderState, paths.olderFiles, paths.restored]) remove(path);
};
