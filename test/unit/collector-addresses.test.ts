import { describe, expect, test } from 'vitest';
import { isMetadataHost, kindOfAddress } from '../../lib/collectors/addresses.ts';
import { dial } from '../../lib/collectors/dial.ts';
import type { Hop, HopAnswer } from '../../lib/collectors/ports.ts';

describe('an address', () => {
  test.each([
    ['169.254.169.254', 'never'],
    ['169.254.0.1', 'never'],
    ['100.100.100.200', 'never'],
    ['168.63.129.16', 'never'],
    ['192.0.0.192', 'never'],
    ['0.0.0.0', 'never'],
    ['0.1.2.3', 'never'],
    ['224.0.0.1', 'never'],
    ['239.255.255.255', 'never'],
    ['255.255.255.255', 'never'],
    ['203.0.113.9', 'never'],
    ['127.0.0.1', 'private'],
    ['127.255.0.3', 'private'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.128.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['::', 'never'],
    ['::1', 'private'],
    ['fe80::1', 'never'],
    ['febf::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['fec0::1', 'never'],
    ['ff02::1', 'never'],
    ['fd00:ec2::254', 'never'],
    ['fd00:ec2::23', 'never'],
    ['fd20:ce::254', 'never'],
    ['fd12:3456::1', 'private'],
    ['fc00::1', 'private'],
    ['2600:1f18::1', 'public'],
    ['2001:db8::1', 'never'],
    ['2001:0:1::1', 'never'],
    // IPv4 within IPv6: mapped in both forms, compatible, SIIT, NAT64, 6to4, ISATAP.
    ['::ffff:169.254.169.254', 'never'],
    ['::ffff:a9fe:a9fe', 'never'],
    ['0:0:0:0:0:ffff:7f00:1', 'private'],
    ['::ffff:8.8.8.8', 'public'],
    ['::169.254.169.254', 'never'],
    ['::8.8.8.8', 'never'],
    ['::ffff:0:169.254.169.254', 'never'],
    ['64:ff9b::169.254.169.254', 'never'],
    ['64:ff9b::a00:1', 'private'],
    ['64:ff9b::808:808', 'public'],
    ['64:ff9b:1::808:808', 'never'],
    ['2002:a9fe:a9fe::1', 'never'],
    ['2002:808:808::1', 'public'],
    ['2600::5efe:169.254.169.254', 'never'],
    ['2600::200:5efe:10.0.0.1', 'private'],
    ['not an address', 'never'],
    ['1.2.3', 'never'],
    ['256.1.1.1', 'never'],
    ['', 'never'],
  ])('%s is %s', (address, kind) => {
    expect(kindOfAddress(address)).toBe(kind);
  });

  test.each(['metadata.google.internal', 'METADATA.google.internal.', 'instance-data', 'metadata.azure.internal'])(
    '%s is a metadata host',
    (host) => {
      expect(isMetadataHost(host)).toBe(true);
    },
  );
});

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): HopAnswer => ({
  status,
  headers,
  body: new Uint8Array(),
  truncated: false,
});

/** A world of names and answers, and what was sent where. */
const world = (
  names: Readonly<Record<string, readonly string[]>>,
  answers: Readonly<Record<string, HopAnswer | { failed: string }>> = {},
) => {
  const sent: Hop[] = [];
  const asked: string[] = [];
  return {
    sent,
    asked,
    clock: { now: () => new Date('2026-03-02T08:00:00Z') },
    resolver: {
      resolve: async (host: string) => {
        asked.push(host);
        const addresses = names[host];
        return addresses === undefined ? { failed: 'ENOTFOUND' } : { addresses };
      },
    },
    connection: {
      send: async (hop: Hop) => {
        sent.push(hop);
        return answers[`${hop.address} ${hop.url.href}`] ?? answers[hop.url.href] ?? answer(200);
      },
    },
  };
};
type World = ReturnType<typeof world>;
const ask = (deps: World, url: string, changes: object = {}) =>
  dial(deps, { url, method: 'GET', timeoutMs: 1000, privateAddresses: false, ...changes });

describe('dialling', () => {
  test.each([
    ['http://169.254.169.254/latest/meta-data/', /never probed/],
    ['http://2852039166/latest/', /never probed/],
    ['http://0xa9fea9fe/', /never probed/],
    ['http://0251.0376.0251.0376/', /never probed/],
    ['http://[::ffff:169.254.169.254]/', /never probed/],
    ['http://[fd00:ec2::254]/', /never probed/],
    ['http://0/', /never probed/],
    ['http://127.1/', /private/],
    ['http://metadata.google.internal/', /metadata service/],
    ['http://metadata.google.internal./', /metadata service/],
    ['http://user:pass@shop.test/', /name or password/],
    ['ftp://shop.test/', /scheme/],
    ['file:///etc/passwd', /scheme/],
    ['nonsense', /not a URL/],
    ['http://gone.test/', /cannot be resolved: ENOTFOUND/],
  ])('refuses %s before anything is sent', async (url, why) => {
    const deps = world({ 'shop.test': ['8.8.8.8'] });
    expect(await ask(deps, url)).toMatchObject({ failed: expect.stringMatching(why) as unknown });
    expect(deps.sent).toEqual([]);
  });

  test('never asks a metadata address, also where private ones are permitted', async () => {
    const deps = world({ 'shop.test': ['169.254.169.254'] });
    expect(await ask(deps, 'http://shop.test/', { privateAddresses: true })).toMatchObject({
      failed: expect.stringContaining('never') as unknown,
    });
    expect(await ask(deps, 'http://10.0.0.1/', { privateAddresses: true })).toMatchObject({ status: 200 });
  });

  test('refuses a name with one bad address among good ones', async () => {
    const deps = world({ 'shop.test': ['8.8.8.8', '10.0.0.1'] });
    expect(await ask(deps, 'http://shop.test/')).toMatchObject({ failed: expect.stringContaining('10.0.0.1 is private') as unknown });
  });

  test('connects to the address that was checked, and resolves a name once for each hop', async () => {
    const deps = world({ 'shop.test': ['8.8.8.8'] });
    await ask(deps, 'https://shop.test/a?b=c');
    expect(deps.sent.map(({ address, url }) => [address, url.href])).toEqual([['8.8.8.8', 'https://shop.test/a?b=c']]);
    expect(deps.asked).toEqual(['shop.test']);
  });

  test('tries the next address when a connection is refused, and not when a service fails', async () => {
    const names = { 'shop.test': ['8.8.8.8', '8.8.4.4'] };
    const refused = world(names, { '8.8.8.8 http://shop.test/': { failed: 'ECONNREFUSED' } });
    expect(await ask(refused, 'http://shop.test/')).toMatchObject({ status: 200 });
    const broken = world(names, { '8.8.8.8 http://shop.test/': { failed: 'ECONNRESET' } });
    expect(await ask(broken, 'http://shop.test/')).toEqual({ failed: 'ECONNRESET' });
  });
});

describe('a redirect', () => {
  const names = { 'shop.test': ['8.8.8.8'], 'other.test': ['8.8.4.4'], 'inside.test': ['10.0.0.1'], 'meta.test': ['169.254.169.254'] };
  const to = (location: string, status = 302) => answer(status, { location });

  test.each([
    ['http://169.254.169.254/', /never probed/],
    ['http://meta.test/', /never probed/],
    ['http://inside.test/', /private/],
    ['//[::1]:9000/', /private/],
    ['file:///etc/passwd', /scheme/],
    ['http://[bad', /no URL/],
  ])('to %s is checked like the first address', async (location, why) => {
    const deps = world(names, { 'http://shop.test/': to(location) });
    expect(await ask(deps, 'http://shop.test/')).toMatchObject({ failed: expect.stringMatching(why) as unknown });
    expect(deps.sent).toHaveLength(1);
  });

  test('from https to http is not followed', async () => {
    const deps = world(names, { 'https://shop.test/': to('http://shop.test/') });
    expect(await ask(deps, 'https://shop.test/')).toMatchObject({ failed: expect.stringContaining('from https') as unknown });
  });

  test('to another origin carries none of the configured headers', async () => {
    const deps = world(names, { 'https://shop.test/': to('https://other.test/x') });
    expect(await ask(deps, 'https://shop.test/', { headers: { authorization: 'secret' } })).toMatchObject({ status: 200, redirects: 1 });
    expect(deps.sent.map(({ headers }) => headers.authorization)).toEqual(['secret', undefined]);
  });

  // What a profile names is asked below the addresses that the stage permits.
  test.each([
    ['another origin', 'https://other.test/api', 'https://other.test/api'],
    ['another path', '/admin', 'https://shop.test/admin'],
    ['a path beside', '/apis', 'https://shop.test/apis'],
    ['another port', 'https://shop.test:8443/api', 'https://shop.test:8443/api'],
    ['an encoded way out', '/api/..%2fadmin', 'https://shop.test/api/..%2fadmin'],
    ['a way out that is encoded twice', '/api/..%25255cadmin', 'https://shop.test/api/..%25255cadmin'],
  ])('to %s does not leave what is permitted', async (_, location, shown) => {
    const within = ['https://shop.test/api', 'https://inside.test'];
    const deps = world(names, { 'https://shop.test/api/a': to('/api/b?c=%2F'), 'https://shop.test/api/b?c=%2F': to(location) });
    expect(await ask(deps, 'https://shop.test/api/a', { within })).toEqual({
      failed: `after 2 redirects: the stage file permits no request to ${shown} (permits.addresses)`,
    });
    expect(deps.sent.map(({ url }) => url.href)).toEqual(['https://shop.test/api/a', 'https://shop.test/api/b?c=%2F']);
    const own = world(names, { 'https://shop.test/api/a': to('https://other.test/') });
    expect(await ask(own, 'https://shop.test/api/a')).toMatchObject({ status: 200 });
    expect(await ask(world(names), 'https://shop.test/', { within })).toHaveProperty('failed');
  });

  test('is followed five times at most', async () => {
    const deps = world(names, { 'http://shop.test/': to('/') });
    expect(await ask(deps, 'http://shop.test/')).toEqual({ failed: 'more than 5 redirects' });
    expect(deps.sent).toHaveLength(6);
  });

  test('of a request that may change something, or that is expected, is the answer', async () => {
    const deps = world(names, { 'http://shop.test/': to('http://169.254.169.254/', 307) });
    expect(await ask(deps, 'http://shop.test/', { method: 'POST' })).toMatchObject({ status: 307 });
    expect(await ask(deps, 'http://shop.test/', { unfollowed: [307] })).toMatchObject({ status: 307 });
  });
});
