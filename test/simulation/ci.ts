import { sha256 } from '../../lib/canonical-json.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import type { CiCaller } from '../../lib/run/state/caller.ts';
import { artifact, ci, commit, junitReport, startInput } from '../given.ts';
import { type Act, request } from './clients.ts';
import { feedEvent } from './functions.ts';
import { released } from './service.ts';
import type { World } from './world.ts';

/** What a pipeline does to a run: its reports pass, fail, come in parts, cannot be read, are repeated, and come late. */
const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
const lcov = (hit: number): Uint8Array =>
  encoded(
    `TN:\nSF:src/index.ts\n${Array.from({ length: 10 }, (_, n) => `DA:${n + 1},${n < hit ? 1 : 0}`).join('\n')}\nLF:10\nLH:${hit}\nend_of_record\n`,
  );

export const startOne = async (world: World, name: string): Promise<string | undefined> => {
  const caller: CiCaller = { ...ci, token: sha256(name) };
  const started = await request(world, 'ci', `start ${name}`, (deps) => startRun(deps, startInput, caller), 4);
  return started?.run;
};

type Report = { readonly type: string; readonly bytes: Uint8Array };

const reportOf = ({ draws }: World, good: boolean): Report => {
  if (draws.chance(0.03)) return { type: 'junit', bytes: encoded('<testsuites><broken') };
  if (draws.chance(0.4)) return { type: 'lcov', bytes: lcov(good ? 9 + draws.below(2) : 5) };
  const tests = 2 + draws.below(3);
  return { type: 'junit', bytes: junitReport(tests, good ? 0 : 1 + draws.below(tests)) };
};

const producers = 5;

export const sendReport: Act = async (world, run) => {
  const { draws, timeline } = world;
  const { type, bytes } = reportOf(world, draws.chance(0.75));
  const input = {
    run,
    type,
    bytes,
    contentType: 'application/octet-stream',
    source: draws.chance(0.85) ? 'ci' : 'nightly',
    commit,
    madeAt: new Date(timeline.now() - draws.between(0, draws.chance(0.2) ? 600_000 : 2_000)).toISOString(),
    ...(draws.chance(0.6) ? { producerRun: `job-${draws.below(producers)}` } : {}),
    producerAttempt: 1 + draws.below(2),
    ...(draws.chance(0.05) ? { exitCode: 1 } : {}),
  };
  await request(world, 'ci', `report ${type}`, (deps) => recordEvidence(deps, input, ci));
};

const deployment =
  (state: 'started' | 'finished' | 'failed') =>
  async (world: World, run: string): Promise<boolean> => {
    const input = { run, state, environment: 'production', component: 'web', digest: artifact };
    return (await request(world, 'ci', `deployment ${state}`, (deps) => reportDeployment(deps, input, ci))) !== undefined;
  };

/** Starts, and mostly finishes some minutes later. */
export const deploy: Act = async (world, run) => {
  if (await deployment('started')(world, run)) world.service.version = released;
  await world.timeline.sleep(world.draws.between(1_000, 600_000));
  await deployment(world.draws.chance(0.8) ? 'finished' : 'failed')(world, run);
};

const observationOf = ({ draws, timeline }: World) => {
  const bad = draws.chance(0.4);
  return {
    observation: `seen-${draws.below(6)}`,
    kind: draws.pick(['restart', 'alarm'] as const),
    bad,
    subject: draws.pick(['web', 'queue']),
    summary: bad ? 'something is wrong' : 'all is well',
    observedAt: new Date(timeline.now() - draws.between(0, 60_000)).toISOString(),
  };
};

export const reportObservation: Act = async (world, run) => {
  const input = { run, ...observationOf(world) };
  await request(world, 'ci', `observation ${input.observation}`, (deps) => observe(deps, input, ci));
};

export const alarm: Act = async (world) => {
  feedEvent(world, { ...observationOf(world), service: 'shop', environment: 'production', via: 'alarm' });
};
