import type { Stored } from '../audit/event.ts';
import { lanes, scopes } from '../audit/lane.ts';
import { type Outcome, ok, type Refusal } from '../outcome.ts';
import type { Dependencies, RunSummary } from '../ports.ts';
import { readContext } from '../run/state/run-context.ts';
import { type EventFilter, listEvents, type Position, pageByTime } from './events.ts';

/** A page of a search reads so many runs of the service at most, the newest first; `next` leads to older ones. */
export const runsSearched = 10;
/** Of each lane of the service itself and of its environments so many of the newest events are searched. */
export const ownEventsSearched = 200;

/** Stands in a cursor for the scopes of the service itself. */
const own = '';

export type ServiceFilter = Omit<EventFilter, 'run' | 'after'> & {
  readonly service: string;
  /** Whether the caller may read what happened in an environment. */
  readonly mayRead: (environment: string) => boolean;
};

/** Where a search goes on: what is left of the runs of this page, the place in the first of them, and where the list of runs goes on. */
export type SearchPlace = { readonly pending: readonly string[]; readonly after: Position | null; readonly rest: string | null };
export type FoundEvents = {
  readonly events: readonly Stored[];
  readonly next: SearchPlace | null;
  /** The runs that were read. */
  readonly searched: readonly string[];
};

type Reader = Pick<Dependencies, 'trail' | 'index' | 'definitions' | 'stage'>;

/**
 * The events of a service: first those of the service itself and its environments, then run by run, the newest run first. A page reads a
 * bounded number of runs, so it may hold fewer events than its limit, also none, although others follow: `next` says so.
 */
export const searchEvents = async (deps: Reader, filter: ServiceFilter, from: SearchPlace | undefined): Promise<Outcome<FoundEvents>> => {
  const begun = await beginAt(deps, filter, from);
  const events: Stored[] = [];
  const searched: string[] = [];
  let [pending, after] = [begun.pending, begun.after];
  const refusals: Refusal[] = [];
  for (let [first] = pending; first !== undefined && events.length < filter.limit; [first] = pending) {
    const wanted = { ...filter, limit: filter.limit - events.length, after: after ?? undefined };
    const found = first === own ? ok(pageByTime(await ownEvents(deps, filter), wanted)) : await eventsOfRun(deps, first, wanted);
    if (first !== own) searched.push(first);
    if (found.refused !== undefined) refusals.push(found.refused);
    else events.push(...found.ok.events);
    after = found.ok?.next ?? null;
    if (after !== null) break;
    pending = pending.slice(1);
  }
  // A check that none of the runs has is a slip; one that only older checklists lack is not.
  const isNowhere = refusals.length > 0 && refusals.length === searched.length && from === undefined && begun.rest === null;
  const [unknown] = refusals;
  if (unknown !== undefined && isNowhere && events.length === 0 && pending.length === 0) return { refused: unknown };
  const isOver = pending.length === 0 && begun.rest === null;
  return ok({ events, searched, next: isOver ? null : { pending, after, rest: begun.rest } });
};

const beginAt = async ({ index }: Reader, { service, to, mayRead }: ServiceFilter, from: SearchPlace | undefined): Promise<SearchPlace> => {
  if (from !== undefined && from.pending.length > 0) return from;
  const after = from?.rest;
  const page = await index.list({ service, limit: runsSearched, ...(after == null ? {} : { after }) });
  const inSpan = ({ startedAt, environment }: RunSummary): boolean => (to === undefined || startedAt < to) && mayRead(environment);
  const runs = page.runs.filter(inSpan).map(({ run }) => run);
  return { pending: [...(from === undefined ? [own] : []), ...runs], after: null, rest: page.next ?? null };
};

const eventsOfRun = async (deps: Reader, run: string, filter: Omit<EventFilter, 'run'>): ReturnType<typeof listEvents> => {
  const context = await readContext(deps, run);
  // The list of runs is a copy: a run that has no events has nothing to find.
  if (context.refused !== undefined) return ok({ events: [], next: null });
  return listEvents(deps, context.ok, { ...filter, run });
};

const ownEvents = async ({ trail, stage }: Reader, { service, mayRead }: ServiceFilter): Promise<readonly Stored[]> => {
  const environments = (stage.environments[service] ?? []).filter(mayRead).map((name) => scopes.environment(service, name));
  const read = (scope: string, lane: string): Promise<readonly Stored[]> => trail.read(scope, { lane, last: ownEventsSearched });
  const found = await Promise.all([
    ...[lanes.profile, lanes.standing].map((lane) => read(scopes.service(service), lane)),
    ...environments.flatMap((scope) =>
      [lanes.claim, lanes.live, lanes.drill, lanes.unaccounted, lanes.announced].map((lane) => read(scope, lane)),
    ),
  ]);
  return found.flat();
};
