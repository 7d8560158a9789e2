import * as z from 'zod';

/** The released service as its clients reach it. */
export type ShopClient = {
  readonly url: string;
  /** The token with which the service lets clients write. */
  readonly token: string;
  /** Whether GET /health answers 200. */
  isHealthy(): Promise<boolean>;
  /** Whether an order that was placed before can be read. Takes the known orders in turn. */
  readsOrder(): Promise<boolean>;
  /** Places orders through the live version. `readsOrder` knows them from then on. */
  placeOrders(count: number): Promise<void>;
  /** The ids of the orders that were placed here. */
  orders(): readonly string[];
  /** The release that answers, as GET /health says. */
  readVersion(): Promise<string>;
};

const timeoutMs = 10_000;
const placedSchema = z.object({ id: z.string() });
const healthSchema = z.object({ version: z.string() });

export const createShopClient = (url: string, token: string): ShopClient => {
  const known: string[] = [];
  let next = 0;
  const isOk = async (path: string): Promise<boolean> => {
    const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
    await answer.arrayBuffer();
    return answer.status === 200;
  };
  return {
    url,
    token,
    isHealthy: () => isOk('/health'),
    readsOrder: () => {
      const id = known[next % known.length];
      if (id === undefined) throw new Error('no order was placed that could be read');
      next += 1;
      return isOk(`/orders/${id}`);
    },
    placeOrders: async (count) => {
      for (let placed = 0; placed < count; placed += 1) {
        const answer = await fetch(`${url}/orders`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ customer: `customer ${placed + 1}`, lines: [{ sku: 'tea', quantity: placed + 1, unitPrice: 450 }] }),
          signal: AbortSignal.timeout(timeoutMs),
        });
        if (answer.status !== 201) throw new Error(`the shop placed no order: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
        known.push(placedSchema.parse(await answer.json()).id);
      }
    },
    orders: () => known,
    readVersion: async () => {
      const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(timeoutMs) });
      return healthSchema.parse(await answer.json()).version;
    },
  };
};
