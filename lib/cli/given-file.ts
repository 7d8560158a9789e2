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

/** The same, of a file in JSON. */
export const jsonIn = async (io: Io, file: string, expected?: string): Promise<unknown> => {
  const bytes = await bytesIn(io, file, expected);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Usage(`${file} is not JSON in UTF-8`, { cause });
  }
};
