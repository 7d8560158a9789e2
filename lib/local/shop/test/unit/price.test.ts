import { expect, test } from 'vitest';
import { priceOf } from '../../src/price.ts';

const order = { id: 'a', customer: 'Ada', placedAt: '2026-03-01T08:00:00Z' };

test('the total is the sum of the lines, in cents', () => {
  const lines = [
    { sku: 'tea', quantity: 3, unitPrice: 450 },
    { sku: 'cup', quantity: 1, unitPrice: 1299 },
  ];
  expect(priceOf({ ...order, lines })).toEqual({ total: 2649 });
});
