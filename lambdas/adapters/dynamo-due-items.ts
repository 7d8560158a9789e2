import { DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { type DueItem, type DueItems, dueKinds } from '../../lib/ports.ts';
import { type Item, lostTo, s, textOf } from './dynamo.ts';

export const dueItemSchema: z.ZodType<DueItem> = z.strictObject({
  at: z.string(),
  run: z.string(),
  kind: z.enum(dueKinds),
  id: z.string(),
});

const keyOf = ({ at, run, kind, id }: DueItem): Item => ({ pk: s('due'), sk: s(`${at}#${run}#${kind}#${id}`) });
const deadlineKey = (run: string): Item => ({ pk: s(`run/${run}`), sk: s('deadline') });
const textFor = ({ at, run, kind, id }: DueItem): string => JSON.stringify({ at, run, kind, id });
const itemOf = (item: Item): DueItem => dueItemSchema.parse(JSON.parse(textOf(item, 'v')));

/**
 * Due items in the table `runs`: one partition sorted by time, so that an idle sweep reads only what is due. A second item, beside the
 * run's summary, holds the due item that counts as the run's deadline.
 */
export const createDynamoDueItems = (client: DynamoDBClient, { table: TableName }: { readonly table: string }): DueItems => ({
  put: async (item) => {
    await client.send(new PutItemCommand({ TableName, Item: { ...keyOf(item), v: s(textFor(item)) } }));
  },
  done: async (item) => {
    await client.send(new DeleteItemCommand({ TableName, Key: keyOf(item) }));
  },
  list: async (now, limit, after, skipped) => {
    const found: DueItem[] = [];
    let unknown = 0;
    let from = after === undefined ? undefined : keyOf(after);
    do {
      // `$` is the character after `#`, so that items of this very instant are included.
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          Limit: limit - found.length,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          KeyConditionExpression: 'pk = :pk AND sk < :after',
          ExpressionAttributeValues: { ':pk': s('due'), ':after': s(`${now.toISOString()}$`) },
        }),
      );
      const known = Items.flatMap((item) => dueItemSchema.safeParse(JSON.parse(textOf(item, 'v'))).data ?? []);
      found.push(...known);
      unknown += Items.length - known.length;
      from = LastEvaluatedKey;
    } while (from !== undefined && found.length < limit);
    if (unknown > 0) skipped?.(unknown);
    return found;
  },
  deadline: async (run) => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: deadlineKey(run), ConsistentRead: true }));
    return Item && itemOf(Item);
  },
  moveDeadline: async (run, was, next) => {
    const Key = deadlineKey(run);
    const condition =
      was === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : { ConditionExpression: 'v = :was', ExpressionAttributeValues: { ':was': s(textFor(was)) } };
    try {
      if (next !== undefined) await client.send(new PutItemCommand({ TableName, Item: { ...Key, v: s(textFor(next)) }, ...condition }));
      else await client.send(new DeleteItemCommand({ TableName, Key, ...condition }));
      return true;
    } catch (fault) {
      if (lostTo(fault) === undefined) throw fault;
      return false;
    }
  },
});
