import type { AuditEvent, EventType, Stored } from '../audit/event.ts';
import { scopes, sortKey } from '../audit/lane.ts';
import { itemOf } from '../checklist/definition.ts';
import { type Outcome, ok, refuse } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import type { RunContext } from '../run/state/run-context.ts';

export type EventFilter = {
  readonly run: string;
  readonly types?: readonly string[];
  readonly lane?: string;
  readonly actor?: string;
  readonly check?: string;
  /** One of `outcomeNames` (lib/query/outcome-names.ts). */
  readonly outcome?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  /** Where the page before ended. */
  readonly after?: Position | undefined;
};

/** Where an event stands in the list: an event that is inserted before it later moves nothing. */
export type Place = Pick<AuditEvent, 'at' | 'lane' | 'seq' | 'scope'>;
export type Position = Place & { readonly order: 'time' | 'lane' };
/** A page in order of lanes may hold fewer events than its limit, also none, although others follow: `next` says so. */
export type EventPage = { readonly events: readonly Stored[]; readonly next: Position | null };

/**
 * So many events are listed in order of time, which takes reading all of them for each page. A run has some 300. The list of more is in
 * order of lanes, as the table has them, and a page reads about what it shows.
 */
export const mostByTime = 2_000;
/** A list that was begun in order of time goes on so until the run has twice as many. */
const mostOnceBegun = 2 * mostByTime;
/** So many events a page in order of lanes reads at most, where its filters leave most of them out. */
const mostExamined = 1_000;

/** A run's events; what came after its end (scope `late/<run>`) belongs to them. Up to `mostByTime` in order of time, then lane and place. */
export const listEvents = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  filter: EventFilter,
): Promise<Outcome<EventPage>> => {
  if (filter.check !== undefined && itemOf(context.checklist, filter.check) === undefined)
    return refuse('check-unknown', 'The checklist that the run pinned has no such item.', {
      got: filter.check.slice(0, 80),
      expected: context.checklist.items.map(({ id }) => id).join(', '),
      fix: 'Name one of these.',
    });
  const stretches = stretchesOf(context, filter);
  const { after } = filter;
  if (after?.order === 'lane') return ok(pageByLane(await readOn(deps, stretches, filter, after), filter));
  const most = after === undefined ? mostByTime : mostOnceBegun;
  const all = await readUpTo(deps, stretches, most + 1);
  if (all.length <= most) return ok(pageByTime(all, filter));
  if (after === undefined) return ok(pageByLane({ events: all, isWhole: false }, filter));
  return refuse('cursor-invalid', 'The run has recorded so many events since the list was begun that it is in another order now.', {
    got: 'a cursor of the order of time',
    expected: 'the value of `next` of a page in order of lanes',
    fix: 'Start again without a cursor.',
  });
};

type Stretch = { readonly scope: string; readonly prefix: string };

/** What the list holds, in the order in which it is read. The lanes below a lane do not stand right behind it. */
const stretchesOf = ({ ended }: RunContext, { run, lane }: EventFilter): readonly Stretch[] => {
  const prefixes = lane === undefined ? [''] : [`${lane}#`, `${lane}/`];
  const found = [scopes.run(run), ...(ended === undefined ? [] : [scopes.late(run)])];
  return found.flatMap((scope) => prefixes.map((prefix) => ({ scope, prefix })));
};

const readUpTo = async (deps: Pick<Dependencies, 'trail'>, stretches: readonly Stretch[], most: number): Promise<readonly Stored[]> => {
  const found: Stored[] = [];
  for (const { scope, prefix } of stretches) {
    if (found.length < most) found.push(...(await deps.trail.read(scope, { prefix, limit: most - found.length })));
  }
  return found;
};

/** Events behind a place, until the page is full or enough were examined. */
type ReadOn = { readonly events: readonly Stored[]; readonly isWhole: boolean };

const readOn = async (
  deps: Pick<Dependencies, 'trail'>,
  stretches: readonly Stretch[],
  filter: EventFilter,
  from: Place,
): Promise<ReadOn> => {
  const found: Stored[] = [];
  const matching = (): number => found.filter((stored) => matches(stored, filter)).length;
  for (const { scope, prefix } of stretches.slice(stretches.findIndex((stretch) => isIn(from, stretch)))) {
    let after = isIn(from, { scope, prefix }) ? from : undefined;
    for (let isMore = true; isMore; ) {
      // One more than the page holds, so that the last page is known to be the last.
      const wanted = Math.min(filter.limit + 1, mostExamined - found.length);
      const place = after === undefined ? {} : { after: { lane: after.lane, seq: after.seq } };
      const read = wanted <= 0 ? [] : await deps.trail.read(scope, { prefix, limit: wanted, ...place });
      found.push(...read);
      after = read.at(-1)?.event ?? after;
      isMore = wanted > 0 && read.length === wanted;
      if (matching() > filter.limit || found.length >= mostExamined) return { events: found, isWhole: false };
    }
  }
  return { events: found, isWhole: true };
};

const isIn = ({ scope, lane, seq }: Place, stretch: Stretch): boolean =>
  scope === stretch.scope && sortKey(lane, seq).startsWith(stretch.prefix);

const pageByLane = ({ events: read, isWhole }: ReadOn, filter: EventFilter): EventPage => {
  const matching = read.filter((stored) => matches(stored, filter));
  const events = matching.slice(0, filter.limit);
  const last = matching.length > filter.limit ? events.at(-1) : isWhole ? undefined : read.at(-1);
  return { events, next: last === undefined ? null : { ...placeOf(last.event), order: 'lane' } };
};

/** A page of events that were read whole, in order of time. */
export const pageByTime = (all: readonly Stored[], filter: Omit<EventFilter, 'run'>): EventPage => {
  const { after, limit } = filter;
  const left = all
    .filter((stored) => matches(stored, filter) && (after === undefined || inOrder(stored.event, after) > 0))
    .sort((a, b) => inOrder(a.event, b.event));
  const events = left.slice(0, limit);
  const last = events.at(-1)?.event;
  return { events, next: last === undefined || left.length === events.length ? null : { ...placeOf(last), order: 'time' } };
};

const placeOf = ({ at, lane, seq, scope }: Place): Place => ({ at, lane, seq, scope });
const inOrder = (a: Place, b: Place): number =>
  compare(a.at, b.at) || compare(a.lane, b.lane) || a.seq - b.seq || compare(a.scope, b.scope);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Events whose type says the outcome. */
const outcomesByType: Readonly<Partial<Record<EventType, string>>> = {
  'check.waived': 'waived',
  'check.not-applicable': 'not-applicable',
  'run.cancelled': 'cancelled',
  'rollback.triggered': 'triggered',
};

/** The check or trigger that the event is about, and those that it names. */
const itemsIn = (data: Readonly<Record<string, unknown>>): readonly unknown[] =>
  [data.check, data.trigger, data.step, data.checks, data.serves].flatMap((named) => named ?? []);

const matches = ({ event }: Stored, filter: Omit<EventFilter, 'run'>): boolean => {
  const data: Readonly<Record<string, unknown>> = event.data;
  const says = [data.verdict, data.answer, data.outcome, data.end, data.decision, outcomesByType[event.type]];
  return (
    (filter.types === undefined || filter.types.length === 0 || filter.types.includes(event.type)) &&
    (filter.lane === undefined || event.lane === filter.lane || event.lane.startsWith(`${filter.lane}/`)) &&
    (filter.actor === undefined || event.actor.id === filter.actor) &&
    (filter.check === undefined || itemsIn(data).includes(filter.check)) &&
    (filter.outcome === undefined || says.includes(filter.outcome)) &&
    (filter.from === undefined || event.at >= filter.from) &&
    (filter.to === undefined || event.at < filter.to)
  );
};
