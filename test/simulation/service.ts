import type { Platforms, Reply } from '../../lib/actuators/ports.ts';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { foldRollback, mayBeStopped, type Rollback } from '../../lib/folds/rollback.ts';
import type { StepAttempt } from '../../lib/ports.ts';
import { type CollectorWorld, collectorWorld } from '../fakes/collector.ts';
import { fakePlatforms } from '../fakes/platforms.ts';
import { artifact } from '../given.ts';
import type { World } from './world.ts';

/** The one service that all runs release: what the trail only says. */
export type Service = {
  /** The version to which its alias gives all requests. */
  version: string;
  /** The run that stopped its requests. */
  stoppedBy: string | null;
};

/** The release, and the version that two people adopted before the first run. */
export const released = '8';
export const adopted = { version: '7', digest: `sha256:${'c'.repeat(64)}` } as const;

export const createService = (): Service => ({ version: adopted.version, stoppedBy: null });

/** The lane as the table has it now. */
export const rollbackNow = ({ order }: Pick<World, 'order'>, run: string): Rollback =>
  foldRollback(order.filter(({ event }) => event.scope === scopes.run(run) && event.lane === lanes.rollback));

/** A newer attempt fences an older one: the owners' functions take its order no more. */
const isLast = (world: World, run: string, { step, action, attempt }: StepAttempt): boolean => {
  const last = rollbackNow(world, run).steps.get(step)?.attempts.at(-1);
  return last?.action === action && last.attempt === attempt && last.answer === undefined;
};

type Requested = StepAttempt & { readonly run: string };

const carryOut = ({ service }: World, { run, step, action }: Pick<Requested, 'run' | 'step' | 'action'>): void => {
  if (step === 'stop-requests') service.stoppedBy = action === 'do' ? run : null;
  if (step === 'revert-version') service.version = adopted.version;
};

/** What the trail takes a person to have done by hand, the step or its inverse, was done when it was said. */
export const doneByHand = (world: World, stored: Stored): void => {
  if (!isType('rollback.step-handled')(stored) || stored.event.data.choice !== 'by-hand') return;
  const run = stored.event.scope.slice('run/'.length);
  const { step } = stored.event.data;
  // A person who comes when the end is decided is told so, and does nothing; but requests are accepted again whatever is decided.
  const isDecided = world.order.some(
    (one) => one.event.scope === stored.event.scope && isType('gate.settled')(one) && one.event.data.end !== null,
  );
  const rollback = rollbackNow(world, run);
  if (isDecided && !(step === 'stop-requests' && mayBeStopped(rollback))) return;
  const last = rollback.steps.get(step)?.attempts.at(-1);
  if (last !== undefined) carryOut(world, { run, step, action: last.action });
};

/** The platforms succeed, fail, are busy for a while, or do it and are not heard. `listen`: who answers what is put on the bus. */
export const platformsOf = (world: World, listen: (request: Requested) => void): Platforms => {
  const { service, draws, timeline } = world;
  const own = fakePlatforms(() => new Date(timeline.now()));
  own.code.set(`shop:${adopted.version}`, adopted.digest);
  own.code.set(`shop:${released}`, artifact);
  const flaw = async (): Promise<Reply<never> | 'unheard' | undefined> => {
    const how = world.isQuiet ? 0 : draws.fraction();
    await timeline.sleep(draws.between(200, 10_000));
    if (how >= 0.92) return { refused: 'it did nothing and says so' };
    if (how >= 0.86) return { busy: 'throttled' };
    return how >= 0.8 ? 'unheard' : undefined;
  };
  return {
    ...own,
    aliases: {
      ...own.aliases,
      read: async () => ({ ok: { version: service.version, split: false, revision: service.version } }),
      point: async (_place, _name, _alias, { version, revision }) => {
        const how = await flaw();
        if (how !== undefined && how !== 'unheard') return how;
        if (revision !== service.version) return { busy: 'PreconditionFailedException' };
        service.version = version;
        return how === 'unheard' ? { refused: 'the connection was lost' } : { ok: null };
      },
    },
    functions: {
      invoke: async (_place, _name, request) => {
        const how = await flaw();
        if (how !== undefined && how !== 'unheard') return how;
        const asked = request as Requested;
        if (!isLast(world, asked.run, asked)) return { ok: { ok: false, detail: 'a newer attempt is under way' } };
        carryOut(world, asked);
        return how === 'unheard' ? { refused: 'the connection was lost' } : { ok: { ok: true } };
      },
    },
    bus: {
      put: async ({ data }) => {
        const how = await flaw();
        if (how !== undefined && how !== 'unheard') return how;
        listen(data as Requested);
        return how === 'unheard' ? { busy: 'the connection was lost' } : { ok: null };
      },
    },
  };
};

/** What is seen from outside is true, but a look may miss it. */
export const outsideOf = (world: World, isBroken = false): Omit<CollectorWorld, 'clock' | 'sent' | 'elapsedMs'> => {
  const { service, draws, timeline } = world;
  const misses = !world.isQuiet && draws.chance(0.12);
  const outside = collectorWorld(
    () => (misses ? { failed: 'the connection was lost' } : { status: isBroken || service.stoppedBy !== null ? 503 : 200 }),
    {},
    { now: () => new Date(timeline.now()), advance: () => undefined },
  );
  return {
    resolver: outside.resolver,
    connection: outside.connection,
    cloudwatch: outside.cloudwatch,
    history: outside.history,
    pause: timeline.sleep,
    platform: {
      running: async () => {
        if (misses) return { failed: 'lambda did not answer' };
        return { digest: service.version === released ? artifact : adopted.digest, reference: service.version };
      },
    },
  };
};
