import { parseArgs } from 'node:util';
import type { ExitCode, Io } from '../cli/io.ts';
import { localDown, localMail, localStatus, localToken, localUp } from './commands.ts';
import { LocalFault, told } from './error-document.ts';

const usage = `holdpoint local <command>

  up [--endpoint URL]   set up the local AWS, deploy, start sign-in and pages
  down                  stop what up started
  status                what runs, where, and who can sign in
  mail                  the mails that SES would have sent
  token <who>           a signed token of a local person (account name), or of a CI job (ci)
  play [--once]         what npm start does

Everywhere: --json, --help
Exit codes: 0 done, 1 something is wrong, 2 wrong usage, 3 no local stage is running.
`;

type Values = { readonly json?: boolean | undefined; readonly endpoint?: string | undefined };
type Verb = (values: Values, positionals: readonly string[], io: Io) => Promise<string>;

const shown = (values: Values, value: unknown, text: string): string => (values.json === true ? JSON.stringify(value, null, 2) : text);

const up: Verb = async (values, _, io) => {
  let said = '';
  const stage = await localUp({ env: io.env, endpoint: values.endpoint }, (part, message) => {
    if (said !== part) io.err(`${part}: ${message}\n`);
    said = part;
  });
  const { stage: _configuration, ...facts } = stage;
  const parts = Object.entries(stage.seconds)
    .filter(([, seconds]) => seconds > 0)
    .map(([part, seconds]) => `${part} ${seconds.toFixed(1)} s`);
  return shown(
    values,
    facts,
    [
      `up at ${stage.publicUrl} after ${stage.totalSeconds.toFixed(1)} s${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`,
      ...stage.notes,
    ].join('\n'),
  );
};

const down: Verb = async (values) => {
  const stopped = await localDown();
  const emulator = {
    ended: 'stopped',
    killed: 'stopped by force: its last writes may be lost',
    gone: 'had ended by itself',
    none: 'was not running',
  }[stopped.emulator];
  return shown(values, stopped, `local AWS: ${emulator}; sign-in and pages: ${stopped.services ? 'stopped' : 'were not running'}`);
};

const status: Verb = async (values) => {
  const found = localStatus();
  const people = found.people.map((person) => `  ${person.login.padEnd(8)} ${person.name.padEnd(18)} ${person.roles.join(', ')}`);
  const text = [
    `local stage: ${found.state}`,
    `pages and API: ${found.publicUrl ?? 'none yet'}`,
    `local AWS: ${found.endpoint ?? 'not running'}`,
    ...(people.length === 0 ? [] : [`people, all with the password ${found.password ?? 'not set'}`, ...people]),
    `everything lies in ${found.folder}`,
  ];
  return shown(values, found, text.join('\n'));
};

const mail: Verb = async (values) => {
  const mails = await localMail();
  return shown(
    values,
    mails,
    mails.length === 0
      ? 'no mails'
      : mails.map((one) => `${one.at}  to ${one.to}\n${one.subject}\n\n${one.text}\n`).join(`${'─'.repeat(60)}\n`),
  );
};

const token: Verb = async (values, [who = '']) => {
  const text = await localToken(who);
  return shown(values, { token: text }, text);
};

type Command = { readonly run: Verb; readonly takes?: readonly string[]; readonly endpoint?: boolean };
const commands: Readonly<Record<string, Command>> = {
  up: { run: up, endpoint: true },
  down: { run: down },
  status: { run: status },
  mail: { run: mail },
  token: { run: token, takes: ['who'] },
};

/** Options and arguments of a command; one that it does not take is wrong usage and no guess. */
const readArguments = ({ takes = [], endpoint = false }: Command, argv: readonly string[]) => {
  const parsed = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean' }, endpoint: { type: 'string' } },
    allowPositionals: true,
    strict: true,
  });
  if (parsed.values.endpoint !== undefined && !endpoint) throw new TypeError('--endpoint is an option of `local up` only');
  if (parsed.positionals.length !== takes.length)
    throw new TypeError(
      `got ${parsed.positionals.length} arguments, expected ${takes.length === 0 ? 'none' : takes.map((name) => `<${name}>`).join(' ')}`,
    );
  return parsed;
};

/** `holdpoint local …` */
export const runLocal = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [name = '', ...rest] = argv;
  if (name === 'play') return (await (await import('./demo/index.ts')).play(rest)) as ExitCode;
  const json = rest.includes('--json');
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (['--help', '-h', 'help'].includes(name) || (command !== undefined && (rest.includes('--help') || rest.includes('-h')))) {
    io.out(usage);
    return 0;
  }
  if (command === undefined) return misused(io, json, name === '' ? 'a command is missing' : `no such command: local ${name}`);
  let read: ReturnType<typeof readArguments>;
  try {
    read = readArguments(command, rest);
  } catch (thrown) {
    return misused(io, json, thrown instanceof Error ? thrown.message : 'the arguments are not understood');
  }
  try {
    io.out(`${await command.run(read.values, read.positionals, io)}\n`);
    return 0;
  } catch (thrown) {
    const error = told(thrown, 'The command broke off');
    if (json) io.out(`${JSON.stringify({ error }, null, 2)}\n`);
    else io.err(`${error.title}: ${error.detail}\n`);
    if (io.env.HOLDPOINT_DEBUG !== undefined && thrown instanceof Error) io.err(`${thrown.stack}\n`);
    return thrown instanceof LocalFault && thrown.type === 'not-running' ? 3 : 1;
  }
};

const misused = (io: Io, json: boolean, detail: string): ExitCode => {
  if (json) io.out(`${JSON.stringify({ error: { type: 'usage', title: 'Wrong usage', detail } }, null, 2)}\n`);
  else io.err(`holdpoint local: ${detail}\n\n${usage}`);
  return 2;
};
