import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { itemOf } from '../../lib/checklist/definition.ts';
import type { JunitFacts } from '../../lib/evidence/junit.ts';
import { profiled } from '../../lib/profile/apply.ts';
import { profileSchema } from '../../lib/profile/schema.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { appliesTo, type EvidenceRule, isEvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { isNamedAfter } from '../../lib/rules/tested-features.ts';

type Feature = { readonly id: string; readonly paths?: readonly string[]; readonly suites?: readonly string[] };

const ruleFor = (features: readonly Feature[], more: object = {}): EvidenceRule => {
  const profile = profileSchema.parse({
    service: 'shop',
    features: features.map((one) => ({ title: one.id, paths: [`src/${one.id}/**`], ...one })),
    ...more,
  });
  const result = profiled(baseChecklist, profile);
  if ('wrong' in result) throw new Error(JSON.stringify(result.wrong));
  const rule = itemOf(result.ok, 'features-working')?.rule ?? null;
  if (rule === null || !isEvidenceRule(rule)) throw new Error('no rule on evidence');
  return rule;
};

const factsOf = (xml: string): JunitFacts => {
  const parsed = parseEvidence('junit', new TextEncoder().encode(`<testsuites>${xml}</testsuites>`));
  if (parsed.refused) throw new Error(JSON.stringify(parsed.refused));
  return parsed.ok as JunitFacts;
};
const suite = (name: string, inside = '<testcase name="one"/>'): string => `<testsuite name="${name}">${inside}</testsuite>`;
const judged = (features: readonly Feature[], xml: string, more: object = {}) => judgeEvidence(ruleFor(features, more), factsOf(xml));

const two = [{ id: 'cart' }, { id: 'orders' }];
const acceptance = suite('acceptance');
const failing = '<testcase name="one"><failure message="no"/></testcase>';

describe('of each feature of the profile a test must have run', () => {
  test('one test of no feature shows none of them, and the reason says what to add', () => {
    const { verdict, reason, parts } = judged(two, acceptance);
    expect(verdict).toBe('inconclusive');
    expect(reason).toMatch(
      /no test ran of the feature cart, orders \(cart: no suite, class, file or property is named cart, .*src\/cart\/\*\*; give the feature `suites` in the profile\)/,
    );
    expect(parts).toMatchObject([
      { subject: { kind: 'feature', id: 'cart' }, verdict: 'inconclusive' },
      { subject: { kind: 'feature', id: 'orders' }, verdict: 'inconclusive' },
    ]);
  });

  test('a test of one feature does not show another', () => {
    const { verdict, reason, parts } = judged(two, `${acceptance}${suite('cart')}`);
    expect(verdict).toBe('inconclusive');
    expect(reason).toMatch(/no test ran of the feature orders/);
    expect(parts).toMatchObject([
      { subject: { id: 'orders' }, verdict: 'inconclusive' },
      { subject: { id: 'cart' }, verdict: 'pass' },
    ]);
  });

  test.each([
    ['a suite', suite('Orders')],
    ['a file', suite('test/features/orders.test.ts')],
    ['a class', suite('x', '<testcase classname="com.shop.OrdersTest" name="one"/>')],
    ['a property of the suite', suite('x', '<properties><property name="feature" value="orders"/></properties><testcase name="one"/>')],
    [
      'a property of the case',
      suite('x', '<testcase name="one"><properties><property name="tag" value="orders"/></properties></testcase>'),
    ],
    ['a test file in its paths', suite('x', '<testcase name="one" file="src/orders/place.test.ts"/>')],
    ['a test file in its paths, of an absolute path', suite('/home/ci/shop/src/orders/place.test.ts')],
    ['a test file in its paths, as Windows writes it', suite('src\\orders\\place.test.ts')],
  ])('%s assigns a test', (_, xml) => {
    const result = judged(two, `${suite('cart')}${xml}`);
    expect(result.reason).toMatch(/of 2 features/);
    expect(result.verdict).toBe('pass');
  });

  test.each([
    ['a part of its name', suite('backorders')],
    ['a word beside it', suite('orders and cart together')],
    ['a file elsewhere', suite('src/cart/orders/place.test.ts')],
    ['product code in its paths', suite('x', '<testcase name="one" file="src/orders/place.ts"/>')],
  ])('%s assigns none', (_, xml) => {
    expect(judged(two, `${suite('cart')}${xml}`).verdict).toBe('inconclusive');
  });

  test('a failing test that is assigned to no feature fails the check all the same', () => {
    expect(judged(two, `${suite('cart')}${suite('orders')}${suite('acceptance', failing)}`)).toMatchObject({ verdict: 'fail' });
  });

  test('a feature whose test fails, or was skipped, is not shown', () => {
    expect(judged(two, `${suite('cart')}${suite('orders', failing)}`).verdict).toBe('fail');
    const skipped = judged(two, `${suite('cart')}${suite('orders', '<testcase name="one"><skipped/></testcase>')}`);
    expect(skipped.verdict).toBe('inconclusive');
  });

  test('suites of a feature count in place of its name and its paths', () => {
    const own = [{ id: 'cart' }, { id: 'orders', suites: ['*checkout*'] }];
    expect(judged(own, `${suite('cart')}${suite('orders')}`).verdict).toBe('inconclusive');
    expect(judged(own, `${suite('cart')}${suite('checkout by card')}`).verdict).toBe('pass');
  });

  test('a report of other tests is no business of the check', () => {
    expect(appliesTo(ruleFor(two), factsOf(suite('units')))).toBe(false);
    expect(appliesTo(ruleFor(two), factsOf(suite('cart')))).toBe(true);
  });

  test('a single feature is the product: the usual suites, or those of the check, show it', () => {
    expect(judged([{ id: 'all', paths: ['**'] }], acceptance).verdict).toBe('pass');
    expect(judged([{ id: 'all', paths: ['**'] }], suite('e2e'), { suites: { 'features-working': ['e2e'] } }).verdict).toBe('pass');
  });
});

test.each([
  ['orders', 'Orders', true],
  ['orders', 'test_orders', true],
  ['orders', 'tests.test_orders', true],
  ['orders', 'com.shop.OrdersIT', true],
  ['orders', 'OrdersSpec', true],
  ['price-list', 'PriceListTests', true],
  ['price-list', 'test/price_list.spec.js', true],
  ['price-list', 'Price list', true],
  ['lat', 'latest', false],
  ['cred', 'credit', false],
  ['orders', 'orders-2', false],
  ['orders', '', false],
])('%s names %s: %s', (id, name, expected) => {
  expect(isNamedAfter(id, name)).toBe(expected);
});
