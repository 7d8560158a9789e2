import { type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Uploads } from '../../lib/uploads.ts';
import { lostTo, s, textOf, ttl } from './dynamo.ts';

/** In the table of the idempotency keys, which expires its items: an upload that never comes leaves nothing. */
export const createDynamoUploads = (client: DynamoDBClient, { table: TableName }: { readonly table: string }): Uploads => {
  const keyOf = (id: string) => ({ key: s(`upload/${id}`) });
  return {
    open: async (id, request, until) => {
      const Item = { ...keyOf(id), request: s(request), expires: ttl(until) };
      await client
        .send(
          new PutItemCommand({
            TableName,
            Item,
            ConditionExpression: 'attribute_not_exists(#key)',
            ExpressionAttributeNames: { '#key': 'key' },
          }),
        )
        .catch(unlessLost);
    },
    find: async (id) => {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }));
      return Item && { request: textOf(Item, 'request'), outcome: Item.outcome?.S };
    },
    close: async (id, outcome, until) => {
      await client
        .send(
          new UpdateItemCommand({
            TableName,
            Key: keyOf(id),
            UpdateExpression: 'SET #outcome = :outcome, #expires = :expires',
            ConditionExpression: 'attribute_exists(#request) AND attribute_not_exists(#outcome)',
            ExpressionAttributeNames: { '#request': 'request', '#outcome': 'outcome', '#expires': 'expires' },
            ExpressionAttributeValues: { ':outcome': s(outcome), ':expires': ttl(until) },
          }),
        )
        .catch(unlessLost);
    },
  };
};

/** A failed condition means that another writer was first, or that the upload is forgotten. */
const unlessLost = (fault: unknown): void => {
  if (lostTo(fault) === undefined) throw fault;
};
