import { type AttributeValue, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

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
