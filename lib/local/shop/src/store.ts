import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Order } from './order.ts';

export type Summary = Pick<Order, 'id' | 'placedAt'>;

export type Store = {
  get(id: string): Promise<Order | undefined>;
  put(order: Order): Promise<void>;
  /** Some orders, in no order. */
  list(limit: number): Promise<readonly Summary[]>;
  /** Whether requests through this alias are stopped. */
  isStopped(alias: string): Promise<boolean>;
  stop(alias: string): Promise<void>;
  accept(alias: string): Promise<void>;
};

/** No id of an order has a colon. */
const stopOf = (alias: string) => ({ id: { S: `stopped:${alias}` } });

/** Orders in a DynamoDB table with the partition key `id`. Each item has the order as JSON in `document`, except those that stop requests. */
export const dynamoStore = (table: string, client: DynamoDBClient = new DynamoDBClient({})): Store => ({
  get: async (id) => {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: { id: { S: id } } }));
    return Item?.document?.S === undefined ? undefined : (JSON.parse(Item.document.S) as Order);
  },
  put: async (order) => {
    const Item = { id: { S: order.id }, placedAt: { S: order.placedAt }, document: { S: JSON.stringify(order) } };
    await client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(id)' }));
  },
  list: async (limit) => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: table, Limit: limit, ProjectionExpression: 'id, placedAt' }));
    return Items.flatMap(({ id, placedAt }) => (placedAt?.S === undefined ? [] : { id: id?.S ?? '', placedAt: placedAt.S }));
  },
  isStopped: async (alias) => {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: stopOf(alias), ConsistentRead: true }));
    return Item !== undefined;
  },
  stop: async (alias) => {
    await client.send(new PutItemCommand({ TableName: table, Item: stopOf(alias) }));
  },
  accept: async (alias) => {
    await client.send(new DeleteItemCommand({ TableName: table, Key: stopOf(alias) }));
  },
});
