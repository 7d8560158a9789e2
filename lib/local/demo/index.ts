import { setMaxListeners } from 'node:events';
import { readAlone } from '../../cli/arguments.ts';
import type { Command, ExitCode, Io } from '../../cli/io.ts';
import { problemFrom } from '../../cli/problem.ts';
import { childEnv } from '../child-env.ts';
import { type LocalStage, localDown, localStatus, localUp } from '../commands.ts';
import { outputOf } from '../deploy.ts';
import { LocalFault } from '../local-fault.ts';
import { writablePaths, writeJson } from '../paths.ts';
import { acquireLock } from '../pid-lock.ts';
import { type DemoPrinted, demoSchema } from '../printed.ts';
import { createStage } from './create-stage.ts';
import { whenNpmEnds } from './npm-parent.ts';
import { openPages } from './open-pages.ts';
import { createOutput, type Output } from './output.ts';
import { begun } from './release.ts';
import { checksText, costText, firstGateOf, firstGateText, isAsExpected, type RunResult, resultOf } from './result.ts';
import { countRunCost } from './run-cost.ts';
import { runScenario } from './scenario.ts';
import { Blocked, type DemoStage } from './stage.ts';
import { holder } from './steps.ts';
import { readFinalRun, trailText } from './trail-closing.ts';

type Options = { readonly once: boolean; readonly byItself: boolean; readonly json: boolean; readonly endpoint: string | undefined };

/** `npm start`. */
export const demo: Command = {
  usage: [
    'holdpoint local demo [--once] [--by-itself] [--endpoint URL]',
    '       npm start -- [--once] [--by-itself] [--endpoint URL]',
    '',
    'Sets up a local AWS, deploys Holdpoint to it, releases the example service shop, releases a version that fails and takes it back, and keeps the API and the',
    'pages up until Ctrl-C. With --by-itself the failing version is released with a profile by which the critical probe decides, so its rollback waits for nobody.',
    'Exit code 0 only if the first run ended production-stable and the second rolled-back, 130 after Ctrl-C.',
  ].join('\n'),
  binds: 'the one local stage of this checkout, in its folder `.local`; a stage that is up already is used, and stays up afterwards',
  defaults:
    'everything stays up until Ctrl-C, and a person decides about the rollback; --once stops it after the runs. --json prints its document after the runs, and progress on stderr; the document is kept in `.local/last-demo.json` in any case. --endpoint must repeat an AWS_ENDPOINT_URL that is not on this machine',
  examples: ['holdpoint local demo', 'holdpoint local demo --once --json'],
  prints: demoSchema,
  run: async (argv, io) => {
    const { values } = readAlone(argv, { once: { type: 'boolean' }, 'by-itself': { type: 'boolean' }, endpoint: { type: 'string' } }, []);
    const isSet = (name: 'once' | 'by-itself' | 'json'): boolean => values[name] === true;
    return runDemo({ once: isSet('once'), byItself: isSet('by-itself'), json: isSet('json'), endpoint: values.endpoint }, io);
  },
};

const runDemo = async (options: Options, io: Io): Promise<ExitCode> => {
  const output = createOutput(options.json ? process.stderr : process.stdout);
  const interrupted = new AbortController();
  // SIGHUP: the terminal was closed. A second signal changes nothing, because the demo is stopping already.
  const interrupt = (): void =>
    interrupted.abort(new LocalFault('interrupted', 'The demo was interrupted; everything that it had started was stopped.'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  const stopWatching = whenNpmEnds(process.env, interrupt);
  try {
    return await demoUnderLock(options, output, { io, interrupted: interrupted.signal });
  } catch (error) {
    if (!interrupted.signal.aborted) return printError(error, options.json, output);
    printError(interrupted.signal.reason, options.json, output);
    return 130;
  } finally {
    stopWatching();
  }
};

/** Stops in any case what this demo started. A stage that was up before stays up. */
const demoUnderLock = async ({ once, byItself, json, endpoint }: Options, output: Output, given: Given): Promise<number> => {
  const { interrupted } = given;
  const began = Date.now();
  const release = acquireLock(writablePaths().demoLock, 'A demo');
  let up: LocalStage | undefined;
  try {
    up = await setUp(output, endpoint, interrupted);
    const code = await demoOn(up, output, { json, byItself, began, ...given });
    if (!once) await stayUp(up, output, { json, ...given });
    return code;
  } finally {
    if (up !== undefined && (up.started.emulator || up.started.services)) await stop(output);
    release();
  }
};

/** What the demo came to is printed already: that its stage did not stop is said, and changes no result. */
const stop = async (output: Output): Promise<void> => {
  const stopping = output.part('local stage stopped');
  try {
    const { lost } = await localDown();
    stopping();
    if (lost !== null) output.line(lost);
  } catch (error) {
    output.line(
      `The local stage did not stop: ${error instanceof Error ? error.message : String(error)}. Stop it with holdpoint local down.`,
    );
  }
};

const setUp = async (output: Output, endpoint: string | undefined, signal: AbortSignal): Promise<LocalStage> => {
  output.line(
    'Holdpoint on this machine: sets up a local AWS, deploys the app, releases the service shop, and takes a bad release of it back.',
  );
  const done = output.part('local stage set up');
  const up = await localUp({ endpoint, signal }, (_part, message) => output.progress(message));
  const seconds = Object.entries(up.seconds)
    .filter(([, spent]) => spent > 0)
    .map(([part, spent]) => `${part} ${spent.toFixed(1)} s`);
  done(seconds.join(', ') || 'it was up already');
  for (const note of up.notes) output.line(note);
  return up;
};

type Given = { readonly io: Io; readonly interrupted: AbortSignal };
/** `began`: when the command was given, in milliseconds since 1970. */
type Context = Given & { readonly json: boolean; readonly byItself: boolean; readonly began: number };

/** A blocked run ends the demo with its figures; any other error ends it with the error. */
const demoOn = async (up: LocalStage, output: Output, { json, byItself, began, io, interrupted }: Context): Promise<number> => {
  const since = new Date();
  replaceEnv(childEnv(process.env, localStatus().folder, up.endpoint));
  const over = new AbortController();
  const signal = AbortSignal.any([interrupted, over.signal]);
  // Every tool and probe of the demo listens.
  setMaxListeners(0, signal);
  const stage = await createStage(up, { since, signal, io });
  const started: Started[] = [];
  const counting = { up, stage, interrupted };
  // A run is counted while the next one goes on.
  const onStarted = (run: string): void => {
    const at = started.length === 0 ? since : new Date();
    const before = started.at(-1);
    if (before !== undefined) before.counted = begun(countRun(counting, { run: before.run, since: before.at, until: at }));
    started.push({ run, at });
  };
  let blocked: string | undefined;
  try {
    await runScenario(stage, output, { onStarted, byItself });
  } catch (error) {
    if (!(error instanceof Blocked)) throw error;
    blocked = error.message;
  } finally {
    over.abort(new Error('the demo has ended'));
  }
  const runs: RunResult[] = [];
  for (const { run, at, counted } of started) {
    const { final, result } = await (counted ?? countRun(counting, { run, since: at, until: undefined }));
    output.summary(final.view, [costText(result), checksText(result), trailText(final)]);
    runs.push(result);
  }
  if (blocked !== undefined) output.line(blocked);
  const wallSeconds = Math.round((Date.now() - began) / 100) / 10;
  const firstGate = firstGateOf(runs[0], began, output.parts);
  output.durations();
  if (firstGate !== null) output.line(firstGateText(firstGate));
  output.line(`${wallSeconds.toFixed(0)} s in all`);
  // The first run, the seconds of the whole demo and until its first gate, and all runs.
  const printed: DemoPrinted = { ...runs[0], wallSeconds, firstGate, runs };
  if (json) process.stdout.write(`${JSON.stringify(printed, null, 2)}\n`);
  const { demoDocument } = writablePaths();
  writeJson(demoDocument, printed);
  output.line(`The figures as JSON: ${demoDocument}`);
  return isAsExpected(runs) ? 0 : 1;
};

/** `at`: from then until the next run has one, calls and log lines are counted for this run. */
type Started = { readonly run: string; readonly at: Date; counted?: Promise<Counted> };
type Counting = { readonly up: LocalStage; readonly stage: DemoStage; readonly interrupted: AbortSignal };
type Span = { readonly run: string; readonly since: Date; readonly until: Date | undefined };
/** The run as it was when its trail was closed, and its figures. */
type Counted = { readonly final: Awaited<ReturnType<typeof readFinalRun>>; readonly result: RunResult };

const countRun = async ({ up, stage, interrupted }: Counting, { run, since, until }: Span): Promise<Counted> => {
  const final = await readFinalRun(await stage.person(holder(stage, 'auditor').id), run, interrupted);
  const execution = `${outputOf(up.outputs, 'StateMachineArn').replace(':stateMachine:', ':execution:')}:${run}`;
  const cost = await countRunCost({ execution, outputs: up.outputs, since, until });
  const mails = (await stage.mails()).filter(({ text }) => text.includes(run)).length;
  return { final, result: resultOf(final.view, cost, { mails }) };
};

/** From here on, this process and its children can reach the local AWS only. */
const replaceEnv = (env: Readonly<Record<string, string>>): void => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
};

/** Keeps the process, and with it the API and the pages, until it is interrupted. */
const stayUp = async (
  up: LocalStage,
  output: Output,
  { io, interrupted: signal, json }: Given & { readonly json: boolean },
): Promise<void> => {
  const { people, password, issuers, folder } = localStatus();
  const started = up.started.emulator || up.started.services;
  output.line('');
  const pages = `${issuers?.people}/as/${password}`;
  output.line(`Pages: ${pages} (choose a person with one click)`);
  // Some browsers are running for as long as their window is open.
  if (!json) begun(openPages(io, { address: new URL(pages), folder }));
  output.line(`API:   ${up.publicUrl}/v1/openapi.json`);
  output.line(`Sign in as ${people.map(({ login, roles }) => `${login} (${roles[0]})`).join(', ')}; the password of each is ${password}`);
  output.line(
    started
      ? 'Everything stays up until Ctrl-C.'
      : 'Ctrl-C ends the demo. The local stage was up before and stays up; `node bin/holdpoint.mjs local down` stops it.',
  );
  const keepAlive = setInterval(() => {}, 60_000);
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
  clearInterval(keepAlive);
};

const printError = (thrown: unknown, json: boolean, output: Output): number => {
  const error = problemFrom(thrown);
  if (json) process.stdout.write(`${JSON.stringify(error, null, 2)}\n`);
  output.line(`${error.title}: ${error.detail}`);
  if (process.env.HOLDPOINT_DEBUG !== undefined && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`);
  return 1;
};
