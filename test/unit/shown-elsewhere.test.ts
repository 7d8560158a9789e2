import { describe, expect, test } from 'vitest';
import type { DataOf } from '../../lib/audit/event.ts';
import { fold, judged, lane } from './judged-lane.ts';

type Part = NonNullable<DataOf<'check.judged'>['parts']>[number];

const part = (id: string, verdict: Part['verdict'], more: Partial<Part> = {}): Part => ({
  subject: { kind: 'feature', id },
  verdict,
  reason: verdict,
  ...more,
});
const absent = (id: string): Part => part(id, 'inconclusive', { absent: true });
const passes = { verdict: 'pass', reason: '', leftOut: 0 } as const;
const report = (subject: string, parts: readonly Part[], more: Partial<DataOf<'check.judged'>> = {}) =>
  [
    'check.judged',
    judged({
      subject,
      verdict: parts.every((one) => one.verdict === 'pass') ? 'pass' : 'inconclusive',
      reason: `of ${subject}`,
      parts,
      besides: passes,
      ...more,
    }),
  ] as const;

describe('reports show together what one does not', () => {
  const cart = report('*/cart', [part('cart', 'pass'), absent('orders')]);
  const orders = report('*/orders', [part('orders', 'pass'), absent('cart')]);

  test('each says nothing about the part of the other: the check passes, and says so', () => {
    expect(fold(lane(cart))).toMatchObject({ verdict: 'inconclusive', reason: 'of */cart' });
    const both = fold(lane(cart, orders));
    expect(both).toMatchObject({ verdict: 'pass', parts: { listed: [{ verdict: 'pass' }, { verdict: 'pass' }] } });
    expect(both.reason).toMatch(/2 parts, of which other reports show 1; 2 sources/);
  });

  test('also two reports of one attempt of one job', () => {
    expect(fold(lane(report('*/unit', cart[1].parts ?? []), report('*/unit', orders[1].parts ?? []))).verdict).toBe('pass');
  });

  test.each([
    ['a report that fails there', report('*/orders', [part('orders', 'fail'), absent('cart')], { verdict: 'fail' }), 'fail'],
    ['a report in which it is unclear', report('*/orders', [part('orders', 'inconclusive'), part('cart', 'pass')]), 'inconclusive'],
    ['a report that is too old', report('*/orders', [part('orders', 'pass')], { goodUntil: '2026-03-02T09:00:00.000Z' }), 'inconclusive'],
    ['a report of another part', report('*/orders', [part('payment', 'pass')]), 'inconclusive'],
  ])('%s shows nothing', (_, other, verdict) => {
    expect(fold(lane(cart, other)).verdict).toBe(verdict);
  });

  test('what a report says of a part stays, whatever others show', () => {
    const unclear = report('*/cart', [part('cart', 'pass'), part('orders', 'inconclusive')]);
    expect(fold(lane(unclear, orders)).verdict).toBe('inconclusive');
  });

  test('what is wrong besides the parts stays', () => {
    const other = report('*/cart', [part('cart', 'pass'), absent('orders')], {
      besides: { verdict: 'inconclusive', reason: 'files of no feature', leftOut: 0 },
    });
    expect(fold(lane(other, orders)).verdict).toBe('inconclusive');
  });

  test('a later result of the same source takes the place of the one that showed it', () => {
    const later = report('*/orders', [part('payment', 'pass'), absent('orders')], {
      producer: { run: 'r', attempt: 2 },
    });
    expect(fold(lane(cart, orders, later)).verdict).toBe('inconclusive');
  });

  test('a judgement of an older version, which does not say that a part is absent, stays as it is', () => {
    const older = report('*/cart', [part('cart', 'pass'), part('orders', 'inconclusive', { reason: 'no test ran' })]);
    expect(fold(lane(older, orders)).verdict).toBe('inconclusive');
  });
});
