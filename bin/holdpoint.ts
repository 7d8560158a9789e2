import { run } from '../lib/cli/main.ts';
import { terminal } from './terminal.ts';

const argv = process.argv.slice(2);
// Loaded on demand, because the local stage loads the CDK and a server.
const io = terminal(async () => (await import('../lib/local/access.ts')).localAccess());

process.exitCode = argv[0] === 'local' ? await (await import('../lib/local/main.ts')).runLocal(argv.slice(1), io) : await run(argv, io);
