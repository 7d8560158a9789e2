import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { Stored } from '../../lib/audit/event.ts';
import { sortKey } from '../../lib/audit/lane.ts';
import type { LaneRange, LaneStretch } from '../../lib/audit/lane-range.ts';
import { parseStored } from '../../lib/audit/make-event.ts';
import { IntegrityFault } from '../../lib/outcome.ts';
import type { LaneStore } from '../../lib/ports.ts';
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
      const limit = 'last' in range ? range.last : 'limit' in range ? range.limit : undefined;
      const query = { ...toQuery(config.table, scope, range), ConsistentRead: true };
      let ExclusiveStartKey: Item | undefined;
      do {
        const Limit = limit === undefined ? undefined : limit - found.length;
        const page = await client.send(new QueryCommand({ ...query, ExclusiveStartKey, Limit }));
        found.push(...(page.Items ?? []).map(fromItem));
        ExclusiveStartKey = limit !== undefined && found.length >= limit ? undefined : page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return 'last' in range ? found.reverse() : found;
    },
  };
};

const toQuery = (TableName: string, scope: string, range: LaneRange | LaneStretch): QueryCommandInput => {
  const base = { TableName, ExpressionAttributeNames: { '#scope': 'scope' } };
  const [from, to] = boundsOf(range);
  if (from === '' && to === '') {
    return { ...base, KeyConditionExpression: '#scope = :scope', ExpressionAttributeValues: { ':scope': s(scope) } };
  }
  return {
    ...base,
    ExpressionAttributeNames: { '#scope': 'scope', '#place': 'place' },
    KeyConditionExpression: '#scope = :scope AND #place BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':scope': s(scope), ':from': s(from || lowest), ':to': s(to || highest) },
    ...('last' in range ? { ScanIndexForward: false } : {}),
  };
};

/** Sort before and behind every character with which a lane's name can begin or go on. */
const lowest = ' ';
const highest = '\u007f';

/** The first and the last sort key of a range, both included; empty where it has no bound. */
const boundsOf = (range: LaneRange | LaneStretch): readonly [from: string, to: string] => {
  if (!('prefix' in range)) return [sortKey(range.lane, 'fromSeq' in range ? (range.fromSeq ?? 1) : 1), sortKey(range.lane, lastSeq)];
  const { prefix, after, before }: LaneStretch = range;
  return [
    after === undefined ? prefix : sortKey(after.lane, after.seq + 1),
    // Places count from 1.
    before === undefined ? prefix && `${prefix}${highest}` : sortKey(before, 0),
  ];
};
