import { DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Idempotency, StoredAnswer } from '../../lib/ports.ts';
import { type Item, lostTo, n, s, textOf, ttl } from './dynamo.ts';

/** After this time a first request without a response counts as crashed. Longer than the time limit of a function. */
const leaseMs = 60_000;
/** How long a response is stored for its key, unless its writer says less. */
const mostMs = 35 * 86_400_000;

const answerSchema: z.ZodType<StoredAnswer> = z.strictObject({
  status: z.int(),
  contentType: z.string(),
  body: z.string(),
  headers: z.record(z.string(), z.string()),
});

/**
 * The first response for a key wins. `until` (milliseconds) ends a lease or a stored response; the table's time to live deletes the item up to
 * days later and is not relied on.
 */
export const createDynamoIdempotency = (client: DynamoDBClient, { table: TableName }: { readonly table: string }): Idempotency => ({
  begin: async (key, bodyDigest, now) => {
    const until = new Date(now.getTime() + leaseMs);
    try {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: { key: s(key), body: s(bodyDigest), until: n(until.getTime()), expires: ttl(new Date(now.getTime() + mostMs)) },
          ConditionExpression: 'attribute_not_exists(#key) OR (#until <= :now AND (#body = :body OR attribute_exists(#answer)))',
          ExpressionAttributeNames: { '#key': 'key', '#until': 'until', '#body': 'body', '#answer': 'answer' },
          ExpressionAttributeValues: { ':now': n(now.getTime()), ':body': s(bodyDigest) },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { state: 'fresh' };
    } catch (fault) {
      const lost = lostTo(fault);
      if (lost === undefined) throw fault;
      const kept = lost.item ?? (await client.send(new GetItemCommand({ TableName, Key: { key: s(key) }, ConsistentRead: true }))).Item;
      return kept === undefined ? { state: 'in-progress' } : stateOf(kept, bodyDigest);
    }
  },
  finish: async (key, answer, now, keptMs = mostMs) => {
    const until = new Date(now.getTime() + keptMs);
    await client
      .send(
        new UpdateItemCommand({
          TableName,
          Key: { key: s(key) },
          UpdateExpression: 'SET #answer = :answer, #until = :until, #expires = :expires',
          ConditionExpression: 'attribute_exists(#key) AND attribute_not_exists(#answer)',
          ExpressionAttributeNames: { '#key': 'key', '#until': 'until', '#expires': 'expires', '#answer': 'answer' },
          ExpressionAttributeValues: { ':answer': s(JSON.stringify(answer)), ':until': n(until.getTime()), ':expires': ttl(until) },
          ReturnValues: 'ALL_NEW',
        }),
      )
      .catch(unlessLost);
  },
  release: async (key) => {
    await client
      .send(
        new DeleteItemCommand({
          TableName,
          Key: { key: s(key) },
          ConditionExpression: 'attribute_not_exists(#answer)',
          ExpressionAttributeNames: { '#answer': 'answer' },
        }),
      )
      .catch(unlessLost);
  },
});

const stateOf = (kept: Item, bodyDigest: string): Awaited<ReturnType<Idempotency['begin']>> => {
  if (textOf(kept, 'body') !== bodyDigest) return { state: 'other-body' };
  return kept.answer === undefined
    ? { state: 'in-progress' }
    : { state: 'done', answer: answerSchema.parse(JSON.parse(textOf(kept, 'answer'))) };
};

/** A failed condition means that another request was first, which is fine here. */
const unlessLost = (fault: unknown): void => {
  if (lostTo(fault) === undefined) throw fault;
};
