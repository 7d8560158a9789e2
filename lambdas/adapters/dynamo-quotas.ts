import { type DynamoDBClient, UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Overrun, Quotas, Use } from '../../lib/quotas.ts';
import { type Item, lostTo, n, s, ttl } from './dynamo.ts';

/**
 * Counters in the table of the idempotency keys, which expires its items. One conditional update adds and compares, so no limit is
 * passed by writers at the same moment.
 */
export const createDynamoQuotas = (client: DynamoDBClient, { table: TableName }: { readonly table: string }): Quotas => ({
  take: async (uses) => {
    for (const [place, use] of uses.entries()) {
      if (use.amounts.length === 0 && use.distinct === undefined)
        throw new TypeError(`quotas: got a use of ${use.key} that counts nothing`);
      try {
        await client.send(new UpdateItemCommand({ TableName, ...updateOf(use) }));
      } catch (fault) {
        const lost = lostTo(fault);
        if (lost === undefined) throw fault;
        return { use: place, ...passed(use, lost.item ?? {}) };
      }
    }
    return undefined;
  },
});

const updateOf = ({ key, until, amounts, distinct }: Use): Omit<UpdateItemCommandInput, 'TableName'> => ({
  Key: { key: s(`quota/${key}`) },
  UpdateExpression: `SET #expires = :expires ADD ${[
    ...amounts.map((_, place) => `#n${place} :add${place}`),
    ...(distinct === undefined ? [] : ['#set :values']),
  ].join(', ')}`,
  ConditionExpression: [
    ...amounts.map((_, place) => `(attribute_not_exists(#n${place}) OR #n${place} <= :room${place})`),
    ...(distinct === undefined ? [] : ['(attribute_not_exists(#set) OR contains(#set, :value) OR size(#set) < :most)']),
  ].join(' AND '),
  ExpressionAttributeNames: {
    '#expires': 'expires',
    ...Object.fromEntries(amounts.map(({ name }, place) => [`#n${place}`, name])),
    ...(distinct === undefined ? {} : { '#set': distinct.name }),
  },
  ExpressionAttributeValues: {
    ':expires': ttl(until),
    ...Object.fromEntries(
      amounts.flatMap(({ add, most }, place) => [
        [`:add${place}`, n(add)],
        [`:room${place}`, n(most - add)],
      ]),
    ),
    ...(distinct === undefined ? {} : { ':values': { SS: [distinct.value] }, ':value': s(distinct.value), ':most': n(distinct.most) }),
  },
  ReturnValues: 'ALL_NEW',
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
});

/** Which of the limits the stored figures leave no room for. */
const passed = ({ amounts, distinct }: Use, item: Item): Omit<Overrun, 'use'> => {
  const counted = (name: string): number => Number(item[name]?.N ?? 0);
  const over = amounts.find(({ name, add, most }) => counted(name) + add > most);
  if (over !== undefined || distinct === undefined) return { name: over?.name ?? '', counted: over === undefined ? 0 : counted(over.name) };
  return { name: distinct.name, counted: item[distinct.name]?.SS?.length ?? 0 };
};
