import { readdirSync } from 'node:fs';
import { DescribeTableCommand, DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { clientConfig, type Deployment, productVersion } from './deploy.ts';
import { resourcesIn } from './emulator-settings.ts';
import { LocalFault } from './local-fault.ts';

const keysSchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const tableSchema = z.object({
  KeySchema: keysSchema,
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
  GlobalSecondaryIndexes: z.array(z.object({ IndexName: z.string(), KeySchema: keysSchema })).optional(),
});

/** The keys of a table and of its indexes as text, such as `scope (S) and place (S)`. */
const keysOf = (table: unknown): string => {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes = [] } = tableSchema.parse(table);
  const types = new Map(AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]));
  const words = (keys: z.infer<typeof keysSchema>): string =>
    keys
      .toSorted((one, other) => one.KeyType.localeCompare(other.KeyType))
      .map(({ AttributeName }) => `${AttributeName} (${types.get(AttributeName)})`)
      .join(' and ');
  const indexes = GlobalSecondaryIndexes.map((index) => `index ${index.IndexName} with ${words(index.KeySchema)}`).sort();
  return [words(KeySchema), ...indexes].join(', ');
};

type Needed = ReadonlyMap<string, string>;

/** The keys of every table in the synthesised templates, by logical id. */
const neededTables = (template: string): Needed =>
  new Map(
    resourcesIn(template)
      .filter(({ type }) => type === 'AWS::DynamoDB::Table')
      .map(({ id, properties }) => [id, keysOf(properties)]),
  );

/** CloudFormation names a table after its stack and its logical id. */
const idOf = (name: string, stacks: readonly string[]): string | undefined => {
  const stack = stacks.find((one) => name.startsWith(`${one}-`));
  return stack === undefined ? undefined : name.slice(stack.length + 1).replace(/-[^-]*$/, '');
};

/** What a template needs and what is stored, where they differ: one sentence part for each table. */
export const layoutDifferences = (needed: Needed, stored: ReadonlyMap<string, string>): readonly string[] =>
  [...stored].flatMap(([id, keys]) => {
    const wanted = needed.get(id);
    const name = id.replace(/[0-9A-F]{8}$/, '');
    if (wanted === undefined) return [`the stored table ${name} is unknown to this version`];
    return wanted === keys ? [] : [`the table ${name} is stored with the keys ${keys}, and this version needs ${wanted}`];
  });

/**
 * Whether a table of the endpoint has the keys and indexes that its stack's synthesised template declares; `unknown` where no template in the
 * folder declares it.
 */
export const driftOf = (template: string, name: string, table: unknown): 'none' | 'drifted' | 'unknown' => {
  const wanted = neededTables(template).get(idOf(name, stacksIn(template)) ?? '');
  if (wanted === undefined || table === undefined) return 'unknown';
  return wanted === keysOf(table) ? 'none' : 'drifted';
};

const stacksIn = (template: string): readonly string[] =>
  readdirSync(template).flatMap((name) => /^(.+)\.template\.json$/.exec(name)?.[1] ?? []);

/**
 * Throws `data-incompatible` when the endpoint's tables have other keys than the synthesised templates: the local CloudFormation would keep
 * such a table as it is, and the app could not read it. Looks at the tables themselves, because data of earlier versions says nothing else.
 */
export const requireSameLayout = async (
  endpoint: string,
  template: string,
  { recorded, digest }: { readonly recorded: Pick<Deployment, 'digest' | 'version'> | undefined; readonly digest: string },
): Promise<void> => {
  const client = new DynamoDBClient(clientConfig(endpoint));
  const stacks = stacksIn(template);
  const stored = new Map<string, string>();
  try {
    for await (const { TableNames = [] } of paginateListTables({ client }, {}))
      for (const TableName of TableNames) {
        const id = idOf(TableName, stacks);
        if (id !== undefined) stored.set(id, keysOf((await client.send(new DescribeTableCommand({ TableName }))).Table));
      }
  } finally {
    client.destroy();
  }
  const differences = layoutDifferences(neededTables(template), stored);
  if (differences.length === 0) return;
  const by =
    recorded === undefined ? 'a version that is not recorded' : `${recorded.version ?? 'an earlier version'} (${sources(recorded)})`;
  throw new LocalFault(
    'data-incompatible',
    `The data of the local stage was stored by ${by}, and this version, ${productVersion()} (${sources({ digest })}), cannot use it: ${differences.join('; ')}. Nothing was changed or deleted. Start it with the version that stored it, or delete it with \`node bin/holdpoint.mjs local down\` and then \`node bin/holdpoint.mjs local reset\`.`,
  );
};

const sources = ({ digest }: Pick<Deployment, 'digest'>): string => `sources ${digest.slice(0, 12)}`;
