import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { gateOfRole } from '../../checklist/definition.ts';
import { type Holding, holdingIn, liveIn, rollbackTargetOf } from '../../folds/environment.ts';
import { isTriggerOpen } from '../../folds/trigger.ts';
import type { Dependencies } from '../../ports.ts';
import type { RunContext } from './run-context.ts';

type Reader = Pick<Dependencies, 'trail'>;

export const environmentScope = ({ started }: Pick<RunContext, 'started'>): string =>
  scopes.environment(started.event.data.service, started.event.data.environment);

/** Only a run that has a T0 gate changes an environment. */
export const changesEnvironment = ({ checklist }: Pick<RunContext, 'checklist'>): boolean => gateOfRole(checklist, 't0') !== undefined;

/** So many events of a lane of an environment are read at once: some ten releases. The lanes grow with every release. */
export const tailLength = 40;

export const readTail = (deps: Reader, scope: string, lane: string): Promise<readonly Stored[]> =>
  deps.trail.read(scope, { lane, last: tailLength });

/** Who holds the environment, as it was read. */
export type HoldingReading = {
  /** The end of the lane `claim`: its last event is the lane's. */
  readonly lane: readonly Stored[];
  readonly holding: Holding;
  /** Whether the holder, who shares the environment, has a rollback trigger about which nobody has decided to go on. */
  readonly triggered: boolean;
};

/** One query, and where another run shares the environment one more. */
export const readHolding = async (deps: Reader, scope: string, run: string | null): Promise<HoldingReading> => {
  const tail = await readTail(deps, scope, lanes.claim);
  const lane =
    tail.length < tailLength || tail.some(isType('environment.claimed')) ? tail : await deps.trail.read(scope, { lane: lanes.claim });
  const holding = holdingIn(lane);
  if (holding.how === 'kept' && (await isReadBackSince(deps, scope, holding))) return { lane, holding: { how: 'free' }, triggered: false };
  if (holding.how !== 'shared' || holding.run === run) return { lane, holding, triggered: false };
  return { lane, holding, triggered: isTriggerOpen(await deps.trail.read(scopes.run(holding.run), { lane: lanes.rollback })) };
};

/**
 * Whether a release has ever claimed the environment, and not only drills. The last claim says it, so the end of the lane is enough (`claims`).
 * Claims of older versions do not: then the runs of the whole lane are asked, the newest first, until the next claim says it.
 */
export const isReleasedTo = async (deps: Reader, scope: string, claims: readonly Stored[]): Promise<boolean> => {
  const last = claims.findLast(isType('environment.claimed'))?.event.data;
  if (last?.released !== undefined) return last.released;
  if (last === undefined && claims.length < tailLength) return false;
  const [lane, drills] = await Promise.all([deps.trail.read(scope, { lane: lanes.claim }), deps.trail.read(scope, { lane: lanes.drill })]);
  const drilled = new Set(drills.filter(isType('drill.recorded')).map(({ event }) => event.data.run));
  const claimed = new Set(lane.filter(isType('environment.claimed')).map(({ event }) => event.data.run));
  // A drill is recorded at its end. Where releases go, the newest run is one, and no other is read.
  for (const run of [...claimed].reverse()) {
    if (drilled.has(run)) continue;
    const [started] = (await deps.trail.read(scopes.run(run), { lane: lanes.run })).filter(isType('run.started'));
    if (started?.event.data.drill === undefined) return true;
  }
  return false;
};

/** Somebody else than the run that failed to take itself back says what is live. */
const isReadBackSince = async (
  deps: Reader,
  scope: string,
  { since, run }: { readonly since: string; readonly run: string },
): Promise<boolean> =>
  liveIn(await readTail(deps, scope, lanes.live)).some((live) => live.at > since && live.run !== run && live.readBack !== false);

/** Why the run may not deploy now: who keeps the environment, and what would give it free. Undefined when it may. */
export const heldBy = (
  { holding, triggered }: HoldingReading,
  run: string,
): { readonly by: string; readonly reason: string } | undefined => {
  if (holding.how === 'free' || holding.run === run) return undefined;
  const page = `see /runs/${holding.run}`;
  if (holding.how === 'shared') {
    return triggered ? { by: holding.run, reason: triggeredReason(holding.run) } : undefined;
  }
  const until =
    holding.how === 'kept'
      ? 'until what runs is read back, or a person frees the environment, because its rollback could not be carried out'
      : 'until it passes Deployment Success or ends';
  return { by: holding.run, reason: `run ${holding.run} holds the environment ${until}: ${page}` };
};

export const triggeredReason = (run: string): string =>
  `run ${run} has an open rollback trigger, or is being rolled back: T0 waits until it goes on or is taken back, see /runs/${run}`;

/** The newer run that has taken this run's environment over, also before the older one has heard of it. */
export const readTakenOver = async (deps: Reader, context: RunContext): Promise<string | undefined> => {
  if (context.superseded !== undefined) return context.superseded.event.data.by;
  if (!changesEnvironment(context)) return undefined;
  const { holding } = await readHolding(deps, environmentScope(context), context.run);
  return holding.how !== 'free' && holding.supersedes === context.run ? holding.run : undefined;
};

/** The end of the lane `live`, or all of it where its end shows no version to go back to. */
export const readLive = async (deps: Reader, scope: string, waitScale: number): Promise<readonly Stored[]> => {
  const tail = await readTail(deps, scope, lanes.live);
  const isEnough = tail.length < tailLength || rollbackTargetOf(liveIn(tail), waitScale, () => true) !== undefined;
  return isEnough ? tail : deps.trail.read(scope, { lane: lanes.live });
};

/** Of a target what runs after a rollback: what people sign for. How far its run came may rise meanwhile, and makes nothing worse. */
export const signedTarget = (live: readonly Stored[], waitScale: number): SignedTarget | null => {
  // Whether the platforms confirm an adopted version is shown at T0: people sign for the version itself.
  const target = rollbackTargetOf(liveIn(live), waitScale, () => false);
  if (target === undefined) return null;
  const components = target.components.map(({ component, digest }) => ({ component, digest }));
  return { version: target.version, components: components.toSorted((a, b) => (a.component < b.component ? -1 : 1)) };
};
export type SignedTarget = {
  readonly version: string;
  readonly components: readonly { readonly component: string; readonly digest: string }[];
};

/** The target that was fixed last in the run's lane `rollback`. */
export const fixedTarget = (rollback: readonly Stored[]): DataOf<'rollback.target-fixed'> | undefined =>
  rollback.findLast(isType('rollback.target-fixed'))?.event.data;
