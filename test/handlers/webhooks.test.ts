import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { webhooksApi } from '../../lambdas/api/webhooks.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { protectionRulesSchema } from '../../lib/checklist/protection-rules.ts';
import { signingFor } from '../fakes.ts';
import { commit, dependenciesOf, twoGates } from '../given.ts';
import { protectionRule as rule, secretArn } from '../protection-rule-given.ts';
import { anonymous, ask } from './requests.ts';

const secret = 'It is a Secret to Everybody';
const otherRule = {
  ...rule,
  id: 'other',
  repository: 'acme/mail',
  secretArn: secretArn('other-key'),
  webhookSecretArn: secretArn('other-webhook'),
};

/** As GitHub documents it, without the members of repository, sender and deployment that nobody reads. */
const payload = (changes: object = {}): object => ({
  action: 'requested',
  environment: 'production',
  event: 'push',
  deployment_callback_url: 'https://api.github.com/repos/acme/shop/actions/runs/4711/deployment_protection_rule',
  deployment: {
    url: 'https://api.github.com/repos/acme/shop/deployments/815',
    id: 815,
    node_id: 'DE_kwDOAbc',
    task: 'deploy',
    original_environment: 'production',
    environment: 'production',
    description: null,
    sha: commit,
    ref: 'v1.4.0',
    payload: {},
    creator: { login: 'github-actions[bot]', id: 41898282, type: 'Bot' },
    performed_via_github_app: null,
  },
  pull_requests: [],
  repository: { id: 1296269, name: 'shop', full_name: 'acme/shop', private: true, owner: { login: 'acme', id: 1 } },
  installation: { id: 678, node_id: 'MDIz' },
  sender: { login: 'octocat', id: 1, type: 'User' },
  ...changes,
});

type Sending = { readonly body?: string | Uint8Array; readonly headers?: Readonly<Record<string, string>>; readonly key?: string };

const world = (secrets: Readonly<Record<string, string>> = { webhook: secret, 'other-webhook': 'another secret of another app' }) => {
  const deps = dependenciesOf(twoGates);
  const read: string[] = [];
  const api = webhooksApi({
    deps: signingFor([], deps),
    rules: protectionRulesSchema.parse([rule, otherRule]).map((one) => ({ ...one, service: 'shop' })),
    readSecret: async (secretArn) => {
      read.push(secretArn);
      const name = /holdpoint\/(.*)-AbCdEf$/.exec(secretArn)?.[1] ?? '';
      return secrets[name] ?? Promise.reject(new Error('Secrets Manager does not answer'));
    },
  });
  const send = async ({ body = JSON.stringify(payload()), headers = {}, key = secret }: Sending = {}) => {
    const answer = await ask(api, {
      method: 'POST',
      path: '/webhooks/github',
      identity: anonymous,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'deployment_protection_rule',
        'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
        'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
        ...headers,
      },
      body,
    });
    return { status: answer.status, said: JSON.parse(answer.text) as { readonly detail?: string; readonly alreadyRecorded?: boolean } };
  };
  const recorded = async () => deps.trail.read(scopes.environment('shop', 'production'), { lane: lanes.jobs(commit) });
  return { send, recorded, read, deps };
};

describe('a webhook of GitHub', () => {
  test('is recorded as a waiting job, and once when it is delivered twice', async () => {
    const { send, recorded } = world();
    expect(await send()).toMatchObject({ status: 202, said: { recorded: true, alreadyRecorded: false } });
    expect(await send()).toMatchObject({ status: 202, said: { recorded: true, alreadyRecorded: true } });
    const [job, ...others] = await recorded();
    expect(others).toEqual([]);
    expect(job?.event).toMatchObject({
      type: 'job.waiting',
      actor: { kind: 'system', id: 'webhooks' },
      data: { rule: 'deploy', repository: 'acme/shop', pipeline: '4711', deployment: '815' },
    });
  });

  test('names repository and environment in any case', async () => {
    const { send, recorded } = world();
    const body = JSON.stringify(payload({ environment: 'Production', repository: { full_name: 'Acme/Shop' } }));
    expect((await send({ body })).status).toBe(202);
    expect(await recorded()).toHaveLength(1);
  });

  test('signed as the documentation shows it is taken', async () => {
    // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const { send } = world({ webhook: "It's a Secret to Everybody", 'other-webhook': 'another secret of another app' });
    const headers = { 'x-hub-signature-256': signature };
    expect((await send({ body: 'Hello, World!', headers: { ...headers, 'x-github-event': 'ping' } })).status).toBe(202);
    expect((await send({ body: 'Hello, World!', headers })).status).toBe(400);
  });

  test('of another event is taken, and nothing is recorded', async () => {
    const { send, recorded } = world();
    expect(await send({ headers: { 'x-github-event': 'ping' } })).toMatchObject({ status: 202, said: { recorded: false } });
    expect(await recorded()).toEqual([]);
  });

  const text = JSON.stringify(payload());
  const at = 'https://api.github.com/repos/acme/shop/actions/runs';
  test.each<[string, number, Sending]>([
    ['with another secret', 401, { key: 'another secret altogether' }],
    ['without a signature', 401, { headers: { 'x-hub-signature-256': '' } }],
    ['with the signature of SHA-1', 401, { headers: { 'x-hub-signature-256': `sha1=${'a'.repeat(40)}` } }],
    ['with a signature that is cut', 401, { headers: { 'x-hub-signature-256': `sha256=${'a'.repeat(63)}` } }],
    ['that was changed', 401, { body: `${text} `, headers: signatureOf(text) }],
    ['that was cut', 401, { body: text.slice(0, 200), headers: signatureOf(text) }],
    ['that was signed when it was cut', 400, { body: text.slice(0, 200) }],
    ['of 1 MB', 413, { body: JSON.stringify(payload({ pull_requests: ['x'.repeat(1024 * 1024)] })) }],
    ['that is empty', 400, { body: '' }],
    ['that is no JSON', 400, { body: 'payload=%7B%7D' }],
    ['that is not UTF-8', 400, { body: new Uint8Array([0x22, 0xff, 0x22]) }],
    ['as a form', 415, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['of another action', 400, { body: JSON.stringify(payload({ action: 'completed' })) }],
    ['of a foreign repository', 422, { body: JSON.stringify(payload({ repository: { full_name: 'evil/shop' } })) }],
    ['of another environment', 422, { body: JSON.stringify(payload({ environment: 'staging' })) }],
    ['of another installation', 422, { body: JSON.stringify(payload({ installation: { id: 679 } })) }],
    ['of a repository whose app has another secret', 422, { body: JSON.stringify(payload({ repository: { full_name: 'acme/mail' } })) }],
    ['that names a pipeline elsewhere', 400, { body: JSON.stringify(payload({ deployment_callback_url: `${at}/../x` })) }],
    [
      'whose pipeline is in another repository',
      400,
      { body: JSON.stringify(payload({ deployment_callback_url: `${at.replace('shop', 'mail')}/1/deployment_protection_rule` })) },
    ],
    ['with a commit that is none', 400, { body: JSON.stringify(payload({ deployment: { id: 815, sha: 'main' } })) }],
    ['with a deployment that is no number', 400, { body: JSON.stringify(payload({ deployment: { id: '../1', sha: commit } })) }],
  ])('%s gets %i, and nothing is recorded', async (_, status, sending) => {
    const { send, recorded, deps } = world();
    let inserted = 0;
    deps.controls.onCall((call) => {
      if (call === 'store.insert') inserted += 1;
    });
    const answer = await send(sending);
    expect(answer.status).toBe(status);
    expect(answer.said.detail).not.toContain(secret);
    expect([await recorded(), inserted]).toEqual([[], 0]);
  });

  test('without a signature of the right form makes nobody read a secret, and many wrong ones read each once a minute', async () => {
    const { send, read, deps } = world();
    await send({ headers: { 'x-hub-signature-256': 'sha256=none' } });
    expect(read).toEqual([]);
    for (let n = 0; n < 20; n += 1) await send({ key: `guess number ${n}` });
    expect(read).toEqual([rule.webhookSecretArn, otherRule.webhookSecretArn]);
    deps.controls.clock.advance(61_000);
    await send();
    expect(read).toHaveLength(4);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['cannot be read', { 'other-webhook': 'another secret of another app' }],
    ['is empty', { webhook: ' ', 'other-webhook': 'another secret of another app' }],
    ['can be guessed', { webhook: 'short', 'other-webhook': 'another secret of another app' }],
  ])('is a fault where the secret %s, also when it is signed with that', async (_, secrets) => {
    const { send, recorded } = world(secrets);
    expect((await send({ key: (secrets.webhook ?? '').trim() })).status).toBe(500);
    expect(await recorded()).toEqual([]);
  });

  test('is taken by one secret where another one cannot be read', async () => {
    const { send, recorded } = world({ webhook: secret });
    expect((await send()).status).toBe(202);
    expect(await recorded()).toHaveLength(1);
  });
});

function signatureOf(body: string) {
  return { 'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` };
}
