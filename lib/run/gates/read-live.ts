import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { liveIn } from '../../folds/environment.ts';
import { IntegrityFault } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { LiveVersion } from '../../registry/rules.ts';
import { environmentScope, readTail, tailLength } from '../state/environment.ts';
import { versionBefore } from '../state/live-version.ts';
import { appendToLane, type RunContext, system, withAppended } from '../state/run-context.ts';

type Reader = Pick<Dependencies, 'trail'>;

/** What the run knows of the releases before it. */
export type Before = {
  /** The release of another run that became production-stable here last. */
  readonly stable: NonNullable<DataOf<'live.read'>['stable']> | null;
  readonly live: LiveVersion;
};

/**
 * What was live before this release. The run remembers how far it has read the environment's lane, so that only its first look may read all of
 * it, where no release near its end has become stable; every later look reads what is new.
 */
export const readBefore = async (deps: Reader, context: RunContext): Promise<{ readonly context: RunContext; readonly before: Before }> => {
  const scope = environmentScope(context);
  const seen = context.own.findLast(isType('live.read'))?.event.data;
  const fresh =
    seen === undefined
      ? await readTail(deps, scope, lanes.live)
      : await deps.trail.read(scope, { lane: lanes.live, fromSeq: seen.seq + 1 });
  const last = fresh.at(-1);
  if (last === undefined) return { context, before: beforeOf(seen) };
  if (seen !== undefined && fresh[0]?.event.prev !== seen.hash)
    throw new IntegrityFault(`${scope} ${lanes.live}: event ${seen.seq + 1} does not follow what run ${context.run} has read`);
  const stable = lastStable(fresh, context.run) ?? (seen === undefined ? await searchStable(deps, fresh, context) : seen.stable);
  const tail = seen === undefined ? fresh : await readTail(deps, scope, lanes.live);
  const live = await versionBefore(deps, liveIn(tail), context.run);
  const { stored } = await appendToLane(deps, context.parentHash, context.own, {
    scope: context.scope,
    lane: lanes.run,
    step: `live-read/${last.event.seq}`,
    type: 'live.read',
    actor: system('reconciler'),
    data: { scope, lane: lanes.live, seq: last.event.seq, hash: last.hash, stable, live },
  });
  return { context: { ...context, own: await withAppended(deps, context.own, stored as Stored) }, before: beforeOf(stored.event.data) };
};

const beforeOf = (read: Pick<DataOf<'live.read'>, 'stable' | 'live'> | undefined): Before => ({
  stable: read?.stable ?? null,
  live: read?.live ?? { version: null },
});

const lastStable = (lane: readonly Stored[], own: string): Before['stable'] => {
  const found = liveIn(lane).findLast(({ run, level }) => level === 'production-stable' && run !== null && run !== own);
  if (found === undefined || found.run === null) return null;
  return { run: found.run, version: found.version, at: found.at, event: found.event };
};

const searchStable = async (deps: Reader, tail: readonly Stored[], context: RunContext): Promise<Before['stable']> =>
  tail.length < tailLength ? null : lastStable(await deps.trail.read(environmentScope(context), { lane: lanes.live }), context.run);
