import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { driftOf, requireSameLayout } from '../../lib/local/stored-layout.ts';

const dynamo = mockClient(DynamoDBClient);
beforeEach(() => dynamo.reset());
const template = mkdtempSync(join(tmpdir(), 'holdpoint-layout-'));
afterAll(() => {
  dynamo.restore();
  rmSync(template, { recursive: true });
});

/** A table as CloudFormation and DynamoDB describe it. `keys`: attribute and type, the partition key first. */
const table = (...keys: readonly (readonly [string, string])[]) => ({
  AttributeDefinitions: keys.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType: AttributeType as 'S' })),
  KeySchema: keys.map(([AttributeName], index) => ({ AttributeName, KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const) })),
});
const resource = (Properties: object) => ({ Type: 'AWS::DynamoDB::Table', Properties });
writeFileSync(
  join(template, 'Holdpoint-local-Data.template.json'),
  JSON.stringify({
    Resources: {
      AuditTableB07F8EEB: resource(table(['scope', 'S'], ['place', 'S'])),
      PeopleTableAF298A5B: resource(table(['digest', 'S'])),
    },
  }),
);

const audit = 'Holdpoint-local-Data-AuditTableB07F8EEB-0AD195D87DAF7';
const people = 'Holdpoint-local-Data-PeopleTableAF298A5B-0A1B0DA8491C0';
const stored = (tables: Readonly<Record<string, ReturnType<typeof table>>>): void => {
  dynamo.on(ListTablesCommand).resolves({ TableNames: Object.keys(tables) });
  for (const [TableName, Table] of Object.entries(tables)) dynamo.on(DescribeTableCommand, { TableName }).resolves({ Table });
};
const check = (recorded?: { readonly digest: string; readonly version?: string }) =>
  requireSameLayout('http://localhost:1', template, { recorded, digest: 'fedcba9876543210' });

describe('the stored data of a local stage', () => {
  test.each<readonly [string, Readonly<Record<string, ReturnType<typeof table>>>]>([
    ['an empty account', {}],
    ['the same tables', { [audit]: table(['scope', 'S'], ['place', 'S']), [people]: table(['digest', 'S']) }],
    ['a table that was not there yet', { [people]: table(['digest', 'S']) }],
    ['tables of others in the same account', { 'audit-c863371a': table(['scope', 'S'], ['at', 'S']), [people]: table(['digest', 'S']) }],
  ])('fits: %s', async (_why, tables) => {
    stored(tables);
    await expect(check({ digest: 'd', version: '0.1.0' })).resolves.toBeUndefined();
  });

  test.each<readonly [string, Readonly<Record<string, ReturnType<typeof table>>>, string]>([
    [
      'another sort key',
      { [audit]: table(['scope', 'S'], ['at', 'S']) },
      'the table AuditTable is stored with the keys scope (S) and at (S), and this version needs scope (S) and place (S)',
    ],
    ['a sort key of another type', { [audit]: table(['scope', 'S'], ['place', 'N']) }, 'scope (S) and place (N)'],
    ['no sort key', { [audit]: table(['scope', 'S']) }, 'stored with the keys scope (S), and this version needs'],
    [
      'a table that this version does not have',
      { 'Holdpoint-local-Data-LetterTable0123ABCD-0A1B0DA8491C0': table(['digest', 'S']) },
      'the stored table LetterTable is unknown to this version',
    ],
    [
      'an index that this version does not have',
      {
        [people]: {
          ...table(['digest', 'S']),
          GlobalSecondaryIndexes: [{ IndexName: 'by-run', KeySchema: [{ AttributeName: 'digest', KeyType: 'HASH' }] }],
        } as ReturnType<typeof table>,
      },
      'digest (S), index by-run with digest (S)',
    ],
  ])('does not fit: %s', async (_why, tables, difference) => {
    stored(tables);
    await expect(check({ digest: 'd', version: '0.1.0' })).rejects.toMatchObject({
      type: 'data-incompatible',
      message: expect.stringContaining(difference) as string,
    });
  });

  test.each([
    ['with its version', { digest: '0123456789abcdef', version: '0.0.9' }, 'stored by 0.0.9 (sources 0123456789ab)'],
    ['by a version that recorded none', { digest: '0123456789abcdef' }, 'stored by an earlier version (sources 0123456789ab)'],
    ['by a set-up that was broken off', undefined, 'stored by a version that is not recorded'],
  ])('the refusal says who stored it (%s), and what to do', async (_why, recorded, by) => {
    stored({ [audit]: table(['scope', 'S'], ['at', 'S']) });
    const refused = await check(recorded).catch((fault: unknown) => (fault as Error).message);
    expect(refused).toContain(by);
    expect(refused).toContain('(sources fedcba987654), cannot use it');
    expect(refused).toContain('Nothing was changed or deleted');
    expect(refused).toContain('node bin/holdpoint.mjs local reset');
  });
});

test.each([
  ['none', audit, table(['scope', 'S'], ['place', 'S'])],
  ['drifted', audit, table(['scope', 'S'], ['at', 'S'])],
  ['unknown', 'orders', table(['id', 'S'])],
  ['unknown', audit, undefined],
] as const)('the drift of a table is %s: %s', (drift, name, found) => {
  expect(driftOf(template, name, found)).toBe(drift);
});
