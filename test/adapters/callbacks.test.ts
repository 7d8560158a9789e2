import { describe, expect, test } from 'vitest';
import { createCallbacks } from '../../lambdas/adapters/callbacks.ts';
import { callbacksSchema } from '../../lib/checklist/callbacks.ts';
import type { Failed, Hop, HopAnswer } from '../../lib/collectors/ports.ts';
import type { CallbackMessage } from '../../lib/ports.ts';

const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:holdpoint/callback-AbCdEf';
const message: CallbackMessage = {
  id: 'a'.repeat(32),
  event: 'gate',
  run: 'r1',
  service: 'shop',
  environment: 'production',
  version: '1.4.0 & more',
  commit: 'c'.repeat(40),
  gate: 'go-no-go',
  outcome: 'passed',
  link: 'https://holdpoint.example.com/runs/r1',
};
const blocked: CallbackMessage = {
  ...message,
  outcome: 'blocked',
  blockers: {
    checks: [{ gate: 'phase-1', check: 'unit-tests', verdict: 'missing', way: 'evidence', evidence: 'junit', roles: ['technical-lead'] }],
    leftOut: 0,
  },
};
const secret = 'the-secret-token';

type World = { readonly secret?: string; readonly addresses?: readonly string[]; readonly answer?: number | Failed };

/** A receiver behind a connection that keeps what it was sent. */
const callbacks = (configured: object, { secret: text = secret, addresses = ['140.82.121.6'], answer = 204 }: World = {}) => {
  const sent: Hop[] = [];
  const read: string[] = [];
  const targets = callbacksSchema.parse([{ id: 'deploy', secretArn, ...configured }]);
  const answered = typeof answer === 'number' ? { status: answer, headers: {}, body: new Uint8Array(), truncated: false } : answer;
  const { call } = createCallbacks({
    targets: { shop: targets },
    readSecret: async (arn) => {
      read.push(arn);
      return `${text}\n`;
    },
    clock: { now: () => new Date('2026-03-02T08:00:00.000Z') },
    resolver: { resolve: async () => ({ addresses }) },
    connection: {
      send: async (hop): Promise<HopAnswer | Failed> => {
        sent.push(hop);
        return answered;
      },
    },
  });
  return { call: (told = message) => call('deploy', told), sent, read };
};

const github = { kind: 'github', repository: 'acme/shop' };
const gitlab = { kind: 'gitlab', project: 'acme/shop', ref: 'main' };

describe('a callback', () => {
  test('to GitHub is a repository dispatch with the token in its header, and ten members at most', async () => {
    const { call, sent, read } = callbacks(github);
    await call();
    const [hop] = sent;
    expect([hop?.method, hop?.url.href, read]).toEqual(['POST', 'https://api.github.com/repos/acme/shop/dispatches', [secretArn]]);
    expect(hop?.headers).toMatchObject({
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${secret}`,
      'x-github-api-version': '2022-11-28',
      'user-agent': 'holdpoint',
    });
    const body = JSON.parse(hop?.body ?? '') as { client_payload: object };
    expect(body).toEqual({ event_type: 'holdpoint', client_payload: message });
    expect(Object.keys(body.client_payload).length).toBeLessThanOrEqual(10);
  });

  test('names what blocks a gate, to GitHub in place of the link, to GitLab as JSON in a variable', async () => {
    const bodies = await Promise.all(
      [github, gitlab, { kind: 'https' }].map(async (configured) => {
        const { call, sent } = callbacks(configured, 'project' in configured ? {} : { secret: 'https://ci.acme.example/hooks/abc' });
        await call(blocked);
        return sent[0]?.body ?? '';
      }),
    );
    const { link: _, ...withoutLink } = blocked;
    const { client_payload: payload } = JSON.parse(bodies[0] ?? '') as { client_payload: object };
    expect(payload).toEqual(withoutLink);
    expect(Object.keys(payload)).toHaveLength(10);
    expect(JSON.parse(new URLSearchParams(bodies[1]).get('variables[HOLDPOINT_BLOCKERS]') ?? '')).toEqual(blocked.blockers);
    expect(JSON.parse(bodies[2] ?? '')).toEqual({ schema: 'holdpoint.callback/1', ...blocked });
  });

  test('to GitHub Enterprise Server takes its own address and event', async () => {
    const { call, sent } = callbacks({ ...github, api: 'https://github.acme.example/api/v3', eventType: 'go' });
    await call();
    expect(sent[0]?.url.href).toBe('https://github.acme.example/api/v3/repos/acme/shop/dispatches');
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ event_type: 'go' });
  });

  test.each([
    ['acme/shop', 'acme%2Fshop'],
    ['4711', '4711'],
  ])('to the project %s of GitLab is a trigger with variables, whose token stands in the body', async (project, path) => {
    const { call, sent } = callbacks({ ...gitlab, project }, { answer: 201 });
    await call();
    expect(sent[0]?.url.href).toBe(`https://gitlab.com/api/v4/projects/${path}/trigger/pipeline`);
    expect(sent[0]?.headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded' });
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toMatchObject({
      token: secret,
      ref: 'main',
      'variables[HOLDPOINT_RUN]': 'r1',
      'variables[HOLDPOINT_GATE]': 'go-no-go',
      'variables[HOLDPOINT_OUTCOME]': 'passed',
      'variables[HOLDPOINT_VERSION]': '1.4.0 & more',
    });
  });

  test('to another receiver is JSON at the address that the secret is', async () => {
    const { call, sent } = callbacks({ kind: 'https' }, { secret: 'https://ci.acme.example/hooks/abc', answer: 200 });
    await call();
    expect(sent[0]?.url.href).toBe('https://ci.acme.example/hooks/abc');
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ schema: 'holdpoint.callback/1', ...message });
  });

  test.each<[string, object, World]>([
    ['an address without encryption', { kind: 'https' }, { secret: 'http://ci.acme.example/hooks/abc' }],
    ['a secret that is no address', { kind: 'https' }, { secret: 'abc' }],
    ['a private address', github, { addresses: ['10.0.0.8'] }],
    ['one private address among public ones', github, { addresses: ['140.82.121.6', '127.0.0.1'] }],
    ['a metadata service', { ...github, privateAddresses: true }, { addresses: ['169.254.169.254'] }],
  ])('to %s is not sent', async (_, configured, world) => {
    const { call, sent } = callbacks(configured, world);
    await expect(call()).rejects.toThrow(/callback deploy/);
    expect(sent).toEqual([]);
  });

  test('to a private address is sent where the stage permits it', async () => {
    const { call, sent } = callbacks({ ...gitlab, privateAddresses: true }, { addresses: ['10.0.0.8'], answer: 201 });
    await call();
    expect(sent[0]?.address).toBe('10.0.0.8');
  });

  test.each<[string, World]>([
    ['a status that is no success', { answer: 401 }],
    ['a redirect', { answer: 302 }],
    ['a fault of the network', { answer: { failed: `no answer at https://x/?${secret}` } }],
  ])('with %s is a fault that tells no secret', async (_, world) => {
    for (const configured of [github, gitlab, { kind: 'https' }]) {
      const text = 'kind' in configured && configured.kind === 'https' ? `https://ci.acme.example/${secret}` : secret;
      const fault = await callbacks(configured, { ...world, secret: text })
        .call()
        .then(
          () => 'no fault',
          (thrown: unknown) => String(thrown),
        );
      expect(fault).toContain('callback deploy');
      expect(fault).not.toContain(secret);
    }
  });
});

test.each([
  [{ kind: 'github', repository: 'shop' }, 'OWNER/NAME'],
  [{ ...github, api: 'http://github.acme.example' }, 'api'],
  [{ ...github, api: 'https://user:pass@github.acme.example' }, 'api'],
  [{ ...gitlab, project: '../admin' }, 'project'],
  [{ ...gitlab, ref: 'a b' }, 'ref'],
  [{ kind: 'https', address: 'https://ci.acme.example' }, 'address'],
  [{ kind: 'https', secretArn: 'https://ci.acme.example' }, 'secretArn'],
])('%j is no callback of a stage', (configured, why) => {
  const found = callbacksSchema.safeParse([{ id: 'deploy', secretArn, ...configured }]);
  expect(JSON.stringify(found.error?.issues)).toContain(why);
});
