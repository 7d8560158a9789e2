import { readProfile } from '../profile/read.ts';
import { bytesIn } from './given-file.ts';
import { type Io, Usage } from './io.ts';

/** The usual name of a profile. */
export const usualFile = 'holdpoint.yaml';

/** The service that is meant: the flag, else that of the profile in this folder. */
export const serviceOf = async (io: Io, flag: string | undefined): Promise<string> => {
  if (flag !== undefined) return flag;
  const bytes = await io.readFile(usualFile).catch(() => undefined);
  const read = bytes === undefined ? undefined : readProfile(bytes);
  if (read !== undefined && 'ok' in read) return read.ok.profile.service;
  throw new Usage(
    `--service is missing, and ${bytes === undefined ? `there is no ${usualFile} here` : `the ${usualFile} here has a mistake`} to take it from`,
  );
};

/** The file and the service that it names. A file with a mistake names one all the same, so that the server can say what is wrong. */
export const fileFor = async (
  io: Io,
  file: string,
  flag: string | undefined,
): Promise<{ readonly bytes: Uint8Array; readonly service: string }> => {
  const bytes = await bytesIn(io, file);
  if (flag !== undefined) return { bytes, service: flag };
  const read = readProfile(bytes);
  if ('ok' in read) return { bytes, service: read.ok.profile.service };
  const named = /^\s*"?service"?\s*:\s*"?([A-Za-z0-9][\w.-]*)"?\s*,?\s*$/m.exec(new TextDecoder().decode(bytes))?.[1];
  if (named === undefined)
    throw new Usage(`${file} names no service that can be read: \`holdpoint profile check ${file}\` says what is wrong`);
  return { bytes, service: named };
};
