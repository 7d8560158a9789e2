import type { DueItem } from '../../lib/ports.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { isTakenUp, sweep } from '../../lib/run/gates/sweep.ts';
import { profiles } from './faults.ts';
import type { World } from './world.ts';

/**
 * The functions that AWS calls: at least once, some time after they were asked for, and again when they failed. A request to the
 * reconciler may also be lost, which AWS does not promise to prevent; the sweep is there for it.
 */
const minute = 60_000;
const skewMost = Math.max(...Object.values(profiles).map(({ skewMs }) => skewMs));

export const installFunctions = (world: World): void => {
  const { deliver, timeline, draws } = world;
  const planned = new Set<string>();
  deliver.reconcile = (run, item, also) => {
    if (draws.chance(world.rates.lose)) return world.say('lambda', `lost a request to reconcile ${run}`);
    for (const later of copies(world)) timeline.after(later, () => reconcile(world, { run, item, also }, 1));
  };
  deliver.schedule = (name, when, run) => {
    if (planned.has(name)) return;
    planned.add(name);
    // Scheduler rounds to the second, and may be late by up to a minute.
    const wait =
      Math.ceil(when.getTime() / 1000) * 1000 - timeline.now() + (draws.chance(world.rates.delay) ? draws.between(0, minute) : 0);
    for (const later of copies(world)) timeline.after(wait + later, () => reconcile(world, { run, item: undefined }, 1));
  };
};

/** When one delivery arrives, and its copies, in milliseconds from now. */
export const copies = ({ draws, rates }: World): readonly number[] => {
  const once = draws.chance(rates.delay) ? draws.between(1_000, 3 * minute) : draws.between(5, 400);
  return draws.chance(rates.double) ? [once, once + draws.between(1, 2_000)] : [once];
};

type Request = {
  readonly run: string;
  readonly item: DueItem | undefined;
  readonly also?: readonly DueItem[] | undefined;
  readonly executionEnded?: true;
};

/** Lambda repeats an asynchronous invocation that failed after one minute and after two more. */
const reconcile = async (world: World, request: Request, attempt: number): Promise<void> => {
  const label = `reconciler ${request.item?.kind ?? (request.executionEnded ? 'execution-ended' : 'asked')} ${attempt}`;
  const ended = await world.invoke('event-reconciler', label, ['reconciler'], (deps) => reconcileGate(deps, request));
  if ('ok' in ended) {
    world.say(label, `${ended.ok.did} at ${ended.ok.gate} ${ended.ok.reasons[0] ?? ''}`);
    return;
  }
  if (attempt < 3) world.timeline.after(attempt * minute, () => reconcile(world, request, attempt + 1));
};

/** EventBridge's rule on executions that failed, timed out or were aborted. */
export const reportExecutionEnd = (world: World, run: string): void => {
  for (const later of copies(world)) world.timeline.after(later, () => reconcile(world, { run, item: undefined, executionEnded: true }, 1));
};

/** Sweeps every minute in which something is taken up: an idle sweep changes nothing, so it is left out. */
export const startSweeps = (world: World): void => {
  const { timeline, stores } = world;
  const next = (): void => {
    const earliest = [...stores.due.items.values()].map(({ at }) => at).sort()[0];
    const wait = earliest === undefined ? minute : Math.max(minute, Math.ceil((Date.parse(earliest) - timeline.now()) / minute) * minute);
    timeline.after(Math.min(wait, 30 * minute), () => void beat());
  };
  const beat = async (): Promise<void> => {
    next();
    // The sweep's own clock may be wrong.
    const clocks = [-skewMost, 0, skewMost].map((skew) => new Date(timeline.now() + skew));
    const isDue = (item: DueItem): boolean => clocks.some((now) => item.at <= now.toISOString() && isTakenUp(item, now));
    if ([...stores.due.items.values()].some(isDue)) await world.invoke('event-sweep', 'sweep', [], (deps) => sweep(deps));
  };
  next();
};

type Fed = Parameters<typeof feedObservation>[1];

/** An event of the bus: delivered once or twice, tried three times. Its observation reaches every open run. */
export const feedEvent = (world: World, observation: Fed): void => {
  const tryIt = async (attempt: number): Promise<void> => {
    const ended = await world.invoke('event-feed', `feed ${observation.observation} ${attempt}`, [], (deps) =>
      feedObservation(deps, observation),
    );
    if (!('ok' in ended) && attempt < 3) world.timeline.after(attempt * minute, () => void tryIt(attempt + 1));
  };
  for (const later of copies(world)) world.timeline.after(later, () => void tryIt(1));
};
