import { isType, type Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { isDigestOf } from '../../fields.ts';
import { changingSpans, type Span } from '../../folds/changing.ts';
import { seenDeployments } from '../../folds/deployment.ts';
import { liveIn } from '../../folds/environment.ts';
import type { Dependencies } from '../../ports.ts';
import { fixedTarget, isReleasedTo, readTail, tailLength } from '../state/environment.ts';
import { type RunContext, readContext, system } from '../state/run-context.ts';
import { stageTargetsOf } from '../state/targets.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';
import { appendToEnvironment, type EnvironmentWriter } from '../writing/append-to-environment.ts';

/**
 * A deployment that the feed saw. `event`: the id that its source gave it. `seenAt`: when it happened. `digest`: what runs now, if it says
 * so. `component`: the one of the stage file whose platform it is. `live`: whether what was deployed is what runs from `seenAt` on.
 */
export type Seen = {
  readonly service: string;
  readonly environment: string;
  readonly event: string;
  readonly what: string;
  readonly seenAt: string;
  readonly digest?: string | undefined;
  readonly account?: string | undefined;
  readonly component?: string | undefined;
  readonly live?: boolean | undefined;
};

type UnaccountedDependencies = EnvironmentWriter & Pick<Dependencies, 'definitions' | 'stage'>;

/** Clocks of two systems may be so far apart, and a platform may tell so late what CI has reported. Milliseconds. */
const toleranceMs = 120_000;

/**
 * Records a deployment for which no run accounts. A run accounts for what happens while it may change the environment (`changingSpans`), by
 * the event's own time; where the event tells component or digest, the run must release that component, and the digest must be its own or that
 * of its rollback target. At any other time only the
 * digest that is live accounts for a change. What a run accounts for is recorded in the run, so that later events of the same deployment
 * belong to it, too. One event of the source is one change, however often it is delivered. Undefined when it is accounted for, and where
 * releases do not go through Holdpoint (`isRehearsed`).
 */
export const recordUnaccounted = async (
  deps: UnaccountedDependencies,
  seen: Seen,
): Promise<{ readonly event: string; readonly alreadyRecorded: boolean } | undefined> => {
  const scope = scopes.environment(seen.service, seen.environment);
  const claims = await readTail(deps, scope, lanes.claim);
  if ((await recordInRun(deps, claims, seen)) || (await isLive(deps, scope, seen)) || (await isRehearsed(deps, claims, seen)))
    return undefined;
  const lane = await readRecordedSince(deps, scope, seen.seenAt);
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

/** No source has a clock that is ahead by more. Milliseconds. */
const longestSkewMs = 3_600_000;

/** The end of the lane with all that was recorded since then: an event that is delivered again stands there, if anywhere. */
const readRecordedSince = async (deps: UnaccountedDependencies, scope: string, since: string): Promise<readonly Stored[]> => {
  const tail = await readTail(deps, scope, lanes.unaccounted);
  const [first] = tail;
  const isAllSince = first === undefined || tail.length < tailLength || Date.parse(first.event.at) < Date.parse(since) - longestSkewMs;
  return isAllSince ? tail : deps.trail.read(scope, { lane: lanes.unaccounted });
};

/** Whether a run accounts for the deployment, which is recorded in the run then. */
const recordInRun = async (deps: UnaccountedDependencies, claims: readonly Stored[], seen: Seen): Promise<boolean> => {
  for (const holder of holdersAt(claims, seen.seenAt)) {
    const found = await readContext(deps, holder.run);
    if (found.refused?.type === 'definition-unknown') throw new Error(found.refused.detail);
    if (found.refused !== undefined) continue;
    const [deployment = [], rollback = []] = await Promise.all(
      [lanes.deployment, lanes.rollback].map((lane) => deps.trail.read(found.ok.scope, { lane })),
    );
    const during = duringOf(found.ok, { holder, deployment, rollback }, seen);
    if (during === undefined) continue;
    if (found.ok.ended === undefined) await appendSeen(deps, found.ok, { deployment, during }, seen);
    return true;
  }
  return false;
};

type Read = { readonly holder: Holder; readonly deployment: readonly Stored[]; readonly rollback: readonly Stored[] };

/** In which act of the run it happened; undefined when the run did not do it. */
const duringOf = (
  { own, ended, started }: RunContext,
  { holder, deployment, rollback }: Read,
  { event, seenAt, digest, component }: Seen,
): Span['during'] | undefined => {
  const { artifacts } = started.event.data;
  const released = artifacts.filter(ofComponent(component));
  const target = (fixedTarget(rollback)?.components ?? []).filter(ofComponent(component));
  if (released.length === 0) return undefined;
  if (digest !== undefined && !released.some((one) => isDigestOf(one, digest)) && !target.some((one) => one.digest === digest))
    return undefined;
  // A deployment that began in time may be complete long after CI has reported its end: a platform watches it for a while.
  const begun = seenDeployments(deployment).find((one) => one.event === event);
  if (begun !== undefined) return begun.during;
  const end = [ended?.event.at, holder.until].filter((at) => at !== undefined).toSorted()[0];
  const spans = changingSpans({ own, deployment, rollback, artifacts });
  return spans.find(({ from, until }) => isWithin({ from, until: until ?? end }, seenAt))?.during;
};

/** Where the event tells the component, no other component's release or digest accounts for it. */
const ofComponent =
  (component: string | undefined) =>
  (one: { readonly component: string }): boolean =>
    component === undefined || one.component === component;

const isWithin = ({ from, until }: { readonly from: string; readonly until: string | undefined }, at: string): boolean =>
  Date.parse(from) - toleranceMs <= Date.parse(at) &&
  Date.parse(at) <= (until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until) + toleranceMs);

const appendSeen = async (
  deps: UnaccountedDependencies,
  context: RunContext,
  { deployment, during }: { readonly deployment: readonly Stored[]; readonly during: Span['during'] },
  seen: Seen,
): Promise<void> => {
  const { event, what, seenAt, digest, account, component, live = false } = seen;
  await appendToRun(deps, context, {
    draft: {
      scope: context.scope,
      lane: lanes.deployment,
      step: `seen/${event}/${live ? 'live' : 'begun'}`,
      type: 'deployment.seen',
      actor: system('feed'),
      data: { event, what, seenAt, digest: digest ?? null, account: account ?? null, component: component ?? null, live, during },
    },
    lane: deployment,
    followUp: noFollowUp,
  });
};

/** Whether nothing else runs than what the lane `live` says for that time. */
const isLive = async (deps: UnaccountedDependencies, scope: string, { seenAt, digest, component }: Seen): Promise<boolean> => {
  if (digest === undefined) return false;
  const then = liveIn(await readTail(deps, scope, lanes.live)).findLast(({ at }) => Date.parse(at) <= Date.parse(seenAt) + toleranceMs);
  return then?.components.filter(ofComponent(component)).some((one) => one.digest === digest) ?? false;
};

/**
 * Whether the environment is one without users to which Holdpoint releases nothing: the stage file marks it as staging, and no run but drills
 * has claimed it. CI deploys there on every commit. Who marks an environment so to hide changes of production finds that the claims of its
 * releases contradict it.
 */
const isRehearsed = async (deps: UnaccountedDependencies, claims: readonly Stored[], seen: Seen): Promise<boolean> =>
  stageTargetsOf(deps, seen)?.staging === true && !(await isReleasedTo(deps, scopes.environment(seen.service, seen.environment), claims));

type Holder = { readonly run: string; readonly from: string; readonly until: string | undefined };

/** Who held the environment at this instant, or close to it; where it was free, who held it last. A claim ends when it is freed, or another run claims. */
const holdersAt = (claims: readonly Stored[], at: string): readonly Holder[] => {
  const holders = claims.filter(isType('environment.claimed')).map((claim): Holder => {
    const { run } = claim.event.data;
    const end = claims.find(
      (stored) =>
        stored.event.seq > claim.event.seq &&
        ((isType('environment.freed')(stored) && stored.event.data.run === run) ||
          (isType('environment.claimed')(stored) && stored.event.data.run !== run)),
    );
    return { run, from: claim.event.at, until: end?.event.at };
  });
  const begun = holders.filter(({ from }) => isWithin({ from, until: undefined }, at));
  return begun.filter((holder) => holder === begun.at(-1) || isWithin(holder, at));
};
