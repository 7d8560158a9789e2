import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createS3, type RetryLimits, type S3Endpoint } from '../../lambdas/adapters/s3.ts';
import { createS3Evidence } from '../../lambdas/adapters/s3-evidence.ts';
import { s3EndpointOf } from '../../lambdas/shell/env.ts';
import { sha256 } from '../../lib/canonical-json.ts';

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG', sessionToken: 'session/token==' };
const quick: RetryLimits = { tries: 3, tryMs: 2_000, allMs: 5_000, pauseMs: 1 };
const bytes = Buffer.from('abc');
const digest = sha256(bytes);

type Seen = { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers']; readonly body: Buffer };
type Reply = (outgoing: ServerResponse) => void;
const seen: Seen[] = [];
const replies: Reply[] = [];
const says =
  (status: number, body: string | Uint8Array = '', headers: Readonly<Record<string, string>> = {}): Reply =>
  (outgoing) =>
    outgoing.writeHead(status, headers).end(body);
const refuses = (status: number, code: string): Reply =>
  says(
    status,
    `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>m</Message><StringToSign>AWS4 ${keys.secretAccessKey}</StringToSign></Error>`,
    { 'x-amz-request-id': 'REQ1' },
  );
const silent: Reply = () => {};
const hangsUp: Reply = (outgoing) => outgoing.destroy();
const server = createServer(async (incoming, outgoing) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(chunks) });
  (replies.shift() ?? silent)(outgoing);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterEach(() => {
  expect(replies).toEqual([]);
  seen.length = 0;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const endpoint = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const evidence = (over: Partial<Parameters<typeof createS3>[0]> = {}) =>
  createS3Evidence(
    createS3({
      region: 'eu-central-1',
      endpoint: endpoint(),
      credentials: async () => keys,
      clock: { now: () => new Date('2026-03-02T08:00:00.000Z') },
      limits: quick,
      ...over,
    }),
    { bucket: 'evidence' },
  );

/** The signature as AWS describes it, made anew from what arrived, by other code than the adapter's. */
const signatureOf = ({ method, url, headers }: Seen): string => {
  const given = headers.authorization ?? '';
  const signed = /SignedHeaders=([^,]+)/.exec(given)?.[1] ?? '';
  const lines = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, '', lines.join(''), signed, headers['x-amz-content-sha256']].join('\n');
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const scope = ['20260302', 'eu-central-1', 's3', 'aws4_request'];
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`);
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const signature = hmac(key, ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope.join('/'), hashed].join('\n')).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope.join('/')}, SignedHeaders=${signed}, Signature=${signature}`;
};

describe('evidence on S3', () => {
  it('creates an object and never replaces one, signed, with the checksum in its key', async () => {
    replies.push(says(200));
    await evidence().put('runs/r1', digest, bytes, 'text/plain');
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      method: 'PUT',
      url: `/evidence/runs/r1/${digest}`,
      body: bytes,
      headers: {
        'content-type': 'text/plain',
        'content-length': '3',
        'if-none-match': '*',
        'x-amz-checksum-sha256': 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=',
        'x-amz-content-sha256': digest,
        'x-amz-date': '20260302T080000Z',
        'x-amz-security-token': 'session/token==',
      },
    });
    const { authorization = '' } = seen[0]?.headers ?? {};
    expect(authorization).toBe(signatureOf(seen[0] as Seen));
    expect(/SignedHeaders=([^,]+)/.exec(authorization)?.[1]).toBe(
      'content-type;host;if-none-match;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date;x-amz-security-token',
    );
  });

  it('takes 412 for there already, and tries again what may pass', async () => {
    replies.push(says(412));
    await evidence().put('runs/r1', digest, bytes, 'text/plain');
    replies.push(refuses(409, 'ConditionalRequestConflict'), refuses(503, 'SlowDown'), says(200));
    await evidence().put('runs/r1', digest, bytes, 'text/plain');
    replies.push(hangsUp, refuses(400, 'RequestTimeout'), says(412));
    await evidence().put('runs/r1', digest, bytes, 'text/plain');
    replies.push(refuses(500, 'InternalError'), says(200, bytes));
    expect(await evidence().get('runs/r1', digest)).toEqual(Uint8Array.from(bytes));
    for (const { body } of seen.filter(({ method }) => method === 'PUT')) expect(body).toEqual(bytes);
  });

  it.each([
    ['409 ConditionalRequestConflict', 409, 3],
    ['429 TooManyRequests', 429, 3],
    ['500 InternalError', 500, 3],
    ['403 AccessDenied', 403, 1],
    ['400 BadDigest', 400, 1],
    ['301 PermanentRedirect', 301, 1],
  ])('throws for %s after as many tries as help, and says nothing of what was signed', async (what, status, tries) => {
    for (const act of [() => evidence().put('runs/r1', digest, bytes, 'text/plain'), () => evidence().get('runs/r1', digest)]) {
      seen.length = 0;
      for (let tried = 0; tried < tries; tried += 1) replies.push(refuses(status, what.split(' ')[1] ?? ''));
      const fault = await act().then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
      expect(seen).toHaveLength(tries);
      const [{ method = '' } = {}] = seen;
      expect(fault?.message).toBe(`S3 answered ${what} to ${method} evidence/runs/r1/${digest}, request REQ1`);
      expect(fault?.cause).toBeUndefined();
    }
  });

  it('does not follow where another answer leads', async () => {
    replies.push(says(307, '', { location: `${endpoint()}/elsewhere` }));
    await expect(evidence().get('runs/r1', digest)).rejects.toThrow('S3 answered 307 to GET');
    expect(seen).toHaveLength(1);
  });

  it('throws what kept it from S3, after the last try', async () => {
    replies.push(hangsUp, hangsUp, hangsUp);
    const fault = await evidence()
      .get('runs/r1', digest)
      .catch((thrown: unknown) => thrown as Error);
    expect(fault).toMatchObject({ message: `S3 did not answer GET evidence/runs/r1/${digest} after 3 tries`, cause: expect.any(Error) });
    expect(JSON.stringify(fault, Object.getOwnPropertyNames(fault))).not.toContain(keys.secretAccessKey);
  });

  it('waits for one try and for all of them no longer than it may', async () => {
    const endless: Reply = (outgoing) => outgoing.writeHead(200).write('ab');
    replies.push(silent, endless, says(200, bytes));
    expect(await evidence({ limits: { ...quick, tryMs: 100 } }).get('runs/r1', digest)).toEqual(Uint8Array.from(bytes));
    const started = performance.now();
    await expect(evidence({ limits: { ...quick, tries: 99, tryMs: 200, allMs: 900 } }).get('runs/r1', digest)).rejects.toThrow(
      /after \d tries$/,
    );
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('sends nothing that its digest does not name', async () => {
    await expect(evidence().put('runs/r1', sha256('else'), bytes, 'text/plain')).rejects.toThrow(TypeError);
    expect(seen).toHaveLength(0);
  });

  it('checks the digest of what it reads', async () => {
    replies.push(says(200, bytes), says(200, 'abd'), says(200), says(206, bytes));
    expect(await evidence().get('runs/r1', digest)).toEqual(Uint8Array.from(bytes));
    await expect(evidence().get('runs/r1', digest)).rejects.toMatchObject({ name: 'IntegrityFault' });
    await expect(evidence().get('runs/r1', digest)).rejects.toMatchObject({ name: 'IntegrityFault' });
    await expect(evidence().get('runs/r1', digest)).rejects.toThrow('S3 answered 206');
    expect(seen[0]).toMatchObject({ method: 'GET', url: `/evidence/runs/r1/${digest}`, headers: { 'x-amz-content-sha256': sha256('') } });
    for (const one of seen) expect(one.headers.authorization).toBe(signatureOf(one));
  });

  it('distinguishes a missing object from a missing bucket', async () => {
    replies.push(refuses(404, 'NoSuchKey'), refuses(404, 'NoSuchBucket'), says(404));
    expect(await evidence().get('runs/r1', digest)).toBeUndefined();
    await expect(evidence().get('runs/r1', digest)).rejects.toThrow('404 NoSuchBucket');
    await expect(evidence().get('runs/r1', digest)).rejects.toThrow('S3 answered 404 to GET');
  });

  it('escapes keys as S3 does, and refuses one that a URL cannot name', async () => {
    replies.push(says(200, bytes));
    await evidence().get("late/r 1+ü!'()*~#?&=", digest);
    expect(seen[0]?.url).toBe(`/evidence/late/r%201%2B%C3%BC%21%27%28%29%2A~%23%3F%26%3D/${digest}`);
    expect(seen[0]?.headers.authorization).toBe(signatureOf(seen[0] as Seen));
    await expect(evidence().get('runs/../definitions', digest)).rejects.toThrow('which no URL can name');
    expect(seen).toHaveLength(1);
  });

  it('asks for the credentials anew, and takes none for a fault that no try mends', async () => {
    const credentials = async () => {
      throw new Error('no credentials');
    };
    await expect(evidence({ credentials }).get('runs/r1', digest)).rejects.toThrow('no credentials');
    expect(seen).toHaveLength(0);
  });
});

describe('where S3 is', () => {
  const asked = async (place: S3Endpoint): Promise<string> => {
    const urls: string[] = [];
    const fetched: typeof fetch = async (url) => {
      urls.push(String(url));
      return new Response(bytes);
    };
    await evidence({ ...place, fetch: fetched }).get('runs/r1', digest);
    return urls.join();
  };

  it("is the bucket's own host name on AWS, and a path on any other server", async () => {
    const of = (env: Readonly<Record<string, string>>) => asked(s3EndpointOf(env));
    const key = `runs/r1/${digest}`;
    expect(await of({ AWS_REGION: 'eu-central-1' })).toBe(`https://evidence.s3.eu-central-1.amazonaws.com/${key}`);
    expect(await of({ AWS_DEFAULT_REGION: 'us-east-1', AWS_ENDPOINT_URL: '' })).toBe(`https://evidence.s3.us-east-1.amazonaws.com/${key}`);
    expect(await of({ AWS_REGION: 'cn-north-1' })).toBe(`https://evidence.s3.cn-north-1.amazonaws.com.cn/${key}`);
    const given = { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'http://localhost:4566' };
    expect(await of(given)).toBe(`http://localhost:4566/evidence/${key}`);
    expect(await of({ ...given, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000/s3/' })).toBe(`http://127.0.0.1:9000/s3/evidence/${key}`);
  });

  it('is asked for where no region is set', () => {
    expect(() => s3EndpointOf({ AWS_ENDPOINT_URL: 'http://localhost:4566' })).toThrow('AWS_REGION is not set');
  });
});
