import { describe, expect, test } from 'vitest';
import document from '../../openapi.json' with { type: 'json' };

/** Acceptance of the feature on the running service: SHOP_URL is its address. */
const url = process.env.SHOP_URL ?? '';

describe('the feature operation', () => {
  test('health names the release that the document describes', async () => {
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok', version: document.info.version });
  });

  test('a method that is not served is 405 and says which are', async () => {
    const answer = await fetch(`${url}/orders`, { method: 'DELETE' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });
});
