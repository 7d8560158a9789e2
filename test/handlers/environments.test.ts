import { beforeEach, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Api } from '../../lib/api/mount.ts';
import { environmentViewSchema, targetNamedSchema } from '../../lib/api/responses.ts';
import { recordUnaccounted } from '../../lib/run/commands/record-unaccounted.ts';
import { givenDrill, production } from '../environment.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { artifact, ci, dependenciesOf, personIn, twoGates } from '../given.ts';
import { ask, bearer, fresh, type Reply, stageOf } from './requests.ts';

let deps: FakeDependencies;
let people: Api;
let audit: Api;
beforeEach(() => {
  deps = dependenciesOf(twoGates);
  const stage = stageOf();
  people = peopleApi({ deps, mac: fakeMac(), stage, signIn: createSignIn(stage) });
  audit = auditApi({ deps, mac: fakeMac() });
});

const path = '/v1/environments/shop/production';
const as = (role: Parameters<typeof personIn>[1]) => bearer(personIn(deps, role));
const post = (to: string, body: unknown, role: Parameters<typeof personIn>[1]): Promise<Reply> =>
  ask(people, { method: 'POST', path: `${path}${to}`, identity: as(role), headers: fresh(), body });
const get = (identity = as('auditor'), at = path): Promise<Reply> => ask(audit, { method: 'GET', path: at, identity });
const version = { target: 'adopt', version: '1.2.2', components: [{ component: 'web', digest: artifact, reference: '7' }] };

test('two people name the rollback target', async () => {
  const first = await post('/target', version, 'operations-lead');
  expect(first.status).toBe(201);
  expect(targetNamedSchema.parse(first.json)).toMatchObject({ state: 'proposed', needs: 'technical-lead' });
  expect(environmentViewSchema.parse((await get()).json)).toMatchObject({ target: null, proposed: [{ version: '1.2.2' }] });
  expect((await post('/target', version, 'technical-lead')).json).toMatchObject({ state: 'adopted' });
  expect(environmentViewSchema.parse((await get()).json)).toMatchObject({
    holder: null,
    live: { version: '1.2.2', readBack: false },
    target: { version: '1.2.2', level: 'adopted' },
    proposed: [],
    drill: null,
  });
});

test.each([
  ['no version', { target: 'adopt', components: version.components }],
  ['no components', { target: 'adopt', version: '1' }],
  ['a version that is taken away', { ...version, target: 'withdraw', reason: 'Nobody uses it yet.' }],
  ['no reason to take it away', { target: 'withdraw' }],
  ['a component twice', { ...version, components: [...version.components, ...version.components] }],
  ['a reference with spaces', { ...version, components: [{ component: 'web', digest: artifact, reference: 'a b' }] }],
])('a target with %s is refused', async (_, body) => {
  expect((await post('/target', body, 'operations-lead')).status).toBe(400);
});

test('a change is listed, explained by a person, and its explanation is for people', async () => {
  await recordUnaccounted(deps, { ...production, event: 'e-1', what: 'alias moved', seenAt: '2026-03-02T07:00:00.000Z' });
  await givenDrill(deps);
  const [change] = environmentViewSchema.parse((await get()).json).unaccounted;
  const said = await post(`/changes/${change?.change}/explanation`, { explanation: 'A hotfix by hand, ticket 12.' }, 'operator');
  expect(said.status).toBe(201);
  expect(environmentViewSchema.parse((await get()).json)).toMatchObject({
    unaccounted: [{ explanation: { text: 'A hotfix by hand, ticket 12.', by: 'p-operations1' } }],
    drill: { environment: 'staging' },
    people: [{ id: 'p-operations1' }],
  });
  const forJob = environmentViewSchema.parse((await get(bearer(ci))).json);
  expect(forJob).toMatchObject({ unaccounted: [{ explanation: { text: null } }], people: [] });
  expect((await post(`/changes/${'f'.repeat(32)}/explanation`, { explanation: 'A hotfix by hand.' }, 'operator')).status).toBe(404);
});

test('what is not there, free or allowed is refused', async () => {
  expect((await post('/free', { reason: 'Nobody sees the execution.' }, 'operations-lead')).status).toBe(409);
  expect((await post('/free', { reason: 'Nobody sees the execution.' }, 'developer')).status).toBe(403);
  expect((await get(as('auditor'), '/v1/environments/shop/nowhere')).status).toBe(422);
  expect((await get(bearer({ ...ci, services: ['mail'] }))).status).toBe(403);
});
