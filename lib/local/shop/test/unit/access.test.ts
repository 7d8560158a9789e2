import { describe, expect, test } from 'vitest';
import { bodyOf } from '../../src/http.ts';
import { authorised, newOrder, ownOrigin, shopWith } from '../given.ts';

describe('who may call', () => {
  test.each([{}, { authorization: 'Bearer wrong' }, { authorization: 'of-the-tests' }])('a write with %j is 401', async (headers) => {
    const { ask, store } = shopWith();
    const answer = await ask('POST', '/orders', { body: newOrder, headers });
    expect([answer.status, answer.headers['www-authenticate'], store.orders.size]).toEqual([401, 'Bearer', 0]);
  });

  test('an empty token authorises nobody', async () => {
    const { ask } = shopWith({ token: '' });
    expect((await ask('POST', '/orders', { body: newOrder, headers: { authorization: 'Bearer ' } })).status).toBe(401);
  });

  test.each(['OPTIONS', 'GET', 'POST'])('%s from a foreign origin is 403 and allows nothing', async (method) => {
    const { ask } = shopWith();
    const { status, headers } = await ask(method, '/orders', {
      headers: { ...authorised, origin: 'https://evil.example' },
      body: newOrder,
    });
    expect([status, headers['access-control-allow-origin']]).toEqual([403, undefined]);
  });

  test('pages of its own origin may call it', async () => {
    const { ask } = shopWith();
    const preflight = await ask('OPTIONS', '/orders', { headers: { origin: ownOrigin } });
    expect([preflight.status, preflight.headers['access-control-allow-origin'], preflight.headers['access-control-allow-methods']]).toEqual(
      [204, ownOrigin, 'GET, HEAD, POST'],
    );
    expect((await ask('GET', '/orders', { headers: { origin: ownOrigin } })).headers['access-control-allow-origin']).toBe(ownOrigin);
  });

  test('OPTIONS without an origin lists the methods', async () => {
    const { ask } = shopWith();
    expect((await ask('OPTIONS', '/health')).headers.allow).toBe('GET, HEAD');
  });
});

test('API Gateway may hand over the body in base64', () => {
  const body = Buffer.from(JSON.stringify(newOrder)).toString('base64');
  expect(bodyOf({ rawPath: '/', headers: {}, body, isBase64Encoded: true, requestContext: { http: { method: 'POST' } } })).toEqual(
    newOrder,
  );
});
