import { expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import { httpEventSchema } from '../../lambdas/shell/http.ts';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { fakeMac } from '../fakes.ts';
import { personIn } from '../given.ts';
import { ask, bearer, browser, type Reply, stageOf } from './requests.ts';
import { askedRun, linkOf, type SmallRun, shownTo } from './small-run.ts';

/** Where a person decided from is recorded, erasable, and shown to auditors alone. */

const address = '203.0.113.77';

const answered = async (small: SmallRun, from?: string): Promise<Reply> => {
  const stage = stageOf();
  const api = peopleApi({ deps: small.deps, mac: fakeMac(), stage, signIn: createSignIn(stage) });
  const path = `/approvals/${linkOf(small, 'technical-lead')}`;
  const identity = browser(personIn(small.deps, 'technical-lead'));
  const { text } = await ask(api, { method: 'GET', path, identity });
  const fieldOf = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
  const { code } = await shownTo(small, 'technical-lead');
  const fields = { answer: 'approved', confirmation: code, note: '', report: fieldOf('report'), nonce: fieldOf('nonce') };
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  // A caller may write into these what they like.
  const claimed = { 'x-forwarded-for': '198.51.100.1', forwarded: 'for=198.51.100.2', 'x-real-ip': '198.51.100.3' };
  const sent = { method: 'POST', path, identity, headers: { ...headers, ...claimed }, body: new URLSearchParams(fields).toString() };
  return ask(api, { ...sent, ...(from === undefined ? {} : { from }) });
};

const answerIn = async ({ deps, run }: SmallRun) => {
  const lane = (await deps.trail.read(`run/${run}`, { lane: 'approval/go-no-go' })).filter(isType('approval.answered'));
  return lane[0] ?? expect.fail('no answer');
};

const asked = (small: SmallRun, role: 'auditor' | 'product-owner', path: string, query = ''): Promise<Reply> => {
  const api = auditApi({ deps: small.deps, mac: fakeMac() });
  const identity = path.startsWith('/v1') ? bearer(personIn(small.deps, role)) : browser(personIn(small.deps, role));
  return ask(api, { method: 'GET', path, query, identity });
};

test('an answer holds the digest of the address that the gateway saw, and of none that a header claims', async () => {
  const small = await askedRun();
  const reply = await answered(small, address);
  expect(reply.status).toBe(303);
  const { event } = await answerIn(small);
  const digest = event.data.sourceAddress ?? expect.fail('no address');
  const trail = JSON.stringify(await small.deps.trail.read(`run/${small.run}`, { prefix: '' }));
  expect(trail).not.toMatch(/203\.0\.113|198\.51\.100/);
  expect(JSON.stringify(reply.log)).not.toMatch(/203\.0\.113|198\.51\.100/);
  const words = await asked(small, 'auditor', `/v1/runs/${small.run}/words/${digest}`);
  expect(words.json).toMatchObject({ kind: 'source-address', text: address, by: event.data.person });
  expect(sha256(`${words.json.salt}${address}`)).toBe(digest);
  expect((await asked(small, 'product-owner', `/v1/runs/${small.run}/words/${digest}`)).problem.type).toContain('words-unknown');
  const { text } = await asked(small, 'product-owner', `/v1/runs/${small.run}`);
  expect(text).not.toContain(address);
});

test('the page of the event shows it to auditors, until it is erased', async () => {
  const small = await askedRun();
  await answered(small, '2001:db8::7');
  const { event } = await answerIn(small);
  const query = new URLSearchParams({ scope: event.scope, lane: event.lane, seq: String(event.seq) }).toString();
  expect((await asked(small, 'auditor', '/audit/event', query)).text).toContain('<dt>From</dt><dd class="mono">2001:db8::7</dd>');
  expect((await asked(small, 'product-owner', '/audit/event', query)).text).not.toContain('2001:db8');
  small.deps.controls.people.erase(event.data.sourceAddress ?? '', '2026-03-09T08:00:00.000Z');
  expect((await asked(small, 'auditor', '/audit/event', query)).text).toContain('the address was erased');
});

test.each([
  ['no address', undefined],
  ['something else', 'not-an-address'],
  ['a list', '203.0.113.7, 203.0.113.8'],
])('where the gateway says %s nothing is recorded, and the answer counts', async (_what, from) => {
  const small = await askedRun();
  expect((await answered(small, from)).status).toBe(303);
  expect((await answerIn(small)).event.data.sourceAddress).toBeUndefined();
  const event = { rawPath: '/', requestContext: { requestId: 'r', http: { method: 'GET', sourceIp: from } } };
  expect(httpEventSchema.parse(event).requestContext.http.sourceIp).toBeUndefined();
});
