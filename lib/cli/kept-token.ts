import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { type Io, Usage } from './io.ts';

const keptSchema = z.strictObject({ origin: z.string(), token: z.string().min(1), expiresAt: z.iso.datetime() });
/** A person's token for the server of one origin. `expiresAt`: ISO 8601. */
export type KeptToken = z.infer<typeof keptSchema>;

type Env = Io['env'];

/** The user's configuration folder by the XDG Base Directory Specification; on Windows it is APPDATA. */
const folderOf = ({ XDG_CONFIG_HOME, APPDATA, HOME }: Env): string | undefined => {
  // The specification: a relative path is invalid and is ignored.
  if (XDG_CONFIG_HOME !== undefined && isAbsolute(XDG_CONFIG_HOME)) return join(XDG_CONFIG_HOME, 'holdpoint');
  if (process.platform === 'win32') return APPDATA ? join(APPDATA, 'holdpoint') : undefined;
  return HOME ? join(HOME, '.config', 'holdpoint') : undefined;
};

/** One file for each server: two sign-ins at once do not overwrite each other. */
const fileOf = (env: Env, origin: string): string | undefined => {
  const folder = folderOf(env);
  return folder === undefined ? undefined : join(folder, `${encodeURIComponent(origin)}.json`);
};

const isMissing = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT';

/** The token that `holdpoint login` kept for this server, also when it has expired. Throws Usage for a file that others can read. */
export const readToken = async (env: Env, origin: string): Promise<KeptToken | undefined> => {
  const file = fileOf(env, origin);
  if (file === undefined) return undefined;
  try {
    const { mode } = await lstat(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new Usage(`others can read ${file}: run \`holdpoint logout\` and \`holdpoint login\``);
    const kept = keptSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    if (kept.origin === origin) return kept;
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    if (thrown instanceof Usage) throw thrown;
  }
  // The cause is left out, because it could quote the token.
  throw new Usage(`${file} holds no sign-in for ${origin}: run \`holdpoint login\` again`);
};

/** The file for a server's token. Throws Usage when the user has no folder for it. */
export const placeOf = (env: Env, origin: string): string => {
  const file = fileOf(env, origin);
  if (file === undefined) throw new Usage('there is no folder in which a token can be kept: set XDG_CONFIG_HOME or HOME');
  return file;
};

/** Writes the token into a file that only its owner can read. */
export const keepToken = async (env: Env, kept: KeptToken): Promise<void> => {
  const file = placeOf(env, kept.origin);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // A new file and a rename: an older file, its rights, or a link in its place decide nothing.
  const written = `${file}.${process.pid}`;
  await rm(written, { force: true });
  await writeFile(written, JSON.stringify(kept), { mode: 0o600, flag: 'wx' });
  await rename(written, file);
};

/** Deletes the token for this server. Says whether there was one. */
export const forgetToken = async (env: Env, origin: string): Promise<boolean> => {
  const file = fileOf(env, origin);
  if (file === undefined) return false;
  return rm(file).then(
    () => true,
    (thrown: unknown) => {
      if (isMissing(thrown)) return false;
      throw thrown;
    },
  );
};
