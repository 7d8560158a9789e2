import { beforeEach, describe, expect, test } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Identity } from '../../lib/api/identity.ts';
import type { Api } from '../../lib/api/mount.ts';
import { signValue } from '../../lib/api/signed-value.ts';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { fakeMac } from '../fakes.ts';
import { eventsOf, personIn } from '../given.ts';
import { anonymous, ask, bearer, browser, type Reply, stageOf } from './requests.ts';
import { askedRun, linkOf, type SmallRun, shownTo } from './small-run.ts';

let small: SmallRun;
let api: Api;
const mac = fakeMac();

beforeEach(async () => {
  small = await askedRun();
  const stage = stageOf();
  api = peopleApi({ deps: small.deps, mac, stage, signIn: createSignIn(stage) });
});

const person = (role: Parameters<typeof personIn>[1] = 'technical-lead', changes: Partial<PersonCaller> = {}): PersonCaller => ({
  ...personIn(small.deps, role),
  ...changes,
});
const pathOf = (role: Parameters<typeof linkOf>[1] = 'technical-lead'): string => `/approvals/${linkOf(small, role)}`;
const open = (identity: Identity = browser(person()), path = pathOf(), method = 'GET'): Promise<Reply> =>
  ask(api, { method, path, identity });

type Fields = Readonly<Record<string, string>>;
const fieldIn = (page: Reply, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? expect.fail(`no ${name} on the page`);
/** The form as the page shows it, with the code typed. */
const formOf = async (page: Reply, changes: Fields = {}): Promise<Fields> => ({
  answer: 'approved',
  confirmation: (await shownTo(small, 'technical-lead')).code,
  note: '',
  report: fieldIn(page, 'report'),
  nonce: fieldIn(page, 'nonce'),
  ...changes,
});
const send = (fields: Fields | string, more: { identity?: Identity; path?: string; headers?: Fields } = {}): Promise<Reply> =>
  ask(api, {
    method: 'POST',
    path: more.path ?? pathOf(),
    identity: more.identity ?? browser(person()),
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...more.headers },
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
  });
const answers = async (): Promise<string[]> =>
  (await eventsOf(small.deps, small.run)).filter((event) => event.endsWith('approval.answered'));

describe('the page behind a link', () => {
  test('shows the report to the invited person, and GET and HEAD change nothing', async () => {
    const stored = await eventsOf(small.deps, small.run);
    const writes = /\.(insert|put|putLink|done|keep|claim|begin|finish|release|request|start|succeed|fail|send|at|publish)$/;
    const before = small.deps.controls.calls.length;
    for (const identity of [browser(person()), anonymous, bearer(person())])
      for (const method of ['GET', 'HEAD']) await open(identity, pathOf(), method);
    expect(small.deps.controls.calls.slice(before).filter((call) => writes.test(call))).toEqual([]);
    expect(await eventsOf(small.deps, small.run)).toEqual(stored);
    const page = await open();
    expect(page.status).toBe(200);
    expect(page.text).toContain((await shownTo(small, 'technical-lead')).code);
    expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' });
    const head = await open(browser(person()), pathOf(), 'HEAD');
    expect([head.status, head.text]).toEqual([200, '']);
  });

  test('lists the evidence of every check under the details, each with its digest and a link to it', async () => {
    const page = await open();
    const recorded = (await small.deps.trail.read(`run/${small.run}`, { prefix: 'evidence/' })).filter(isType('evidence.recorded'));
    const links = [...page.text.matchAll(/<a class="mono" href="(\/audit\/evidence\/[^"]+)">([0-9a-f]{12})<\/a>/g)].map(
      ([, ...found]) => found,
    );
    expect(links).toEqual(
      recorded.map(({ event: { data } }) => [`/audit/evidence/${data.digest}?run=${small.run}`, data.digest.slice(0, 12)]),
    );
    expect(links).toHaveLength(1);
    expect(page.text).toContain('1 piece of evidence, by digest');
    expect(page.text).toContain('2 checks without evidence of their own');
  });

  test('sends a browser without a session to the sign-in and back, and takes no bearer token', async () => {
    for (const identity of [anonymous, bearer(person())]) {
      const reply = await open(identity);
      expect([reply.status, reply.headers.location]).toEqual([303, `/login?${new URLSearchParams({ next: pathOf() })}`]);
    }
  });

  test('asks for a fresh sign-in before the report is read, when the last one would be too old to answer', async () => {
    const old = person('technical-lead', { signedInAt: new Date(small.deps.clock.now().getTime() - 11 * 60_000) });
    const reply = await open(browser(old));
    expect([reply.status, reply.headers.location]).toEqual([303, `/login?${new URLSearchParams({ next: pathOf(), fresh: '1' })}`]);
  });

  test('is hidden from other people, and an unknown link is not found', async () => {
    expect((await open(browser(person('operations-lead')))).status).toBe(403);
    expect((await open(browser(person()), `/approvals/${'x'.repeat(32)}`)).status).toBe(404);
    expect((await open(browser(person()), '/approvals/short')).status).toBe(400);
    expect((await open({ kind: 'refused', refusal: { type: 'identity-unmapped', detail: 'You have left.' } })).status).toBe(403);
    expect((await open({ kind: 'unavailable' })).status).toBe(503);
  });

  test('logs neither the link nor the form', async () => {
    const page = await open();
    const nonce = fieldIn(page, 'nonce');
    expect(JSON.stringify(page.log.map(({ fields }) => ({ ...fields, route: '' })))).not.toContain(linkOf(small, 'technical-lead'));
    expect(JSON.stringify(page.log)).not.toContain(nonce);
  });
});

describe('an answer', () => {
  test('is recorded once, and the page shows it afterwards', async () => {
    const reply = await send(await formOf(await open(), { note: 'Go, with thanks.' }));
    expect([reply.status, reply.headers.location]).toEqual([303, pathOf()]);
    expect(await answers()).toEqual(['approval/go-no-go approval.answered']);
    const after = await open();
    expect(after.text).toMatch(/approved this/);
    expect(after.text).not.toContain('name="nonce"');
    expect(JSON.stringify(await small.deps.trail.read(`run/${small.run}`, { prefix: '' }))).not.toContain('with thanks');
  });

  test('by all three lets the run on', async () => {
    for (const role of ['technical-lead', 'operations-lead', 'product-owner'] as const) {
      const identity = browser(person(role), role);
      const page = await open(identity, pathOf(role));
      expect((await send(await formOf(page), { identity, path: pathOf(role) })).status).toBe(303);
    }
    await small.machine.settle();
    expect(small.machine.at()).toBe('t-minus-2h');
  });

  test('that is sent twice is the same answer, a day later too', async () => {
    const form = await formOf(await open());
    const both = await Promise.all([send(form), send(form)]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
    const second = both.find(({ status }) => status === 409)?.text ?? '';
    expect(second).toContain('Your form is being recorded.');
    expect(second).toContain(`href="${pathOf()}"`);
    expect(second).not.toMatch(/Idempotency|same key/);
    const again = await send(form);
    expect([again.status, again.headers.location]).toEqual([303, pathOf()]);
    expect(await answers()).toHaveLength(1);
  });

  test('of another kind by the same form is refused, explained and recorded', async () => {
    const form = await formOf(await open());
    await send(form);
    const reply = await send({ ...form, answer: 'rejected' });
    expect(reply.status).toBe(409);
    expect(reply.text).toMatch(/answered already/);
    expect(reply.text).not.toMatch(/Idempotency-Key/);
    expect(await answers()).toHaveLength(1);
    expect(await eventsOf(small.deps, small.run)).toContain('refusal request.refused');
  });

  test('with a wrong code costs nothing: the note and the form are still there', async () => {
    const form = await formOf(await open(), { confirmation: 'WRONG', note: 'my <b>words</b>' });
    const reply = await send(form);
    expect(reply.status).toBe(422);
    expect(reply.text).toContain('my &lt;b&gt;words&lt;/b&gt;');
    expect(await answers()).toEqual([]);
    expect((await send(await formOf(reply))).status).toBe(303);
    expect(await answers()).toHaveLength(1);
  });

  test('after a sign-in of more than a quarter of an hour ago is not taken', async () => {
    const form = await formOf(await open());
    const stale = browser(person('technical-lead', { signedInAt: new Date(small.deps.clock.now().getTime() - 15 * 60_000 - 1000) }));
    const reply = await send(form, { identity: stale });
    expect(reply.status).toBe(403);
    const next = new URL(/href="(\/login[^"]*)"/.exec(reply.text)?.[1]?.replaceAll('&amp;', '&') ?? '', 'https://own.invalid').searchParams;
    expect([next.get('fresh'), next.get('next')?.startsWith(`${pathOf()}?draft=`)]).toEqual(['1', true]);
    expect(await answers()).toEqual([]);
    expect((await send(form)).status, 'the same form, after the sign-in').toBe(303);
  });

  test('that waited for a sign-in comes back with its choice and its note, to this person and link only, and in no address', async () => {
    const note = 'Not before the refunds are proved.';
    const form = await formOf(await open(), { answer: 'changes-requested', note });
    const stale = browser(person('technical-lead', { signedInAt: new Date(small.deps.clock.now().getTime() - 16 * 60_000) }));
    const reply = await send(form, { identity: stale });
    const login = new URL(/href="(\/login[^"]*)"/.exec(reply.text)?.[1]?.replaceAll('&amp;', '&') ?? '', 'https://own.invalid');
    const next = new URL(login.searchParams.get('next') ?? '', 'https://own.invalid');
    const draft = next.searchParams.get('draft') ?? '';
    for (const text of [login.href, Buffer.from(draft.split('.')[0] ?? '', 'base64url').toString()])
      expect(text).not.toMatch(/refunds|requested/);
    const at = (path: string, identity: Identity, sealed = draft): Promise<Reply> =>
      ask(api, { method: 'GET', path, identity, query: new URLSearchParams({ draft: sealed }).toString() });
    const back = await at(pathOf(), browser(person(), 'session-2'));
    expect(back.text).toContain(`>${note}</textarea>`);
    expect(back.text).toMatch(/value="changes-requested" required checked/);
    expect(
      (await send(await formOf(back, { answer: 'changes-requested', note }), { identity: browser(person(), 'session-2') })).status,
    ).toBe(303);
    const other = await at(pathOf('product-owner'), browser(person('product-owner')));
    for (const page of [other, await at(pathOf('product-owner'), browser(person('product-owner')), `${draft}x`)])
      expect([page.status, page.text.includes('refunds are proved.</textarea>')]).toEqual([200, false]);
  });

  test('that breaks off can be given again', async () => {
    const form = await formOf(await open());
    small.deps.controls.failNext('store.insert', 'before', new Error('secret internals'));
    const reply = await send(form);
    expect([reply.status, reply.text.includes('secret internals')]).toEqual([500, false]);
    small.deps.controls.failNext('reconciler.request', 'before');
    expect((await send(form)).status).toBe(500);
    expect((await send(form)).status).toBe(303);
    expect(await answers()).toHaveLength(1);
  });
});

describe('a form that does not count', () => {
  test('comes from another site, whatever it holds', async () => {
    const form = await formOf(await open());
    for (const site of ['cross-site', 'same-site', 'none'])
      expect((await send(form, { headers: { 'sec-fetch-site': site } })).status).toBe(403);
    expect(await answers()).toEqual([]);
  });

  test('has no session, or a bearer token', async () => {
    const form = await formOf(await open());
    for (const identity of [anonymous, bearer(person())]) {
      const reply = await send(form, { identity });
      expect(reply.status).toBe(401);
      expect(reply.text).toContain('Nothing was recorded');
    }
    expect(await answers()).toEqual([]);
  });

  /** What the form of a role's link is bound to. */
  const sealOf = (form: Fields, role: 'technical-lead' | 'product-owner') => ({
    id: 'x',
    page: sha256(pathOf(role)),
    person: person().id,
    session: 'session-1',
    report: form.report,
    at: small.deps.clock.now().toISOString(),
  });
  const nonces: readonly (readonly [string, (form: Fields) => Promise<Fields> | Fields])[] = [
    ['no nonce of ours', (form) => ({ ...form, nonce: 'made.up' })],
    ['the nonce of another session', async (form) => ({ ...form, nonce: fieldIn(await open(browser(person(), 'session-2')), 'nonce') })],
    ['another report than the nonce', (form) => ({ ...form, report: 'f'.repeat(64) })],
    [
      'a nonce that is over',
      async (form) => ({
        ...form,
        nonce: await signValue(mac, 'form', {
          ...sealOf(form, 'technical-lead'),
          exp: Math.floor(small.deps.clock.now().getTime() / 1000) - 1,
        }),
      }),
    ],
    [
      'a nonce for another link',
      async (form) => ({
        ...form,
        nonce: await signValue(mac, 'form', {
          ...sealOf(form, 'product-owner'),
          exp: Math.floor(small.deps.clock.now().getTime() / 1000) + 600,
        }),
      }),
    ],
    [
      'a nonce that was signed for another purpose',
      async (form) => ({
        ...form,
        nonce: await signValue(mac, 'login', {
          ...sealOf(form, 'technical-lead'),
          exp: Math.floor(small.deps.clock.now().getTime() / 1000) + 600,
        }),
      }),
    ],
  ];
  test.each(nonces)('has %s', async (_, change) => {
    const reply = await send(await change(await formOf(await open())));
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('Nothing was recorded');
    expect(await answers()).toEqual([]);
  });

  test('is malformed', async () => {
    const form = await formOf(await open());
    const good = new URLSearchParams(form).toString();
    const wrong: readonly (readonly [Promise<Reply>, number])[] = [
      [send({ ...form, answer: 'maybe' }), 400],
      [send({ ...form, more: '1' }), 400],
      [send(`${good}&answer=rejected`), 400],
      [send({ ...form, note: 'x'.repeat(2001) }), 400],
      [send({ ...form, note: 'x'.repeat(70_000) }), 413],
      [send(JSON.stringify(form), { headers: { 'content-type': 'application/json' } }), 415],
      [send(''), 400],
    ];
    for (const [reply, status] of wrong) expect((await reply).status).toBe(status);
    expect(await answers()).toEqual([]);
  });

  test('is of a person who lost the role meanwhile, or of the wrong person', async () => {
    const form = await formOf(await open());
    expect((await send(form, { identity: browser(person('technical-lead', { roles: ['developer'] })) })).status).toBe(403);
    expect((await send(form, { identity: browser(person('operations-lead')) })).status).toBe(403);
    expect(await answers()).toEqual([]);
  });
});
