import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer, or several pages of a list. A number is a status without a body. */
export type GitLabAnswer = object | number | { readonly pages: readonly (readonly object[])[] };

type Routes = Readonly<Record<string, GitLabAnswer | ((tried: number) => GitLabAnswer)>>;

export type GitLabRequest = { readonly method: string; readonly path: string; readonly token: string | undefined; readonly body: string };

/**
 * A server with the shapes of GitLab's documented API: https://docs.gitlab.com/api/commits/, /api/merge_requests/, /api/merge_request_approvals/.
 * `authors`: the account behind each commit, as GraphQL knows it; who wrote a commit committed it, too, where nothing else is given.
 */
export const gitlabServer = async (
  routes: Routes,
  authors: Readonly<
    Record<string, { readonly username: string | null; readonly message?: string; readonly committerEmail?: string | null }>
  >,
) => {
  const asked: GitLabRequest[] = [];
  const tries = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const body = await bodyOf(request);
    asked.push({
      method: request.method ?? '',
      path: `${url.pathname}${url.search}`,
      token: request.headers['private-token']?.toString(),
      body,
    });
    const send = (status: number, value: unknown, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    if (url.pathname === '/api/graphql') return send(200, authorsIn(body, authors));
    const tried = (tries.get(url.pathname) ?? 0) + 1;
    tries.set(url.pathname, tried);
    const route = routes[url.pathname.replace('/api/v4', '')];
    const answer = typeof route === 'function' ? route(tried) : route;
    if (answer === undefined) return send(404, { message: '404 Not Found' });
    if (typeof answer === 'number')
      return send(
        answer,
        { message: 'no' },
        answer === 429 ? { 'retry-after': '7' } : answer === 302 ? { location: 'http://127.0.0.1:1/' } : {},
      );
    if (!('pages' in answer)) return send(200, answer, { 'x-next-page': '' });
    const page = Number(url.searchParams.get('page') ?? '1');
    return send(200, answer.pages[page - 1] ?? [], { 'x-next-page': page < answer.pages.length ? `${page + 1}` : '' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`;
  return { api, asked, close: () => new Promise((resolve) => server.close(resolve)) };
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
};

const authorsIn = (body: string, authors: Parameters<typeof gitlabServer>[1]): object => {
  const { query } = JSON.parse(body) as { readonly query: string };
  const found = [...query.matchAll(/(c\d+): tree\(ref: "([0-9a-f]{40})"\)/g)].map(([, alias = '', sha = '']) => {
    const known = authors[sha];
    const { username = null, message = 'A change' } = known ?? {};
    const author = username === null ? null : { username };
    const authorEmail = `${username ?? 'nobody'}@shop.test`;
    const lastCommit = {
      sha,
      webUrl: `https://gitlab.test/c/${sha}`,
      author,
      authorEmail,
      committerEmail: known?.committerEmail === undefined ? authorEmail : known.committerEmail,
      message,
    };
    return [alias, sha in authors ? { lastCommit } : null];
  });
  return { data: { project: { repository: Object.fromEntries(found) } } };
};
