import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { EndedSessions } from '../../lib/ports.ts';
import { s, ttl } from './dynamo.ts';

/** The authorizer's role may read keys with this beginning only (`ended-sessions` in lib/lambda-manifest.ts). No idempotency key has a slash. */
const keyOf = (session: string): { readonly key: ReturnType<typeof s> } => ({ key: s(`session/${session}`) });

/** Ended sessions, in the table of the idempotency keys, because both expire. Reads are consistent: a sign-out counts at once. */
export const createDynamoEndedSessions = (client: DynamoDBClient, { table: TableName }: { readonly table: string }): EndedSessions => ({
  end: async (session, until) => {
    await client.send(new PutItemCommand({ TableName, Item: { ...keyOf(session), expires: ttl(until) } }));
  },
  isEnded: async (session) => {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName,
        Key: keyOf(session),
        ConsistentRead: true,
        ProjectionExpression: '#key',
        ExpressionAttributeNames: { '#key': 'key' },
      }),
    );
    return Item !== undefined;
  },
});
