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
    `  ${'local'.padEnd(12)}a whole stage on this machine: up, down, status, mail, token, demo`,
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
  const json = rest.includes('--json');
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    if (json) io.out(errorDocument('usage', 'Wrong usage', `no such command: ${name}`));
    else io.err(`holdpoint: no such command: ${name}\n\n${help()}`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(`${command.usage}\n\n${command.summary}\n`);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (fault) {
    return failed(io, command, json, fault);
  }
};

const errorDocument = (type: string, title: string, detail: string): string =>
  `${JSON.stringify({ error: { type, title, detail } }, null, 2)}\n`;

const failed = (io: Io, command: Command, json: boolean, fault: unknown): ExitCode => {
  const usage = fault instanceof Usage;
  const unreachable = fault instanceof Unreachable;
  const detail = unreachable ? withCause(fault) : fault instanceof Error ? fault.message : String(fault);
  const [type, title] = usage
    ? ['usage', 'Wrong usage']
    : unreachable
      ? ['unreachable', 'Holdpoint cannot be reached']
      : ['fault', 'The command broke off'];
  if (json) io.out(errorDocument(type, title, detail));
  else io.err(`holdpoint ${command.name}: ${detail}\n${usage ? `usage: ${command.usage}\n` : ''}`);
  if (!usage && io.env.HOLDPOINT_DEBUG !== undefined && fault instanceof Error) io.err(`${fault.stack}\n`);
  return usage ? 2 : unreachable ? 3 : 1;
};

/** The last cause says most: `fetch` only says that it failed, what is below it says why. */
const withCause = ({ message, cause }: Unreachable): string => {
  let last = cause;
  while (last instanceof Error && last.cause instanceof Error) last = last.cause;
  if (!(last instanceof Error)) return message;
  const why = last.message || (last as NodeJS.ErrnoException).code || last.name;
  return `${message} (${why})`;
};
