import type { Order } from './order.ts';

export type Price = {
  /** Cents. */
  readonly total: number;
  /** As people read it, such as `€12.50`. */
  readonly totalText: string;
};

/** What an order costs, in its own currency. */
export const priceOf = ({ lines, currency }: Order): Price => {
  const total = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
  return { total, totalText: new Intl.NumberFormat('en', { style: 'currency', currency }).format(total / 100) };
};
