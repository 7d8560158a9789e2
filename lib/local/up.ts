import { existsSync } from 'node:fs';
import type { Stage } from '../checklist/stage.ts';
import { childEnv, endpointOf } from './child-env.ts';
import {
  bootstrap,
  type Deployment,
  deploy,
  deploymentDigest,
  existingDeployment,
  type Outputs,
  readDeployment,
  recordDeployment,
  synthesise,
} from './deploy.ts';
import { emulatorState, isReachable, runningEmulator, startEmulator, stopEmulator } from './emulator.ts';
import { applySettings } from './emulator-settings.ts';
import { endInterruptedRuns } from './interrupted-runs.ts';
import { stopLeftRunning } from './left-running.ts';
import { LocalFault } from './local-fault.ts';
import { diskFullFault, type LocalPaths, remove, writablePaths, writeJson } from './paths.ts';
import { acquireLock, isHeldElsewhere } from './pid-lock.ts';
import { preparePython } from './python.ts';
import { secretsOf } from './secrets.ts';
import { issuersAt, publicUrlAt, servicesRecord, servicesRunning, startServices } from './services.ts';
import { localStage } from './stage.ts';
import { requireSameLayout } from './stored-layout.ts';
import { type Ports, portsOf, requireFreePort } from './tcp-ports.ts';

type Part = 'python' | 'emulator' | 'synthesis' | 'bootstrap' | 'deploy' | 'settings' | 'services';
type Progress = (part: Part, message: string) => void;

type Options = {
  /** The caller's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Must repeat an `AWS_ENDPOINT_URL` that is not on this machine. */
  readonly endpoint?: string | undefined;
  /** Default: `.local` in the checkout. */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type LocalStage = {
  readonly publicUrl: string;
  readonly endpoint: string;
  readonly stage: Stage;
  readonly outputs: Outputs;
  /** Seconds that each part took; 0 when it had nothing to do. Synthesis runs beside Python, emulator and bootstrap. */
  readonly seconds: Readonly<Record<Part, number>>;
  /** Wall-clock seconds of the whole set-up. */
  readonly totalSeconds: number;
  /** What this call started. `localDown` would stop it. */
  readonly started: { readonly emulator: boolean; readonly services: boolean };
  /** What the user should know, such as that waiting runs ended when the local AWS was stopped. */
  readonly notes: readonly string[];
};

/** One call of `localUp`, with everything that its parts share. */
type SetUp = {
  readonly paths: LocalPaths;
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
 * Sets up the local AWS, deploys the app, and starts sign-in and proxy; uses what already runs. Throws a `LocalFault` when this machine
 * prevents it, after stopping what it had started.
 */
export const localUp = async (options: Options = {}, progress: Progress = () => {}): Promise<LocalStage> => {
  const given = endpointOf(options.env ?? process.env, options.endpoint);
  const paths = writablePaths(options.folder);
  const release = acquireLock(paths.upLock, 'A set-up');
  try {
    return await setUp(options, paths, given, progress);
  } catch (error) {
    throw diskFullFault(error, paths.folder) ?? error;
  } finally {
    release();
  }
};

const setUp = async (options: Options, paths: LocalPaths, given: string | undefined, progress: Progress): Promise<LocalStage> => {
  const began = performance.now();
  const env = options.env ?? process.env;
  await stopWhatWasLeft(paths);
  const running = await reachableEndpoint(given, paths);
  const ports = await portsOf(paths);
  await requireFreePorts(paths, ports, { emulator: running === undefined });
  secretsOf(paths);
  const stage = localStage({ publicUrl: publicUrlAt(ports), peopleIssuer: issuersAt(ports).people, ciIssuer: issuersAt(ports).ci });
  const seconds: Record<Part, number> = { python: 0, emulator: 0, synthesis: 0, bootstrap: 0, deploy: 0, settings: 0, services: 0 };
  return cancellable(options.signal, async (signal) => {
    const call: SetUp = {
      paths,
      ports,
      stage,
      digest: deploymentDigest(stage),
      signal,
      timed: timer(seconds),
      env: (endpoint) => childEnv(env, paths.folder, endpoint),
      progress,
    };
    const { endpoint, restored, started, synthesis } = await ensureEndpoint(call, running);
    try {
      const deployment = await ensureDeployed(call, endpoint, synthesis);
      if (restored) await endInterruptedRuns(deployment);
      remove(paths.restored);
      const services = await call.timed('services', () => startServices({ paths, ports, env: call.env(), signal }));
      return {
        publicUrl: stage.publicUrl,
        endpoint,
        stage,
        outputs: deployment.outputs,
        seconds,
        totalSeconds: secondsSince(began),
        started: { emulator: started, services: services.started },
        notes: restored ? [restoredNote] : [],
      };
    } catch (error) {
      // Data that this version cannot use stays exactly as it was stored.
      if (started) await stopEmulator(paths, { keep: !(error instanceof LocalFault && error.type === 'data-incompatible') });
      throw error;
    }
  });
};

/** A set-up that was killed may have started a process and not lived to record it. That process would keep its port. */
const stopWhatWasLeft = async (paths: LocalPaths): Promise<void> => {
  if (isHeldElsewhere(paths.demoLock)) return;
  const emulator = emulatorState(paths);
  const services = servicesRecord(paths);
  await stopLeftRunning(paths, [
    ...(emulator.state === 'running' ? [emulator.record.pid] : []),
    ...(services === undefined ? [] : [services.pid]),
  ]);
};

/** The endpoint to use if one already answers: the one that the user has set, or our running emulator. */
const reachableEndpoint = async (given: string | undefined, paths: LocalPaths): Promise<string | undefined> => {
  if (given === undefined) return runningEmulator(paths);
  if (await isReachable(given)) return given;
  throw new LocalFault(
    'endpoint-silent',
    `AWS_ENDPOINT_URL is ${given}, and that endpoint does not answer; start that emulator, or unset AWS_ENDPOINT_URL so that a local AWS is started.`,
  );
};

/** Parallel parts end together: when one of them fails, when the caller's signal aborts, and at Ctrl-C. */
const cancellable = async <T>(outer: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const ended = new AbortController();
  const interrupt = (): void =>
    ended.abort(new LocalFault('interrupted', 'The set-up was interrupted; everything that it had started was stopped.'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  try {
    return await work(AbortSignal.any(outer === undefined ? [ended.signal] : [ended.signal, outer]));
  } catch (error) {
    ended.abort(error);
    throw error;
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

/** Reports an occupied port before anything is changed. Ports of our own running processes are fine. */
const requireFreePorts = async (paths: LocalPaths, ports: Ports, needed: { readonly emulator: boolean }): Promise<void> => {
  if (needed.emulator) await requireFreePort(paths, 'emulator', ports.emulator);
  if (servicesRunning(paths)) return;
  for (const name of ['provider', 'proxy'] as const) await requireFreePort(paths, name, ports[name]);
};

type Endpoint = {
  readonly endpoint: string;
  readonly started: boolean;
  readonly restored: boolean;
  /** Under way, if there was something to synthesise. */
  readonly synthesis: Promise<void> | undefined;
};

const restoredNote =
  'The local AWS was restarted with its stored data. Runs that were waiting when it stopped have ended as incidents (States.ServiceRestart); start new ones.';

/** Starts the emulator if no endpoint answers yet. A needed synthesis goes on meanwhile, because neither depends on the other. */
const ensureEndpoint = async (call: SetUp, running: string | undefined): Promise<Endpoint> => {
  const { paths, ports, timed, progress, signal, env } = call;
  // An earlier set-up may have been killed before it ended the runs that the last stop broke off.
  const owed = existsSync(paths.restored) && emulatorState(paths).state === 'running';
  if (running !== undefined) return { endpoint: running, started: false, restored: owed, synthesis: undefined };
  const synthesis = readDeployment(paths)?.digest === call.digest ? undefined : synthesiseFor(call);
  synthesis?.catch(() => {});
  const { interpreter } = await timed('python', () =>
    preparePython({ venv: paths.venv, env: env(), signal, say: (message) => progress('python', message) }),
  );
  progress('emulator', 'starting the local AWS');
  const { endpoint, restored } = await timed('emulator', () =>
    startEmulator({ paths, interpreter, port: ports.emulator, env: env(), signal }),
  );
  return { endpoint, started: true, restored, synthesis };
};

const synthesiseFor = ({ paths, stage, timed, progress, signal, env }: SetUp): Promise<void> => {
  writeJson(paths.stage, stage, 0o644);
  progress('synthesis', 'bundling the functions and writing the templates');
  return timed('synthesis', () => synthesise({ paths, env: env(), signal, say: () => {} }));
};

/** Deploys the app to the endpoint, unless an earlier start deployed the same sources there. */
const ensureDeployed = async (call: SetUp, endpoint: string, synthesis: Promise<void> | undefined): Promise<Deployment> => {
  const { paths, timed, progress, signal, digest } = call;
  const existing = await existingDeployment(paths, endpoint);
  if (existing?.digest === digest) return existing;
  const context = (part: Part) => ({ paths, env: call.env(endpoint), signal, say: (message: string) => progress(part, message) });
  const prepare = async (): Promise<void> => {
    progress('bootstrap', 'preparing the account for deployments');
    await timed('bootstrap', () => bootstrap(context('bootstrap')));
  };
  const checked = async (): Promise<void> => {
    await (synthesis ?? synthesiseFor(call));
    await requireSameLayout(endpoint, paths.template, { recorded: existing, digest });
  };
  // An account that still has its tables has been bootstrapped. The bootstrap's stack has none, so it may come before the tables are looked at.
  await Promise.all([checked(), existing === undefined ? prepare() : undefined]);
  progress('deploy', 'deploying the app');
  const deployment = await timed('deploy', () => deploy(context('deploy'), { digest, endpoint }));
  progress('settings', 'applying settings that the local CloudFormation skips');
  await timed('settings', () => applySettings(deployment, paths.template));
  recordDeployment(paths, deployment);
  return deployment;
};
