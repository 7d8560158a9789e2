import { commands, type Listed } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { type Command, type ExitCode, type Io, Usage } from './io.ts';
import { fitted, jsonText, plain } from './plain.ts';
import { ownProblem, problemFrom } from './problem.ts';
import { versions } from './version.ts';

const help = (io: Io): string =>
  [
    'Usage: holdpoint COMMAND [options]',
    ...commands.flatMap((one) => [...(one.under === undefined ? [] : ['', `${one.under}:`]), inList(one)]),
    inList({ name: 'local', summary: localSummary(io) }),
    '',
    'holdpoint COMMAND --help shows options, defaults and examples.',
    '',
    'Options of every command: --json, --help.',
    'Of commands that call Holdpoint: --url URL, --token TOKEN, --as PERSON (on a local stage).',
    'holdpoint --version shows the version of this program and of Node.js.',
    "Environment: HOLDPOINT_URL, HOLDPOINT_TOKEN, HOLDPOINT_RUN (for run); in GitHub Actions, the job's own OpenID token.",
    'Its audience is the origin of the URL, unless HOLDPOINT_AUDIENCE names another.',
    'With --json an error is a problem document on stdout, as the API answers it.',
    '',
    'Exit codes:',
    ...exitCodes.map(({ code, meaning }) => `  ${code.padEnd(17)}${meaning.replaceAll('`', '')}`),
    '',
  ].join('\n');

const inList = ({ name, short, summary }: Pick<Listed, 'name' | 'short' | 'summary'>): string =>
  `  ${(short === undefined ? name : `${name}, ${short}`).padEnd(19)}${summary}`;

const localSummary = ({ localCommands = [] }: Io): string => {
  const names = localCommands.map(({ name }) => name.split(' ').at(-1));
  return `run a whole stage on this machine${names.length === 0 ? ', from a checkout of Holdpoint' : `: ${names.join(', ')}`}`;
};

/** Commands whose names begin with the same word. */
const helpOfGroup = (word: string, group: readonly Listed[]): string =>
  [
    `Usage: holdpoint ${word} COMMAND [options]`,
    '',
    ...group.map(inList),
    '',
    `holdpoint ${word} COMMAND --help shows options, defaults and examples.`,
    '',
  ].join('\n');

const helpOf = ({ name, summary }: Listed, { usage, binds, defaults, examples }: Command): string =>
  [
    `holdpoint ${name}: ${summary}`,
    '',
    `Usage: ${usage}`,
    '',
    `Bound to: ${binds}.`,
    `Defaults: ${defaults}.`,
    `--json:   an option of every command; holdpoint schema --output "${name}" prints the JSON Schema of what it prints.`,
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n');

/** Broken between words, below the column in which a line of a list goes on. Examples stay whole: people copy them. */
const inColumns = (text: string, { columns }: Io): string =>
  text
    .split('\n')
    .map((line) => {
      const second = /^ {2}\S.*? {2,}(?=\S)/.exec(line)?.[0].length;
      return line.startsWith('  holdpoint ') ? line : fitted(line, columns, second ?? line.search(/\S/) + 2);
    })
    .join('\n');

/** Runs one command line and returns its exit code. Never throws. */
export const run = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [name, second] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    io.out(inColumns(help(io), io));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    io.out(argv.includes('--json') ? jsonText(versions) : `holdpoint ${versions.holdpoint}, Node.js ${versions.node}\n`);
    return 0;
  }
  const all = [...commands, ...(io.localCommands ?? [])];
  const listed = all.find((one) => one.name === `${name} ${second}`) ?? all.find((one) => one.name === name || one.short === name);
  const rest = argv.slice(listed?.name.split(' ').length ?? 1);
  // What follows -- belongs to the command that `run` runs.
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  const json = own.includes('--json');
  if (listed === undefined) return unknown(argv, io, json);
  const command = await listed.load();
  if (own.includes('--help') || own.includes('-h')) {
    io.out(inColumns(helpOf(listed, command), io));
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (fault) {
    return failed(io, { name: listed.name, command }, { json, fault });
  }
};

/** A word with which commands begin, alone or before another one; or no such word. */
const unknown = ([name = '', second]: readonly string[], io: Io, json: boolean): ExitCode => {
  const group = [...commands, ...(io.localCommands ?? [])].filter((one) => one.name.startsWith(`${name} `));
  if (group.length > 0 && (second === undefined || ['help', '--help', '-h'].includes(second))) {
    io.out(helpOfGroup(name, group));
    return second === undefined ? 2 : 0;
  }
  const meant = group.length > 0 ? `${name} ${second}` : name;
  if (json) io.out(jsonText(ownProblem('usage', `no such command: ${meant}`)));
  else io.err(`holdpoint: no such command: ${plain(meant)}\n\n${group.length > 0 ? helpOfGroup(name, group) : help(io)}`);
  return 2;
};

/** Nobody answers: the server, or the local stage that is not there. */
const unanswered = ['unreachable', 'not-running'];

const failed = (
  io: Io,
  { name, command }: { readonly name: string; readonly command: Command },
  { json, fault }: { readonly json: boolean; readonly fault: unknown },
): ExitCode => {
  const problem = problemFrom(fault);
  const usage = fault instanceof Usage;
  // A message may quote the server, a file or an argument.
  if (json) io.out(jsonText(problem));
  else io.err(`holdpoint ${name}: ${plain(problem.detail)}\n${usage ? `Usage: ${command.usage}\nExample: ${command.examples[0]}\n` : ''}`);
  if (!usage && io.env.HOLDPOINT_DEBUG !== undefined && fault instanceof Error)
    io.err(`${fault.stack?.split('\n').map(plain).join('\n')}\n`);
  return usage ? 2 : unanswered.includes(problem.type.split('/').at(-1) ?? '') ? 3 : 1;
};
