import { type AttributeValue, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/** One table item as DynamoDB gives it. */
export type Item = Record<string, AttributeValue>;

export const s = (value: string): AttributeValue => ({ S: value });
export const n = (value: number): AttributeValue => ({ N: String(value) });

/** A text attribute that an item of ours must have; without it somebody else wrote the item. */
export const textOf = (item: Item, name: string): string => {
  const value = item[name]?.S;
  if (value === undefined) throw new TypeError(`table item: got no text attribute ${name}`);
  return value;
};

/** Epoch seconds, as DynamoDB's time to live wants them. Rounded up: never earlier than meant. */
export const ttl = (at: Date): AttributeValue => n(Math.ceil(at.getTime() / 1000));

/** What a conditional write that lost found in its place, or `undefined` when it was no lost condition. */
export const lostTo = (fault: unknown): { readonly item: Item | undefined } | undefined =>
  fault instanceof ConditionalCheckFailedException ? { item: fault.Item } : undefined;
