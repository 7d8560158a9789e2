import { describe, expect, test } from 'vitest';
import { partsOf } from '../../src/environment.ts';
import { bodyOf, cloudWatchMetrics } from '../../src/metrics.ts';
import { memoryStore, shopWith } from '../given.ts';

const broken = (): ReturnType<typeof shopWith> =>
  shopWith({ store: { ...memoryStore(), get: () => Promise.reject(new Error('the table is gone')) } });

describe('the log and the metrics of a request', () => {
  test('have one line and one measurement', async () => {
    const { ask, logged, measured } = shopWith();
    await ask('GET', '/health');
    expect(logged).toMatchObject([
      {
        level: 'info',
        message: 'request',
        requestId: 'r-1',
        method: 'GET',
        route: '/health',
        status: 200,
        version: '1.2.3',
        qualifier: 'live',
      },
    ]);
    expect(measured).toMatchObject([{ failed: false, alias: 'live' }]);
  });

  test('say that a request failed, and the caller learns no cause', async () => {
    const { ask, logged, measured } = broken();
    const answer = await ask('GET', '/orders/a');
    expect([answer.status, answer.text.includes('table')]).toEqual([500, false]);
    expect(logged).toMatchObject([{ level: 'error', status: 500, error: expect.stringContaining('the table is gone') as string }]);
    expect(measured).toMatchObject([{ failed: true }]);
  });

  test('a refused request is no error', async () => {
    const { ask, measured } = shopWith();
    await ask('GET', '/orders/a');
    expect(measured).toMatchObject([{ failed: false }]);
  });
});

describe('PutMetricData', () => {
  const settings = { namespace: 'Shop', region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const one = { failed: false, latencyMs: 3, alias: 'live' };

  test('has the values of each alias', () => {
    const sent = Object.fromEntries(
      new URLSearchParams(bodyOf('Shop', [one, { ...one, failed: true, latencyMs: 5 }, { ...one, alias: '7' }])),
    );
    expect(sent).toMatchObject({
      Action: 'PutMetricData',
      Namespace: 'Shop',
      'MetricData.member.1.MetricName': 'Errors',
      'MetricData.member.1.Values.member.1': '0',
      'MetricData.member.1.Values.member.2': '1',
      'MetricData.member.2.MetricName': 'Latency',
      'MetricData.member.2.Values.member.2': '5',
      'MetricData.member.3.Dimensions.member.1.Value': '7',
    });
  });

  test('is signed, and shared by requests that end meanwhile', async () => {
    const calls: RequestInit[] = [];
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      calls.push(init ?? {});
      return new Response('');
    };
    const metrics = cloudWatchMetrics({ ...settings, fetch, lost: (reason) => expect.fail(reason) });
    await Promise.all([metrics(one), ...Array.from({ length: 200 }, () => metrics(one))]);
    await metrics(one);
    expect(calls.length).toBeLessThan(6);
    const values = calls.flatMap(({ body }) =>
      [...new URLSearchParams(String(body)).keys()].filter((name) => name.includes('member.1.Values')),
    );
    expect(values).toHaveLength(202);
    expect(new Headers(calls[0]?.headers).get('authorization')).toContain('eu-central-1/monitoring/aws4_request');
  });

  test.each([
    ['CloudWatch answered 403', async () => new Response('no', { status: 403 })],
    ['no network', async () => Promise.reject(new Error('no network'))],
  ])('that is lost fails no request: %s', async (reason, fetch) => {
    const lost: string[] = [];
    const metrics = cloudWatchMetrics({ ...settings, fetch, lost: (why) => lost.push(why) });
    await metrics(one);
    await metrics(one);
    expect(lost).toHaveLength(2);
    expect(lost[0]).toContain(reason);
  });
});

test('a missing variable is named, and an unreadable number of connections is refused', () => {
  expect(() => partsOf({ SHOP_TABLE: 'orders' })).toThrow('SHOP_TOKEN');
  expect(() => partsOf({ SHOP_TABLE: 'orders', SHOP_TABLE_CONNECTIONS: 'many' })).toThrow('SHOP_TABLE_CONNECTIONS is many');
});
