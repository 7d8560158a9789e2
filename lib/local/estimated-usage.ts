import { type AttributeValue, ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { noUsage, type Usage } from '../../lambdas/adapters/usage.ts';
import { type Item, itemBytes } from './item-size.ts';

type Call = { readonly input: Record<string, unknown>; readonly output: Record<string, unknown>; readonly fault?: unknown };

const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));
const readUnits = (bytes: number, consistent: boolean): number => Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);

const written = (item: Item | undefined): Usage => ({
  ...noUsage,
  writeRequests: 1,
  writeUnits: item === undefined ? 1 : writeUnits(itemBytes(item)),
});
const read = (items: readonly Item[], consistent: unknown): Usage => ({
  ...noUsage,
  readRequests: 1,
  readUnits: readUnits(
    items.reduce((bytes, item) => bytes + itemBytes(item), 0),
    consistent === true,
  ),
});
/** The item that a write found when its condition failed. */
const found = (fault: unknown): Item | undefined => (fault instanceof ConditionalCheckFailedException ? fault.Item : undefined);
const itemOf = (value: unknown): Item | undefined => value as Item | undefined;

/** Names and parameters of `INSERT INTO "t" VALUE {'a': ?, 'b': ?}` as the item that it writes. */
const inserted = ({ Statement, Parameters }: Record<string, unknown>): Item => {
  const names = [...String(Statement).matchAll(/'([^']+)'\s*:\s*\?/g)].map((match) => String(match[1]));
  const values = (Parameters ?? []) as readonly AttributeValue[];
  const entries = names.flatMap((name, place) => {
    const value = values[place];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
};

/** One rule per operation that the adapters use. A write whose condition failed costs as much as one that succeeded. */
const rules: Readonly<Record<string, (call: Call) => Usage>> = {
  PutItem: ({ input, fault }) => larger(written(itemOf(input.Item)), written(found(fault))),
  ExecuteStatement: ({ input }) => written(inserted(input)),
  UpdateItem: ({ output, fault }) => written(itemOf(output.Attributes) ?? found(fault)),
  DeleteItem: ({ output, fault }) => written(itemOf(output.Attributes) ?? found(fault)),
  GetItem: ({ input, output }) => read(output.Item === undefined ? [] : [output.Item as Item], input.ConsistentRead),
  Query: ({ input, output }) => read((output.Items ?? []) as readonly Item[], input.ConsistentRead),
  BatchGetItem: ({ input, output }) => batchRead(input, output),
};

const larger = (a: Usage, b: Usage): Usage => (b.writeUnits > a.writeUnits ? b : a);

/** Every item of a batch is rounded up by itself, and a key without an item costs one unit, too. */
const batchRead = (input: Record<string, unknown>, output: Record<string, unknown>): Usage => {
  const requests = (input.RequestItems ?? {}) as Readonly<
    Record<string, { readonly Keys?: readonly Item[]; readonly ConsistentRead?: boolean }>
  >;
  const responses = (output.Responses ?? {}) as Readonly<Record<string, readonly Item[]>>;
  const left = (output.UnprocessedKeys ?? {}) as Readonly<Record<string, { readonly Keys?: readonly Item[] }>>;
  let units = 0;
  for (const [table, { Keys = [], ConsistentRead }] of Object.entries(requests)) {
    const items = responses[table] ?? [];
    const missing = Keys.length - items.length - (left[table]?.Keys?.length ?? 0);
    units +=
      items.reduce((total, item) => total + readUnits(itemBytes(item), ConsistentRead === true), 0) +
      missing * readUnits(0, ConsistentRead === true);
  }
  return { ...noUsage, readRequests: 1, readUnits: units };
};

/**
 * Stands in for `lambdas/adapters/consumed-capacity.ts` on a local stage and in the bench: MiniStack answers one unit for every PartiQL insert and
 * every read, whatever its size. The units are computed from item bytes by AWS's rounding. That is exact for the adapters, which read whole
 * items, filter nothing in DynamoDB and have updates return the item, with one exception: a put that replaces a larger item counts by the
 * new one. Operations without a rule are not reported. Retries inside the SDK count once.
 */
export const reportUsage = (client: DynamoDBClient, report: (usage: Usage) => void): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const rule = rules[String(context.commandName).replace(/Command$/, '')];
      if (rule === undefined) return next(args);
      const input = args.input as unknown as Record<string, unknown>;
      try {
        const done = await next(args);
        report(rule({ input, output: done.output as unknown as Record<string, unknown> }));
        return done;
      } catch (fault) {
        if (isCharged(fault)) report(rule({ input, output: {}, fault }));
        throw fault;
      }
    },
    { step: 'initialize', name: 'holdpointUsage', override: true },
  );
};

/** DynamoDB charges a write whose condition failed; it does not charge a request that it rejected, such as a throttled one. */
const isCharged = (fault: unknown): boolean =>
  fault instanceof Error && (fault.name === 'ConditionalCheckFailedException' || fault.name === 'DuplicateItemException');
