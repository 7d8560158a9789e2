import { generateKeyPairSync } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { createProtectionRules } from '../../lambdas/adapters/github-rules.ts';
import { protectionRuleFlaws, protectionRulesSchema } from '../../lib/checklist/protection-rules.ts';
import type { Failed, Hop, HopAnswer } from '../../lib/collectors/ports.ts';
import { type Pipelines, protectionRulesContract } from '../contract/protection-rules.contract.ts';
import { protectionRule, secretArn } from '../protection-rule-given.ts';

const now = new Date('2026-03-02T08:00:00.000Z');
const commit = 'c'.repeat(40);
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
// The form in which GitHub gives it.
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const installationToken = 'ghs_16C7e42F292c6912E7710c838347Ae178B4a';
const deploy = { ...protectionRule, repository: 'Acme/shop', gate: 't-minus-2h', app: 'Iv23liAbCdEfGhIjKlMn' };

type World = {
  readonly pipelines?: Pipelines;
  readonly key?: string;
  readonly configured?: object;
  /** In place of an answer of GitHub, by the last part of the path. */
  readonly instead?: Readonly<Record<string, HopAnswer | Failed>>;
  readonly addresses?: readonly string[];
};

const answerOf = (status: number, body: unknown = ''): HopAnswer => ({
  status,
  headers: {},
  body: new TextEncoder().encode(JSON.stringify(body)),
  truncated: false,
});

/** GitHub behind a connection: the three requests of its REST API, in their documented form. */
const github = ({
  pipelines = { 4711: { commit } },
  key = pem,
  configured = {},
  instead = {},
  addresses = ['140.82.121.6'],
}: World = {}) => {
  const sent: Hop[] = [];
  const read: string[] = [];
  const answers: { pipeline: string; state: 'approved' | 'rejected' | null; comment: string }[] = [];
  const reply = ({ url, method, body }: Hop): HopAnswer | Failed => {
    const parts = url.pathname.split('/');
    const prepared = instead[parts.at(-1) ?? ''];
    if (prepared !== undefined) return prepared;
    if (method === 'POST' && parts.at(-1) === 'access_tokens')
      return answerOf(201, {
        token: installationToken,
        expires_at: '2026-03-02T09:00:00Z',
        permissions: {},
        repository_selection: 'selected',
      });
    const pipeline = /\/actions\/runs\/(\d+)/.exec(url.pathname)?.[1] ?? '';
    const found = pipelines[pipeline];
    if (found === undefined) return answerOf(404, { message: 'Not Found' });
    if (method === 'GET')
      return answerOf(200, {
        id: Number(pipeline),
        head_sha: found.commit,
        status: found.ended ? 'completed' : 'waiting',
        repository: { full_name: 'acme/shop' },
      });
    const said = JSON.parse(body ?? '') as { state?: 'approved' | 'rejected'; comment: string };
    answers.push({ pipeline, state: said.state ?? null, comment: said.comment });
    return { ...answerOf(204), body: new Uint8Array() };
  };
  const rules = createProtectionRules({
    rules: { shop: protectionRulesSchema.parse([{ ...deploy, ...configured }]) },
    readSecret: async (secret) => {
      read.push(secret);
      return key;
    },
    clock: { now: () => now },
    resolver: { resolve: async () => ({ addresses }) },
    connection: {
      send: async (hop) => {
        sent.push(hop);
        return reply(hop);
      },
    },
  });
  return { rules, sent, read, answers: () => answers };
};

protectionRulesContract((pipelines) => github({ pipelines }));

const approve = { service: 'shop', pipeline: '4711', commit, state: 'approved', comment: 'Passed.' } as const;

describe('a job at GitHub', () => {
  test('is approved with a token of the app for this repository and these rights alone', async () => {
    const { rules, sent, read } = github();
    await rules.answer('deploy', approve);
    expect(read).toEqual([deploy.secretArn]);
    expect(sent.map(({ method, url }) => `${method} ${url.href}`)).toEqual([
      'POST https://api.github.com/app/installations/678/access_tokens',
      'GET https://api.github.com/repos/Acme/shop/actions/runs/4711',
      'POST https://api.github.com/repos/Acme/shop/actions/runs/4711/deployment_protection_rule',
    ]);
    const [token, ...others] = sent;
    expect(JSON.parse(token?.body ?? '')).toEqual({ repositories: ['shop'], permissions: { actions: 'read', deployments: 'write' } });
    for (const { headers } of others)
      expect(headers).toMatchObject({ authorization: `Bearer ${installationToken}`, 'x-github-api-version': '2022-11-28' });
    expect(JSON.parse(others.at(-1)?.body ?? '')).toEqual({ environment_name: 'production', state: 'approved', comment: 'Passed.' });
  });

  test('is answered as the app, with a signed claim of ten minutes at most', async () => {
    const { rules, sent } = github();
    await rules.answer('deploy', approve);
    const jwt = String(sent[0]?.headers.authorization).replace('Bearer ', '');
    const { payload } = await jwtVerify(jwt, publicKey, { issuer: deploy.app, currentDate: now });
    expect(decodeProtectedHeader(jwt).alg).toBe('RS256');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600);
    expect(payload.iat).toBeLessThan(now.getTime() / 1000);
  });

  test('of a GitHub Enterprise Server and of an environment with another name is answered there', async () => {
    const { rules, sent } = github({ configured: { api: 'https://github.acme.example/api/v3', protects: 'prod/eu' } });
    await rules.answer('deploy', approve);
    expect(sent.map(({ url }) => url.origin)).toEqual(Array(3).fill('https://github.acme.example'));
    expect(JSON.parse(sent.at(-1)?.body ?? '')).toMatchObject({ environment_name: 'prod/eu' });
  });

  test('is not approved where GitHub shows its pipeline in another repository', async () => {
    const moved = answerOf(200, { head_sha: commit, status: 'waiting', repository: { full_name: 'acme/fork' } });
    const { rules, answers } = github({ instead: { 4711: moved } });
    expect(await rules.answer('deploy', approve)).toBe('other-commit');
    expect(answers().map(({ state }) => state)).toEqual([null]);
  });

  test.each<[string, World]>([
    ['a private address', { addresses: ['10.0.0.8'] }],
    ['no token', { instead: { access_tokens: answerOf(201, {}) } }],
    ['a token that is no header', { instead: { access_tokens: answerOf(201, { token: 'a\r\nb' }) } }],
    ['a refused token', { instead: { access_tokens: answerOf(401, { message: 'A JSON web token could not be decoded' }) } }],
    ['a redirect', { instead: { 4711: { ...answerOf(302), headers: { location: 'https://evil.example/' } } } }],
    ['no commit', { instead: { 4711: answerOf(200, { status: 'waiting' }) } }],
    ['text that is no JSON', { instead: { 4711: { ...answerOf(200), body: new TextEncoder().encode('<html>') } } }],
    ['a refused answer', { instead: { deployment_protection_rule: answerOf(422, { message: 'Validation failed' }) } }],
    ['a fault of the network', { instead: { 4711: { failed: `no answer to Bearer ${installationToken}` } } }],
    ['a secret that is no key', { key: `-----BEGIN RSA PRIVATE KEY-----\n${installationToken}` }],
    ['a key of another kind', { key: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }],
  ])('with %s is a fault that tells no secret, and approves nothing', async (_, world) => {
    const { rules, answers, sent } = github(world);
    const fault = await rules.answer('deploy', approve).then(
      (done) => `taken as ${done}`,
      (thrown: unknown) => `${String(thrown)} ${String((thrown as Error).cause)}`,
    );
    expect(fault).toContain('protection rule deploy');
    for (const secret of [
      installationToken,
      pem.slice(40, 80),
      String(sent[0]?.headers.authorization ?? 'no token').replace('Bearer ', ''),
    ])
      expect(fault).not.toContain(secret);
    expect(answers()).toEqual([]);
    expect(sent.every(({ url }) => url.hostname === 'api.github.com')).toBe(true);
  });
});

test.each([
  [{ repository: 'shop' }, 'OWNER/NAME'],
  [{ api: 'http://github.acme.example' }, 'api'],
  [{ app: 'my app' }, 'client ID'],
  [{ installation: 0 }, 'installation'],
  [{ webhookSecretArn: deploy.secretArn }, 'two secrets'],
  [{ token: 'abc' }, 'token'],
])('%j is no protection rule of a stage', (configured, why) => {
  const found = protectionRulesSchema.safeParse([{ ...deploy, ...configured }]);
  expect(JSON.stringify(found.error?.issues)).toContain(why);
});

test('a rule that could never answer, or would not say which runs decide, is refused', () => {
  const rules = (...given: object[]) => protectionRulesSchema.parse(given.map((one, n) => ({ ...deploy, id: `r${n}`, ...one })));
  const shop = { name: 'shop', environments: ['staging', 'production'] };
  expect(protectionRuleFlaws([{ ...shop, protectionRules: rules({}) }], ['t-minus-2h'])).toEqual([]);
  const second = rules({ environment: 'staging', protects: 'Production', repository: 'acme/SHOP' });
  expect(
    protectionRuleFlaws(
      [
        { ...shop, protectionRules: rules({}, { environment: 'live', protects: 'live' }, { protects: 'eu', gate: 'phase-99' }) },
        { ...shop, name: 'shop-2', protectionRules: second },
      ],
      ['t-minus-2h'],
    ),
  ).toEqual([
    'services: the protection rule r1 of shop names the environment live, which the service does not have',
    'services: the protection rule r2 of shop names the gate phase-99; expected t-minus-2h',
    'services: the protection rule r0 of shop-2 is the second one for the environment Production of acme/SHOP',
  ]);
  const many = rules(...Array.from({ length: 6 }, (_, n) => ({ protects: `p${n}`, webhookSecretArn: secretArn(`webhook-${n}`) })));
  expect(protectionRuleFlaws([{ ...shop, protectionRules: many }], ['t-minus-2h'])).toEqual([
    'services: the protection rules have 6 webhook secrets; expected 5 at most',
  ]);
});
