import { createHash } from 'node:crypto';
import { BatchGetItemCommand, ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { probedOrder } from '../shop-targets.ts';

/** The stored orders, as who runs the table sees them. */
export type ShopOrders = {
  /** Stores the order that the critical probe reads, as release 1 stores orders, unless it is there. */
  seed(): Promise<void>;
  /** SHA-256 over the stored documents of these orders and the seeded one, in the order of their ids. A lost order changes it. */
  checksum(ids: readonly string[]): Promise<string>;
};

const seeded = {
  id: probedOrder,
  customer: 'the probe',
  lines: [{ sku: 'tea', quantity: 2, unitPrice: 450 }],
  placedAt: '2026-01-01T00:00:00.000Z',
} as const;

/** So many keys does one call take. */
const mostKeys = 100;

export const createShopOrders = (table: string): ShopOrders => {
  const client = new DynamoDBClient({});
  return {
    seed: async () => {
      const Item = { id: { S: seeded.id }, placedAt: { S: seeded.placedAt }, document: { S: JSON.stringify(seeded) } };
      await client
        .send(new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(id)' }))
        .catch((error: unknown) => {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        });
    },
    checksum: async (ids) => {
      const keys = [...new Set([...ids, seeded.id])].toSorted();
      const documents = new Map<string, string>();
      for (let place = 0; place < keys.length; place += mostKeys) {
        const Keys = keys.slice(place, place + mostKeys).map((id) => ({ id: { S: id } }));
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
        );
        if (Object.keys(UnprocessedKeys ?? {}).length > 0) throw new Error('the table did not return every order');
        for (const { id, document } of Responses?.[table] ?? []) documents.set(id?.S ?? '', document?.S ?? '');
      }
      const hash = createHash('sha256');
      for (const id of keys) hash.update(`${id}\n${documents.get(id) ?? 'lost'}\n`);
      return hash.digest('hex');
    },
  };
};
