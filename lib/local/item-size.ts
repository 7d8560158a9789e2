import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** One table item as DynamoDB answers it. */
export type Item = Readonly<Record<string, AttributeValue>>;

const utf8 = (text: string): number => Buffer.byteLength(text, 'utf8');
const sum = <T>(all: readonly T[], size: (one: T) => number): number => all.reduce((total, one) => total + size(one), 0);

/** About one byte per two significant digits, one for the exponent and one for a sign: AWS documents it as approximate. */
const numberBytes = (text: string): number => {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
};

/** Documents cost 3 bytes and 1 more for each element. */
const documentBytes = 3;

const valueBytes = (value: AttributeValue): number => {
  if (value.S !== undefined) return utf8(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  if (value.SS !== undefined) return sum(value.SS, utf8);
  if (value.NS !== undefined) return sum(value.NS, numberBytes);
  if (value.BS !== undefined) return sum(value.BS, (one) => one.byteLength);
  if (value.L !== undefined) return documentBytes + sum(value.L, (one) => 1 + valueBytes(one));
  if (value.M !== undefined) return documentBytes + sum(Object.entries(value.M), ([name, one]) => 1 + utf8(name) + valueBytes(one));
  throw new TypeError('attribute value of an unknown kind');
};

/** Bytes of an item as DynamoDB counts them for capacity: UTF-8 of attribute names and values. Source: DynamoDB Developer Guide, "Item sizes and formats". */
export const itemBytes = (item: Item): number => sum(Object.entries(item), ([name, value]) => utf8(name) + valueBytes(value));
