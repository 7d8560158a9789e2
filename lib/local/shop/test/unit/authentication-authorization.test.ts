import { describe, expect, test } from 'vitest';
import { described } from '../described.ts';
import { authorised, newOrder, shopWith } from '../given.ts';

/** Who may call what: a caller without a token reads, a caller with the token reads and writes. */
const callers = [
  { who: 'nobody', headers: {}, writes: false },
  { who: 'a wrong token', headers: { authorization: 'Bearer wrong' }, writes: false },
  { who: 'the token without its scheme', headers: { authorization: 'of-the-tests' }, writes: false },
  { who: 'the token in another case', headers: { authorization: 'Bearer OF-THE-TESTS' }, writes: false },
  { who: 'the token with more behind it', headers: { authorization: 'Bearer of-the-tests2' }, writes: false },
  { who: 'an empty token', headers: { authorization: 'Bearer ' }, writes: false },
  { who: 'the token', headers: authorised, writes: true },
] as const;

const cases = callers.flatMap((caller) => described.map((one) => ({ ...caller, ...one })));

describe('every caller at every operation', () => {
  test.each(cases)('$name by $who', async ({ method, path, operation, headers, writes }) => {
    const { ask, store } = shopWith();
    const placed = await ask('POST', '/orders', { body: newOrder, headers: authorised });
    const answer = await ask(method, path.replace('{id}', String(placed.json().id)), { headers, body: newOrder });
    const needsToken = operation.security.length > 0;
    expect(answer.status === 401).toBe(needsToken && !writes);
    expect(answer.headers['www-authenticate']).toBe(answer.status === 401 ? 'Bearer' : undefined);
    expect(store.orders.size).toBe(method === 'POST' && writes ? 2 : 1);
  });

  test.each(described)('$name from a page of a foreign origin is 403, with the token, too', async ({ method, path }) => {
    const { ask, store } = shopWith();
    const answer = await ask(method, path.replace('{id}', 'a'), {
      headers: { ...authorised, origin: 'https://foreign.example' },
      body: newOrder,
    });
    expect([answer.status, store.orders.size]).toEqual([403, 0]);
  });

  test('a service without a token lets nobody write', async () => {
    const { ask, store } = shopWith({ token: '' });
    const answer = await ask('POST', '/orders', { body: newOrder, headers: { authorization: 'Bearer ' } });
    expect([answer.status, store.orders.size]).toEqual([401, 0]);
  });

  test('who may not write does not learn whether the order was good', async () => {
    const { ask } = shopWith();
    expect((await ask('POST', '/orders', { body: '{' })).status).toBe(401);
  });
});
