import { sha256 } from '../../lib/canonical-json.ts';
import { loadAllOnDemand } from '../../lib/on-demand.ts';
import { liveOn } from './actors.ts';
import { checklists } from './checklists.ts';
import { startOne } from './ci.ts';
import { drawsFrom } from './draws.ts';
import { profiles } from './faults.ts';
import { answerFollowUps } from './follow-ups.ts';
import { installFunctions, startSweeps } from './functions.ts';
import { atRest, type Invariant, watch } from './invariants.ts';
import { installMachine } from './machine.ts';
import type { Sabotage } from './processes.ts';
import { installRollbackFunctions } from './rollback-functions.ts';
import { adoptVersion } from './rollback-people.ts';
import { createWorld, type Violation } from './world.ts';

export type Simulated = {
  readonly seed: number;
  readonly checklist: string;
  readonly profile: string;
  readonly violations: readonly Violation[];
  /** One line per call of a port and per act, in virtual time. */
  readonly trace: readonly string[];
  readonly digest: string;
  readonly ends: readonly string[];
};

const day = 86_400_000;
/** People and pipelines act for so long; after it nothing goes wrong any more. */
const busy = 4 * day;
/** Once nothing goes wrong any more, a simulation takes some thousand steps to its rest. One that takes so many goes round in a circle. */
const mostSteps = 60_000;
/** Longer than every deadline and hard stop of a run together. */
const quiet = 120 * day;

type Options = {
  readonly sabotage?: Sabotage;
  /** Another checklist than the seed's. */
  readonly on?: keyof typeof checklists | undefined;
  /** It is over as soon as one of these is broken. */
  readonly breaks?: readonly Invariant[];
};

/** Plays one seed from its first start to the end of every run. The same seed gives the same trace. */
export const simulate = async (seed: number, { sabotage = {}, on: wanted, breaks = [] }: Options = {}): Promise<Simulated> => {
  // Between two steps no real time may pass, and loading takes some.
  await loadAllOnDemand();
  const chosen = drawsFrom(seed ^ 0x5eed);
  const reviewed = ['reviews', 'capped'];
  const picked = chosen.pick(Object.keys(checklists).filter((name) => !reviewed.includes(name)));
  // Every sixth seed, so that the others play what they have always played.
  const checklist = wanted ?? (seed % 6 === 1 ? (seed % 12 === 1 ? 'reviews' : 'capped') : picked);
  const profile = chosen.pick(Object.keys(profiles));
  const world = createWorld(seed, profile, checklists[checklist] as (typeof checklists)[string], sabotage);
  installFunctions(world);
  installRollbackFunctions(world);
  const executions = installMachine(world);
  watch(world, executions);
  startSweeps(world);
  answerFollowUps(world);
  const { timeline, draws } = world;
  const until = timeline.now() + busy;
  timeline.after(0, () => adoptVersion(world));
  for (let n = draws.below(2); n >= 0; n -= 1)
    timeline.after(draws.between(0, 600_000), async () => {
      const run = await startOne(world, `run-${n}`);
      if (run !== undefined) await liveOn(world, executions, run, until);
    });
  // Where every attempt to start a run failed, there is none.
  const isIdle = (): boolean => [...executions.values()].every(({ end }) => end !== undefined) && world.stores.due.items.size === 0;
  let steps = 0;
  const isBroken = (): boolean => world.violations.some(({ invariant }) => breaks.some((one) => one === invariant));
  const isOver = (): boolean => {
    steps += 1;
    return steps > mostSteps || isBroken();
  };
  await timeline.run(until, isBroken);
  world.faultless();
  // What was on its way when the actors left arrives; then only time goes on.
  await timeline.run(timeline.now() + day, isOver);
  await timeline.run(timeline.now() + quiet, () => isOver() || isIdle());
  if (steps > mostSteps) world.violate('every-run-ends', `after ${mostSteps} steps it has not come to rest`);
  if (!isBroken()) await atRest(world, executions);
  return {
    seed,
    checklist,
    profile,
    violations: world.violations,
    trace: world.lines,
    digest: sha256(new TextEncoder().encode(world.lines.join('\n'))),
    ends: [...executions.values()].map(({ end }) => end ?? 'none'),
  };
};

/** What a seed broke, each with how to play it again; empty where it broke nothing. */
export const shown = ({ seed, violations }: Simulated): string =>
  violations.map(({ at, invariant, what }) => `seed ${seed}, ${at}: ${invariant}: ${what}; npm run simulate -- --seed ${seed}`).join('\n');
