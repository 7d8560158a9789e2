import { DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Idempotency, StoredAnswer } from '../../lib/ports.ts';
import { type Item, lostTo, n, s, textOf, ttl } from './dynamo.ts';

/** A first call that died is given up after this long; a function's own time limit is shorter. */
const leaseMs = 60_000;
/** The same key gives the same answer for this long, and is forgotten afterwards. */
const keptMs = 35 * 86_400_000;

const answerSchema: z.ZodType<StoredAnswer> = z.strictObject({
  status: z.int(),
  contentType: z.string(),
  body: z.string(),
  headers: z.record(z.string(), z.string()),
});

/**
 * First answer wins for a key. `until` (milliseconds) ends a lease or an answer; the table's own time to live deletes later, days at
 * worst, and is never relied on.
 */
export const createDynamoIdempotency = (client: DynamoDBClient, { table: TableName }: { readonly table: string }): Idempotency => ({
  begin: async (key, bodyDigest, now) => {
    const until = new Date(now.getTime() + leaseMs);
    try {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: { key: s(key), body: s(bodyDigest), until: n(until.getTime()), expires: ttl(new Date(now.getTime() + keptMs)) },
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
  finish: async (key, answer, now) => {
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

/** Somebody was first: that is what the condition is for. */
const unlessLost = (fault: unknown): void => {
  if (lostTo(fault) === undefined) throw fault;
};
