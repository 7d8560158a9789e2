import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DuplicateItemException,
  type DynamoDBClient,
  ExecuteStatementCommand,
} from '@aws-sdk/client-dynamodb';

/** One table item as DynamoDB returns it. */
export type Item = Record<string, AttributeValue>;

export const s = (value: string): AttributeValue => ({ S: value });
export const n = (value: number): AttributeValue => ({ N: String(value) });

/** A required text attribute. Throws when it is missing, because then the item was not written by this code. */
export const textOf = (item: Item, name: string): string => {
  const value = item[name]?.S;
  if (value === undefined) throw new TypeError(`table item: got no text attribute ${name}`);
  return value;
};

/** Epoch seconds for DynamoDB's time to live, rounded up so that an item never expires early. */
export const ttl = (at: Date): AttributeValue => n(Math.ceil(at.getTime() / 1000));

/** The existing item when the condition of a write failed; undefined for any other error. */
export const lostTo = (fault: unknown): { readonly item: Item | undefined } | undefined =>
  fault instanceof ConditionalCheckFailedException ? { item: fault.Item } : undefined;

/**
 * Inserts an item with PartiQL, whose permission is one of its own: an insert on an existing key fails by definition, and it returns
 * nothing, so a role with it alone can neither replace nor read an item.
 */
export const insert = async (client: DynamoDBClient, table: string, item: Item): Promise<'inserted' | 'taken'> => {
  const names = Object.keys(item);
  const Statement = `INSERT INTO "${table}" VALUE {${names.map((name) => `'${name}': ?`).join(', ')}}`;
  try {
    await client.send(new ExecuteStatementCommand({ Statement, Parameters: Object.values(item) }));
    return 'inserted';
  } catch (fault) {
    if (fault instanceof DuplicateItemException) return 'taken';
    throw fault;
  }
};
