import * as z from 'zod';
import { readAlone } from '../cli/arguments.ts';
import { type Command, type ExitCode, type Io, Usage } from '../cli/io.ts';
import { jsonText, plain } from '../cli/plain.ts';
import { localDown, localMail, localReset, localStatus, localToken, localUp } from './commands.ts';
import { LocalFault } from './local-fault.ts';
import { mailsFor } from './mailbox.ts';
import {
  type LocalMail,
  type LocalReset,
  type LocalStatus,
  type LocalStopped,
  type LocalUp,
  mailSchema,
  resetSchema,
  statusSchema,
  stoppedSchema,
  tokenSchema,
  upSchema,
} from './printed.ts';

/** The stage that the commands are about. */
const ownStage = 'the one local stage of this checkout, in its folder `.local`';

/** Prints a value as JSON, or what a person reads of it. */
const print = <T extends object>(io: Io, json: boolean | undefined, value: T, textOf: (value: T) => string): ExitCode => {
  io.out(json === true ? jsonText(value) : `${textOf(value)}\n`);
  return 0;
};

export const up: Command = {
  usage: [
    'holdpoint local up [--endpoint URL]',
    '',
    'Sets up a local AWS, deploys Holdpoint to it, and starts sign-in and pages. They run in the background until `holdpoint local down`. What already runs is used;',
    'what has changed in the checkout is deployed again.',
  ].join('\n'),
  binds: `${ownStage}; with AWS_ENDPOINT_URL, the AWS at that address`,
  defaults:
    'a local AWS of its own, with the data that the last `local down` saved; ports that are free at the first start, and the same ones later. --endpoint must repeat an AWS_ENDPOINT_URL that is not on this machine',
  examples: ['holdpoint local up', 'holdpoint local up --json', 'holdpoint local up --endpoint http://aws.test.example:4566'],
  prints: upSchema,
  run: async (argv, io) => {
    const { values } = readAlone(argv, { endpoint: { type: 'string' } }, []);
    let announced = '';
    const { stage: _configuration, ...facts } = await localUp({ env: io.env, endpoint: values.endpoint }, (part, message) => {
      if (announced !== part) io.err(`${part}: ${message}\n`);
      announced = part;
    });
    return print<LocalUp>(io, values.json, facts, upText);
  },
};

const upText = ({ publicUrl, seconds, totalSeconds, notes }: LocalUp): string => {
  const parts = Object.entries(seconds)
    .filter(([, spent]) => spent > 0)
    .map(([part, spent]) => `${part} ${spent.toFixed(1)} s`);
  const took = `up at ${publicUrl} after ${totalSeconds.toFixed(1)} s${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
  return [took, ...notes].join('\n');
};

export const down: Command = {
  usage: [
    'holdpoint local down',
    '',
    'Stops what `holdpoint local up` or the demo started, and saves the data of the local AWS for the next start. Exit code 1 where data could not be saved.',
  ].join('\n'),
  binds: ownStage,
  defaults: 'it takes no options of its own; where nothing runs it says so and exits with 0',
  examples: ['holdpoint local down', 'holdpoint local down --json'],
  prints: stoppedSchema,
  run: async (argv, io) => {
    const { values } = readAlone(argv, {}, []);
    const stopped = await localDown();
    // A loss at this stop is an error. An earlier one is only cleaned up here.
    if (stopped.lost !== null && stopped.emulator !== 'already-ended')
      throw new LocalFault('data-lost', `${stopped.lost} Everything was stopped.`);
    return print<LocalStopped>(io, values.json, stopped, stoppedText);
  },
};

const stoppedText = ({ emulator, lost, services, leftRunning }: LocalStopped): string => {
  const became = {
    stopped: 'stopped; its data was saved',
    killed: 'its data was saved, and it was killed because it did not end',
    'already-ended': `had already ended. ${lost ?? 'Its data was saved'}`,
    'not-running': 'was not running',
  }[emulator];
  const lines = [`local AWS: ${became}`, `sign-in and pages: ${services ? 'stopped' : 'were not running'}`];
  if (leftRunning > 0) lines.push(`left running by a command that was killed: ${leftRunning} processes, stopped`);
  return lines.join('\n');
};

export const reset: Command = {
  usage: [
    'holdpoint local reset',
    '',
    'Deletes the saved data of the local AWS: runs, evidence, events and mails. This cannot be taken back. The stage must be down.',
  ].join('\n'),
  binds: ownStage,
  defaults: 'it takes no options of its own and does not ask again; a stage that runs is refused',
  examples: ['holdpoint local reset', 'holdpoint local reset --json'],
  prints: resetSchema,
  run: async (argv, io) => {
    const { values } = readAlone(argv, {}, []);
    return print<LocalReset>(io, values.json, localReset(), ({ savedAt }) =>
      savedAt === null ? 'no data was saved' : `deleted the data that was saved at ${savedAt}`,
    );
  },
};

export const status: Command = {
  usage: [
    'holdpoint local status',
    '',
    'Shows what is running, its addresses, and who can sign in. It changes nothing, and exits with 0 where nothing runs.',
  ].join('\n'),
  binds: ownStage,
  defaults: 'it takes no options of its own',
  examples: ['holdpoint local status', 'holdpoint local status --json'],
  prints: statusSchema,
  run: async (argv, io) => {
    const { values } = readAlone(argv, {}, []);
    return print<LocalStatus>(io, values.json, localStatus(), statusText);
  },
};

const statusText = (found: LocalStatus): string => {
  const people = found.people.map((person) => `  ${person.login.padEnd(8)} ${person.name.padEnd(18)} ${person.roles.join(', ')}`);
  return [
    `local stage: ${found.state}`,
    `pages and API: ${found.publicUrl ?? 'not set up yet'}`,
    ...(found.issuers === null || found.password === null ? [] : [`sign in with one click: ${found.issuers.people}/as/${found.password}`]),
    `local AWS: ${found.endpoint ?? 'not running'}`,
    ...(people.length === 0 ? [] : [`people (the password of each is ${found.password ?? 'not set'}):`, ...people]),
    `files: ${found.folder}`,
  ].join('\n');
};

export const mail: Command = {
  usage: [
    'holdpoint local mail [--to PERSON] [--subject TEXT] [--run RUN]',
    '',
    'Shows the mails that SES would have sent, oldest first, with the links in them. --to takes a part of the address, --subject a part of the subject, both in any case;',
    '--run takes the id of a run, which each mail about it names. What is given together must all hold. Exit code 3 where no local stage runs.',
  ].join('\n'),
  binds: `${ownStage}, and the mails since its data was last deleted`,
  defaults: 'every mail; --json has the HTML part of each mail, too',
  examples: ['holdpoint local mail --to dana', 'holdpoint local mail --run 20261127-080000-abcdefghjk --subject "Go / no-go" --json'],
  prints: z.array(mailSchema),
  run: async (argv, io) => {
    const { values } = readAlone(argv, { to: { type: 'string' }, subject: { type: 'string' }, run: { type: 'string' } } as const, []);
    const empty = (['to', 'subject', 'run'] as const).find((name) => values[name]?.trim() === '');
    if (empty !== undefined) throw new Usage(`--${empty} needs a text to look for`);
    const mails = mailsFor(await localMail(), values);
    const isNarrowed = (values.to ?? values.subject ?? values.run) !== undefined;
    return print<readonly LocalMail[]>(io, values.json, mails, (some) =>
      some.length === 0 && isNarrowed ? 'no such mails' : mailsText(some),
    );
  },
};

const mailsText = (mails: readonly LocalMail[]): string =>
  mails.length === 0
    ? 'no mails'
    : mails
        .map((one) => `${one.at}  to ${plain(one.to)}\n${plain(one.subject)}\n\n${one.text.split('\n').map(plain).join('\n')}\n`)
        .join(`${'─'.repeat(60)}\n`);

export const token: Command = {
  usage: [
    'holdpoint local token WHO',
    '',
    'Prints a signed token of the local identity providers, for requests of your own: of a local person, by account name, id or name, or of a CI job (ci). Commands',
    'of this program need none: they take --as PERSON. Exit code 3 where no local stage runs.',
  ].join('\n'),
  binds: 'one person of the local roster, or a CI job of the local stage; `holdpoint local status` lists the people',
  defaults: 'WHO must be given; a token of a CI job is another one at each call',
  examples: ['holdpoint local token dana', 'holdpoint local token ci --json'],
  prints: tokenSchema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [who = ''],
    } = readAlone(argv, {}, ['who']);
    return print(io, values.json, { token: await localToken(who) }, (value) => value.token);
  },
};
