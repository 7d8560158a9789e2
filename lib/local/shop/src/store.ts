import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Order } from './order.ts';

export type Summary = Pick<Order, 'id' | 'placedAt'>;

export type Store = {
  get(id: string): Promise<Order | undefined>;
  put(order: Order): Promise<void>;
  /** Some orders, in no order. */
  list(limit: number): Promise<readonly Summary[]>;
  /** Whether requests through this API are stopped. */
  isStopped(api: string): Promise<boolean>;
  stop(api: string): Promise<void>;
  accept(api: string): Promise<void>;
};

/** No id of an order has a colon. */
const stopOf = (api: string) => ({ id: { S: `stopped:${api}` } });

/** `connections`: the most that are open to the table at once. Default: as many as the SDK opens. */
export const tableClient = (connections?: string): DynamoDBClient =>
  new DynamoDBClient(connections === undefined ? {} : { requestHandler: { httpAgent: { maxSockets: Number(connections) } } });

/** Orders in a DynamoDB table with the partition key `id`. Each item has the order as JSON in `document`, except those that stop requests. */
export const dynamoStore = (table: string, client: DynamoDBClient = tableClient()): Store => ({
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
  isStopped: async (api) => {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: stopOf(api), ConsistentRead: true }));
    return Item !== undefined;
  },
  stop: async (api) => {
    await client.send(new PutItemCommand({ TableName: table, Item: stopOf(api) }));
  },
  accept: async (api) => {
    await client.send(new DeleteItemCommand({ TableName: table, Key: stopOf(api) }));
  },
});
