import type { Order } from './order.ts';

export type Price = {
  /** Cents. */
  readonly total: number;
};

/** What an order costs. */
export const priceOf = ({ lines }: Order): Price => ({
  total: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
});
