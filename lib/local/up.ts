import type { Stage } from '../checklist/stage.ts';
import { childEnv, endpointOf } from './child-env.ts';
import {
  bootstrap,
  type Deployed,
  deploy,
  deploymentDigest,
  noteDeployed,
  type Outputs,
  standing,
  standingNote,
  synthesise,
} from './deploy.ts';
import { answers, portTaken, runningEmulator, startEmulator, stopEmulator } from './emulator.ts';
import { LocalFault } from './error-document.ts';
import { endInterrupted } from './interrupted.ts';
import { type Places, writablePlaces, writeJson } from './paths.ts';
import { claim } from './pid-lock.ts';
import { isFree, type Ports, portsOf } from './ports.ts';
import { preparePython } from './python.ts';
import { secretsOf } from './secrets.ts';
import { issuersAt, publicUrlAt, servicesRunning, startServices } from './services.ts';
import { applySettings } from './settings.ts';
import { localStage } from './stage.ts';

/** What a set-up consists of. */
type Part = 'environment' | 'emulator' | 'synthesis' | 'bootstrap' | 'deploy' | 'settings' | 'services';
type Progress = (part: Part, message: string) => void;

type Options = {
  /** The caller's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Repeats an `AWS_ENDPOINT_URL` that is not on this machine. */
  readonly endpoint?: string | undefined;
  /** Where everything is kept; `.local` of the checkout when nothing else is said. */
  readonly folder?: string | undefined;
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
type Call = {
  readonly places: Places;
  readonly ports: Ports;
  readonly stage: Stage;
  readonly digest: string;
  readonly signal: AbortSignal;
  readonly timed: Timed;
  readonly env: (endpoint?: string) => Record<string, string>;
  readonly progress: Progress;
};
type Timed = <T>(part: Part, work: () => Promise<T>) => Promise<T>;

/**
 * Sets up the local AWS, deploys the app, and starts sign-in and front; what is there already is used. Throws a `LocalFault` that says in
 * one sentence what is wrong, and leaves nothing running that it started.
 */
export const localUp = async (options: Options = {}, progress: Progress = () => {}): Promise<LocalStage> => {
  const given = endpointOf(options.env ?? process.env, options.endpoint);
  const places = writablePlaces(options.folder);
  const done = claim(places.settingUp, 'A set-up');
  try {
    return await setUp(options, places, given, progress);
  } finally {
    done();
  }
};

const setUp = async (options: Options, places: Places, given: string | undefined, progress: Progress): Promise<LocalStage> => {
  const began = performance.now();
  const env = options.env ?? process.env;
  const running = await endpointThatAnswers(given, places);
  const ports = await portsOf(places);
  await portsUsable(places, ports, running === undefined);
  secretsOf(places);
  const stage = localStage({ publicUrl: publicUrlAt(ports), peopleIssuer: issuersAt(ports).people, ciIssuer: issuersAt(ports).ci });
  const seconds: Record<Part, number> = { environment: 0, emulator: 0, synthesis: 0, bootstrap: 0, deploy: 0, settings: 0, services: 0 };
  return whole(options.signal, async (signal) => {
    const call: Call = {
      places,
      ports,
      stage,
      digest: deploymentDigest(stage),
      signal,
      timed: timer(seconds),
      env: (endpoint) => childEnv(env, places.folder, endpoint),
      progress,
    };
    const { endpoint, kept, started, synthesised } = await ready(call, running);
    try {
      const deployed = await deployedOn(call, endpoint, synthesised);
      if (kept) await endInterrupted(deployed);
      const services = await call.timed('services', () => startServices({ places, ports, env: call.env(), signal }));
      return {
        publicUrl: stage.publicUrl,
        endpoint,
        stage,
        outputs: deployed.outputs,
        seconds,
        totalSeconds: secondsSince(began),
        started: { emulator: started, services: services.started },
        notes: kept ? [startedAgain] : [],
      };
    } catch (fault) {
      if (started) await stopEmulator(places);
      throw fault;
    }
  });
};

/** The endpoint that is there already: the one that the user names, or our own emulator. */
const endpointThatAnswers = async (given: string | undefined, places: Places): Promise<string | undefined> => {
  if (given === undefined) return runningEmulator(places);
  if (await answers(given)) return given;
  throw new LocalFault(
    'endpoint-silent',
    `AWS_ENDPOINT_URL is ${given}, and nobody answers there; start that emulator, or unset AWS_ENDPOINT_URL to have one started.`,
  );
};

/** Parts that run side by side end together: when one of them fails, at the caller's signal, and at Ctrl-C. */
const whole = async <T>(outside: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const ended = new AbortController();
  const interrupt = (): void =>
    ended.abort(new LocalFault('interrupted', 'The set-up was interrupted; what it had started is stopped again.'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  try {
    return await work(AbortSignal.any(outside === undefined ? [ended.signal] : [ended.signal, outside]));
  } catch (fault) {
    ended.abort(fault);
    throw fault;
  } finally {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeListener(name, interrupt);
  }
};

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 10) / 100;

const timer =
  (seconds: Record<Part, number>): Timed =>
  async (part, work) => {
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

type Ready = { readonly endpoint: string; readonly started: boolean; readonly kept: boolean; readonly synthesised: boolean };

const startedAgain =
  'The local AWS was started again with what it had kept. Runs that were waiting when it stopped end as an incident (States.ServiceRestart); start new ones.';

/** An endpoint that answers. When a deployment is to come, the app is synthesised while the environment is made: neither needs the other. */
const ready = async (call: Call, running: string | undefined): Promise<Ready> => {
  const { places, ports, timed, progress, signal, env } = call;
  if (running !== undefined) return { endpoint: running, started: false, kept: false, synthesised: false };
  const synthesising = standingNote(places)?.digest === call.digest ? undefined : synthesisOf(call);
  synthesising?.catch(() => {});
  const { interpreter } = await timed('environment', () =>
    preparePython({ venv: places.venv, env: env(), signal, say: (message) => progress('environment', message) }),
  );
  await synthesising;
  progress('emulator', 'starting the local AWS');
  const { endpoint, kept } = await timed('emulator', () =>
    startEmulator({ places, interpreter, port: ports.emulator, env: env(), signal }),
  );
  return { endpoint, started: true, kept, synthesised: synthesising !== undefined };
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
