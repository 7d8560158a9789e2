import { auditApi } from '../../lambdas/api/audit.ts';
import type { Identity } from '../../lib/api/identity.ts';
import { eventListSchema } from '../../lib/api/responses.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { givenRun, personIn } from '../given.ts';
import { ask, bearer, browser, jobOf, type Reply } from './requests.ts';

export type Query = Readonly<Record<string, string>>;
export const mac = fakeMac();

export const siteOf = (deps: FakeDependencies) => {
  const api = auditApi({ deps, mac });
  const caller = personIn(deps, 'operations-lead');
  const get = (path: string, query: Query = {}, identity: Identity = browser(caller)): Promise<Reply> =>
    ask(api, { method: 'GET', path, query: new URLSearchParams(query).toString(), identity });
  const search = async (query: Query, identity: Identity = bearer(caller)) =>
    eventListSchema.parse((await get('/v1/audit/events', query, identity)).json);
  const all = async (query: Query, identity: Identity = bearer(caller)) => {
    const pages = [await search(query, identity)];
    for (let next = pages[0]?.next; next != null && pages.length < 50; next = pages.at(-1)?.next)
      pages.push(await search({ ...query, cursor: next }, identity));
    return { events: pages.flatMap(({ events }) => events), searched: pages.flatMap(({ searched = [] }) => searched), pages: pages.length };
  };
  return { get, search, all };
};

export const manyRuns = async (deps: FakeDependencies, count: number, environment = 'production'): Promise<string[]> => {
  const runs: string[] = [];
  for (let n = 0; n < count; n += 1) {
    deps.controls.clock.advance(1000);
    runs.unshift(await givenRun(deps, { version: `1.0.${n}`, environment }, jobOf(`${environment}-${n}`, { person: 'p-starter0' })));
  }
  return runs;
};
