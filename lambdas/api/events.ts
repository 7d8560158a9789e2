import * as z from 'zod';
import type { operations } from '../../lib/api/contract.ts';
import type { AnsweredEvent } from '../../lib/api/responses.ts';
import { signValue } from '../../lib/api/signed-value.ts';
import type { Stored } from '../../lib/audit/event.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Roster } from '../../lib/ports.ts';
import { listEvents } from '../../lib/query/events.ts';
import { searchEvents } from '../../lib/query/search-events.ts';
import { mayServe } from '../../lib/run/commands/authorize.ts';
import type { Caller } from '../../lib/run/state/caller.ts';
import { unknownService } from '../../lib/run/state/registered-profiles.ts';
import { readContext } from '../../lib/run/state/run-context.ts';
import type { AuditParts } from './audit.ts';
import { afterOf, filterOf } from './cursors.ts';

export type EventQuery = z.output<typeof operations.listEvents.query>;
/** `searched`: of a search in a service, the runs that were read for the page. `actor`: of a search by actor, for whom, and whether anything knows them. */
export type EventList = {
  readonly events: AnsweredEvent[];
  readonly next: string | null;
  readonly searched?: readonly string[];
  readonly actor?: { readonly id: string; readonly known: boolean };
};

const positionSchema = z.strictObject({
  order: z.enum(['time', 'lane']).default('time'),
  at: z.string(),
  lane: z.string(),
  seq: z.int(),
  scope: z.string(),
});
const eventCursorSchema = z.strictObject({ filter: z.string(), after: positionSchema });
const searchCursorSchema = z.strictObject({
  filter: z.string(),
  pending: z.array(z.string()),
  after: positionSchema.nullable(),
  rest: z.string().nullable(),
});

/** The events of one run, or of the newest runs of a service. */
export const eventsOf = async (parts: AuditParts, query: EventQuery, caller: Caller): Promise<Outcome<EventList>> => {
  const { run, service, ...typed } = query;
  const actor = askedActor(parts.deps.roster, query.actor, caller);
  if (actor.refused !== undefined) return actor;
  const given = { ...typed, actor: actor.ok };
  if (run !== undefined && service !== undefined) return oneOf('a run and a service');
  if (run !== undefined) return eventsOfRun(parts, { ...given, run }, caller);
  return service === undefined ? oneOf('neither') : eventsOfService(parts, { ...given, service }, caller);
};

const oneOf = (got: string): { readonly refused: Refusal } =>
  refuse('parameter-invalid', 'A search is about one run, or about the newest runs of one service.', {
    got,
    expected: '`run` or `service`',
    fix: 'Name one of them.',
  });

/** The id for which is searched. A CI job learns nothing about names. */
const askedActor = (roster: Pick<Roster, 'person' | 'named'>, typed: string | undefined, caller: Caller): Outcome<string | undefined> => {
  if (typed === undefined || caller.kind === 'ci' || roster.person(typed) !== undefined) return ok(typed);
  const [first, ...others] = roster.named(typed).map(({ id }) => id);
  if (others.length === 0) return ok(first ?? typed);
  return refuse('actor-ambiguous', `Several people of the roster have this name: ${[first, ...others].join(', ')}.`, {
    got: typed,
    expected: 'the id of a person, or a name that one person has',
    fix: 'Name one of them by the id.',
  });
};

type Look = (filters: Pick<Filters, 'actor' | 'limit'>) => Promise<Outcome<{ readonly events: readonly Stored[] }>>;

/** Whose events were searched. An actor of whom nothing fits may have events that the other filters leave out. */
const actorIn = async (
  { roster }: Pick<AuditParts['deps'], 'roster'>,
  { actor, limit: _, ...others }: Filters,
  found: readonly Stored[],
  look: Look,
): Promise<Pick<EventList, 'actor'>> => {
  if (actor === undefined) return {};
  const isSeen = async (): Promise<boolean> =>
    Object.keys(others).length > 0 && ((await look({ actor, limit: 1 })).ok?.events.length ?? 0) > 0;
  return { actor: { id: actor, known: found.length > 0 || roster.person(actor) !== undefined || (await isSeen()) } };
};

type Given = Pick<EventQuery, 'cursor' | 'limit' | 'type' | 'lane' | 'actor' | 'check' | 'outcome' | 'from' | 'to'>;

const eventsOfRun = async (
  { deps, mac }: AuditParts,
  { run, ...query }: Given & { readonly run: string },
  caller: Caller,
): Promise<Outcome<EventList>> => {
  const context = await readContext(deps, run);
  if (context.refused !== undefined) return context;
  const foreign = mayServe(caller, context.ok.started.event.data);
  if (foreign !== undefined) return foreign;
  const { filters, filter } = filtersOf({ run }, query, caller);
  const from = await afterOf(mac, eventCursorSchema, filter, query.cursor);
  if (from.refused !== undefined) return from;
  const look = (wanted: Filters) => listEvents(deps, context.ok, { ...wanted, run, after: from.ok?.after });
  const found = await look(filters);
  if (found.refused !== undefined) return found;
  const { events, next } = found.ok;
  return ok({
    events: events.map(answered),
    next: next === null ? null : await signValue(mac, 'cursor', { filter, after: next }),
    ...(await actorIn(deps, filters, events, look)),
  });
};

const eventsOfService = async (
  { deps, mac }: AuditParts,
  { service, ...query }: Given & { readonly service: string },
  caller: Caller,
): Promise<Outcome<EventList>> => {
  const no = unknownService(deps, service) ?? mayServe(caller, { service });
  if (no !== undefined) return no;
  const { filters, filter } = filtersOf({ service }, query, caller);
  const from = await afterOf(mac, searchCursorSchema, filter, query.cursor);
  if (from.refused !== undefined) return from;
  const mayRead = (environment: string): boolean => mayServe(caller, { service, environment }) === undefined;
  const look = (wanted: Filters) => searchEvents(deps, { ...wanted, service, mayRead }, from.ok);
  const found = await look(filters);
  if (found.refused !== undefined) return found;
  const { events, next, searched } = found.ok;
  return ok({
    events: events.map(answered),
    next: next === null ? null : await signValue(mac, 'cursor', { filter, ...next }),
    searched,
    ...(await actorIn(deps, filters, events, look)),
  });
};

type Filters = {
  limit: number;
  types?: string[];
  lane?: string;
  actor?: string;
  check?: string;
  outcome?: string;
  from?: string;
  to?: string;
};

/** What a list is filtered by, and the digest to which its cursors are bound. */
const filtersOf = (
  about: object,
  { cursor: _, limit, type, ...given }: Given,
  caller: Caller,
): { readonly filters: Filters; readonly filter: string } => {
  const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Omit<Filters, 'limit' | 'types'>;
  return {
    filters: { ...named, limit, ...(type === undefined ? {} : { types: [type] }) },
    filter: filterOf(caller, { list: 'events', ...named, ...about, type: type ?? null }),
  };
};

export const answered = ({ event, hash }: Stored): AnsweredEvent => ({ ...event, hash });
