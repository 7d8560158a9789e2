import { jsonOf } from '../evidence/unreadable.ts';
import { type Io, Usage } from './io.ts';
import { fileFault } from './problem.ts';

/** The bytes of a file that an argument names. `expected`: what the argument may be, where it may be something else than a file. Throws Usage. */
export const bytesIn = async (io: Io, file: string, expected?: string): Promise<Uint8Array> => {
  try {
    return await io.readFile(file);
  } catch (cause) {
    const fault = fileFault(cause);
    throw new Usage(expected === undefined ? `${file} cannot be read: ${fault}` : `${file}: ${fault}; expected ${expected}`, { cause });
  }
};

/** The same, of a file in JSON: read as reports are, so that PowerShell's UTF-16 is understood and a name that stands twice is refused. */
export const jsonIn = async (io: Io, file: string, expected?: string): Promise<unknown> => {
  const read = jsonOf(await bytesIn(io, file, expected), expected ?? 'JSON');
  if (read.refused === undefined) return read.ok;
  const { detail, got } = read.refused;
  throw new Usage(`${file} cannot be read as JSON. ${detail}${got === undefined ? '' : ` Got: ${got}`}`);
};
