import { beforeEach, describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import type { Identity } from '../../lib/api/identity.ts';
import { eventListSchema } from '../../lib/api/responses.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { dependenciesOf, personIn } from '../given.ts';
import { attestedForService, standingChecklist } from '../standing-given.ts';
import { ask, bearer, browser, jobOf, type Reply } from './requests.ts';
import { askedRun } from './small-run.ts';

const askerOf = (deps: FakeDependencies) => {
  const api = auditApi({ deps, mac: fakeMac() });
  const auditor = personIn(deps, 'auditor');
  return (path: string, query: Readonly<Record<string, string>> = {}, identity: Identity = bearer(auditor)): Promise<Reply> =>
    ask(api, { method: 'GET', path, identity, query: new URLSearchParams(query).toString() });
};
type Get = ReturnType<typeof askerOf>;

const recorded = async (get: Get, query: Readonly<Record<string, string>>) => {
  const reply = await get('/v1/audit/events', { ...query, type: 'evidence.recorded' });
  const [event] = eventListSchema.parse(reply.json).events;
  return event ?? expect.fail('no evidence');
};

describe('the evidence of a run', () => {
  let get: Get;
  let deps: FakeDependencies;
  let run = '';
  let event: Awaited<ReturnType<typeof recorded>>;
  let digest = '';
  const unnamed = sha256('facts');
  beforeEach(async () => {
    ({ deps, run } = await askedRun());
    get = askerOf(deps);
    event = await recorded(get, { run });
    digest = String(event.data.digest);
    await deps.evidence.put(`run/${run}`, unnamed, new TextEncoder().encode('facts'), 'application/json');
  });

  test('has an address for a minute, by the digest in its event', async () => {
    const reply = await get(`/v1/audit/evidence/${digest}`, { run });
    expect([reply.status, reply.json]).toEqual([
      200,
      {
        digest,
        bytes: event.data.bytes,
        evidence: event.data.evidence,
        event: event.id,
        url: `https://evidence.example.com/run/${run}/${digest}?seconds=60`,
        until: expect.stringMatching(/^2026-/) as unknown,
      },
    ]);
    const kept = (await deps.evidence.get(`run/${run}`, digest)) ?? expect.fail('nothing is kept');
    expect(sha256(kept)).toBe(digest);
  });

  test('is reached from the page of its event', async () => {
    const caller = browser(personIn(deps, 'auditor'));
    const page = await get('/audit/event', { scope: event.scope, lane: event.lane, seq: String(event.seq) }, caller);
    const link = /href="(\/audit\/evidence\/[^"]*)"/.exec(page.text)?.[1] ?? expect.fail('no link');
    expect(link).toBe(`/audit/evidence/${digest}?run=${run}`);
    const answer = await get(`/audit/evidence/${digest}`, { run }, caller);
    expect([answer.status, answer.headers.location]).toEqual([303, `https://evidence.example.com/run/${run}/${digest}?seconds=60`]);
  });

  test.each([
    ['an object of the run that no event names', () => unnamed, () => ({ run }), 404, 'evidence-unknown'],
    ['a digest that nobody recorded', () => 'f'.repeat(64), () => ({ run }), 404, 'evidence-unknown'],
    ['the evidence of another owner', () => digest, () => ({ service: 'shop' }), 404, 'evidence-unknown'],
    ['no owner', () => digest, () => ({}), 400, 'parameter-invalid'],
    ['two owners', () => digest, () => ({ run, service: 'shop' }), 400, 'parameter-invalid'],
    ['what is no digest', () => 'xyz', () => ({ run }), 400, 'parameter-invalid'],
  ])('is refused for %s', async (_, named, owner, status, type) => {
    const reply = await get(`/v1/audit/evidence/${encodeURIComponent(named())}`, owner() as never);
    expect([reply.status, reply.problem.type.split('/').at(-1)]).toEqual([status, type]);
  });

  test('is not given to a CI job, nor to a person without a role', async () => {
    const job = await get(`/v1/audit/evidence/${digest}`, { run }, bearer(jobOf('again')));
    const nobody = bearer({ ...personIn(deps, 'auditor'), roles: [] });
    expect([job.status, (await get(`/v1/audit/evidence/${digest}`, { run }, nobody)).status]).toEqual([403, 403]);
    const visitor = browser({ ...personIn(deps, 'auditor'), roles: [] });
    expect((await get(`/audit/evidence/${digest}`, { run }, visitor)).status).toBe(403);
  });
});

test('evidence that stands for a service is read under its name', async () => {
  const deps = dependenciesOf(standingChecklist);
  await attestedForService(deps);
  const get = askerOf(deps);
  const { data } = await recorded(get, { service: 'shop' });
  const reply = await get(`/v1/audit/evidence/${String(data.digest)}`, { service: 'shop' });
  expect([reply.status, (reply.json as { url: string }).url]).toEqual([
    200,
    `https://evidence.example.com/service/shop/${String(data.digest)}?seconds=60`,
  ]);
});
