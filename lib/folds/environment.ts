import { type DataOf, isType, type Stored } from '../audit/event.ts';
import type { LiveLevel } from '../audit/events/environment.ts';
import type { Running } from '../audit/events/run.ts';

/**
 * Who holds an environment. exclusive: the run deploys or takes back, and nobody else may. shared: it passed Deployment Success and is being
 * reviewed; a newer run may take the environment over. kept: it ended, and nobody has read back yet what runs. free: nobody.
 */
export type Holding =
  /** `freed`: the run from which a person took it. It may live: the next run that claims supersedes it. */
  | { readonly how: 'free'; readonly freed?: string }
  | {
      readonly how: 'exclusive' | 'shared' | 'kept';
      readonly run: string;
      readonly since: string;
      /** The run whose review this one ended. */
      readonly supersedes: string | null;
    };

/**
 * Folds the lane `claim`, or its end from a claim on. A claim is appended at one place only and only where it may be, so the last one counts;
 * what is said later about another run than the holder changes nothing. A run that gives the environment up without an end gives it back to
 * the run whose review it would have ended.
 */
export const holdingIn = (lane: readonly Stored[]): Holding => {
  const place = lane.findLastIndex(isType('environment.claimed'));
  const claim = lane[place];
  if (claim === undefined || !isType('environment.claimed')(claim)) return { how: 'free' };
  const { run, supersedes } = claim.event.data;
  const before = lane.slice(0, place);
  return lane
    .slice(place + 1)
    .reduce<Holding>((holding, stored) => following(holding, stored, before), { run, supersedes, how: 'exclusive', since: claim.event.at });
};

const following = (holding: Holding, stored: Stored, before: readonly Stored[]): Holding => {
  const { event } = stored;
  if (!('run' in event.data) || holding.how === 'free' || event.data.run !== holding.run) return holding;
  if (isType('environment.freed')(stored)) {
    const { by, end, run } = stored.event.data;
    return givenBack(stored, holding, before) ?? (by !== null && end === null ? { how: 'free', freed: run } : { how: 'free' });
  }
  if (isType('environment.kept')(stored)) return { ...holding, how: 'kept', since: event.at };
  return isType('environment.shared')(stored) ? { ...holding, how: 'shared', since: event.at } : holding;
};

const givenBack = (
  { event: { at, data } }: Stored<'environment.freed'>,
  { run, supersedes }: Exclude<Holding, { how: 'free' }>,
  before: readonly Stored[],
): Holding | undefined => {
  if (data.run !== run || data.end !== null || data.by !== null || supersedes === null) return undefined;
  const was = holdingIn(before);
  // A person had taken it from that run: it does not get it back.
  return was.how === 'free' && was.freed === supersedes ? was : { how: 'shared', run: supersedes, since: at, supersedes: null };
};

/** A version that was live in the environment, or that people named as such. */
export type Live = {
  readonly run: string | null;
  readonly version: string;
  readonly level: LiveLevel;
  readonly components: readonly Running[];
  readonly waitScale: number;
  readonly triggered: boolean;
  readonly at: string;
  /** Of the database, with which it works. */
  readonly schemaVersion?: string | undefined;
  /** From which commit people said that an adopted version was built. */
  readonly commit?: string | undefined;
  /** Of an adopted version: whether the platform said of each component that it runs. */
  readonly readBack: boolean | null;
  readonly event: string;
};

/** What the lane `live` says, oldest first. */
export const liveIn = (lane: readonly Stored[]): readonly Live[] =>
  lane.flatMap((stored): readonly Live[] => {
    const { at, id } = stored.event;
    if (isType('environment.live')(stored)) {
      const { run, version, level, components, waitScale, triggered, schemaVersion } = stored.event.data;
      return [{ run, version, level, components, waitScale, triggered, schemaVersion, at, readBack: null, event: id }];
    }
    if (!isType('target.adopted')(stored)) return [];
    const { version, level, commit } = stored.event.data;
    const said = sayingsOf(lane, stored);
    // How the platform names what it runs is known where people did not say it.
    const components = said.map(({ component, agrees, read }) =>
      agrees ? { ...component, reference: component.reference ?? read?.reference ?? null } : component,
    );
    const readBack = said.every(({ agrees }) => agrees);
    // People vouch for it, so no window of a run counts.
    return [{ run: null, version, level, components, waitScale: 1, triggered: false, at, commit, readBack, event: id }];
  });

type Saying = {
  readonly component: Running;
  /** What the platform said last; undefined before it was asked. */
  readonly read: DataOf<'target.read-back'> | undefined;
  /** Whether it runs what people said, under the name that they gave, where they gave one. */
  readonly agrees: boolean;
};

const sayingsOf = (lane: readonly Stored[], { event: { id, data } }: Stored<'target.adopted'>): readonly Saying[] => {
  const said = lane.filter(isType('target.read-back')).filter(({ event }) => event.data.adopted === id);
  return data.components.map((component) => {
    const read = said.findLast(({ event }) => event.data.component === component.component)?.event.data;
    return { component, read, agrees: read?.digest === component.digest && isSameReference(component.reference, read.reference) };
  });
};

/** A task definition is named by its ARN, or by family and revision. */
const isSameReference = (said: string | null, read: string | null): boolean =>
  said === null || read === null || said === read || read.endsWith(`:task-definition/${said}`);

/** A version that people adopted and that is the newest one live, as far as the platforms that can be read have not confirmed it. */
export type Unconfirmed = Pick<Live, 'version' | 'event'> & { readonly sayings: readonly Saying[] };

export const unconfirmedIn = (lane: readonly Stored[], isReadable: (component: string) => boolean): Unconfirmed | undefined => {
  const now = liveIn(lane).at(-1);
  const stored = lane.filter(isType('target.adopted')).find(({ event }) => event.id === now?.event);
  if (now === undefined || stored === undefined) return undefined;
  const sayings = sayingsOf(lane, stored).filter(({ component, agrees }) => isReadable(component.component) && !agrees);
  return sayings.length === 0 ? undefined : { version: now.version, event: now.event, sayings };
};

/** `readBack`: of a version that people adopted, whether the platforms have said of every component that it runs. */
export type Target = Pick<Live, 'run' | 'version' | 'components'> & {
  readonly level: LiveLevel | 'drill';
  readonly readBack?: boolean | undefined;
};

/**
 * Where a rollback leads: the version that is live now, if its run passed Deployment Success without a trigger, else the newest one that was
 * production-stable. A version that two people adopted counts as either, if the platforms that can be read (`isReadable`) have confirmed it. The acceptance that a first release is taken away counts where nothing
 * else does. A run whose windows were shortened (`waitScale` above 1) is a target of such runs only.
 */
export const rollbackTargetOf = (
  live: readonly Live[],
  waitScale: number,
  isReadable: (component: string) => boolean,
): Target | undefined => {
  const isConfirmed = ({ readBack, components }: Live): boolean =>
    readBack !== false || !components.some(({ component }) => isReadable(component));
  const real = live.filter((one) => (one.waitScale === 1 || waitScale > 1) && isConfirmed(one));
  const now = live.at(-1);
  const known = real.filter(({ level }) => level === 'production-stable' || level === 'adopted');
  const isGood = now !== undefined && real.includes(now) && isProved(now);
  const found = (isGood ? now : known.at(-1)) ?? real.findLast(({ level }) => level === 'withdraw');
  if (found === undefined) return undefined;
  const { run, version, level, components, readBack } = found;
  return { run, version, level, components, ...(readBack === null || level === 'withdraw' ? {} : { readBack }) };
};

const isProved = ({ level, triggered }: Live): boolean =>
  level === 'production-stable' || level === 'adopted' || (level === 'deployment-success' && !triggered);

/** With which version of the database's schema a version works, as its run named it; undefined where it named none. */
export const schemaVersionIn = (live: readonly Live[], { run }: Pick<Target, 'run'>): string | undefined =>
  run === null ? undefined : live.find((one) => one.run === run && one.schemaVersion !== undefined)?.schemaVersion;

/** The first proposal of the two people that nobody has accepted, made after `since`. */
export const openProposals = (lane: readonly Stored[], since: string): readonly Stored<'target.proposed'>[] => {
  const accepted = new Set(lane.filter(isType('target.adopted')).map(({ event }) => event.data.proposed));
  return lane.filter(isType('target.proposed')).filter(({ event }) => event.at >= since && !accepted.has(event.id));
};

export type Drill = DataOf<'drill.recorded'> & { readonly at: string };

/** The newest rehearsal of a rollback, from the drill lanes of every environment of a service. */
export const newestDrill = (events: readonly Stored[]): Drill | undefined =>
  events
    .filter(isType('drill.recorded'))
    .map(({ event: { at, data } }) => ({ ...data, at }))
    .toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)))
    .at(-1);

/** A change that no run accounts for. `id` is its audit event's. */
export type UnaccountedChange = DataOf<'change.unaccounted'> & {
  readonly id: string;
  readonly recordedAt: string;
  readonly explanation: { readonly by: string; readonly digest: string; readonly at: string } | null;
};

/** Each with the last explanation, oldest first. */
export const unaccountedIn = (lane: readonly Stored[]): readonly UnaccountedChange[] => {
  const explained = new Map(
    lane
      .filter(isType('change.explained'))
      .map(({ event: { at, data } }) => [data.change, { by: data.by, digest: data.explanation, at }] as const),
  );
  return lane
    .filter(isType('change.unaccounted'))
    .map(({ event: { id, at, data } }) => ({ ...data, id, recordedAt: at, explanation: explained.get(id) ?? null }));
};
