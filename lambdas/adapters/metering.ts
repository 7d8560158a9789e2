import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Item, lostTo } from './dynamo.ts';
import { itemBytes } from './item-size.ts';

/** Requests and capacity units of DynamoDB. A unit is 1 KB written or 4 KB read with strong consistency; an eventually consistent read is half of it. */
export type Usage = {
  readonly writeRequests: number;
  readonly writeUnits: number;
  readonly readRequests: number;
  readonly readUnits: number;
};
export type TableUsage = Usage & { readonly operation: string };

export const noUsage: Usage = { writeRequests: 0, writeUnits: 0, readRequests: 0, readUnits: 0 };
export const addUsage = (a: Usage, b: Usage): Usage => ({
  writeRequests: a.writeRequests + b.writeRequests,
  writeUnits: a.writeUnits + b.writeUnits,
  readRequests: a.readRequests + b.readRequests,
  readUnits: a.readUnits + b.readUnits,
});

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

/** One rule per operation that the adapters use; a lost condition costs as a write does. */
const rules: Readonly<Record<string, (call: Call) => Usage>> = {
  PutItem: ({ input, fault }) => larger(written(itemOf(input.Item)), written(lostTo(fault)?.item)),
  ExecuteStatement: ({ input }) => written(inserted(input)),
  UpdateItem: ({ output, fault }) => written(itemOf(output.Attributes) ?? lostTo(fault)?.item),
  DeleteItem: ({ output, fault }) => written(itemOf(output.Attributes) ?? lostTo(fault)?.item),
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
  const found = (output.Responses ?? {}) as Readonly<Record<string, readonly Item[]>>;
  const left = (output.UnprocessedKeys ?? {}) as Readonly<Record<string, { readonly Keys?: readonly Item[] }>>;
  let units = 0;
  for (const [table, { Keys = [], ConsistentRead }] of Object.entries(requests)) {
    const items = found[table] ?? [];
    const missing = Keys.length - items.length - (left[table]?.Keys?.length ?? 0);
    units +=
      items.reduce((total, item) => total + readUnits(itemBytes(item), ConsistentRead === true), 0) +
      missing * readUnits(0, ConsistentRead === true);
  }
  return { ...noUsage, readRequests: 1, readUnits: units };
};

/**
 * Reports what every call of the client costs, computed from item bytes by AWS's rounding: the emulator reports units wrongly, and
 * AWS reports none unless asked. Exact because the adapters read whole items, filter nothing in DynamoDB, and let updates return the item; a put
 * that replaces a larger item is counted by the new one. Retries inside the SDK are one call.
 */
export const meter = (client: DynamoDBClient, report: (usage: TableUsage) => void): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = String(context.commandName).replace(/Command$/, '');
      const rule = rules[operation];
      if (rule === undefined) throw new TypeError(`metering: no rule for ${operation}`);
      const input = args.input as unknown as Record<string, unknown>;
      try {
        const done = await next(args);
        report({ operation, ...rule({ input, output: done.output as unknown as Record<string, unknown> }) });
        return done;
      } catch (fault) {
        if (isCharged(fault)) report({ operation, ...rule({ input, output: {}, fault }) });
        throw fault;
      }
    },
    { step: 'initialize', name: 'holdpointMetering', override: true },
  );
};

/** A write that lost its condition is charged; what DynamoDB did not take is not. */
const isCharged = (fault: unknown): boolean =>
  fault instanceof Error && (fault.name === 'ConditionalCheckFailedException' || fault.name === 'DuplicateItemException');

/** Adds usage up; `take` gives the sum and starts anew, so that a warm function logs each invocation by itself. */
export const createTally = (): { readonly add: (usage: Usage) => void; readonly take: () => Usage } => {
  let total = noUsage;
  return {
    add: (usage) => {
      total = addUsage(total, usage);
    },
    take: () => {
      const taken = total;
      total = noUsage;
      return taken;
    },
  };
};
