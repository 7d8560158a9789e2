import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, runsInChromium } from '../pages/chromium.ts';
import { testConfig, testEndpoint } from './tables.ts';

/** The emulator would create this function, whose code a second request would run as the user. */
const creation = (name: string) =>
  JSON.stringify({
    FunctionName: name,
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::222222222222:role/x',
    Code: { ZipFile: 'UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==' },
  });

/** Sends headers that `fetch` does not let its caller set. */
const post = (path: string, headers: Readonly<Record<string, string>>, body: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(testEndpoint());
    request({ hostname, port, path, method: 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .once('error', reject)
      .end(body);
  });

const exists = async (name: string): Promise<boolean> => {
  const client = new LambdaClient({ ...testConfig(), credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  try {
    await client.send(new GetFunctionCommand({ FunctionName: name }));
    return true;
  } catch (fault) {
    if ((fault as Error).name === 'ResourceNotFoundException') return false;
    throw fault;
  } finally {
    client.destroy();
  }
};

const functions = '/2015-03-31/functions';

describe('the running emulator', () => {
  test.each([
    ['as a page posts', { origin: 'https://page.example', 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' }],
    ['to a foreign Host, as after DNS rebinding', { host: 'rebind.example' }],
    ['as a page of the local stage', { origin: 'http://localhost:4630', 'sec-fetch-site': 'same-site' }],
  ])('refuses a request %s', async (what, headers) => {
    const name = `page-${what.length}`;
    expect(await post(functions, headers, creation(name))).toBe(403);
    expect(await post('/_ministack/reset', headers, '')).toBe(403);
    expect(await exists(name)).toBe(false);
  });

  test('serves a program, and takes from it what it refuses to a page', async () => {
    const client = new KMSClient(testConfig());
    expect((await client.send(new ListKeysCommand({}))).Keys).toBeDefined();
    client.destroy();
    expect(await post(functions, {}, creation('program'))).toBe(201);
    expect(await exists('program')).toBe(true);
  });
});

describe.runIf(runsInChromium)('a page of another origin in a real browser', () => {
  const server = createServer((_, answer) =>
    answer.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title>'),
  );
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('cannot create a function, whatever mode it asks in', { timeout: 60_000 }, async () => {
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const ask = `async ([url, mode, headers, body]) => fetch(url, { method: 'POST', mode, headers, body }).then((a) => a.type + a.status, () => 'failed')`;
      const asked = async (mode: string, headers: object, name: string) =>
        page.evaluate(`(${ask})(${JSON.stringify([`${testEndpoint()}${functions}`, mode, headers, creation(name)])})`);
      // A page never sees the answer to `no-cors`; it is the function that counts.
      expect(await asked('no-cors', {}, 'simple')).toBe('opaque0');
      expect(await asked('cors', {}, 'readable')).toBe('failed');
      expect(await asked('cors', { 'x-holdpoint-proxy': '1' }, 'marked')).toBe('failed');
      expect(await Promise.all(['simple', 'readable', 'marked'].map(exists))).toEqual([false, false, false]);
    } finally {
      await browser.close();
    }
  });
});
