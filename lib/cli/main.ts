import { Unreachable } from '../api/client.ts';
import { attest } from './attest.ts';
import { checklist } from './checklist.ts';
import { deployment } from './deployment.ts';
import { evidence } from './evidence.ts';
import { type Command, type ExitCode, type Io, Usage } from './io.ts';
import { login, logout } from './login.ts';
import { jsonText, plain } from './plain.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { wait } from './wait.ts';
import { waive } from './waive.ts';

export const commands: readonly Command[] = [start, evidence, attest, waive, status, wait, deployment, checklist, login, logout];

const help = (): string =>
  [
    'Usage: holdpoint COMMAND [options]',
    '',
    ...commands.map((command) => `  ${command.name.padEnd(12)}${command.summary}`),
    `  ${'local'.padEnd(12)}run a whole stage on this machine: up, down, reset, status, mail, token, demo`,
    '',
    'holdpoint COMMAND --help shows examples.',
    '',
    'Options of every command: --json, --help. Commands that call Holdpoint: --url URL, --token TOKEN, --as PERSON (on a local stage)',
    "Environment: HOLDPOINT_URL, HOLDPOINT_TOKEN; in GitHub Actions, the job's own OpenID token. Its audience is the origin of the URL,",
    'unless HOLDPOINT_AUDIENCE names another.',
    'Exit codes: 0 done or passed, 1 blocked, failed or refused, 2 wrong usage, 3 Holdpoint does not answer.',
    '',
  ].join('\n');

const helpOf = ({ name, summary, usage, examples }: Command): string =>
  [`holdpoint ${name}: ${summary}`, '', `Usage: ${usage}`, '', 'Examples:', ...examples.map((example) => `  ${example}`), ''].join('\n');

/** Runs one command line and returns its exit code. Never throws. */
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
    else io.err(`holdpoint: no such command: ${plain(name)}\n\n${help()}`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(helpOf(command));
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (fault) {
    return failed(io, command, json, fault);
  }
};

const errorDocument = (type: string, title: string, detail: string): string => jsonText({ error: { type, title, detail } });

const failed = (io: Io, command: Command, json: boolean, fault: unknown): ExitCode => {
  const usage = fault instanceof Usage;
  const unreachable = fault instanceof Unreachable;
  const message = unreachable ? withCause(fault) : fault instanceof Error ? fault.message : String(fault);
  // A message may quote the server, a file or an argument.
  const detail = plain(message);
  const [type, title] = usage
    ? ['usage', 'Wrong usage']
    : unreachable
      ? ['unreachable', 'Holdpoint cannot be reached']
      : ['fault', 'The command failed'];
  if (json) io.out(errorDocument(type, title, message));
  else io.err(`holdpoint ${command.name}: ${detail}\n${usage ? `Usage: ${command.usage}\nExample: ${command.examples[0]}\n` : ''}`);
  if (!usage && io.env.HOLDPOINT_DEBUG !== undefined && fault instanceof Error)
    io.err(`${fault.stack?.split('\n').map(plain).join('\n')}\n`);
  return usage ? 2 : unreachable ? 3 : 1;
};

/** Adds the innermost cause: `fetch` itself says only that it failed. */
const withCause = ({ message, cause }: Unreachable): string => {
  let last = cause;
  while (last instanceof Error && last.cause instanceof Error) last = last.cause;
  if (!(last instanceof Error)) return message;
  const why = last.message || (last as NodeJS.ErrnoException).code || last.name;
  return `${message} (${why})`;
};
