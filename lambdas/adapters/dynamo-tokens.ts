import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { sha256 } from '../../lib/canonical-json.ts';
import type { Clock, TokenStore } from '../../lib/ports.ts';
import { insert, s, textOf, ttl } from './dynamo.ts';

type Config = { readonly table: string; readonly clock: Clock };

/**
 * Task tokens in a table of their own. A token permits its reader to answer a gate's task, so only the reconciler reads them and no
 * function logs them. Each is an item of its own, named by its time and its digest, so that the opener can insert it without the right to
 * replace or read one; of an entry the newest counts.
 */
export const createDynamoTokens = (client: DynamoDBClient, { table: TableName, clock }: Config): TokenStore => ({
  put: async ({ run, gate, entry, token, execution, expires }) => {
    const place = `${gate}#${entry}#${clock.now().toISOString()}#${sha256(token).slice(0, 16)}`;
    await insert(client, TableName, { run: s(run), entry: s(place), token: s(token), execution: s(execution), expires: ttl(expires) });
  },
  get: async (run, gate, entry) => {
    const { Items: [newest] = [] } = await client.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
        KeyConditionExpression: '#run = :run AND begins_with(#entry, :entry)',
        ExpressionAttributeNames: { '#run': 'run', '#entry': 'entry' },
        // Without the last sign: an earlier version stored one token under this name.
        ExpressionAttributeValues: { ':run': s(run), ':entry': s(`${gate}#${entry}`) },
      }),
    );
    return newest && { token: textOf(newest, 'token'), execution: textOf(newest, 'execution') };
  },
});
