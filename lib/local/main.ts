import { parseArgs } from 'node:util';
import type { ExitCode, Io } from '../cli/io.ts';
import { localDown, localMail, localStatus, localToken, localUp } from './commands.ts';
import { LocalFault } from './fault.ts';

const usage = `holdpoint local <command>

  up [--endpoint URL]   set up the local AWS, deploy, start sign-in and pages
  down                  stop what up started
  status                what runs, where, and who can sign in
  mail                  the mails that SES would have sent
  token <who>           a signed token of a local person (account name), or of a CI job (ci)
  play [--once]         what npm start does

Everywhere: --json
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

const token: Verb = async (values, [who]) => {
  const text = await localToken(who ?? '');
  return shown(values, { token: text }, text);
};

const verbs: Readonly<Record<string, Verb>> = { up, down, status, mail, token };

/** `holdpoint local …` */
export const runLocal = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [name = '', ...rest] = argv;
  if (name === 'play') return (await (await import('./play/index.ts')).play(rest)) as ExitCode;
  const verb = verbs[name];
  if (verb === undefined || rest.includes('--help')) {
    (verb === undefined ? io.err : io.out)(usage);
    return verb === undefined ? 2 : 0;
  }
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      options: { json: { type: 'boolean' }, endpoint: { type: 'string' } },
      allowPositionals: true,
      strict: true,
    });
    io.out(`${await verb(values, positionals, io)}\n`);
    return 0;
  } catch (fault) {
    if (!(fault instanceof LocalFault)) throw fault;
    if (rest.includes('--json'))
      io.out(`${JSON.stringify({ error: { type: fault.type, title: fault.title, detail: fault.message } }, null, 2)}\n`);
    else io.err(`${fault.title}: ${fault.message}\n`);
    return fault.type === 'not-running' ? 3 : 1;
  }
};
