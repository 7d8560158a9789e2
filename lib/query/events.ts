import type { Stored } from '../audit/event.ts';
import { scopes } from '../audit/lane.ts';
import { type Outcome, ok } from '../outcome.ts';
import type { World } from '../ports.ts';
import { readHead } from '../run/head.ts';

export type EventFilter = {
  readonly run: string;
  readonly types?: readonly string[];
  readonly lane?: string;
  readonly actor?: string;
  readonly check?: string;
  /** A verdict, an answer or a gate's outcome. */
  readonly outcome?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  /** How many matching events the caller has seen. */
  readonly after: number;
};

export type EventPage = { readonly events: readonly Stored[]; readonly next: number | null; readonly total: number };

/** A run's events in order of time, then lane and place; what came after its end (scope `late/<run>`) stands at the end. */
export const listEvents = async (world: Pick<World, 'trail' | 'definitions'>, filter: EventFilter): Promise<Outcome<EventPage>> => {
  const found = await readHead(world, filter.run);
  if (found.refused) return found;
  const own = await world.trail.read(scopes.run(filter.run), { prefix: '' });
  const late = found.ok.ended === undefined ? [] : await world.trail.read(scopes.late(filter.run), { prefix: '' });
  const matching = [...own, ...late].filter((stored) => matches(stored, filter)).sort(inOrder);
  const events = matching.slice(filter.after, filter.after + filter.limit);
  const seen = filter.after + events.length;
  return ok({ events, next: seen < matching.length ? seen : null, total: matching.length });
};

const inOrder = (a: Stored, b: Stored): number =>
  compare(a.event.at, b.event.at) || compare(a.event.lane, b.event.lane) || a.event.seq - b.event.seq;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const matches = ({ event }: Stored, filter: EventFilter): boolean => {
  const data: Readonly<Record<string, unknown>> = event.data;
  const says = [data.verdict, data.answer, data.outcome];
  return (
    (filter.types === undefined || filter.types.length === 0 || filter.types.includes(event.type)) &&
    (filter.lane === undefined || event.lane === filter.lane || event.lane.startsWith(`${filter.lane}/`)) &&
    (filter.actor === undefined || event.actor.id === filter.actor) &&
    (filter.check === undefined || data.line === filter.check) &&
    (filter.outcome === undefined || says.includes(filter.outcome)) &&
    (filter.from === undefined || event.at >= filter.from) &&
    (filter.to === undefined || event.at < filter.to)
  );
};
