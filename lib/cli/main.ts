import { Unreachable } from '../api/client.ts';
import { deployed, evidence, start } from './ci-commands.ts';
import { type Command, type ExitCode, type Io, Usage } from './io.ts';
import { attest, waive } from './people-commands.ts';
import { checklist, status, wait } from './read-commands.ts';

const commands: readonly Command[] = [start, evidence, attest, waive, status, wait, deployed, checklist];

const help = (): string =>
  [
    'holdpoint <command> [options]',
    '',
    ...commands.map((command) => `  ${command.name.padEnd(12)}${command.summary}`),
    `  ${'local'.padEnd(12)}a whole stage on this machine: up, down, status, mail, token, play`,
    '',
    'Everywhere: --json, --url URL, --token TOKEN, --as PERSON (on a local stage), --help',
    "From the environment: HOLDPOINT_URL, HOLDPOINT_TOKEN; in GitHub Actions the job's own OpenID token.",
    'Exit codes: 0 released or done, 1 held, failed or refused, 2 wrong usage, 3 unreachable.',
    '',
  ].join('\n');

/** The command line without a process around it. */
export const run = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    io.out(help());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    io.err(`holdpoint: no such command: ${name}\n\n${help()}`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(`${command.usage}\n\n${command.summary}\n`);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (fault) {
    if (fault instanceof Usage) io.err(`holdpoint ${name}: ${fault.message}\nusage: ${command.usage}\n`);
    else if (fault instanceof Unreachable)
      io.err(`holdpoint ${name}: ${fault.message}${fault.cause instanceof Error ? ` (${fault.cause.message})` : ''}\n`);
    else throw fault;
    return fault instanceof Usage ? 2 : 3;
  }
};
