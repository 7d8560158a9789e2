import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { Stored } from '../../lib/audit/event.ts';
import { sortKey } from '../../lib/audit/lane.ts';
import { parseStored } from '../../lib/audit/make-event.ts';
import { IntegrityFault } from '../../lib/outcome.ts';
import type { LaneRange, LaneStore } from '../../lib/ports.ts';
import { type Item, insert, s, textOf } from './dynamo.ts';

/** Attributes of the audit table: its two keys, the event's bytes, and copies of fields in the bytes, which the verifier compares. */
const attributes = ['scope', 'place', 'b', 'id', 'type', 'time', 'hash'] as const;
const lastSeq = 99_999_999;

/** The item of an event: the canonical bytes verbatim, and the copied fields. */
export const toItem = ({ event, bytes, hash }: Stored): Item => ({
  scope: s(event.scope),
  place: s(sortKey(event.lane, event.seq)),
  b: s(bytes),
  id: s(event.id),
  type: s(event.type),
  time: s(event.at),
  hash: s(hash),
});

/** Reads an item. Throws `IntegrityFault` when a key or a copied field differs from the bytes. */
export const fromItem = (item: Item): Stored => {
  const stored = parseStored(textOf(item, 'b'));
  const expected = toItem(stored);
  const wrong = attributes.find((name) => item[name]?.S !== expected[name]?.S);
  if (wrong !== undefined) {
    throw new IntegrityFault(
      `audit item ${item.scope?.S} ${item.place?.S}: attribute ${wrong} is ${item[wrong]?.S}, the bytes say ${expected[wrong]?.S}`,
    );
  }
  return stored;
};

/**
 * The audit table, written with PartiQL INSERT and nothing else: an insert on an existing key fails by definition, and
 * `dynamodb:PartiQLInsert` is a permission of its own, so that no writer can replace or delete an event.
 */
export const createDynamoLaneStore = (client: DynamoDBClient, config: { readonly table: string }): LaneStore => {
  return {
    insert: (stored) => insert(client, config.table, toItem(stored)),
    query: async (scope, range) => {
      const found: Stored[] = [];
      let ExclusiveStartKey: Item | undefined;
      do {
        const page = await client.send(
          new QueryCommand({ ...toQuery(config.table, scope, range), ConsistentRead: true, ExclusiveStartKey }),
        );
        found.push(...(page.Items ?? []).map(fromItem));
        // The last events are read with one request, which ends at 1 MB.
        ExclusiveStartKey = 'last' in range ? undefined : page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return 'last' in range ? found.reverse() : found;
    },
  };
};

const toQuery = (TableName: string, scope: string, range: LaneRange): QueryCommandInput => {
  const base = { TableName, ExpressionAttributeNames: { '#scope': 'scope' } };
  if ('prefix' in range && range.prefix === '') {
    return { ...base, KeyConditionExpression: '#scope = :scope', ExpressionAttributeValues: { ':scope': s(scope) } };
  }
  const ExpressionAttributeNames = { '#scope': 'scope', '#place': 'place' };
  if ('prefix' in range) {
    return {
      ...base,
      ExpressionAttributeNames,
      KeyConditionExpression: '#scope = :scope AND begins_with(#place, :prefix)',
      ExpressionAttributeValues: { ':scope': s(scope), ':prefix': s(range.prefix) },
    };
  }
  const from = 'fromSeq' in range ? (range.fromSeq ?? 1) : 1;
  return {
    ...base,
    ExpressionAttributeNames,
    KeyConditionExpression: '#scope = :scope AND #place BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':scope': s(scope), ':from': s(sortKey(range.lane, from)), ':to': s(sortKey(range.lane, lastSeq)) },
    ...('last' in range ? { ScanIndexForward: false, Limit: range.last } : {}),
  };
};
