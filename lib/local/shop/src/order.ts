import { randomUUID } from 'node:crypto';

export type Line = {
  readonly sku: string;
  readonly quantity: number;
  /** Cents. */
  readonly unitPrice: number;
};

/** An order as the table keeps it. */
export type Order = {
  readonly id: string;
  readonly customer: string;
  readonly lines: readonly Line[];
  /** ISO 8601, UTC. */
  readonly placedAt: string;
};

type Read = { readonly order: Order; readonly wrong?: undefined } | { readonly order?: undefined; readonly wrong: string };

const mostLines = 50;
const mostOfOne = 1000;
const highestPrice = 10_000_000;

/** The order that a client wants to place, or what is wrong with it. */
export const readOrder = (given: unknown, now: Date): Read => {
  if (!isObject(given)) return { wrong: 'the body must be a JSON object with customer and lines' };
  const { customer, lines } = given;
  if (typeof customer !== 'string' || customer.length === 0 || customer.length > 100)
    return { wrong: 'customer must be a text of 1 to 100 characters' };
  if (!Array.isArray(lines) || lines.length === 0 || lines.length > mostLines)
    return { wrong: `lines must be a list of 1 to ${mostLines} lines` };
  const read = lines.map(lineOf);
  const bad = read.indexOf(undefined);
  if (bad >= 0)
    return {
      wrong: `line ${bad + 1} must have a sku, a quantity from 1 to ${mostOfOne} and a unitPrice in cents from 0 to ${highestPrice}`,
    };
  return { order: { id: randomUUID(), customer, lines: read.filter((line) => line !== undefined), placedAt: now.toISOString() } };
};

const lineOf = (given: unknown): Line | undefined => {
  if (!isObject(given)) return undefined;
  const { sku, quantity, unitPrice } = given;
  if (typeof sku !== 'string' || sku.length === 0 || sku.length > 40) return undefined;
  if (!isWhole(quantity, 1, mostOfOne) || !isWhole(unitPrice, 0, highestPrice)) return undefined;
  return { sku, quantity, unitPrice };
};

const isWhole = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
