import * as z from 'zod';
import type { operations } from '../../lib/api/contract.ts';
import type { AnsweredEvent } from '../../lib/api/responses.ts';
import { signValue } from '../../lib/api/signed-value.ts';
import type { Stored } from '../../lib/audit/event.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import { listEvents } from '../../lib/query/events.ts';
import { searchEvents } from '../../lib/query/search-events.ts';
import { mayServe } from '../../lib/run/commands/authorize.ts';
import type { Caller } from '../../lib/run/state/caller.ts';
import { unknownService } from '../../lib/run/state/registered-profiles.ts';
import { readContext } from '../../lib/run/state/run-context.ts';
import type { AuditParts } from './audit.ts';
import { afterOf, filterOf } from './cursors.ts';

export type EventQuery = z.output<typeof operations.listEvents.query>;
/** `searched`: of a search in a service, the runs that were read for the page. */
export type EventList = { readonly events: AnsweredEvent[]; readonly next: string | null; readonly searched?: readonly string[] };

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
  const { run, service, ...given } = query;
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
  const found = await listEvents(deps, context.ok, { ...filters, run, after: from.ok?.after });
  if (found.refused !== undefined) return found;
  const { events, next } = found.ok;
  return ok({ events: events.map(answered), next: next === null ? null : await signValue(mac, 'cursor', { filter, after: next }) });
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
  const found = await searchEvents(deps, { ...filters, service, mayRead }, from.ok);
  if (found.refused !== undefined) return found;
  const { events, next, searched } = found.ok;
  return ok({
    events: events.map(answered),
    next: next === null ? null : await signValue(mac, 'cursor', { filter, ...next }),
    searched,
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
