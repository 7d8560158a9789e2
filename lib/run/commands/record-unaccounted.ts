import { isType, type Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { type Artifact, isDigestOf } from '../../fields.ts';
import type { Dependencies } from '../../ports.ts';
import { fixedTarget, readTail } from '../state/environment.ts';
import { readContext, system } from '../state/run-context.ts';
import { appendToEnvironment, type EnvironmentWriter } from '../writing/append-to-environment.ts';

/** A deployment that the feed saw. `event`: the id that its source gave it. `seenAt`: when it happened. `digest`: what runs now, if it says so. */
export type Seen = {
  readonly service: string;
  readonly environment: string;
  readonly event: string;
  readonly what: string;
  readonly seenAt: string;
  readonly digest?: string | undefined;
  readonly account?: string | undefined;
};

type UnaccountedDependencies = EnvironmentWriter & Pick<Dependencies, 'definitions'>;

/** Clocks of two systems may be so far apart, and an event may come so much before or after what it tells. Milliseconds. */
const toleranceMs = 120_000;

/**
 * Records a deployment for which no run accounts. A run accounts for what is deployed while it holds the environment and its deployment is
 * admitted, its rollback included; where the event names a digest, it must be the run's or that of its rollback target. One event of the
 * source is one change, however often it is delivered. Undefined when a run accounts for it.
 */
export const recordUnaccounted = async (
  deps: UnaccountedDependencies,
  seen: Seen,
): Promise<{ readonly event: string; readonly alreadyRecorded: boolean } | undefined> => {
  const scope = scopes.environment(seen.service, seen.environment);
  if (await isAccountedFor(deps, scope, seen)) return undefined;
  const lane = await deps.trail.read(scope, { lane: lanes.unaccounted });
  const { stored, adopted } = await appendToEnvironment(
    deps,
    seen,
    {
      scope,
      lane: lanes.unaccounted,
      step: `seen/${seen.event}`,
      type: 'change.unaccounted',
      actor: system('feed'),
      data: {
        event: seen.event,
        what: seen.what,
        seenAt: seen.seenAt,
        digest: seen.digest ?? null,
        account: seen.account ?? null,
      },
    },
    lane,
  );
  return { event: stored.event.id, alreadyRecorded: adopted };
};

const isAccountedFor = async (deps: UnaccountedDependencies, scope: string, { seenAt, digest }: Seen): Promise<boolean> => {
  for (const run of holdersAt(await readTail(deps, scope, lanes.claim), Date.parse(seenAt))) {
    const found = await readContext(deps, run);
    if (found.refused?.type === 'definition-unknown') throw new Error(found.refused.detail);
    if (found.refused !== undefined || !found.ok.admitted) continue;
    if (digest === undefined || isIn(found.ok.started.event.data.artifacts, digest)) return true;
    const target = fixedTarget(await deps.trail.read(found.ok.scope, { lane: lanes.rollback }));
    if (target?.components.some((one) => one.digest === digest)) return true;
  }
  return false;
};

const isIn = (artifacts: readonly Artifact[], digest: string): boolean => artifacts.some((artifact) => isDigestOf(artifact, digest));

/** The runs that held the environment at this instant, or close to it: from a claim until it is freed, or another run claims. */
const holdersAt = (claims: readonly Stored[], at: number): readonly string[] => {
  const holders = claims.filter(isType('environment.claimed')).flatMap((claim) => {
    const { run } = claim.event.data;
    const end = claims.find(
      (stored) =>
        stored.event.seq > claim.event.seq &&
        ((isType('environment.freed')(stored) && stored.event.data.run === run) ||
          (isType('environment.claimed')(stored) && stored.event.data.run !== run)),
    );
    const until = end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end.event.at);
    return Date.parse(claim.event.at) - toleranceMs <= at && at <= until + toleranceMs ? [run] : [];
  });
  return [...new Set(holders)];
};
