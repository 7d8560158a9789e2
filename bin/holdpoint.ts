import { run } from '../lib/cli/main.ts';
import { localCommands } from '../lib/local/listed.ts';
import { terminal } from './terminal.ts';

// Loaded on demand, because the local stage loads the CDK and a server.
const io = terminal(async () => (await import('../lib/local/access.ts')).localAccess());

process.exitCode = await run(process.argv.slice(2), { ...io, localCommands });
