import { parseArgs } from 'node:util';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { createClient } from '../../api/client.ts';
import { childEnv } from '../child-env.ts';
import { type LocalStage, localDown, localMail, localStatus, localToken, localUp } from '../commands.ts';
import { LocalFault } from '../fault.ts';
import { projectFolder } from '../places.ts';
import { must } from './acts.ts';
import { documentOf, figuresText, type PlayDocument } from './document.ts';
import { countFigures } from './figures.ts';
import { workshopOf } from './reports.ts';
import { createSample } from './sample.ts';
import { createShow, type Show } from './show.ts';
import { Held, type PlayedStage } from './stage.ts';
import { playRelease } from './story.ts';

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
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort(new Error('interrupted')));
  try {
    return await playFrom(asked, show, interrupted.signal);
  } catch (fault) {
    if (!interrupted.signal.aborted) return tell(fault, asked.json);
    show.line('Interrupted; what was started is stopped.');
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
  const up = await setUp(show, endpoint, interrupted);
  try {
    const code = await playOn(up, show, { json, began, interrupted });
    if (!once) await stay(up, show, interrupted);
    return code;
  } finally {
    if (up.started.emulator || up.started.services) await localDown();
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
  const stage = await stageFor(up, AbortSignal.any([interrupted, over.signal]));
  let run = '';
  let held: string | undefined;
  try {
    await playRelease(stage, show, (id) => {
      run = id;
    });
  } catch (fault) {
    if (!(fault instanceof Held)) throw fault;
    held = fault.message;
  } finally {
    over.abort(new Error('the play is over'));
  }
  const document = await conclude(up, stage, { run, since, mailsBefore, began });
  show.end(document.view, figuresText(document.figures));
  if (held !== undefined) show.line(held);
  if (json) process.stdout.write(`${JSON.stringify(document.figures, null, 2)}\n`);
  return document.figures.outcome === 'production-stable' ? 0 : 1;
};

/** This process and its children know the local AWS only: no profile, no account of the caller's. */
const adopt = (env: Readonly<Record<string, string>>): void => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
};

const conclude = async (
  up: LocalStage,
  stage: PlayedStage,
  play: { readonly run: string; readonly since: Date; readonly mailsBefore: number; readonly began: number },
): Promise<{ readonly view: Parameters<Show['end']>[0]; readonly figures: PlayDocument }> => {
  const auditor = await stage.person(auditorOf(stage));
  const view = must('read the run', await auditor.readRun({ params: { run: play.run } }));
  const execution = `${(up.outputs.StateMachineArn ?? '').replace(':stateMachine:', ':execution:')}:${play.run}`;
  const counted = await countFigures({ execution, functions: functionsIn(up), since: play.since });
  const mails = (await localMail()).length - play.mailsBefore;
  return { view, figures: documentOf(view, counted, { mails, wallSeconds: Math.round((performance.now() - play.began) / 100) / 10 }) };
};

const auditorOf = (stage: PlayedStage): string => stage.people.find(({ roles }) => roles.includes('auditor'))?.id ?? '';

const functionNames = {
  'api-authorizer': 'ApiAuthorizerFunction',
  'api-ci': 'ApiCiFunction',
  'api-people': 'ApiPeopleFunction',
  'api-audit': 'ApiAuditFunction',
  'task-opener': 'TaskOpenerFunction',
  'event-settler': 'EventSettlerFunction',
  'event-feed': 'EventFeedFunction',
  'event-pulse': 'EventPulseFunction',
} as const;

const output = (up: LocalStage, name: string): string => {
  const value = up.outputs[name];
  if (value === undefined) throw new Error(`the deployed stacks have no output ${name}`);
  return value;
};

const functionsIn = (up: LocalStage): Record<string, string> =>
  Object.fromEntries(Object.entries(functionNames).map(([name, id]) => [name, output(up, id)]));

/** What CI, people and operations have in their hands. */
const stageFor = async (up: LocalStage, signal: AbortSignal): Promise<PlayedStage> => {
  const { people, password, folder } = localStatus();
  const [service] = up.stage.services;
  if (service === undefined) throw new Error('the local stage has no service');
  const bus = new EventBridgeClient({});
  const topics = new SNSClient({});
  const clientFor = (token: string) => createClient({ baseUrl: up.publicUrl, token: () => token });
  const tokens = new Map<string, string>();
  const tokenOf = async (id: string): Promise<string> => {
    const token = tokens.get(id) ?? (await localToken(id));
    tokens.set(id, token);
    return token;
  };
  return {
    shop: workshopOf(projectFolder, up.endpoint, signal),
    publicUrl: up.publicUrl,
    service: service.name,
    environment: service.environments[0] ?? 'production',
    waitScale: up.stage.waitScale,
    people,
    sample: createSample(output(up, 'SampleFunction')),
    functionEnv: { ...(await environmentOf(up)), STAGE_FILE: `${folder}/stage.json` },
    ci: async () => clientFor(await localToken('ci')),
    person: async (id) => clientFor(await tokenOf(id)),
    tokenOf,
    credentials: (id) => ({ login: people.find((person) => person.id === id)?.login ?? id, password: password ?? '' }),
    mails: localMail,
    emit: async (detail) => {
      await bus.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: output(up, 'BusName'),
              Source: 'holdpoint.play',
              DetailType: 'observation.reported',
              Detail: JSON.stringify(detail),
            },
          ],
        }),
      );
    },
    notify: async (message) => {
      await topics.send(new PublishCommand({ TopicArn: output(up, 'AlarmTopicArn'), Subject: 'ALARM', Message: JSON.stringify(message) }));
    },
  };
};

/** The variables of the deployed API functions, so that the handlers in one process use the very same tables and keys. */
const environmentOf = async (up: LocalStage): Promise<Record<string, string>> => {
  const client = new LambdaClient({});
  const names = (['ApiCiFunction', 'ApiPeopleFunction', 'ApiAuditFunction'] as const).map((id) => output(up, id));
  const found = await Promise.all(names.map((FunctionName) => client.send(new GetFunctionConfigurationCommand({ FunctionName }))));
  return Object.assign({}, ...found.map(({ Environment }) => Environment?.Variables ?? {})) as Record<string, string>;
};

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
    started ? 'Ctrl-C stops it.' : 'Ctrl-C ends this; the local stage was up before and stays up (`npx holdpoint local down` stops it).',
  );
  const ticking = setInterval(() => {}, 60_000);
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
  clearInterval(ticking);
};

const tell = (fault: unknown, json: boolean): number => {
  const known = fault instanceof LocalFault;
  const error = {
    type: known ? fault.type : 'fault',
    title: known ? fault.title : 'The play broke off',
    detail: fault instanceof Error ? fault.message : String(fault),
  };
  if (json) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  process.stderr.write(`\n  ${error.title}: ${error.detail}\n`);
  if (!known && fault instanceof Error && process.env.HOLDPOINT_DEBUG !== undefined) process.stderr.write(`${fault.stack}\n`);
  return 1;
};
