import { createHash, timingSafeEqual } from 'node:crypto';
import { bodyOf, empty, type HttpEvent, type HttpResult, json, problem } from './http.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { readOrder } from './order.ts';
import { priceOf } from './price.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Store } from './store.ts';

export type Parts = {
  readonly store: Store;
  readonly metrics: Metrics;
  readonly log: Log;
  /** The bearer token without which nobody writes. */
  readonly token: string;
  /** Web origins that may call the service from a browser. */
  readonly origins: readonly string[];
  /** The release, for health and log. */
  readonly version: string;
  /** The process that answers. Every answer names it, so that one can see how many answer under load. */
  readonly instance: string;
  readonly rateLimit: RateLimit;
  readonly now?: () => Date;
};

/** Answers one request. Never throws: a fault is logged, counted, and answered with 500. */
export type Shop = (event: HttpEvent, qualifier?: string) => Promise<HttpResult>;

type Route = {
  readonly path: string;
  readonly pattern: RegExp;
  readonly operations: Readonly<Partial<Record<'GET' | 'POST', (parts: Parts, event: HttpEvent, id: string) => Promise<HttpResult>>>>;
};

const mostListed = 50;

const routes: readonly Route[] = [
  {
    path: '/health',
    pattern: /^\/health$/,
    operations: {
      GET: async ({ store, version }) => {
        await store.list(1);
        return json(200, { status: 'ok', version });
      },
    },
  },
  {
    path: '/orders',
    pattern: /^\/orders$/,
    operations: {
      GET: async ({ store }, { rawQueryString = '' }) => {
        const limit = Number(new URLSearchParams(rawQueryString).get('limit') ?? 20);
        if (!Number.isInteger(limit) || limit < 1 || limit > mostListed)
          return problem(400, 'Wrong limit', `limit must be a whole number from 1 to ${mostListed}`);
        return json(200, { orders: await store.list(limit) });
      },
      POST: async ({ store, now = () => new Date() }, event) => {
        const { order, wrong } = readOrder(bodyOf(event), now());
        if (order === undefined) return problem(400, 'Wrong order', wrong);
        await store.put(order);
        return json(201, { ...order, ...priceOf(order) }, { location: `/orders/${order.id}` });
      },
    },
  },
  {
    path: '/orders/{id}',
    pattern: /^\/orders\/([\w-]{1,64})$/,
    operations: {
      GET: async ({ store }, _event, id) => {
        const order = await store.get(id);
        return order === undefined ? problem(404, 'No such order', `There is no order ${id}.`) : json(200, { ...order, ...priceOf(order) });
      },
    },
  },
];

/** The operations of the service, as `METHOD /path`. The OpenAPI document describes the same. */
export const operations: readonly string[] = routes.flatMap(({ path, operations }) =>
  Object.keys(operations).flatMap((method) => (method === 'GET' ? [`GET ${path}`, `HEAD ${path}`] : [`${method} ${path}`])),
);

export const createShop =
  (parts: Parts): Shop =>
  async (event, qualifier = 'none') => {
    const { method } = event.requestContext.http;
    const began = performance.now();
    const found = routes.map((route) => ({ route, match: route.pattern.exec(event.rawPath) })).find(({ match }) => match !== null);
    let error: unknown;
    const result = await answer(parts, event, found).catch((thrown: unknown) => {
      error = thrown;
      return problem(500, 'Internal error', 'The service failed. The fault is in its log.');
    });
    const latencyMs = Math.round((performance.now() - began) * 10) / 10;
    parts.log({
      level: error === undefined ? 'info' : 'error',
      message: 'request',
      requestId: event.requestContext.requestId ?? null,
      method,
      route: found?.route.path ?? null,
      status: result.statusCode,
      latencyMs,
      // Of the whole process, as Lambda limits it.
      memoryMb: Math.ceil(process.memoryUsage.rss() / 2 ** 20),
      version: parts.version,
      qualifier,
      ...(error === undefined ? {} : { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    });
    await parts.metrics({ failed: error !== undefined, latencyMs, alias: qualifier });
    const headers = { ...result.headers, 'x-shop-instance': parts.instance };
    return { ...result, headers, body: method === 'HEAD' ? '' : result.body };
  };

type Found = { readonly route: Route; readonly match: RegExpExecArray | null };

const answer = async (parts: Parts, event: HttpEvent, found: Found | undefined): Promise<HttpResult> => {
  const { apiId, http } = event.requestContext;
  // First, because everything else may ask the table. Who invokes the function without an API has no address.
  const permitted = http.sourceIp === undefined ? undefined : parts.rateLimit(http.sourceIp, (parts.now ?? (() => new Date()))());
  if (permitted?.allowed === false)
    return problem(429, 'Too many requests', `This address sent too many requests. Try again in ${permitted.retryAfterSeconds} s.`, {
      'retry-after': String(permitted.retryAfterSeconds),
    });
  if (apiId !== undefined && (await parts.store.isStopped(apiId)))
    return problem(503, 'Stopped', 'The service accepts no requests now. Try again in a minute.', { 'retry-after': '60' });
  if (found === undefined) return problem(404, 'No such path', `There is no ${event.rawPath}.`);
  const { operations: served } = found.route;
  const allowed = Object.keys(served).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const { origin } = event.headers;
  if (origin !== undefined && !parts.origins.includes(origin))
    return problem(403, 'Foreign origin', `Pages of ${origin} may not call this service.`);
  const cors: Readonly<Record<string, string>> = origin === undefined ? {} : { 'access-control-allow-origin': origin, vary: 'origin' };
  const { method } = http;
  if (method === 'OPTIONS') {
    const preflight = { 'access-control-allow-methods': allowed.join(', '), 'access-control-allow-headers': 'authorization, content-type' };
    return empty(204, { ...cors, allow: allowed.join(', '), ...(origin === undefined ? {} : preflight) });
  }
  const operation = served[(method === 'HEAD' ? 'GET' : method) as keyof typeof served];
  if (operation === undefined)
    return problem(405, 'Method not allowed', `${found.route.path} answers ${allowed.join(', ')}.`, { allow: allowed.join(', ') });
  if (method === 'POST' && !isAuthorised(parts, event))
    return problem(401, 'Not authorised', 'Writing needs the bearer token of the service.', { 'www-authenticate': 'Bearer' });
  const result = await operation(parts, event, found.match?.[1] ?? '');
  return { ...result, headers: { ...result.headers, ...cors } };
};

/** Compared as digests, so that the time of the comparison says nothing about the token. An empty token authorises nobody. */
const isAuthorised = ({ token }: Parts, { headers }: HttpEvent): boolean =>
  token !== '' && timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${token}`));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
