import { describe, expect, test } from 'vitest';
import { createStopRequests } from '../../src/stop-requests.ts';
import { authorised, newOrder, shopWith } from '../given.ts';

const stoppable = () => {
  const { ask, measured, store } = shopWith();
  return { ask, measured, store, stopRequests: createStopRequests({ store, apis: { production: 'api-of-tests', staging: 'another' } }) };
};

describe('the stop of requests', () => {
  test('answers everything with 503 until it is taken back, and is no error', async () => {
    const { ask, measured, stopRequests, store } = stoppable();
    for (let times = 0; times < 2; times += 1)
      expect(await stopRequests({ action: 'do', environment: 'production' })).toMatchObject({ ok: true });
    for (const [method, path] of [
      ['GET', '/health'],
      ['OPTIONS', '/orders'],
      ['GET', '/elsewhere'],
    ] as const)
      expect((await ask(method, path)).status).toBe(503);
    const refused = await ask('POST', '/orders', { body: newOrder, headers: authorised });
    expect([refused.status, refused.headers['retry-after'], store.orders.size]).toEqual([503, '60', 0]);
    expect(measured.some(({ failed }) => failed)).toBe(false);
    expect(await stopRequests({ action: 'undo', environment: 'production' })).toMatchObject({ ok: true });
    expect((await ask('POST', '/orders', { body: newOrder, headers: authorised })).status).toBe(201);
  });

  test('stops one environment only', async () => {
    const { ask, stopRequests } = stoppable();
    await stopRequests({ action: 'do', environment: 'staging' });
    expect((await ask('GET', '/health')).status).toBe(200);
  });

  test.each([{}, { action: 'do' }, { action: 'do', environment: 'test' }, { action: 'end', environment: 'production' }])(
    'does nothing for %j, and says so',
    async (request) => {
      const { ask, stopRequests } = stoppable();
      expect(await stopRequests(request)).toMatchObject({ ok: false, detail: expect.stringContaining('expected do or undo') as string });
      expect((await ask('GET', '/health')).status).toBe(200);
    },
  );
});
