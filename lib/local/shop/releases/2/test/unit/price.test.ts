import { expect, test } from 'vitest';
import { priceOf } from '../../src/price.ts';

const order = { id: 'a', customer: 'Ada', placedAt: '2026-03-01T08:00:00Z', lines: [{ sku: 'tea', quantity: 3, unitPrice: 450 }] };

test('the total is the sum of the lines, in cents', () => {
  const lines = [
    { sku: 'tea', quantity: 3, unitPrice: 450 },
    { sku: 'cup', quantity: 1, unitPrice: 1299 },
  ];
  expect(priceOf({ ...order, lines, currency: 'EUR' })).toMatchObject({ total: 2649 });
});

test.each([
  ['EUR', '€13.50'],
  ['GBP', '£13.50'],
  ['USD', '$13.50'],
])('the total in %s is shown as %s', (currency, totalText) => {
  expect(priceOf({ ...order, currency })).toEqual({ total: 1350, totalText });
});
