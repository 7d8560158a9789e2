import { attest } from './attest.ts';
import { checklist } from './checklist.ts';
import { checklistDiff } from './checklist-diff.ts';
import { deployment } from './deployment.ts';
import { document } from './document.ts';
import { drill } from './drill.ts';
import { environment } from './environment.ts';
import { evidence } from './evidence.ts';
import { exitCodes } from './exit-codes.ts';
import { followUp } from './follow-up.ts';
import { init } from './init.ts';
import { inspect } from './inspect.ts';
import { type Command, type ExitCode, type Io, Usage } from './io.ts';
import { login, logout } from './login.ts';
import { na } from './na.ts';
import { overrideFreeze } from './override-freeze.ts';
import { jsonText, plain } from './plain.ts';
import { probe } from './probe.ts';
import { ownProblem, problemFrom } from './problem.ts';
import { profileCheck } from './profile-check.ts';
import { reschedule } from './reschedule.ts';
import { reviews } from './reviews.ts';
import { rollback, rollbackData, rollbackDecision } from './rollback.ts';
import { rollbackStep } from './rollback-step.ts';
import { run as runCommand } from './run.ts';
import { scan } from './scan.ts';
import { schema } from './schema.ts';
import { confirm, standing } from './standing.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { target } from './target.ts';
import { wait } from './wait.ts';
import { waive } from './waive.ts';

export const commands: readonly Command[] = [
  start,
  evidence,
  inspect,
  runCommand,
  probe,
  scan,
  document,
  reviews,
  schema,
  attest,
  standing,
  confirm,
  waive,
  na,
  reschedule,
  overrideFreeze,
  status,
  wait,
  deployment,
  drill,
  rollback,
  rollbackDecision,
  rollbackStep,
  rollbackData,
  followUp,
  target,
  environment,
  checklist,
  checklistDiff,
  init,
  profileCheck,
  login,
  logout,
];

const help = (): string =>
  [
    'Usage: holdpoint COMMAND [options]',
    '',
    ...commands.map((command) => `  ${command.name.padEnd(19)}${command.summary}`),
    `  ${'local'.padEnd(19)}run a whole stage on this machine: up, down, reset, status, mail, token, demo`,
    '',
    'holdpoint COMMAND --help shows options, defaults and examples.',
    '',
    'Options of every command: --json, --help. Commands that call Holdpoint: --url URL, --token TOKEN, --as PERSON (on a local stage)',
    "Environment: HOLDPOINT_URL, HOLDPOINT_TOKEN, HOLDPOINT_RUN (for run); in GitHub Actions, the job's own OpenID token. Its audience is the origin of the URL,",
    'unless HOLDPOINT_AUDIENCE names another.',
    'With --json an error is a problem document on stdout, as the API answers it.',
    '',
    'Exit codes:',
    ...exitCodes.map(({ code, meaning }) => `  ${code.padEnd(17)}${meaning.replaceAll('`', '')}`),
    '',
  ].join('\n');

const helpOf = ({ name, summary, usage, examples }: Command): string =>
  [`holdpoint ${name}: ${summary}`, '', `Usage: ${usage}`, '', 'Examples:', ...examples.map((example) => `  ${example}`), ''].join('\n');

/** Runs one command line and returns its exit code. Never throws. */
export const run = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [name, second] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    io.out(help());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((one) => one.name === `${name} ${second}`) ?? commands.find((one) => one.name === name);
  const rest = argv.slice(command?.name.split(' ').length ?? 1);
  // What follows -- belongs to the command that `run` runs.
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  const json = own.includes('--json');
  if (command === undefined) {
    if (json) io.out(jsonText(ownProblem('usage', `no such command: ${name}`)));
    else io.err(`holdpoint: no such command: ${plain(name)}\n\n${help()}`);
    return 2;
  }
  if (own.includes('--help') || own.includes('-h')) {
    io.out(helpOf(command));
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (fault) {
    return failed(io, command, json, fault);
  }
};

const failed = (io: Io, command: Command, json: boolean, fault: unknown): ExitCode => {
  const problem = problemFrom(fault);
  const usage = fault instanceof Usage;
  // A message may quote the server, a file or an argument.
  if (json) io.out(jsonText(problem));
  else
    io.err(
      `holdpoint ${command.name}: ${plain(problem.detail)}\n${usage ? `Usage: ${command.usage}\nExample: ${command.examples[0]}\n` : ''}`,
    );
  if (!usage && io.env.HOLDPOINT_DEBUG !== undefined && fault instanceof Error)
    io.err(`${fault.stack?.split('\n').map(plain).join('\n')}\n`);
  return usage ? 2 : problem.type.endsWith('/unreachable') ? 3 : 1;
};
