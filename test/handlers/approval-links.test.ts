import { beforeEach, describe, expect, test } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Api } from '../../lib/api/mount.ts';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { recallApproval } from '../../lib/run/commands/recall-approval.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { fakeMac } from '../fakes.ts';
import { anew, ci, eventsOf, junitReport, personIn, reportOfRun } from '../given.ts';
import { ask, browser, type Reply, stageOf } from './requests.ts';
import { askedRun, linkOf, type SmallRun, shownTo, smallRun } from './small-run.ts';

let small: SmallRun;
let api: Api;

beforeEach(async () => {
  small = await askedRun();
  const stage = stageOf();
  api = peopleApi({ deps: small.deps, mac: fakeMac(), stage, signIn: createSignIn(stage) });
});

type Role = Parameters<typeof personIn>[1];
const path = (role: Parameters<typeof linkOf>[1] = 'technical-lead'): string => `/approvals/${linkOf(small, role)}`;
const open = (role: Role = 'technical-lead', link = path()): Promise<Reply> =>
  ask(api, { method: 'GET', path: link, identity: browser(personIn(small.deps, role)) });
const fieldIn = (page: Reply, name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? '';
const send = async (page: Reply, fields: Readonly<Record<string, string>>): Promise<Reply> =>
  ask(api, {
    method: 'POST',
    path: path(),
    identity: browser(personIn(small.deps, 'technical-lead')),
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ report: fieldIn(page, 'report'), nonce: fieldIn(page, 'nonce'), note: '', ...fields }).toString(),
  });
const refused = async (scope = `run/${small.run}`): Promise<string[]> =>
  (await small.deps.trail.read(scope, { lane: 'refusal' })).filter(isType('request.refused')).map(({ event: { data } }) => data.type);

describe('the link of a mail', () => {
  test('is 256 random bits, of which only the digest is stored', async () => {
    const links = (['technical-lead', 'operations-lead', 'product-owner'] as const).map((role) => linkOf(small, role));
    expect(links.map((link) => Buffer.from(link, 'base64url').length)).toEqual([32, 32, 32]);
    expect(new Set(links).size).toBe(3);
    const stored = JSON.stringify(await small.deps.trail.read(`run/${small.run}`, { prefix: '' }));
    for (const link of links) expect([stored.includes(link), stored.includes(sha256(link))]).toEqual([false, true]);
  });

  test('of an older version, with 192 bits, works while its request is open', async () => {
    const older = await smallRun();
    const { token } = older.deps.random;
    Object.assign(older.deps.random, { token: (bytes: number) => token(bytes === 32 ? 24 : bytes) });
    const said = { request: anew(), run: older.run, check: 'ready', statement: 'I have looked at it today.' };
    await attest(older.deps, said, personIn(older.deps, 'technical-lead'));
    await older.machine.settle();
    expect(linkOf(older, 'technical-lead')).toHaveLength(32);
    expect((await shownTo(older, 'technical-lead')).state).toBe('open');
  });
});

describe('a link that leads to no answer', () => {
  test('of another person says so, and is recorded once however often they look', async () => {
    const before = await eventsOf(small.deps, small.run);
    for (let times = 0; times < 3; times += 1) expect((await open('auditor')).status).toBe(403);
    const after = await eventsOf(small.deps, small.run);
    expect(after.filter((event) => !before.includes(event))).toEqual([expect.stringMatching(/request\.refused$/)]);
    expect((await open()).status).toBe(200);
  });

  test('because the request was recalled says by whom, when and why, has no form, and is recorded', async () => {
    const reason = 'The wrong ticket was named.';
    const gate = (await shownTo(small, 'technical-lead')).gate;
    const done = await recallApproval(
      small.deps,
      { run: small.run, gate, action: 'recall', reason },
      personIn(small.deps, 'operations-lead'),
    );
    expect(done.refused).toBeUndefined();
    const page = await open();
    expect(page.text).toContain('Ole Operations recalled this request on');
    expect(page.text).toContain(reason);
    expect(page.text).not.toContain('<form class="card answer"');
    expect(await refused()).toEqual(['approval-closed']);
  });

  test('because the person has answered shows the answer, and is recorded once when it is opened again', async () => {
    const { code } = await shownTo(small, 'technical-lead');
    expect((await send(await open(), { answer: 'approved', confirmation: code })).status).toBe(303);
    expect((await open()).text).toContain('approved this report on');
    expect(await refused()).toEqual([]);
    small.deps.controls.clock.advance(61_000);
    for (let times = 0; times < 3; times += 1) expect((await open()).text).toContain('approved this report on');
    expect(await refused()).toEqual(['approval-answered']);
  });

  test('because the time is over says so, also after the run has ended by it, and is recorded beside the run', async () => {
    const { deps, run } = small;
    deps.controls.clock.set((await shownTo(small, 'technical-lead')).expires);
    deps.controls.clock.advance(1_000);
    expect((await open()).text).toContain('The time to answer ended on');
    expect(await refused()).toEqual(['approval-closed']);
    await reconcileGate(deps, { run });
    const page = await open();
    expect([page.status, page.text.includes('The time to answer ended on')]).toEqual([200, true]);
    expect(page.text).toContain('A missing answer denies');
    expect((await send(page, { answer: 'approved', confirmation: 'AAAAAA' })).status).toBeGreaterThanOrEqual(400);
  });
});

describe('the script that asks whether the page has changed', () => {
  const look = (signedInAt?: Date): Promise<Reply> =>
    ask(api, {
      method: 'GET',
      path: path(),
      identity: browser({ ...personIn(small.deps, 'technical-lead'), ...(signedInAt === undefined ? {} : { signedInAt }) }),
      headers: { 'if-none-match': '"0123456789abcdef0123456789abcdef"' },
    });

  test('opens no link: the trail says that one was opened late only when a person opens it', async () => {
    const { deps } = small;
    deps.controls.clock.set((await shownTo(small, 'technical-lead')).expires);
    deps.controls.clock.advance(1_000);
    for (let minute = 0; minute < 3; minute += 1) {
      const reply = await look();
      expect([reply.status, reply.text.includes('The time to answer ended on')]).toEqual([200, true]);
      deps.controls.clock.advance(60_000);
    }
    expect(await refused()).toEqual([]);
    await open();
    expect(await refused()).toEqual(['approval-closed']);
  });

  test('gets the page, and no new sign-in, when the sign-in is too old to begin to read', async () => {
    const reply = await look(new Date(small.deps.clock.now().getTime() - 11 * 60_000));
    expect([reply.status, reply.text.includes('<form class="card answer"')]).toEqual([200, true]);
  });
});

describe('an answer', () => {
  test('to a report that changed since it was shown names the check that changed', async () => {
    const page = await open();
    const { code } = await shownTo(small, 'technical-lead');
    const { deps, run } = small;
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(4, 1), { attempt: 2 }), ci);
    const reply = await send(page, { answer: 'approved', confirmation: code });
    expect(reply.status).toBe(409);
    expect(reply.text).toContain('The gate report has changed since this one was shown. Changed:');
    expect((await deps.trail.read(`run/${run}`, { prefix: 'approval/' })).some(isType('approval.answered'))).toBe(false);
  });

  test.each(['rejected', 'changes-requested'])(
    '%s takes a reason; what was chosen stays, and nothing is recorded without it',
    async (answer) => {
      const page = await open();
      const { code } = await shownTo(small, 'technical-lead');
      const reply = await send(page, { answer, confirmation: code, note: ' ' });
      expect(reply.status).toBe(422);
      expect(reply.text).toContain('Write what has to change.');
      expect(reply.text).toContain(`value="${answer}" required checked`);
      expect((await send(page, { answer, confirmation: code, note: 'The load test is too short.' })).status).toBe(303);
    },
  );

  test('is recorded with the person, the role, the time, the sign-in, the report that was shown, and a digest of the words', async () => {
    const page = await open();
    const { code, report } = await shownTo(small, 'technical-lead');
    expect((await send(page, { answer: 'approved', confirmation: code, note: 'Read on the train.' })).status).toBe(303);
    const { deps, run } = small;
    const answered = (await deps.trail.read(`run/${run}`, { prefix: 'approval/' })).find(isType('approval.answered'))?.event;
    const { id } = personIn(deps, 'technical-lead');
    expect(answered?.data).toMatchObject({
      person: id,
      role: 'technical-lead',
      answer: 'approved',
      report,
      signedInAt: expect.any(String),
    });
    expect([answered?.actor, answered?.at.slice(0, 10)]).toEqual([{ kind: 'person', id }, deps.clock.now().toISOString().slice(0, 10)]);
    const words = await deps.people.read([answered?.data.note ?? '']);
    expect(words.get(answered?.data.note ?? '')).toMatchObject({ text: 'Read on the train.' });
  });
});

describe('the note of an answer', () => {
  const lines = (count: number, length: number): string => `${'a line\r\n'.repeat(count)}${'x'.repeat(length)}`;

  test('counts a line end as one character, as the browser does', async () => {
    const page = await open();
    const { code } = await shownTo(small, 'technical-lead');
    // 19 lines of seven characters each, where a browser sends eight.
    const note = lines(19, 2000 - 19 * 7);
    expect(note.length).toBe(2019);
    expect((await send(page, { answer: 'approved', confirmation: code, note })).status).toBe(303);
    const { deps, run } = small;
    const event = (await deps.trail.read(`run/${run}`, { prefix: 'approval/' })).find(isType('approval.answered'))?.event;
    const kept = (await deps.people.read([event?.data.note ?? ''])).get(event?.data.note ?? '');
    expect(kept).toMatchObject({ text: note.replaceAll('\r\n', '\n') });
  });

  test.each([
    ['note', { note: lines(0, 2001) }, 'Write 2,000 characters at most.'],
    ['answer', { answer: '', note: 'Seen.' }, 'Choose one of the answers.'],
    ['answer', { answer: 'perhaps', note: 'Seen.' }, 'Choose one of the answers.'],
    ['confirmation', { confirmation: 'a word too long for the code', note: 'Seen.' }, 'Type the six characters'],
    ['confirmation', { confirmation: 'AAAAAA', note: 'Seen.' }, 'This is not the code of this report.'],
  ] as const)('and its form: what is wrong with %s stands beside it, and nothing is lost', async (field, changes, says) => {
    const page = await open();
    const { code } = await shownTo(small, 'technical-lead');
    const given: Readonly<Record<string, string>> = { answer: 'approved', confirmation: code, ...changes };
    const reply = await send(page, given);
    expect([400, 422]).toContain(reply.status);
    expect(new RegExp(`id="${field}-slip">([^<]*)<`).exec(reply.text)?.[1]).toContain(says);
    if (field !== 'answer')
      expect(reply.text).toMatch(new RegExp(`id="${field}"[^>]* aria-invalid="true" aria-describedby="${field}-slip"`));
    expect(reply.text).toContain(`>${given.note}</textarea>`);
    expect(reply.text).not.toMatch(/The field|Request body/);
    const events = await small.deps.trail.read(`run/${small.run}`, { prefix: 'approval/' });
    expect(events.some(isType('approval.answered'))).toBe(false);
  });
});

describe('the report of an approval', () => {
  test('lists every check of its gates with the digest of the facts that it was judged on', async () => {
    const { gates } = await shownTo(small, 'technical-lead');
    const checks = gates.flatMap((gate) => gate.checks);
    expect(checks.map(({ check }) => check)).toEqual(['ready', 'migration', 'secrets']);
    // Observed checks are listed, too, although nothing was sent for them.
    expect(checks.map(({ verdict, facts }) => [verdict, facts?.length])).toEqual([
      ['pass', 64],
      ['missing', undefined],
      ['missing', undefined],
    ]);
  });

  test('is answered once for all checks of its gates: one request for each role, whatever the number of checks', async () => {
    const requests = (await small.deps.trail.read(`run/${small.run}`, { prefix: 'approval/' })).filter(isType('approval.requested'));
    const roles = requests.map(({ event }) => event.data.role);
    expect(roles.toSorted()).toEqual(['operations-lead', 'product-owner', 'technical-lead']);
  });
});
