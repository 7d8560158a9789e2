import * as z from 'zod';
import { mostExported, type SearchForm } from '../../lib/api/console-pages.ts';
import { operations } from '../../lib/api/contract.ts';
import { pageLimits } from '../../lib/api/parameters.ts';
import { refusalStatus } from '../../lib/api/problem.ts';
import type { AnsweredEvent } from '../../lib/api/responses.ts';
import { eventTypes } from '../../lib/audit/event.ts';
import { type AuditPage, addressOf, auditPage, type SearchField } from '../../lib/console/audit.ts';
import { damagedEvent, eventView } from '../../lib/console/audit-event.ts';
import { pageHeaders, pageResponse } from '../../lib/console/layout.ts';
import { operateListed } from '../../lib/console/operate.ts';
import { type PageHandlers, redirect } from '../../lib/console/serve.ts';
import { IntegrityFault, type Outcome, ok } from '../../lib/outcome.ts';
import { proveEvent } from '../../lib/query/event-proof.ts';
import { unknownActor } from '../../lib/query/event-words.ts';
import { findEvidence } from '../../lib/query/evidence-address.ts';
import { readSourceAddress } from '../../lib/query/words.ts';
import { roles } from '../../lib/roles.ts';
import type { Caller, PersonCaller } from '../../lib/run/state/caller.ts';
import type { AuditParts } from './audit.ts';
import { type EventList, type EventQuery, eventsOf } from './events.ts';
import { instantOf } from './field-time.ts';
import { isAuditor, mayReadKept } from './read-kept.ts';

const eventsPerPage = 50;

type Pages = Pick<PageHandlers<'audit'>, 'showAudit' | 'showEvent' | 'downloadEvidence' | 'exportAudit'>;

/** The search for events, one event with its proof, and what was found as a download. */
export const auditPages = (parts: AuditParts): Pages => {
  const { deps } = parts;
  const names = (id: string): string => deps.roster.person(id)?.name ?? id;
  const searchPage = (caller: Caller, form: SearchForm, more: Shown, status = 200): Promise<Response> => {
    const services = Object.keys(deps.stage.environments);
    const about = { person: caller.id, form, services, types: eventTypes, people: peopleOf(parts), found: null };
    return pageResponse(auditPage({ ...about, ...more }, names), status);
  };
  const wrongSearch = (caller: Caller, form: SearchForm, { wrong, status }: Wrong): Promise<Response> =>
    searchPage(caller, form, wrong, status);
  return {
    showAudit: async ({ query: form, caller }) => {
      if (isEmpty(form)) return ok(await searchPage(caller, form, { slips: {} }));
      const query = queryOf(form, eventsPerPage);
      const found = 'wrong' in query ? query : await searched(parts, query.ok, caller);
      if ('wrong' in found) return ok(await wrongSearch(caller, form, found));
      if (found.refused !== undefined) return found;
      const operate = await operateOf(parts, form.run?.trim(), caller);
      const nobody = nobodyIn(found.ok);
      return ok(await searchPage(caller, form, { slips: {}, ...nobody?.wrong, found: found.ok, operate }, nobody?.status));
    },
    showEvent: async ({ query: typed, caller, env }) => {
      const address = eventAddress.safeParse(typed);
      const query = address.data;
      const run = query === undefined ? undefined : runIn(query);
      const unknown = (): Promise<Response> =>
        wrongSearch(
          caller,
          { run },
          { wrong: { slips: {}, says: 'There is no such event. Search for it here.' }, status: refusalStatus['event-unknown'] },
        );
      if (query === undefined) return ok(await unknown());
      try {
        const proof = await proveEvent(deps, query);
        if (proof === undefined) return ok(await unknown());
        const from = isAuditor(caller) ? await readSourceAddress(deps, proof.stored) : undefined;
        return ok(
          await pageResponse(eventView(proof, { person: caller.id, address: from, operate: await operateOf(parts, run, caller) }, names)),
        );
      } catch (thrown) {
        if (!(thrown instanceof IntegrityFault)) throw thrown;
        env.fault(thrown);
        return ok(await pageResponse(damagedEvent(names(caller.id), query, await operateOf(parts, run, caller)), 500));
      }
    },
    downloadEvidence: async ({ params, query, caller }) => {
      const found = mayReadKept(caller, 'evidence') ?? (await findEvidence(deps, { ...query, ...params }));
      return found.refused === undefined ? ok(redirect(found.ok.url)) : found;
    },
    exportAudit: async ({ query: form, caller }) => {
      const found = await exported(parts, form, caller);
      if ('wrong' in found) return ok(await wrongSearch(caller, form, found));
      return found.refused === undefined ? ok(download(found.ok, form)) : found;
    },
  };
};

type Shown = Pick<AuditPage, 'slips' | 'says' | 'operate'> & Partial<Pick<AuditPage, 'found'>>;
/** A search that cannot be made, for beside the fields of its form. */
type Wrong = { readonly wrong: Pick<AuditPage, 'slips' | 'says'>; readonly status: number };

/** The address of an event. */
const eventAddress = z.object({
  scope: z.string().regex(/^[\w./@-]{1,300}$/),
  lane: z.string().regex(/^[$-~]{1,300}$/),
  seq: z.coerce.number().int().min(1).max(99_999_999),
});

/** The run of an event, also of what came late. */
const runIn = ({ scope }: { readonly scope: string }): string | undefined => /^(?:run|late)\/(.+)$/.exec(scope)?.[1];

const operateOf = async ({ deps: { index } }: AuditParts, run: string | undefined, caller: Pick<PersonCaller, 'roles'>) =>
  run === undefined || run === '' ? undefined : operateListed(await index.get(run), caller);

/** Everybody who holds a role, for the field that names people. */
const peopleOf = ({ deps: { roster } }: AuditParts): AuditPage['people'] => {
  const holders = roles.flatMap((role) => roster.holders(role)).map(({ id, name }) => [id, { id, name }] as const);
  return [...new Map(holders).values()];
};

const given = (form: SearchForm): [string, string][] =>
  Object.entries(form).flatMap(([name, value]) => (value === undefined || value.trim() === '' ? [] : [[name, value.trim()]]));

const isEmpty = (form: SearchForm): boolean => given(form).length === 0;

/** The form as the API's own schema reads it, or what is wrong, field by field. */
const queryOf = (form: SearchForm, limit: number): { readonly ok: EventQuery } | Wrong => {
  const fields = Object.fromEntries(
    given(form).map(([name, value]) => [name, name === 'from' || name === 'to' ? instantOf(value) : value]),
  );
  const isBoth = fields.run !== undefined && fields.service !== undefined;
  if (isBoth) return slipped({ service: 'A run has its service already: leave one of the two empty.' });
  if (fields.run === undefined && fields.service === undefined) return slipped({ run: 'Name a run, or choose a service.' });
  const read = operations.listEvents.query.safeParse({ ...fields, limit });
  if (read.success) return { ok: read.data };
  const names = [...new Set(read.error.issues.map(({ path }) => String(path[0])))];
  return slipped(
    Object.fromEntries(names.filter(isField).map((name) => [name, sentences[name]])),
    names.every(isField) ? undefined : otherSearch,
  );
};

const slipped = (slips: AuditPage['slips'], says?: string): Wrong => ({
  wrong: { slips, ...(says === undefined ? {} : { says }) },
  status: 400,
});

const otherSearch = 'The address of more events belongs to another search. Search again.';

const sentences: Readonly<Record<SearchField, string>> = {
  run: 'The id of a run has letters, digits and hyphens, such as 20261127-080000-abcdefghjk.',
  service: 'Choose one of the services.',
  actor: 'The name or the id of a person, or the id of a CI identity, has 100 characters at most.',
  type: 'Choose one of the types.',
  check: 'The id of a check has lower-case words with hyphens, such as no-regressions.',
  outcome: 'Choose one of the outcomes.',
  lane: 'The name of a lane has 200 characters at most.',
  from: 'Give a date and a time in UTC, such as 2026-11-27 08:00.',
  to: 'Give a date and a time in UTC, such as 2026-11-28 08:00.',
};
const isField = (name: string): name is SearchField => Object.hasOwn(sentences, name);

/** What a search finds, or what was wrong with it. */
const searched = async (parts: AuditParts, query: EventQuery, caller: Caller): Promise<Outcome<EventList> | Wrong> => {
  const found = await eventsOf(parts, query, caller);
  if (found.refused === undefined) return found;
  const { type, detail } = found.refused;
  if (type === 'cursor-invalid') return slipped({}, otherSearch);
  if (type === 'actor-ambiguous')
    return { wrong: { slips: { actor: `${detail} Give the id of one of them.` } }, status: refusalStatus[type] };
  const field = ({ 'run-unknown': 'run', 'service-unknown': 'service', 'check-unknown': 'check' } as const)[type as 'run-unknown'];
  const says = type === 'check-unknown' ? 'The checklist of the run has no such check.' : detail;
  return field === undefined ? found : { wrong: { slips: { [field]: says } }, status: 404 };
};

/** What is said where nobody knows the actor: that nothing was found would pass for a fact about somebody. */
const nobodyIn = ({ actor }: EventList): Wrong | undefined =>
  actor === undefined || actor.known ? undefined : { wrong: { slips: { actor: unknownActor } }, status: 404 };

type Exported = { readonly events: readonly AnsweredEvent[]; readonly next: string | null };

const exported = async (parts: AuditParts, form: SearchForm, caller: Caller): Promise<Outcome<Exported> | Wrong> => {
  const events: AnsweredEvent[] = [];
  let cursor = form.cursor;
  // Pages may be short; so many of them hold a download at most.
  for (let page = 0; page < mostPages; page += 1) {
    const query = queryOf({ ...form, cursor }, Math.min(pageLimits.max, mostExported - events.length));
    if ('wrong' in query) return query;
    const found = await searched(parts, query.ok, caller);
    if ('wrong' in found || found.refused !== undefined) return found;
    events.push(...found.ok.events);
    const nobody = nobodyIn(found.ok);
    if (nobody !== undefined && events.length === 0 && found.ok.next === null) return nobody;
    if (found.ok.next === null) return ok({ events, next: null });
    cursor = found.ok.next;
    if (events.length >= mostExported) break;
  }
  return ok({ events, next: cursor ?? null });
};
const mostPages = 4;

const download = ({ events, next }: Exported, form: SearchForm): Response => {
  const lines = [...events, ...(next === null ? [] : [{ more: true, next: `/audit/export?${addressOf(form, next)}` }])];
  return new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), {
    headers: {
      ...pageHeaders,
      'content-type': 'application/jsonl; charset=utf-8',
      'content-disposition': 'attachment; filename="holdpoint-events.jsonl"',
    },
  });
};
