import type { CollectorTask, StepAttempt } from '../../lib/ports.ts';
import { carryOut } from '../../lib/run/commands/carry-out.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { ci } from '../given.ts';
import { request } from './clients.ts';
import { copies } from './functions.ts';
import { doneByHand, outsideOf, platformsOf } from './service.ts';
import type { World } from './world.ts';

/** The actuator, the collector, and the listener of the bus: the real ones over the simulated service. Requests get lost, come late or twice. */
export const installRollbackFunctions = (world: World): void => {
  const { deliver, draws, timeline } = world;
  world.onInsert.push((stored) => doneByHand(world, stored));
  const isLost = (run: string, name: string): boolean => {
    const lost = draws.chance(world.rates.lose);
    if (lost) world.say('lambda', `lost a request to ${name} of ${run}`);
    return lost;
  };
  const late = (): number => (draws.chance(world.rates.delay) ? draws.between(60_000, 900_000) : 0);
  deliver.act = (run, attempt) => {
    if (isLost(run, 'the actuator')) return;
    for (const later of copies(world)) timeline.after(later, () => void act(world, run, attempt));
  };
  deliver.look = (run, task) => {
    if (isLost(run, 'the collector')) return;
    const behind = late();
    for (const later of copies(world)) timeline.after(later + behind, () => void look(world, run, task));
  };
};

/** Lambda repeats an invocation that failed. */
const repeated = async (world: World, work: (attempt: number) => Promise<{ readonly ok: unknown } | object>): Promise<void> => {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    if ('ok' in (await work(attempt))) return;
    await world.timeline.sleep(attempt * 60_000);
  }
};

const nameOf = ({ step, action, attempt }: StepAttempt): string => `${action} ${step} ${attempt}`;

const act = (world: World, run: string, attempt: StepAttempt): Promise<void> => {
  const platforms = platformsOf(world, (asked) => void listen(world, run, asked));
  return repeated(world, (again) =>
    world.invoke('event-actuator', `actuator ${nameOf(attempt)} ${again}`, [], (deps) =>
      carryOut({ ...deps, platforms, sleep: world.timeline.sleep }, run, attempt),
    ),
  );
};

/** A listener does it and answers, late or not at all, that it did or that it failed. */
const listen = async (world: World, run: string, { step, action, attempt }: StepAttempt): Promise<void> => {
  const { draws, timeline } = world;
  const how = world.isQuiet ? 0 : draws.fraction();
  if (how >= 0.92) return;
  await timeline.sleep(how >= 0.84 ? draws.between(100_000, 600_000) : draws.between(1_000, 30_000));
  const answer = how >= 0.76 && how < 0.84 ? 'failed' : 'done';
  const input = { run, step, action, attempt, answer, detail: `the listener says ${answer}` } as const;
  await request(world, 'ci', `${answer} ${nameOf({ step, action, attempt })}`, (deps) => handleStep(deps, input as never, ci));
};

/** `isBroken`: the release does not work, as the look sees it. */
export const look = (world: World, run: string, task: CollectorTask, isBroken = false): Promise<void> => {
  const name = task.kind === 'proof' ? `proof ${task.proof} of ${nameOf(task)}` : task.kind;
  return repeated(world, (again) =>
    world.invoke('event-collector', `collector ${name} ${again}`, [], (deps) =>
      collect({ ...deps, ...outsideOf(world, isBroken) }, run, task),
    ),
  );
};
