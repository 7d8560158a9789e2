import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { DueItem, DueItems } from '../../lib/ports.ts';
import { type Item, s, textOf } from './dynamo.ts';

const itemSchema: z.ZodType<DueItem> = z.strictObject({
  at: z.string(),
  run: z.string(),
  kind: z.enum(['settle', 'promise', 'close']),
  gate: z.string(),
});

const keyOf = ({ at, run, kind, gate }: DueItem): Item => ({ pk: s('due'), sk: s(`${at}#${run}#${kind}#${gate}`) });

/** Due items in the table `runs`: one item collection in order of time, so that the idle sweep reads nothing but the items that are due. */
export const createDynamoDueItems = (client: DynamoDBClient, { table: TableName }: { readonly table: string }): DueItems => ({
  put: async (item) => {
    const { at, run, kind, gate } = item;
    await client.send(new PutItemCommand({ TableName, Item: { ...keyOf(item), v: s(JSON.stringify({ at, run, kind, gate })) } }));
  },
  done: async (item) => {
    await client.send(new DeleteItemCommand({ TableName, Key: keyOf(item) }));
  },
  list: async (now, limit, after) => {
    // `$` is the character after `#`: everything at this very instant is still before it.
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: keyOf(after) }),
        KeyConditionExpression: 'pk = :pk AND sk < :after',
        ExpressionAttributeValues: { ':pk': s('due'), ':after': s(`${now.toISOString()}$`) },
      }),
    );
    return Items.map((item) => itemSchema.parse(JSON.parse(textOf(item, 'v'))));
  },
});
