import { mostExported, type SearchForm } from '../../lib/api/console-pages.ts';
import { operations } from '../../lib/api/contract.ts';
import { pageLimits } from '../../lib/api/parameters.ts';
import type { AnsweredEvent } from '../../lib/api/responses.ts';
import { eventTypes } from '../../lib/audit/event.ts';
import { type AuditPage, addressOf, auditPage, type SearchField } from '../../lib/console/audit.ts';
import { damagedEvent, eventView } from '../../lib/console/audit-event.ts';
import { pageHeaders, pageResponse } from '../../lib/console/layout.ts';
import { operateListed } from '../../lib/console/operate.ts';
import { type PageHandlers, redirect } from '../../lib/console/serve.ts';
import { IntegrityFault, type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import { proveEvent } from '../../lib/query/event-proof.ts';
import { findEvidence } from '../../lib/query/evidence-address.ts';
import { readSourceAddress } from '../../lib/query/words.ts';
import { roles } from '../../lib/roles.ts';
import type { Caller } from '../../lib/run/state/caller.ts';
import type { AuditParts } from './audit.ts';
import { type EventQuery, eventsOf } from './events.ts';
import { instantOf } from './field-time.ts';
import { isAuditor, mayReadKept } from './read-kept.ts';

const eventsPerPage = 50;

type Pages = Pick<PageHandlers<'audit'>, 'showAudit' | 'showEvent' | 'downloadEvidence' | 'exportAudit'>;

/** The search for events, one event with its proof, and what was found as a download. */
export const auditPages = (parts: AuditParts): Pages => {
  const { deps } = parts;
  const names = (id: string): string => deps.roster.person(id)?.name ?? id;
  return {
    showAudit: async ({ query: form, caller }) => {
      const services = Object.keys(deps.stage.environments);
      const about = { person: caller.id, form, services, types: eventTypes, people: peopleOf(parts) };
      const show = (more: Pick<AuditPage, 'slips' | 'found' | 'operate'>, status = 200): Promise<Response> =>
        pageResponse(auditPage({ ...about, ...more }, names), status);
      if (isEmpty(form)) return ok(await show({ slips: {}, found: null }));
      const query = queryOf(form, eventsPerPage);
      if ('slips' in query) return ok(await show({ slips: query.slips, found: null }, 400));
      const found = await eventsOf(parts, query.ok, caller);
      if (found.refused === undefined)
        return ok(await show({ slips: {}, found: found.ok, operate: await operateOf(parts, form.run?.trim()) }));
      const field = fieldOf(found.refused);
      return field === undefined ? found : ok(await show({ slips: { [field]: slipOf(found.refused) }, found: null }, 404));
    },
    showEvent: async ({ query, caller, env }) => {
      try {
        const proof = await proveEvent(deps, query);
        if (proof === undefined) return unknownEvent(query);
        const address = isAuditor(caller) ? await readSourceAddress(deps, proof.stored) : undefined;
        return ok(
          await pageResponse(eventView(proof, { person: caller.id, address, operate: await operateOf(parts, runIn(query)) }, names)),
        );
      } catch (thrown) {
        if (!(thrown instanceof IntegrityFault)) throw thrown;
        env.fault(thrown);
        return ok(await pageResponse(damagedEvent(names(caller.id), query, await operateOf(parts, runIn(query))), 500));
      }
    },
    downloadEvidence: async ({ params, query, caller }) => {
      const found = mayReadKept(caller, 'evidence') ?? (await findEvidence(deps, { ...query, ...params }));
      return found.refused === undefined ? ok(redirect(found.ok.url)) : found;
    },
    exportAudit: async ({ query: form, caller }) => {
      const found = await exported(parts, form, caller);
      return found.refused === undefined ? ok(download(found.ok, form)) : found;
    },
  };
};

/** The run of an event, also of what came late. */
const runIn = ({ scope }: { readonly scope: string }): string | undefined => /^(?:run|late)\/(.+)$/.exec(scope)?.[1];

const operateOf = async ({ deps: { index } }: AuditParts, run: string | undefined) =>
  run === undefined || run === '' ? undefined : operateListed(await index.get(run));

const unknownEvent = ({
  scope,
  lane,
  seq,
}: {
  readonly scope: string;
  readonly lane: string;
  readonly seq: number;
}): { readonly refused: Refusal } =>
  refuse('event-unknown', 'There is no such event.', {
    got: `${scope} ${lane}#${seq}`.slice(0, 200),
    expected: 'scope, lane and place of a recorded event',
    fix: 'Search for it on the page Audit.',
  });

/** Everybody who holds a role, for the field that names people. */
const peopleOf = ({ deps: { roster } }: AuditParts): AuditPage['people'] => {
  const holders = roles.flatMap((role) => roster.holders(role)).map(({ id, name }) => [id, { id, name }] as const);
  return [...new Map(holders).values()];
};

const given = (form: SearchForm): [string, string][] =>
  Object.entries(form).flatMap(([name, value]) => (value === undefined || value.trim() === '' ? [] : [[name, value.trim()]]));

const isEmpty = (form: SearchForm): boolean => given(form).length === 0;

/** The form as the API's own schema reads it, or what is wrong, field by field. */
const queryOf = (form: SearchForm, limit: number): { readonly ok: EventQuery } | { readonly slips: AuditPage['slips'] } => {
  const fields = Object.fromEntries(
    given(form).map(([name, value]) => [name, name === 'from' || name === 'to' ? instantOf(value) : value]),
  );
  const isBoth = fields.run !== undefined && fields.service !== undefined;
  if (isBoth) return { slips: { service: 'A run has its service already: leave one of the two empty.' } };
  if (fields.run === undefined && fields.service === undefined) return { slips: { run: 'Name a run, or choose a service.' } };
  const read = operations.listEvents.query.safeParse({ ...fields, limit });
  if (read.success) return { ok: read.data };
  const wrong = new Set(read.error.issues.map(({ path }) => String(path[0])));
  return { slips: Object.fromEntries([...wrong].filter(isField).map((name) => [name, sentences[name]])) };
};

const sentences: Readonly<Record<SearchField, string>> = {
  run: 'The id of a run has letters, digits and hyphens, such as 20261127-080000-abcdefghjk.',
  service: 'Choose one of the services.',
  actor: 'The id of a person or of a CI identity has 100 characters at most.',
  type: 'Choose one of the types.',
  check: 'The id of a check has lower-case words with hyphens, such as no-regressions.',
  outcome: 'Choose one of the outcomes.',
  lane: 'The name of a lane has 200 characters at most.',
  from: 'Give a date and a time in UTC, such as 2026-11-27 08:00.',
  to: 'Give a date and a time in UTC, such as 2026-11-28 08:00.',
};
const isField = (name: string): name is SearchField => Object.hasOwn(sentences, name);

/** Of what a search refuses: the field that it is about. */
const fieldOf = ({ type }: Refusal): SearchField | undefined =>
  (({ 'run-unknown': 'run', 'service-unknown': 'service', 'check-unknown': 'check' }) as const)[type as 'run-unknown'];

const slipOf = ({ type, detail }: Refusal): string => (type === 'check-unknown' ? 'The checklist of the run has no such check.' : detail);

type Exported = { readonly events: readonly AnsweredEvent[]; readonly next: string | null };

const exported = async (parts: AuditParts, form: SearchForm, caller: Caller): Promise<Outcome<Exported>> => {
  const events: AnsweredEvent[] = [];
  let cursor = form.cursor;
  // Pages may be short; so many of them hold a download at most.
  for (let page = 0; page < mostPages; page += 1) {
    const query = queryOf({ ...form, cursor }, Math.min(pageLimits.max, mostExported - events.length));
    if ('slips' in query)
      return refuse('parameter-invalid', Object.values(query.slips).join(' '), {
        fix: 'Search on the page Audit, and download from there.',
      });
    const found = await eventsOf(parts, query.ok, caller);
    if (found.refused !== undefined) return found;
    events.push(...found.ok.events);
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
