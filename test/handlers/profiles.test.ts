import { beforeEach, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { ciApi } from '../../lambdas/api/ci.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Api } from '../../lib/api/mount.ts';
import { profileAnsweredSchema, profileProposedSchema, profileViewSchema } from '../../lib/api/responses.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { ci, dependenciesOf, personIn, startInput } from '../given.ts';
import { profileFile } from '../profile-given.ts';
import { ask, bearer, fresh, type Reply, stageOf } from './requests.ts';

let deps: FakeDependencies;
let people: Api;
let audit: Api;
beforeEach(() => {
  deps = dependenciesOf(baseChecklist);
  const stage = stageOf();
  people = peopleApi({ deps, mac: fakeMac(), stage, signIn: createSignIn(stage) });
  audit = auditApi({ deps, mac: fakeMac() });
});

type Role = Parameters<typeof personIn>[1];
const path = '/v1/services/shop/profile';
const as = (role: Role) => bearer(personIn(deps, role));
const put = (bytes: Uint8Array, role: Role = 'developer', at = path, query = ''): Promise<Reply> =>
  ask(people, {
    method: 'PUT',
    path: at,
    query,
    identity: as(role),
    headers: { 'content-type': 'application/yaml' },
    body: Buffer.from(bytes).toString(),
  });
const answer = (body: object, role: Role): Promise<Reply> =>
  ask(people, { method: 'POST', path: `${path}/approval`, identity: as(role), headers: fresh(), body });
const get = (identity = as('auditor'), at = path): Promise<Reply> => ask(audit, { method: 'GET', path: at, identity });
/** A check that the profile in force requires is observed by a deviation only. */
const observing =
  'observe: { soak-24h: 2026-05-01 }\ndeviations: [{ check: soak-24h, parameter: mode, document: required, here: observe, reason: "The soak stage is being built anew.", approver: technical-lead }]\n';
const removal = 'removedFeatures: [{ id: orders, reason: "The shop takes no orders any more.", approver: product-owner }]\n';

test('a person proposes, two others approve as a diff, and CI names what is registered', async () => {
  expect(profileViewSchema.parse((await get()).json)).toMatchObject({ inForce: null, open: null, diff: null, outdated: false });
  const first = await put(profileFile(['cart', 'orders']));
  expect(first.status).toBe(200);
  const { profile, definition } = profileProposedSchema.parse(first.json);
  const body = { profile, definition, answer: 'approved', reason: 'Read with the team.' };
  expect(await answer(body, 'technical-lead')).toMatchObject({ status: 201, json: { needs: 'operations-lead', state: 'proposed' } });
  expect(profileAnsweredSchema.parse((await answer(body, 'operations-lead')).json)).toMatchObject({ state: 'in-force', needs: null });

  const next = profileProposedSchema.parse(
    (await put(profileFile(['cart', 'search'], `${removal}tighten: { coverage-per-feature: { floorPct: 85 } }\n${observing}`))).json,
  );
  const view = profileViewSchema.parse((await get()).json);
  expect(view.diff).toEqual(next.diff);
  expect(view).toMatchObject({
    inForce: { profile, needs: null, answers: [{ by: 'p-technical1', reason: { text: 'Read with the team.' } }, { by: 'p-operations1' }] },
    open: { profile: next.profile, by: 'p-developer1', needs: 'technical-lead and the operations-lead', content: { service: 'shop' } },
    diff: {
      features: {
        added: [{ id: 'search' }],
        removed: [{ id: 'orders', deviation: { here: 'removed', reason: 'The shop takes no orders any more.' } }],
      },
      deviations: {
        added: expect.arrayContaining([
          expect.objectContaining({ parameter: 'feature orders' }),
          expect.objectContaining({ parameter: 'mode' }),
        ]) as unknown,
        removed: [],
      },
      observed: [{ check: 'soak-24h', from: null, to: '2026-05-01T00:00:00.000Z' }],
    },
    people: expect.arrayContaining([{ id: 'p-developer1', name: 'Dara Developer' }]),
  });
  const coverage = view.diff?.changed.find(({ id }) => id === 'coverage-per-feature');
  expect(coverage?.changes).toContainEqual({
    member: 'rule.floorPct',
    from: 70,
    to: 85,
    says: 'covered share: at least 70 % → at least 85 %',
  });

  const forJob = profileViewSchema.parse((await get(bearer(ci))).json);
  expect(forJob).toMatchObject({ inForce: { answers: [{ reason: { text: null } }, { reason: { text: null } }] }, people: [] });
  const started = await ask(ciApi(deps), {
    method: 'POST',
    path: '/v1/runs',
    identity: bearer(ci),
    headers: fresh(),
    body: { ...startInput, profile: next.profile },
  });
  expect(started).toMatchObject({ status: 201, json: { definition: next.definition } });
});

test('a dry run answers the diff and records nothing', async () => {
  const checked = await put(profileFile(['cart']), 'developer', path, 'dryRun=true');
  expect(checked).toMatchObject({ status: 200, json: { event: null, state: 'checked', diff: { features: { added: [{ id: 'cart' }] } } } });
  expect((await get()).json).toMatchObject({ open: null });
});

test('every mistake is in the problem document, with line and column', async () => {
  const { status, json } = await put(profileFile(['cart'], 'guides: { no-such-guide: a.md }\nobserve: { no-such-check: 2026-05-01 }\n'));
  expect([status, json]).toMatchObject([
    422,
    {
      type: 'https://holdpoint.dev/problems/profile-invalid',
      got: expect.stringMatching(/^line 4, column 11: guides\.no-such-guide/),
      expected: expect.any(String),
      fix: expect.any(String),
      mistakes: [
        { line: 4, column: 11 },
        { line: 5, column: 12, member: 'observe.no-such-check' },
      ],
    },
  ]);
  expect((await put(new Uint8Array(128 * 1024 + 1).fill(35))).json).toMatchObject({ status: 413, fix: 'Shorten the text.' });
  expect((await put(new Uint8Array())).json).toMatchObject({ status: 400, detail: 'The profile is empty.' });
  expect((await put(Uint8Array.from([0xff, 0xfe]))).status).toBe(422);
});

test('who may not, what is not there, and what is missing is refused', async () => {
  expect((await put(profileFile(), 'auditor')).status).toBe(403);
  expect((await put(profileFile(), 'developer', '/v1/services/nothing/profile')).json).toMatchObject({ expected: 'shop or mail' });
  expect((await get(as('auditor'), '/v1/services/nothing/profile')).status).toBe(422);
  expect((await get(bearer({ ...ci, services: ['mail'] }))).status).toBe(403);
  const asJob = await ask(people, { method: 'PUT', path, identity: bearer(ci), body: 'service: shop' });
  expect(asJob.status).toBe(403);
  const { profile } = profileProposedSchema.parse((await put(profileFile())).json);
  expect((await answer({ profile, answer: 'rejected' }, 'technical-lead')).json).toMatchObject({
    status: 400,
    detail: expect.stringContaining('why the profile is rejected'),
  });
  expect((await answer({ profile: 'f'.repeat(64), answer: 'approved' }, 'technical-lead')).json).toMatchObject({
    status: 422,
    expected: `no profile is in force, ${profile} is proposed`,
  });
  expect((await answer({ profile, answer: 'approved' }, 'developer')).status).toBe(403);
});
