import type { HttpEvent } from '../src/http.ts';
import type { Measurement } from '../src/metrics.ts';
import type { Order } from '../src/order.ts';
import { createRateLimit } from '../src/rate-limit.ts';
import { createShop, type Parts } from '../src/shop.ts';
import type { Store } from '../src/store.ts';

/** The token of the tests, and no other. */
export const token = 'of-the-tests';
export const ownOrigin = 'https://shop.example.com';

export const memoryStore = (): Store & { readonly orders: Map<string, Order> } => {
  const orders = new Map<string, Order>();
  const stopped = new Set<string>();
  return {
    orders,
    get: async (id) => orders.get(id),
    put: async (order) => void orders.set(order.id, order),
    list: async (limit) => [...orders.values()].slice(0, limit).map(({ id, placedAt }) => ({ id, placedAt })),
    isStopped: async (api) => stopped.has(api),
    stop: async (api) => void stopped.add(api),
    accept: async (api) => void stopped.delete(api),
  };
};

/** The service over a store in memory. `logged` and `measured` are what it wrote. */
export const shopWith = (given: Partial<Parts> = {}) => {
  const logged: Readonly<Record<string, unknown>>[] = [];
  const measured: Measurement[] = [];
  const store = memoryStore();
  const shop = createShop({
    store,
    token,
    origins: [ownOrigin],
    version: '1.2.3',
    instance: 'instance-1',
    rateLimit: createRateLimit(1_000),
    now: () => new Date('2026-03-01T08:00:00Z'),
    log: (entry) => void logged.push(entry),
    metrics: async (one) => void measured.push(one),
    ...given,
  });
  const ask = async (
    method: string,
    path: string,
    { body, headers = {}, from = '192.0.2.1' }: { body?: unknown; headers?: HttpEvent['headers']; from?: string | undefined } = {},
  ) => {
    const [rawPath = '', rawQueryString = ''] = path.split('?');
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const event: HttpEvent = {
      rawPath,
      rawQueryString,
      headers,
      body: text,
      requestContext: { requestId: 'r-1', apiId: 'api-of-tests', http: { method, sourceIp: from } },
    };
    const { statusCode: status, headers: sent, body: answer } = await shop(event, 'live');
    return { status, headers: sent, text: answer, json: () => JSON.parse(answer) as Record<string, unknown> };
  };
  return { ask, logged, measured, store };
};

export const authorised = { authorization: `Bearer ${token}` };
export const newOrder = { customer: 'Ada', lines: [{ sku: 'tea', quantity: 3, unitPrice: 450 }] };
