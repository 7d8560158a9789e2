import { parseArgs } from 'node:util';
import { childEnv } from '../child-env.ts';
import { type LocalStage, localDown, localMail, localStatus, localUp } from '../commands.ts';
import { LocalFault, told } from '../error-document.ts';
import { writablePlaces } from '../paths.ts';
import { claim } from '../pid-lock.ts';
import { endOfTrail, inWords } from './closing.ts';
import { functionsIn, stageFor } from './deployed.ts';
import { documentOf, figuresText, type PlayDocument } from './document.ts';
import { countFigures } from './figures.ts';
import { createShow, type Show } from './output.ts';
import { playRelease } from './scenario.ts';
import { Held, type PlayedStage } from './stage.ts';

const usage = `npm start -- [options]

Sets up the local AWS, deploys, plays one run, and leaves the API and the pages running until Ctrl-C.

  --once           end after the run: exit code 0 only when it ended production-stable
  --json           one JSON document on stdout at the end of the run; progress goes to stderr
  --endpoint URL   repeats an AWS_ENDPOINT_URL that is not on this machine
`;

type Asked = { readonly once: boolean; readonly json: boolean; readonly endpoint: string | undefined };

/** `npm start`. The exit code: 0 when the run ended production-stable, 1 when not or something broke, 2 for wrong usage. */
export const play = async (argv: readonly string[]): Promise<number> => {
  const asked = askedIn(argv);
  if (typeof asked === 'number') return asked;
  const show = createShow(asked.json ? process.stderr : process.stdout);
  const interrupted = new AbortController();
  // Also when the terminal is closed. A second signal changes nothing: what was started is being stopped.
  const interrupt = (): void =>
    interrupted.abort(new LocalFault('interrupted', 'The play was interrupted; what it had started is stopped.'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  try {
    return await playFrom(asked, show, interrupted.signal);
  } catch (fault) {
    if (!interrupted.signal.aborted) return tell(fault, asked.json, show);
    tell(interrupted.signal.reason, asked.json, show);
    return 130;
  }
};

const askedIn = (argv: readonly string[]): Asked | number => {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        once: { type: 'boolean' },
        json: { type: 'boolean' },
        endpoint: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
      strict: true,
    });
    if (values.help !== true) return { once: values.once === true, json: values.json === true, endpoint: values.endpoint };
    process.stdout.write(usage);
    return 0;
  } catch (fault) {
    process.stderr.write(`${fault instanceof Error ? fault.message : 'the options are not understood'}\n\n${usage}`);
    return 2;
  }
};

/** Whatever happens, what this play started is stopped at its end, and what ran before goes on. */
const playFrom = async ({ once, json, endpoint }: Asked, show: Show, interrupted: AbortSignal): Promise<number> => {
  const began = performance.now();
  const done = claim(writablePlaces().playing, 'A play');
  let up: LocalStage | undefined;
  try {
    up = await setUp(show, endpoint, interrupted);
    const code = await playOn(up, show, { json, began, interrupted });
    if (!once) await stay(up, show, interrupted);
    return code;
  } finally {
    if (up !== undefined && (up.started.emulator || up.started.services)) {
      const stopped = show.part('what was started is stopped');
      await localDown();
      stopped();
    }
    done();
  }
};

const setUp = async (show: Show, endpoint: string | undefined, signal: AbortSignal): Promise<LocalStage> => {
  show.line('Holdpoint on this machine');
  const done = show.part('set-up');
  const up = await localUp({ endpoint, signal }, (_part, message) => show.progress(message));
  const spent = Object.entries(up.seconds)
    .filter(([, seconds]) => seconds > 0)
    .map(([part, seconds]) => `${part} ${seconds.toFixed(1)}`);
  done(spent.join(', ') || 'everything was up already');
  for (const note of up.notes) show.line(note);
  return up;
};

type Playing = { readonly json: boolean; readonly began: number; readonly interrupted: AbortSignal };

/** Nothing that fails here is hidden: a hold ends the play with what there is, a fault ends it with its sentence. */
const playOn = async (up: LocalStage, show: Show, { json, began, interrupted }: Playing): Promise<number> => {
  const since = new Date();
  const mailsBefore = (await localMail()).length;
  adopt(childEnv(process.env, localStatus().folder, up.endpoint));
  const over = new AbortController();
  const stage = await stageFor(up, { since, signal: AbortSignal.any([interrupted, over.signal]) });
  let run = '';
  let blocked: string | undefined;
  try {
    await playRelease(stage, show, (id) => {
      run = id;
    });
  } catch (fault) {
    if (!(fault instanceof Held)) throw fault;
    blocked = fault.message;
  } finally {
    over.abort(new Error('the play is over'));
  }
  const document = await conclude(up, stage, { run, since, mailsBefore, began, interrupted });
  show.end(document.view, figuresText(document.figures), document.trail);
  if (blocked !== undefined) show.line(blocked);
  if (json) process.stdout.write(`${JSON.stringify(document.figures, null, 2)}\n`);
  return document.figures.outcome === 'production-stable' ? 0 : 1;
};

/** This process and its children know the local AWS only: no profile, no account of the caller's. */
const adopt = (env: Readonly<Record<string, string>>): void => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
};

type Played = {
  readonly run: string;
  readonly since: Date;
  readonly mailsBefore: number;
  readonly began: number;
  readonly interrupted: AbortSignal;
};
type Concluded = { readonly view: Parameters<Show['end']>[0]; readonly figures: PlayDocument; readonly trail: string };

/** Counted when nothing moves any more: the trail of an ended run is closed by the reconciler, a moment after its path has ended. */
const conclude = async (
  up: LocalStage,
  stage: PlayedStage,
  { run, since, mailsBefore, began, interrupted }: Played,
): Promise<Concluded> => {
  const auditor = await stage.person(auditorOf(stage));
  const { view, lanes } = await endOfTrail(auditor, run, interrupted);
  const execution = `${(up.outputs.StateMachineArn ?? '').replace(':stateMachine:', ':execution:')}:${run}`;
  const counted = await countFigures({ execution, functions: functionsIn(up), since });
  const mails = (await localMail()).length - mailsBefore;
  const wallSeconds = Math.round((performance.now() - began) / 100) / 10;
  return { view, figures: documentOf(view, counted, { mails, wallSeconds }), trail: inWords(view, lanes) };
};

const auditorOf = (stage: PlayedStage): string => stage.people.find(({ roles }) => roles.includes('auditor'))?.id ?? '';

/** The API and the pages stay until somebody ends it. */
const stay = async (up: LocalStage, show: Show, signal: AbortSignal): Promise<void> => {
  const { people, password } = localStatus();
  const started = up.started.emulator || up.started.services;
  show.line('');
  show.line(`Pages: ${up.publicUrl}/runs   API: ${up.publicUrl}/v1/openapi.json`);
  show.line(
    `Sign in as ${people.map(({ login, roles }) => `${login} (${roles[0]})`).join(', ')}; the password of all of them is ${password}`,
  );
  show.line(
    started
      ? 'All of it stays up until Ctrl-C, which stops it.'
      : 'Ctrl-C ends this; the local stage was up before and stays up (`npx holdpoint local down` stops it).',
  );
  const ticking = setInterval(() => {}, 60_000);
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
  clearInterval(ticking);
};

const tell = (fault: unknown, json: boolean, show: Show): number => {
  const error = told(fault, 'The play broke off');
  if (json) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  show.line(`${error.title}: ${error.detail}`);
  if (process.env.HOLDPOINT_DEBUG !== undefined && fault instanceof Error) process.stderr.write(`${fault.stack}\n`);
  return 1;
};
