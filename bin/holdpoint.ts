import type { Io } from '../lib/cli/io.ts';
import { run } from '../lib/cli/main.ts';
import { system } from './system.ts';

const argv = process.argv.slice(2);

// A closed pipe (`| head`) and a closed terminal are not errors. The demo handles them like Ctrl-C, so that it stops what it started;
// every other command just ends.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EPIPE' && fault.code !== 'EIO') throw fault;
    if (!process.emit('SIGTERM')) process.exit(0);
  });

const io: Io = {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  // https://no-color.org: an empty NO_COLOR counts as unset.
  coloured: process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
  columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
  fetch,
  ...system,
  // Loaded on demand, because the local stage loads the CDK and a server.
  local: async () => (await import('../lib/local/access.ts')).localAccess(),
};

process.exitCode = argv[0] === 'local' ? await (await import('../lib/local/main.ts')).runLocal(argv.slice(1), io) : await run(argv, io);
