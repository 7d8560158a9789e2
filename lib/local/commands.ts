import { join } from 'node:path';
import { type Stage, stageSchema } from '../checklist/stage.ts';
import { childEnv, endpointOf } from './child-env.ts';
import { bootstrap, deploy, type Deployed, deploymentDigest, noteDeployed, type Outputs, standing, standingNote, synthesise } from './deploy.ts';
import { answers, emulatorState, endpointAt, portTaken, runningEmulator, startEmulator, stopEmulator } from './emulator.ts';
import { LocalFault } from './fault.ts';
import { type LocalMail, readMailbox } from './mailbox.ts';
import { localPlaces, type Places, projectFolder, readJson, writeJson } from './places.ts';
import { isFree, type Ports, portsOf, portsSchema } from './ports.ts';
import { preparePython } from './python.ts';
import { secretsOf } from './secrets.ts';
import { issuersAt, publicUrlAt, servicesRunning, startServices, stopServices } from './services.ts';
import { applySettings } from './settings.ts';
import { localStage, subjects } from './stage.ts';
import { ciToken, personToken } from './tokens.ts';

export const parts = ['environment', 'emulator', 'synthesis', 'bootstrap', 'deploy', 'settings', 'services'] as const;
export type Part = (typeof parts)[number];
export type Progress = (part: Part, message: string) => void;

type Options = {
  /** The caller's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Repeats an `AWS_ENDPOINT_URL` that is not on this machine. */
  readonly endpoint?: string | undefined;
  /** Where everything is kept; `.local` of the checkout when nothing else is said. */
  readonly folder?: string;
  readonly signal?: AbortSignal | undefined;
};

export type LocalStage = {
  readonly publicUrl: string;
  readonly endpoint: string;
  readonly stage: Stage;
  readonly outputs: Outputs;
  /** How long each part took, in seconds; a part that had nothing to do is 0. Synthesis runs beside the environment. */
  readonly seconds: Readonly<Record<Part, number>>;
  /** Wall-clock seconds of all of it. */
  readonly totalSeconds: number;
  /** What this call started, and `localDown` would stop. */
  readonly started: { readonly emulator: boolean; readonly services: boolean };
  /** What the user should know: for one, that waiting runs did not outlive a stop of the local AWS. */
  readonly notes: readonly string[];
};

/** A call of `localUp` with all that its steps share. */
type Call = { readonly places: Places; readonly ports: Ports; readonly stage: Stage; readonly digest: string; readonly signal: AbortSignal; readonly timed: Timed; readonly env: (endpoint?: string) => Record<string, string>; readonly progress: Progress };
type Timed = <T>(part: Part, work: () => Promise<T>) => Promise<T>;

/**
 * Sets up the local AWS, deploys the app, and starts sign-in and front; what is there already is used. Throws a `LocalFault` that says in
 * one sentence what is wrong, and leaves nothing running that it started.
 */
export const localUp = async (options: Options = {}, progress: Progress = () => {}): Promise<LocalStage> => {
  const began = performance.now();
  const caller = options.env ?? process.env;
  const given = endpointOf(caller, options.endpoint);
  const places = localPlaces(options.folder);
  if (given !== undefined && !(await answers(given))) throw new LocalFault('endpoint-silent', `AWS_ENDPOINT_URL is ${given}, and nobody answers there; start that emulator, or unset AWS_ENDPOINT_URL to have one started.`);
  const running = given ?? (await runningEmulator(places));
  const ports = await portsOf(places);
  await portsUsable(places, ports, running === undefined);
  const stage = localStage({ publicUrl: publicUrlAt(ports), peopleIssuer: issuersAt(ports).people, ciIssuer: issuersAt(ports).ci });
  secretsOf(places);
  const seconds: Record<Part, number> = { environment: 0, emulator: 0, synthesis: 0, bootstrap: 0, deploy: 0, settings: 0, services: 0 };
  // A failing part ends those beside it, too.
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const call: Call = { places, ports, stage, digest: deploymentDigest(stage), signal, timed: timer(seconds), env: (endpoint) => childEnv(caller, places.folder, endpoint), progress };
  let emulatorStarted = false;
  try {
    const { endpoint, notes, started, synthesised } = await ready(call, running);
    emulatorStarted = started;
    const deployed = await deployedOn(call, endpoint, synthesised);
    const services = await call.timed('services', () => startServices({ places, ports, env: call.env(), signal }));
    return {
      publicUrl: stage.publicUrl, endpoint, stage, outputs: deployed.outputs, seconds, totalSeconds: secondsSince(began),
      started: { emulator: emulatorStarted, services: services.started }, notes,
    };
  } catch (fault) {
    failed.abort(fault);
    if (emulatorStarted) await stopEmulator(places);
    throw fault;
  }
};

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 10) / 100;

const timer = (seconds: Record<Part, number>): Timed => async (part, work) => {
  const began = performance.now();
  try {
    return await work();
  } finally {
    seconds[part] = secondsSince(began);
  }
};

/** Looked at before anything is changed: a port that another program has. Ours may be in use by our own processes. */
const portsUsable = async (places: Places, ports: Ports, withEmulator: boolean): Promise<void> => {
  if (withEmulator && !(await isFree(ports.emulator))) throw portTaken(places, ports.emulator, 'the local AWS');
  if (servicesRunning(places)) return;
  if (!(await isFree(ports.provider))) throw portTaken(places, ports.provider, 'the local sign-in');
  if (!(await isFree(ports.front))) throw portTaken(places, ports.front, 'the local pages and API');
};

type Ready = { readonly endpoint: string; readonly started: boolean; readonly notes: readonly string[]; readonly synthesised: boolean };

/** An endpoint that answers. When a deployment is to come, the app is synthesised while the environment is made: neither needs the other. */
const ready = async (call: Call, running: string | undefined): Promise<Ready> => {
  const { places, ports, timed, progress, signal, env } = call;
  if (running !== undefined) return { endpoint: running, started: false, notes: [], synthesised: false };
  const synthesising = standingNote(places)?.digest === call.digest ? undefined : synthesisOf(call);
  synthesising?.catch(() => {});
  const { interpreter } = await timed('environment', () => preparePython({ venv: places.venv, env: env(), signal, say: (message) => progress('environment', message) }));
  await synthesising;
  progress('emulator', 'starting the local AWS');
  const { endpoint, kept } = await timed('emulator', () => startEmulator({ places, interpreter, port: ports.emulator, env: env(), signal }));
  const notes = kept ? ['The local AWS was started again with what it had kept. Runs that were waiting when it stopped cannot go on (States.ServiceRestart); start new ones.'] : [];
  return { endpoint, started: true, notes, synthesised: synthesising !== undefined };
};

const synthesisOf = ({ places, stage, timed, progress, signal, env }: Call): Promise<void> => {
  writeJson(places.stage, stage, 0o644);
  progress('synthesis', 'bundling the functions and writing the templates');
  return timed('synthesis', () => synthesise({ places, env: env(), signal, say: () => {} }));
};

/** The app on this endpoint: what an earlier start deployed when nothing has changed since, else deployed now. */
const deployedOn = async (call: Call, endpoint: string, synthesised: boolean): Promise<Deployed> => {
  const { places, timed, progress, signal, digest } = call;
  const before = await standing(places, endpoint);
  if (before?.digest === digest) return before;
  if (!synthesised) await synthesisOf(call);
  const work = (part: Part) => ({ places, env: call.env(endpoint), signal, say: (message: string) => progress(part, message) });
  // The account stays prepared as long as it keeps its tables.
  if (before === undefined) {
    progress('bootstrap', 'preparing the account for deployments');
    await timed('bootstrap', () => bootstrap(work('bootstrap')));
  }
  progress('deploy', 'deploying the app');
  const deployed = await timed('deploy', () => deploy(work('deploy'), { digest, endpoint }));
  progress('settings', 'making the settings that the local AWS leaves out of a deployment');
  await timed('settings', () => applySettings(deployed, places.template));
  noteDeployed(places, deployed);
  return deployed;
};

/** Stops what `localUp` started, and nothing else. What the emulator keeps stays for the next start. */
export const localDown = async ({ folder }: Pick<Options, 'folder'> = {}): Promise<{ readonly emulator: Awaited<ReturnType<typeof stopEmulator>>; readonly services: boolean }> => {
  const places = localPlaces(folder);
  const services = servicesRunning(places);
  await stopServices(places);
  return { emulator: await stopEmulator(places), services };
};

export type LocalStatus = {
  readonly state: 'up' | 'partly-up' | 'down' | 'dead';
  readonly emulator: 'running' | 'dead' | 'none' | 'given';
  readonly services: boolean;
  readonly publicUrl: string | null;
  readonly endpoint: string | null;
  readonly issuers: { readonly people: string; readonly ci: string } | null;
  readonly people: readonly { readonly login: string; readonly id: string; readonly name: string; readonly address: string; readonly roles: readonly string[] }[];
  /** The one password of the invented people. */
  readonly password: string | null;
  readonly outputs: Outputs;
  readonly folder: string;
};

/** What is there; changes nothing. */
export const localStatus = ({ folder }: Pick<Options, 'folder'> = {}): LocalStatus => {
  const places = localPlaces(folder);
  const ports = readJson(places.ports, portsSchema);
  const stage = readJson(places.stage, stageSchema);
  const deployed = standingNote(places);
  const found = emulatorState(places);
  const services = servicesRunning(places);
  const given = found.state === 'none' && deployed !== undefined && ports !== undefined && deployed.endpoint !== endpointAt(ports.emulator);
  const emulator = given ? 'given' : found.state;
  const answering = emulator === 'running' || emulator === 'given';
  return {
    state: emulator === 'dead' ? 'dead' : answering && services && deployed !== undefined ? 'up' : emulator === 'running' || services ? 'partly-up' : 'down',
    emulator, services,
    publicUrl: stage?.publicUrl ?? null,
    endpoint: found.state === 'none' ? (given ? deployed.endpoint : null) : found.endpoint,
    issuers: ports === undefined ? null : issuersAt(ports),
    people: (stage?.roster ?? []).map(({ id, name, address, roles }) => ({ login: subjects.get(id) ?? id, id, name, address, roles })),
    password: stage === undefined ? null : secretsOf(places).password,
    outputs: deployed?.outputs ?? {},
    folder: places.folder,
  };
};

/** The mails that the product handed over, oldest first. */
export const localMail = async ({ folder }: Pick<Options, 'folder'> = {}): Promise<readonly LocalMail[]> => {
  const { endpoint } = localStatus({ folder: folder ?? join(projectFolder, '.local') });
  if (endpoint === null) throw new LocalFault('not-running', 'No local stage is running, so there are no mails to read; start one with `npx holdpoint local up`.');
  return readMailbox(endpoint);
};

/** A real signed token from the local provider: of a person by account, id or name, or of a CI job for `ci`. */
export const localToken = (who: string, { folder, actor }: Pick<Options, 'folder'> & { readonly actor?: string } = {}): Promise<string> => {
  const places = localPlaces(folder);
  return who === 'ci' ? ciToken(places, actor) : personToken(places, who);
};
