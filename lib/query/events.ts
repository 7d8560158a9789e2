import type { AuditEvent, EventType, Stored } from '../audit/event.ts';
import { scopes } from '../audit/lane.ts';
import { itemOf } from '../checklist/definition.ts';
import { type Outcome, ok, refuse } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import { readContext } from '../run/state/run-context.ts';

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
  /** The place of the last event that the caller has seen. */
  readonly after?: Place | undefined;
};

/** Where an event stands in the order of the list: an event that is inserted before it later moves nothing. */
export type Place = Pick<AuditEvent, 'at' | 'lane' | 'seq' | 'scope'>;
export type EventPage = { readonly events: readonly Stored[]; readonly next: Place | null };

/** A run's events in order of time, then lane and place; what came after its end (scope `late/<run>`) stands at the end. */
export const listEvents = async (deps: Pick<Dependencies, 'trail' | 'definitions'>, filter: EventFilter): Promise<Outcome<EventPage>> => {
  const found = await readContext(deps, filter.run);
  if (found.refused) return found;
  if (filter.check !== undefined && itemOf(found.ok.checklist, filter.check) === undefined)
    return refuse('check-unknown', 'The checklist that the run pinned has no such item.', {
      got: filter.check.slice(0, 80),
      expected: found.ok.checklist.items.map(({ id }) => id).join(', '),
      fix: 'Name one of these.',
    });
  const own = await deps.trail.read(scopes.run(filter.run), { prefix: '' });
  const late = found.ok.ended === undefined ? [] : await deps.trail.read(scopes.late(filter.run), { prefix: '' });
  const { after, limit } = filter;
  const left = [...own, ...late]
    .filter((stored) => matches(stored, filter) && (after === undefined || inOrder(stored.event, after) > 0))
    .sort((a, b) => inOrder(a.event, b.event));
  const events = left.slice(0, limit);
  const last = events.at(-1)?.event;
  return ok({ events, next: last === undefined || left.length === events.length ? null : placeOf(last) });
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
  [data.check, data.trigger, data.checks, data.serves].flatMap((named) => named ?? []);

const matches = ({ event }: Stored, filter: EventFilter): boolean => {
  const data: Readonly<Record<string, unknown>> = event.data;
  const says = [data.verdict, data.answer, data.outcome, data.end, outcomesByType[event.type]];
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
