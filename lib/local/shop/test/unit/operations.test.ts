import { describe, expect, test } from 'vitest';
import document from '../../openapi.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { bodyOf } from '../../src/http.ts';
import { operations } from '../../src/shop.ts';
import { described } from '../described.ts';
import { authorised, newOrder, shopWith } from '../given.ts';

describe('the OpenAPI document', () => {
  test('describes the operations of the handler and no others', () => {
    expect(described.map(({ name }) => name).sort()).toEqual([...operations].sort());
  });

  test('has the version of the release', () => {
    expect(document.info.version).toBe(manifest.version);
  });

  test.each(described)('$name answers as described', async ({ method, path, operation }) => {
    const { ask } = shopWith();
    const placed = await ask('POST', '/orders', { body: newOrder, headers: authorised });
    const at = path.replace('{id}', String(placed.json().id));
    const answer = await ask(method, at, { headers: authorised, body: newOrder });
    expect(Object.keys(operation.responses)).toContain(String(answer.status));
    expect(answer.status).toBeLessThan(300);
    expect(answer.text === '').toBe(method === 'HEAD');
    const bare = await ask(method, at, { body: newOrder });
    expect(bare.status === 401).toBe(operation.security.length > 0);
  });
});

describe('what is not described', () => {
  test('another method is 405 and says which there are', async () => {
    const { ask } = shopWith();
    const answer = await ask('DELETE', '/orders');
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
  });

  test('another path is 404', async () => {
    const { ask } = shopWith();
    expect((await ask('GET', '/elsewhere')).status).toBe(404);
  });
});

test('API Gateway may hand over the body in base64', () => {
  const body = Buffer.from(JSON.stringify(newOrder)).toString('base64');
  expect(bodyOf({ rawPath: '/', headers: {}, body, isBase64Encoded: true, requestContext: { http: { method: 'POST' } } })).toEqual(
    newOrder,
  );
});
