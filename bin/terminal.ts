import type { Io } from '../lib/cli/io.ts';
import { system } from './system.ts';

/** What the command line reads and writes in a real terminal. */
export const terminal = (local: Io['local']): Io => {
  // A closed pipe (`| head`) and a closed terminal are not errors. The demo handles them like Ctrl-C, so that it stops what it started;
  // every other command just ends.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (fault: NodeJS.ErrnoException) => {
      if (fault.code !== 'EPIPE' && fault.code !== 'EIO') throw fault;
      if (!process.emit('SIGTERM')) process.exit(0);
    });
  return {
    env: process.env,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    // https://no-color.org: an empty NO_COLOR counts as unset.
    coloured: process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
    // Node.js loads what makes requests when `fetch` is first named.
    fetch: (...given) => fetch(...given),
    ...system,
    local,
  };
};
