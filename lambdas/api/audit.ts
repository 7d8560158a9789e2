import * as z from 'zod';
import { openApiDocument } from '../../lib/api/document.ts';
import type { Identity } from '../../lib/api/identity.ts';
import { type Api, createApi, type RequestContext, unknownResponse } from '../../lib/api/mount.ts';
import { unknownRoute } from '../../lib/api/not-found.ts';
import { mostOfInstallation } from '../../lib/api/operations/audit.ts';
import { problemOf } from '../../lib/api/problem.ts';
import type { AnsweredEvent } from '../../lib/api/responses.ts';
import { serve } from '../../lib/api/serve.ts';
import { signValue } from '../../lib/api/signed-value.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { listing } from '../../lib/checklist/listing.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { metricsAsked, metricsPage } from '../../lib/console/metrics-page.ts';
import { runPage } from '../../lib/console/run.ts';
import { runsFilterOf, runsPage } from '../../lib/console/runs.ts';
import { type PageHandlers, problemPageResponse, redirect, servePages } from '../../lib/console/serve.ts';
import { type Outcome, ok, refuse } from '../../lib/outcome.ts';
import type { Dependencies, Mac, RunSummary } from '../../lib/ports.ts';
import { type EnvironmentView, readEnvironment } from '../../lib/query/environment-view.ts';
import { findEvidence } from '../../lib/query/evidence-address.ts';
import { gateTitles } from '../../lib/query/gate-titles.ts';
import { type ProfileView, readProfile } from '../../lib/query/profile-view.ts';
import { isInState, type RunState } from '../../lib/query/run-states.ts';
import { readRunFor } from '../../lib/query/run-view.ts';
import { readStanding, type StandingView } from '../../lib/query/standing-view.ts';
import type { RunView } from '../../lib/query/view.ts';
import { findWords } from '../../lib/query/words.ts';
import { mayServe } from '../../lib/run/commands/authorize.ts';
import { unknownEnvironment } from '../../lib/run/commands/environment-command.ts';
import type { Caller } from '../../lib/run/state/caller.ts';
import { unknownService } from '../../lib/run/state/registered-profiles.ts';
import type { EvidenceAddresses } from '../../lib/uploads.ts';
import { auditPages } from './audit-pages.ts';
import { checklistPages } from './checklist-pages.ts';
import { afterOf, filterOf } from './cursors.ts';
import { answered, eventsOf } from './events.ts';
import { inboxOperations, inboxPages } from './inbox.ts';
import { readMetrics } from './metrics.ts';
import { type Named, withPeople } from './people-names.ts';
import { isAuditor, mayReadKept } from './read-kept.ts';

export type AuditDependencies = Pick<
  Dependencies,
  'clock' | 'trail' | 'index' | 'definitions' | 'evidence' | 'roster' | 'people' | 'stage'
> & { readonly downloads: EvidenceAddresses };
export type AuditParts = { readonly deps: AuditDependencies; readonly mac: Mac };

const runsPerPage = 25;

/** Everything that only reads: runs, events, the checklist, and the pages of runs. */
export const auditApi = ({ deps, mac }: AuditParts): Api => {
  const api = createApi();
  serve(api, 'audit', null, {
    listRuns: ({ query, caller }) => runsOf(deps, mac, query, caller),
    readRun: async ({ params, caller }) => withPeople(deps, visible(await readFor(deps, params.run, caller), caller), caller),
    readMetrics: ({ query, caller }) => readMetrics(deps, query, caller),
    readWords: async ({ params, caller }) => mayReadKept(caller) ?? findWords(deps, { ...params, addresses: isAuditor(caller) }),
    readEvidence: async ({ params, query, caller }) => mayReadKept(caller, 'evidence') ?? findEvidence(deps, { ...query, ...params }),
    listRunEvents: ({ params, query, caller }) => eventsOf({ deps, mac }, { ...query, ...params }, caller),
    listEvents: ({ query, caller }) => eventsOf({ deps, mac }, query, caller),
    listInstallationEvents: async () => ok(await installationEvents(deps)),
    readEnvironment: ({ params, caller }) => environmentOf(deps, params, caller),
    readProfile: ({ params, caller }) => profileOf(deps, params.service, caller),
    listEvidence: ({ params, caller }) => standingOf(deps, params, caller),
    readChecklist: ({ query }) => checklistOf(deps, query.digest),
    readOpenApi: async () => ok(openApiDocument()),
    ...inboxOperations(deps),
  });
  servePages(api, 'audit', { roster: deps.roster }, runPages({ deps, mac }));
  api.notFound((context) => unknownPage(context.req.raw, context.env, personOf(deps, context.env.identity)));
  return api;
};

/** A CI job reads the runs of its own services; people of the roster read all. */
const visible = (found: Outcome<RunView>, caller: Caller): Outcome<RunView> =>
  found.refused === undefined ? (mayServe(caller, found.ok) ?? found) : found;

const environmentOf = async (
  deps: AuditDependencies,
  place: { readonly service: string; readonly environment: string },
  caller: Caller,
): Promise<Outcome<EnvironmentView & Named>> => {
  const no = unknownEnvironment(deps, place) ?? mayServe(caller, place);
  if (no !== undefined) return no;
  return withPeople(deps, ok(await readEnvironment(deps, place, mayReadKept(caller) === undefined)), caller);
};

const profileOf = async (deps: AuditDependencies, service: string, caller: Caller): Promise<Outcome<ProfileView & Named>> => {
  const no = unknownService(deps, service) ?? mayServe(caller, { service });
  if (no !== undefined) return no;
  return withPeople(deps, await readProfile(deps, service, mayReadKept(caller) === undefined), caller);
};

const standingOf = async (
  deps: AuditDependencies,
  { service }: { readonly service: string },
  caller: Caller,
): Promise<Outcome<StandingView & Named>> => {
  const no = unknownService(deps, service) ?? mayServe(caller, { service });
  return no ?? withPeople(deps, ok(await readStanding(deps, service)), caller);
};

const readFor = (deps: AuditDependencies, run: string, caller: Caller): Promise<Outcome<RunView>> =>
  readRunFor(deps, run, mayReadKept(caller) === undefined);

const installationEvents = async ({ trail }: AuditDependencies): Promise<{ events: AnsweredEvent[]; next: null }> => {
  const [definitions, rosters] = await Promise.all(
    [lanes.definition, lanes.roster].map((lane) => trail.read(scopes.installation, { lane, last: mostOfInstallation })),
  );
  const events = [...(definitions ?? []), ...(rosters ?? [])].sort((a, b) => (a.event.at < b.event.at ? -1 : 1));
  return { events: events.map(answered), next: null };
};

const checklistOf = async (
  { definitions }: AuditDependencies,
  digest: string | undefined,
): Promise<Outcome<ReturnType<typeof listing>>> => {
  const found = digest === undefined ? definitions.current().checklist : await definitions.read(digest);
  return found === undefined
    ? refuse('definition-unknown', 'No checklist was published under this digest.', {
        got: digest ?? '',
        expected: 'the digest of a `definition.published` event',
        fix: 'Take it from GET /v1/audit/installation or from the run.',
      })
    : ok(listing(found));
};

type RunQuery = {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  readonly state?: RunState | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
};
/** The index has no filter by state: so many pages are looked through at most for one page of runs. */
const mostPagesRead = 8;
const runCursorSchema = z.strictObject({ filter: z.string(), after: z.string() });

const runsOf = async (
  deps: AuditDependencies,
  mac: Mac,
  query: RunQuery,
  caller: Caller,
): Promise<Outcome<{ runs: TitledRun[]; next: string | null }>> => {
  const foreign = query.service === undefined ? undefined : mayServe(caller, { service: query.service, environment: query.environment });
  if (foreign !== undefined) return foreign;
  const { environment, state } = query;
  // For a CI job of one service the service is the filter, so pages are full and no cursor names a foreign run.
  const service = query.service ?? (caller.kind === 'ci' && caller.services.length === 1 ? caller.services[0] : undefined);
  const filter = filterOf(caller, {
    list: 'runs',
    service: service ?? null,
    environment: environment ?? null,
    ...(state === undefined ? {} : { state }),
  });
  const cursor = await afterOf(mac, runCursorSchema, filter, query.cursor);
  if (cursor.refused !== undefined) return cursor;
  const runs: TitledRun[] = [];
  let after = cursor.ok?.after;
  for (let read = 0; read < (state === undefined ? 1 : mostPagesRead) && runs.length < query.limit; read += 1) {
    const page = await deps.index.list({
      ...(service === undefined ? {} : { service }),
      ...(environment === undefined ? {} : { environment }),
      limit: query.limit,
      ...(after === undefined ? {} : { after }),
    });
    // A CI job's page may be shorter than its limit: runs of other services are removed after the read.
    const own = page.runs.filter((run) => mayServe(caller, run) === undefined && (state === undefined || isInState(state, run)));
    runs.push(...own.map(titled(deps)));
    after = page.next;
    if (after === undefined) break;
  }
  return ok({ runs, next: after === undefined ? null : await signValue(mac, 'cursor', { filter, after }) });
};

type TitledRun = RunSummary & { readonly gateTitle: string };
const titled = (deps: AuditDependencies): ((run: RunSummary) => TitledRun) => {
  const titleOf = gateTitles(deps);
  return (run) => ({ ...run, gateTitle: titleOf(run.gate) });
};

const runPages = ({ deps, mac }: AuditParts): PageHandlers<'audit'> => {
  const names = (id: string): string => deps.roster.person(id)?.name ?? id;
  return {
    ...inboxPages(deps),
    ...auditPages({ deps, mac }),
    ...checklistPages(deps),
    showHome: async () => ok(redirect('/runs')),
    showRuns: async ({ query, caller }) => {
      const { service, environment, state, slips } = runsFilterOf(query);
      const runsAfter = (cursor: string | undefined) =>
        runsOf(deps, mac, { service, environment, state, cursor, limit: runsPerPage }, caller);
      const asked = await runsAfter(query.cursor);
      const says =
        asked.refused?.type === 'cursor-invalid'
          ? 'The address of older runs belongs to another list. These are the newest runs.'
          : undefined;
      const cursor = says === undefined ? query.cursor : undefined;
      const list = says === undefined ? asked : await runsAfter(undefined);
      if (list.refused !== undefined) return list;
      const waiting = (await deps.index.deciding())
        .filter((run) => (service ?? run.service) === run.service && (environment ?? run.environment) === run.environment)
        .filter((run) => state === undefined || isInState(state, run))
        .map(titled(deps));
      const runs = list.ok.runs.filter(({ run }) => !waiting.some((one) => one.run === run));
      // They stand first, and on no other page again.
      const deciding = cursor === undefined ? waiting : [];
      return ok(
        await pageResponse(
          runsPage(
            names(caller.id),
            { ...list.ok, runs, deciding, service, environment, state, given: query, slips, says, environments: deps.stage.environments },
            deps.clock.now(),
          ),
          Object.keys(slips).length === 0 && says === undefined ? 200 : 400,
        ),
      );
    },
    showMetrics: async ({ query, caller }) => {
      const { says, ...asked } = metricsAsked(query);
      const metrics = await readMetrics(deps, asked, caller);
      if (metrics.refused !== undefined) return metrics;
      return ok(await pageResponse(metricsPage(names(caller.id), metrics.ok, asked.service, says), says === undefined ? 200 : 400));
    },
    showRun: async ({ params, caller }) => {
      const run = await readFor(deps, params.run, caller);
      return run.refused === undefined ? ok(await pageResponse(runPage(caller, run.ok, names, deps.clock.now()))) : run;
    },
  };
};

/** The name of a signed-in person, for the head of a page. */
const personOf = ({ roster }: Pick<AuditDependencies, 'roster'>, identity: Identity): string | null =>
  identity.kind === 'caller' && identity.caller.kind === 'person' && identity.session !== null
    ? (roster.person(identity.caller.id)?.name ?? null)
    : null;

/** A browser at an unknown address gets a page instead of a problem document. */
const unknownPage = (request: Request, { request: id }: RequestContext, person: string | null): Response | Promise<Response> => {
  const { pathname } = new URL(request.url);
  const html = !pathname.startsWith('/v1/') && (request.headers.get('accept') ?? '').includes('text/html');
  if (!html) return unknownResponse(request.method, pathname, id);
  const { refused, headers } = unknownRoute(request.method, pathname);
  // A person at a wrong address is helped by the list of runs, not by the API's document.
  const { expected: _, ...forPeople } = refused;
  return problemPageResponse(problemOf(forPeople, id), person).then((page) => {
    for (const [name, value] of Object.entries(headers)) page.headers.set(name, value);
    return page;
  });
};
