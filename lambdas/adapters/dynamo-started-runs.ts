import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { lanes, scopes, sortKey } from '../../lib/audit/lane.ts';
import type { StartedRuns } from '../../lib/ports.ts';
import { type Item, s, textOf } from './dynamo.ts';

/** The first event of a run, by its key: nothing of any event's content is read. */
const firstPlace = sortKey(lanes.run, 1);
const scopePrefix = scopes.run('');

export const createDynamoStartedRuns = (client: DynamoDBClient, config: { readonly table: string }): StartedRuns => ({
  page: async (after) => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: config.table,
        ConsistentRead: true,
        ProjectionExpression: '#scope',
        FilterExpression: '#place = :first AND begins_with(#scope, :run)',
        ExpressionAttributeNames: { '#scope': 'scope', '#place': 'place' },
        ExpressionAttributeValues: { ':first': s(firstPlace), ':run': s(scopePrefix) },
        ExclusiveStartKey: after === undefined ? undefined : keyIn(after),
      }),
    );
    const runs = Items.map((item) => textOf(item, 'scope').slice(scopePrefix.length));
    return { runs, next: LastEvaluatedKey && `${textOf(LastEvaluatedKey, 'scope')} ${textOf(LastEvaluatedKey, 'place')}` };
  },
});

/** Neither a scope nor a lane name has a space. */
const keyIn = (after: string): Item => {
  const [scope = '', place = ''] = after.split(' ');
  return { scope: s(scope), place: s(place) };
};
