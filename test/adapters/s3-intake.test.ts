import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPresign, createS3 } from '../../lambdas/adapters/s3.ts';
import { createS3EvidenceAddresses } from '../../lambdas/adapters/s3-evidence.ts';
import { createS3Intake, createS3IntakeObjects } from '../../lambdas/adapters/s3-intake.ts';
import { sha256 } from '../../lib/canonical-json.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
const documented = {
  credentials: async () => ({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }),
  clock: { now: () => new Date('2013-05-24T00:00:00Z') },
  region: 'us-east-1',
};

/** The signature of a request, made from its address by other code than the adapter's. */
const signatureOf = (method: string, address: string, headers: Readonly<Record<string, string>> = {}): string => {
  const { host, pathname, searchParams } = new URL(address);
  const named = (name: string): string => searchParams.get(name) ?? '';
  const strict = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${strict(name)}=${strict(value)}`)
    .sort()
    .join('&');
  const signed = named('X-Amz-SignedHeaders').split(';');
  const lines = signed.map((name) => `${name}:${{ host, ...headers }[name]}\n`).join('');
  const canonical = [method, pathname, query, lines, signed.join(';'), 'UNSIGNED-PAYLOAD'].join('\n');
  const [, ...scope] = named('X-Amz-Credential').split('/');
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const key = scope.reduce<string | Buffer>(hmac, 'AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY');
  return hmac(key, ['AWS4-HMAC-SHA256', named('X-Amz-Date'), scope.join('/'), sha256(canonical)].join('\n')).toString('hex');
};

describe('an address', () => {
  it("is signed as AWS's own example is", async () => {
    const example =
      'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host';
    expect(signatureOf('GET', example)).toBe('aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404');
    const { url } = await createPresign({ ...documented, endpoint: undefined })(
      { method: 'GET', bucket: 'examplebucket', key: 'test.txt' },
      86_400,
    );
    const { searchParams } = new URL(url);
    expect(searchParams.get('X-Amz-Signature')).toBe(signatureOf('GET', url));
    expect([...searchParams.keys()].sort()).toEqual([...new URL(example).searchParams.keys(), 'X-Amz-Signature'].sort());
  });

  it('of a session holds its token, signed', async () => {
    const credentials = async () => ({ ...(await documented.credentials()), sessionToken: 'session/token+==' });
    const presign = createPresign({ ...documented, credentials, endpoint: undefined });
    const { url, headers } = await createS3Intake(presign, { bucket: 'intake' }).address(
      { key: "upload/r1/it's", bytes: 3, sha256: sha256('abc') },
      900,
    );
    expect(new URL(url).searchParams.get('X-Amz-Security-Token')).toBe('session/token+==');
    expect(new URL(url).searchParams.get('X-Amz-Signature')).toBe(signatureOf('PUT', url, headers));
  });

  it('binds length and checksum: they are signed headers, and stay headers', async () => {
    const bytes = Buffer.from('abc');
    const intake = createS3Intake(createPresign({ ...documented, endpoint: undefined }), { bucket: 'intake' });
    const { url, headers } = await intake.address({ key: 'upload/r1/u1', bytes: 3, sha256: sha256(bytes) }, 900);
    const { origin, pathname, searchParams } = new URL(url);
    expect(`${origin}${pathname}`).toBe('https://intake.s3.us-east-1.amazonaws.com/upload/r1/u1');
    expect(headers).toEqual({ 'content-length': '3', 'x-amz-checksum-sha256': 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=' });
    expect(searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host;x-amz-checksum-sha256');
    expect(searchParams.get('X-Amz-Expires')).toBe('900');
    expect([...searchParams.keys()].some((name) => /checksum|content/i.test(name))).toBe(false);
  });
});

describe('the address of evidence', () => {
  it('is signed with what a browser is to do with it: to save it, and never to show it', async () => {
    const addresses = createS3EvidenceAddresses(createPresign({ ...documented, endpoint: undefined }), { bucket: 'evidence' });
    const digest = sha256('abc');
    const address = await addresses.address('run/r1', digest, 60);
    const { origin, pathname, searchParams } = new URL(address);
    expect(`${origin}${pathname}`).toBe(`https://evidence.s3.us-east-1.amazonaws.com/run/r1/${digest}`);
    expect(searchParams.get('response-content-disposition')).toBe(`attachment; filename="${digest}"`);
    expect(searchParams.get('response-content-type')).toBe('application/octet-stream');
    expect([searchParams.get('X-Amz-Expires'), searchParams.get('X-Amz-SignedHeaders')]).toEqual(['60', 'host']);
    expect(searchParams.get('X-Amz-Signature')).toBe(signatureOf('GET', address));
  });
});

describe('what lies in the intake', () => {
  const replies: { readonly status: number; readonly body?: string | Buffer }[] = [];
  const seen: IncomingMessage[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push(incoming);
    const { status, body = '' } = replies.shift() ?? { status: 500 };
    outgoing.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body);
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  beforeEach(() => {
    seen.length = 0;
    replies.length = 0;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const objects = () =>
    createS3IntakeObjects(
      createS3({
        ...documented,
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        limits: { tries: 2, tryMs: 2_000, allMs: 4_000, pauseMs: 1 },
      }),
      { bucket: 'intake' },
    );

  it('is read whole, and not at all when it is longer than announced', async () => {
    const bytes = Buffer.alloc(200_000, 7);
    replies.push({ status: 200, body: bytes }, { status: 200, body: bytes }, { status: 200, body: 'short' });
    expect(await objects().read('upload/r/u', 200_000)).toEqual({ bytes: new Uint8Array(bytes) });
    expect(await objects().read('upload/r/u', 100)).toEqual({ length: 200_000 });
    expect(await objects().read('upload/r/u', 100)).toEqual({ length: 5 });
  });

  it('is missing only where S3 says so', async () => {
    replies.push(
      { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' },
      { status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' },
      { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' },
    );
    expect(await objects().read('upload/r/u', 1)).toBeUndefined();
    await expect(objects().read('upload/r/u', 1)).rejects.toThrow('404 NoSuchBucket');
    await expect(objects().read('upload/r/u', 1)).rejects.toThrow('403 AccessDenied');
  });

  it('is removed, and a removal that is refused is a fault', async () => {
    replies.push({ status: 204 }, { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' });
    await objects().remove('upload/r/u');
    expect(seen[0]).toMatchObject({ method: 'DELETE', url: '/intake/upload/r/u' });
    await expect(objects().remove('upload/r/u')).rejects.toThrow('403 AccessDenied');
  });
});
