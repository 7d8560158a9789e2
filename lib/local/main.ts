import { parseArgs } from 'node:util';
import type { ExitCode, Io } from '../cli/io.ts';
import { jsonText, plain } from '../cli/plain.ts';
import { ownProblem } from '../cli/problem.ts';
import { localDown, localMail, localReset, localStatus, localToken, localUp } from './commands.ts';
import { errorDocument, LocalFault } from './error-document.ts';

const usage = `holdpoint local <command>

  up [--endpoint URL]   set up a local AWS, deploy Holdpoint to it, start sign-in and pages
  down                  stop what up started, and save its data
  reset                 delete the saved data of a stage that is down
  status                what is running, its addresses, and who can sign in
  mail                  the mails that SES would have sent
  token <who>           print a signed token: of a local person (account name), or of a CI job (ci)
  demo [--once]         what npm start runs: up, then one complete release

Every command: --json, --help
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no local stage is running (status says so and exits with 0)
`;

type Values = { readonly json?: boolean | undefined; readonly endpoint?: string | undefined };
type Run = (values: Values, positionals: readonly string[], io: Io) => Promise<string>;

const rendered = (values: Values, value: unknown, text: string): string => (values.json === true ? jsonText(value).trimEnd() : text);

const up: Run = async (values, _, io) => {
  let announced = '';
  const stage = await localUp({ env: io.env, endpoint: values.endpoint }, (part, message) => {
    if (announced !== part) io.err(`${part}: ${message}\n`);
    announced = part;
  });
  const { stage: _configuration, ...facts } = stage;
  const parts = Object.entries(stage.seconds)
    .filter(([, seconds]) => seconds > 0)
    .map(([part, seconds]) => `${part} ${seconds.toFixed(1)} s`);
  const took = `up at ${stage.publicUrl} after ${stage.totalSeconds.toFixed(1)} s${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
  return rendered(values, facts, [took, ...stage.notes].join('\n'));
};

const down: Run = async (values) => {
  const stopped = await localDown();
  // A loss at this stop is an error. An earlier one is only cleaned up here.
  if (stopped.lost !== null && stopped.emulator !== 'already-ended')
    throw new LocalFault('data-lost', `${stopped.lost} Everything was stopped.`);
  const emulator = {
    stopped: 'stopped; its data was saved',
    killed: 'its data was saved, and it was killed because it did not end',
    'already-ended': `had already ended. ${stopped.lost ?? 'Its data was saved'}`,
    'not-running': 'was not running',
  }[stopped.emulator];
  const lines = [`local AWS: ${emulator}`, `sign-in and pages: ${stopped.services ? 'stopped' : 'were not running'}`];
  if (stopped.leftRunning > 0) lines.push(`left running by a command that was killed: ${stopped.leftRunning} processes, stopped`);
  return rendered(values, stopped, lines.join('\n'));
};

const reset: Run = async (values) => {
  const deleted = localReset();
  const text = deleted.savedAt === null ? 'no data was saved' : `deleted the data that was saved at ${deleted.savedAt}`;
  return rendered(values, deleted, text);
};

const status: Run = async (values) => {
  const found = localStatus();
  const people = found.people.map((person) => `  ${person.login.padEnd(8)} ${person.name.padEnd(18)} ${person.roles.join(', ')}`);
  const text = [
    `local stage: ${found.state}`,
    `pages and API: ${found.publicUrl ?? 'not set up yet'}`,
    ...(found.issuers === null || found.password === null ? [] : [`sign in with one click: ${found.issuers.people}/as/${found.password}`]),
    `local AWS: ${found.endpoint ?? 'not running'}`,
    ...(people.length === 0 ? [] : [`people (the password of each is ${found.password ?? 'not set'}):`, ...people]),
    `files: ${found.folder}`,
  ];
  return rendered(values, found, text.join('\n'));
};

const mail: Run = async (values) => {
  const mails = await localMail();
  return rendered(
    values,
    mails,
    mails.length === 0
      ? 'no mails'
      : mails
          .map((one) => `${one.at}  to ${plain(one.to)}\n${plain(one.subject)}\n\n${one.text.split('\n').map(plain).join('\n')}\n`)
          .join(`${'─'.repeat(60)}\n`),
  );
};

const token: Run = async (values, [who = '']) => {
  const text = await localToken(who);
  return rendered(values, { token: text }, text);
};

type Command = { readonly run: Run; readonly positionals?: readonly string[]; readonly endpoint?: boolean };
const commands: Readonly<Record<string, Command>> = {
  up: { run: up, endpoint: true },
  down: { run: down },
  reset: { run: reset },
  status: { run: status },
  mail: { run: mail },
  token: { run: token, positionals: ['who'] },
};

/** Throws when the arguments are not exactly those that the command takes. */
const readArguments = ({ positionals = [], endpoint = false }: Command, argv: readonly string[]) => {
  const parsed = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean' }, endpoint: { type: 'string' } },
    allowPositionals: true,
    strict: true,
  });
  if (parsed.values.endpoint !== undefined && !endpoint) throw new TypeError('only `local up` takes --endpoint');
  if (parsed.positionals.length !== positionals.length)
    throw new TypeError(
      `got ${parsed.positionals.length} arguments, expected ${positionals.length === 0 ? 'none' : positionals.map((name) => `<${name}>`).join(' ')}`,
    );
  return parsed;
};

/** `holdpoint local …` */
export const runLocal = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [name = '', ...rest] = argv;
  if (name === 'demo') return (await (await import('./demo/index.ts')).runDemo(rest, io)) as ExitCode;
  const json = rest.includes('--json');
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (['--help', '-h', 'help'].includes(name) || (command !== undefined && (rest.includes('--help') || rest.includes('-h')))) {
    io.out(usage);
    return 0;
  }
  if (command === undefined) return wrongUsage(io, json, name === '' ? 'a command is missing' : `no such command: local ${name}`);
  let read: ReturnType<typeof readArguments>;
  try {
    read = readArguments(command, rest);
  } catch (thrown) {
    return wrongUsage(io, json, thrown instanceof Error ? thrown.message : 'the arguments cannot be parsed');
  }
  try {
    io.out(`${await command.run(read.values, read.positionals, io)}\n`);
    return 0;
  } catch (thrown) {
    const error = errorDocument(thrown, 'The command failed');
    if (json) io.out(jsonText(error));
    else io.err(`${error.detail.startsWith(error.title) ? '' : `${error.title}: `}${plain(error.detail)}\n`);
    if (io.env.HOLDPOINT_DEBUG !== undefined && thrown instanceof Error) io.err(`${thrown.stack}\n`);
    return thrown instanceof LocalFault && thrown.type === 'not-running' ? 3 : 1;
  }
};

const wrongUsage = (io: Io, json: boolean, detail: string): ExitCode => {
  if (json) io.out(jsonText(ownProblem('usage', detail)));
  else io.err(`holdpoint local: ${plain(detail)}\n\n${usage}`);
  return 2;
};
