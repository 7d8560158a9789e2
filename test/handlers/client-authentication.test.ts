import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSignIn, type SignIn } from '../../lambdas/api/sign-in.ts';
import { freePort } from '../../lib/local/tcp-ports.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';
import { stageOf } from './requests.ts';

/** A provider with a token endpoint; its keys and its signatures are the test issuer's. */
let keys: TestIssuer;
let url: string;
let asked: { readonly authorization: string | undefined; readonly body: URLSearchParams }[] = [];
let claims: Record<string, unknown> = {};
let answer: { readonly status: number; readonly body: object } | undefined;
let methods: readonly string[] | undefined;
let close: () => void;

beforeAll(async () => {
  keys = await startIssuer();
  const port = await freePort();
  url = `http://localhost:${port}`;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const send = (status: number, body: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (request.url !== '/token')
        return send(200, {
          issuer: url,
          jwks_uri: `${keys.url}/keys`,
          authorization_endpoint: `${url}/auth`,
          token_endpoint: `${url}/token`,
          ...(methods === undefined ? {} : { token_endpoint_auth_methods_supported: methods }),
        });
      asked.push({ authorization: request.headers.authorization, body: new URLSearchParams(Buffer.concat(chunks).toString()) });
      if (answer !== undefined) return send(answer.status, answer.body);
      return void keys.sign(claims as never).then((id_token) => send(200, { access_token: 'a', token_type: 'Bearer', id_token }));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  close = () => {
    server.close();
    server.closeAllConnections();
  };
});
afterAll(async () => {
  close();
  await keys.close();
});
beforeEach(() => {
  [asked, answer, methods] = [[], undefined, undefined];
});

const clientSecretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:web-AbCdEf';
const signInWith = (secret: boolean, readSecret = (_arn: string) => Promise.resolve('s3cret')): SignIn => {
  const stage = stageOf({ local: true });
  const issuers = stage.issuers.map((one) =>
    one.kind === 'people' ? { ...one, issuer: url, ...(secret ? { clientSecretArn } : {}) } : one,
  );
  return createSignIn({ ...stage, issuers }, readSecret);
};
const finished = async (signIn: SignIn, changes: object = {}) => {
  const { state } = await signIn.begin(false);
  const seconds = Math.floor(Date.now() / 1000);
  const own = { iss: url, aud: 'holdpoint-web', sub: 'ada', nonce: state.nonce, iat: seconds, exp: seconds + 60, auth_time: seconds };
  claims = { ...own, ...changes };
  return signIn.finish(`?code=c&state=${state.state}`, state);
};

describe('the client at the provider of people', () => {
  test('is public without a secret', async () => {
    expect((await finished(signInWith(false))).ok).toMatchObject({ sub: 'ada' });
    expect([asked[0]?.authorization, asked[0]?.body.get('client_id')]).toEqual([undefined, 'holdpoint-web']);
  });

  test.each([
    ['in a header when the provider does not say what it takes', undefined, true],
    ['in a header when the provider takes both', ['client_secret_post', 'client_secret_basic'], true],
    ['in the form when the provider takes nothing else', ['client_secret_post'], false],
  ])('sends its secret %s', async (_what, supported, inHeader) => {
    methods = supported;
    expect((await finished(signInWith(true))).ok).toMatchObject({ sub: 'ada' });
    const basic = `Basic ${Buffer.from('holdpoint%2Dweb:s3cret').toString('base64')}`;
    expect([asked[0]?.authorization, asked[0]?.body.get('client_secret')]).toEqual(inHeader ? [basic, null] : [undefined, 's3cret']);
  });

  test('reads a secret again after the provider has rejected it, which is a fault for the operators', async () => {
    const given = ['old', 'new'];
    const signIn = signInWith(true, () => Promise.resolve(given.shift() ?? 'none'));
    answer = { status: 401, body: { error: 'invalid_client' } };
    await expect(finished(signIn)).rejects.toThrow();
    answer = undefined;
    expect((await finished(signIn)).ok).toMatchObject({ sub: 'ada' });
    expect(given).toEqual([]);
  });
});

describe('a provider that does not say when the person signed in', () => {
  test.each([
    ['leaves it out', undefined],
    ['sends a word', 'yesterday'],
  ])('%s: the person learns what is missing and who can mend it', async (_what, auth_time) => {
    const { refused } = await finished(signInWith(false), { auth_time });
    expect(refused).toMatchObject({ type: 'sign-in-time-missing', got: 'no auth_time claim' });
    expect(refused?.fix).toMatch(/owner of this stage .* auth_time/);
  });
});
