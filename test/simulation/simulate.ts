import { sha256 } from '../../lib/canonical-json.ts';
import { liveOn } from './actors.ts';
import { checklists } from './checklists.ts';
import { startOne } from './ci.ts';
import { drawsFrom } from './draws.ts';
import { profiles } from './faults.ts';
import { installFunctions, startSweeps } from './functions.ts';
import { atRest, watch } from './invariants.ts';
import { installMachine } from './machine.ts';
import type { Sabotage } from './processes.ts';
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
/** Longer than every deadline and hard stop of a run together. */
const quiet = 120 * day;

/** Plays one seed from its first start to the end of every run. The same seed gives the same trace. */
export const simulate = async (seed: number, sabotage: Sabotage = {}): Promise<Simulated> => {
  const chosen = drawsFrom(seed ^ 0x5eed);
  const checklist = chosen.pick(Object.keys(checklists));
  const profile = chosen.pick(Object.keys(profiles));
  const world = createWorld(seed, profile, checklists[checklist] as (typeof checklists)[string], sabotage);
  installFunctions(world);
  const executions = installMachine(world);
  watch(world, executions);
  startSweeps(world);
  const { timeline, draws } = world;
  const until = timeline.now() + busy;
  for (let n = draws.below(2); n >= 0; n -= 1)
    timeline.after(draws.between(0, 600_000), async () => {
      const run = await startOne(world, `run-${n}`);
      if (run !== undefined) await liveOn(world, executions, run, until);
    });
  const isIdle = (): boolean =>
    executions.size > 0 && [...executions.values()].every(({ end }) => end !== undefined) && world.stores.due.items.size === 0;
  await timeline.run(until);
  world.faultless();
  // What was on its way when the actors left arrives; then only time goes on.
  await timeline.run(timeline.now() + day);
  await timeline.run(timeline.now() + quiet, isIdle);
  await atRest(world, executions);
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
