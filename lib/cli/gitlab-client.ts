import type * as z from 'zod';
import { Unreachable } from '../api/unreachable.ts';
import { firstIssue } from '../evidence/unreadable.ts';
import { addressOf } from './connect.ts';
import { type Io, Usage } from './io.ts';

/** Where GitLab's API is, and which project is asked. */
export type GitLabTarget = { readonly api: string | undefined; readonly project: string | undefined };

export type GitLab = {
  /** One document. A path that begins with `/projects/` is of the API, every other one of the project. */
  readonly one: <T extends z.ZodType>(path: string, schema: T) => Promise<z.output<T>>;
  /** The elements of all pages of a list. */
  readonly pages: <T extends z.ZodType>(path: string, schema: T) => Promise<readonly z.output<T>[]>;
  readonly query: <T extends z.ZodType>(query: string, variables: object, schema: T) => Promise<z.output<T>>;
};

const perPage = 100;
const mostPages = 100;
const mostTries = 5;
const timeoutMs = 30_000;
/** GitLab asks for a pause of a minute at most, unless a limit of the day is used up. */
const longestPauseMs = 90_000;
const again: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * The token comes from GITLAB_TOKEN and from nowhere else, is sent to the named server only, and stands in no message. Redirects are not
 * followed, because they would carry it elsewhere.
 */
export const connectGitLab = (io: Io, target: GitLabTarget): GitLab => {
  const api = apiOf(target.api ?? io.env.CI_API_V4_URL);
  const project = target.project || io.env.CI_PROJECT_ID;
  if (!project) throw new Usage('no project: give --project its id or path, or run the command in GitLab CI (CI_PROJECT_ID)');
  const token = io.env.GITLAB_TOKEN;
  if (!token) throw new Usage('no token: set GITLAB_TOKEN to a token that may read the project (scope read_api); a job token may not');
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Usage('GITLAB_TOKEN has characters that no token has, such as a line break');
  const ask = asking(io, token);
  const urlOf = (path: string): URL =>
    new URL(`${api.href.replace(/\/$/, '')}${path.startsWith('/projects/') ? path : `/projects/${encodeURIComponent(project)}${path}`}`);
  return {
    one: async (path, schema) => (await ask(urlOf(path), schema)).body,
    pages: async (path, schema) => {
      const list: z.output<typeof schema>[] = [];
      for (let page = 1; page <= mostPages; page += 1) {
        const url = urlOf(path);
        url.search = `per_page=${perPage}&page=${page}`;
        const { body, next } = await ask(url, schema.array());
        list.push(...body);
        // Proxies may leave the header out; a full page may have another one behind it.
        if (next === null ? body.length < perPage : next === '') return list;
      }
      throw new Error(`GitLab lists more than ${mostPages * perPage} entries at ${urlOf(path).pathname}`);
    },
    query: async (query, variables, schema) => {
      const url = new URL(api.href.replace(/\/v4\/?$/, '/graphql'));
      const body = JSON.stringify({ query, variables });
      return (await ask(url, schema, { method: 'POST', body, headers: { 'content-type': 'application/json' } })).body;
    },
  };
};

const apiOf = (text: string | undefined): URL => {
  if (!text) throw new Usage('no address: give --api, such as https://gitlab.com/api/v4, or run the command in GitLab CI (CI_API_V4_URL)');
  const url = addressOf(text);
  if (!/\/api\/v4\/?$/.test(url.pathname) || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new Usage(`the address of GitLab's API ends with /api/v4 and has no user, query or fragment, such as https://gitlab.com/api/v4`);
  return url;
};

type Answer<T extends z.ZodType> = { readonly body: z.output<T>; readonly next: string | null };

const asking =
  (io: Io, token: string) =>
  async <T extends z.ZodType>(url: URL, schema: T, init: RequestInit = {}): Promise<Answer<T>> => {
    for (let tried = 1; ; tried += 1) {
      const headers = { ...init.headers, accept: 'application/json', 'private-token': token };
      const response = await io
        .fetch(url, { ...init, headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
        .catch((cause: unknown) => {
          throw new Unreachable(`GitLab does not answer at ${url.origin}`, { cause });
        });
      if (again.has(response.status) && tried < mostTries) {
        const pauseMs = pauseOf(response, tried);
        if (pauseMs <= longestPauseMs) {
          await response.body?.cancel();
          await io.sleep(pauseMs);
          continue;
        }
      }
      if (!response.ok) throw new Error(refusedOf(response, url));
      const read = schema.safeParse(await response.json().catch(() => undefined));
      if (!read.success) throw new Error(`GitLab's answer at ${url.pathname} has another form: ${firstIssue(read.error)}`);
      return { body: read.data, next: response.headers.get('x-next-page') };
    }
  };

/** The pause that the server asks for, or a growing one. Milliseconds. */
const pauseOf = (response: Response, tried: number): number => {
  const seconds = response.headers.get('retry-after') ?? '';
  return /^\d+$/.test(seconds) ? Number(seconds) * 1000 : 1000 * 2 ** (tried - 1);
};

const meanings: Readonly<Record<number, string>> = {
  401: 'it does not know the token in GITLAB_TOKEN, or the token has expired',
  403: 'the token in GITLAB_TOKEN may not read this: it needs the scope read_api and the role Reporter or higher',
  404: 'there is nothing there that the token in GITLAB_TOKEN may see: check --project, the rights of the token, and whether the commits are pushed',
  429: 'too many requests were made, and the limit does not end soon: try again later',
};

const refusedOf = ({ status }: Response, { pathname }: URL): string => {
  const redirect = 'it sends to another address: give --api the one at which the API answers';
  const why = meanings[status] ?? (status >= 300 && status < 400 ? redirect : 'try again later');
  return `GitLab answers ${status} at ${pathname}: ${why}`;
};
