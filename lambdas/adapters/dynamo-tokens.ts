import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { TokenStore } from '../../lib/ports.ts';
import { s, textOf, ttl } from './dynamo.ts';

/** Task tokens in a table of their own. A token permits its reader to answer a gate's task, so only the reconciler reads them and no function logs them. */
export const createDynamoTokens = (client: DynamoDBClient, { table: TableName }: { readonly table: string }): TokenStore => ({
  put: async ({ run, gate, entry, token, execution, expires }) => {
    await client.send(
      new PutItemCommand({
        TableName,
        Item: { run: s(run), entry: s(`${gate}#${entry}`), token: s(token), execution: s(execution), expires: ttl(expires) },
      }),
    );
  },
  get: async (run, gate, entry) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: { run: s(run), entry: s(`${gate}#${entry}`) }, ConsistentRead: true }),
    );
    return Item && { token: textOf(Item, 'token'), execution: textOf(Item, 'execution') };
  },
});
