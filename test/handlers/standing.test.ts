import { beforeEach, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { ciApi } from '../../lambdas/api/ci.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Api } from '../../lib/api/mount.ts';
import { evidenceGivenSchema, standingViewSchema } from '../../lib/api/responses.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { ci, dependenciesOf, junitReport, personIn } from '../given.ts';
import { standingChecklist } from '../standing-given.ts';
import { ask, bearer, fresh, type Reply, stageOf } from './requests.ts';

let deps: FakeDependencies;
let people: Api;
let jobs: Api;
let audit: Api;
beforeEach(() => {
  deps = dependenciesOf(standingChecklist);
  const stage = stageOf();
  people = peopleApi({ deps, mac: fakeMac(), stage, signIn: createSignIn(stage) });
  jobs = ciApi(deps);
  audit = auditApi({ deps, mac: fakeMac() });
});

const path = '/v1/services/shop';
const as = (role: Parameters<typeof personIn>[1]) => bearer(personIn(deps, role));
const put = (to: string, identity = bearer(ci), contentType = 'application/xml', service = 'shop'): Promise<Reply> => {
  const [at = '', query = ''] = to.split('?');
  const headers = { 'content-type': contentType };
  return ask(jobs, { method: 'PUT', path: `/v1/services/${service}${at}`, query, identity, headers, body: junitReport(3) });
};
const post = (to: string, body: unknown, role: Parameters<typeof personIn>[1]): Promise<Reply> =>
  ask(people, { method: 'POST', path: `${path}${to}`, identity: as(role), headers: fresh(), body });
const list = async (identity = as('auditor')) =>
  standingViewSchema.parse((await ask(audit, { method: 'GET', path: `${path}/evidence`, identity })).json);
const madeAt = '?madeAt=2026-03-02T07:00:00Z';

test('CI gives evidence with and without its type, and everybody who may read sees it stand', async () => {
  const answer = await put(`/evidence/junit${madeAt}`);
  expect([answer.status, evidenceGivenSchema.parse(answer.json)]).toMatchObject([201, { state: 'counts', alreadyRecorded: false }]);
  expect((await put(`/evidence${madeAt}&source=other`)).status).toBe(201);
  expect((await list()).evidence.map(({ source, state }) => [source, state])).toEqual([
    ['other', 'counts'],
    ['default', 'counts'],
  ]);
  expect((await list(bearer(ci))).people).toEqual([]);
});

test('a person attests, a second one confirms', async () => {
  const said = await post('/checks/trained/attestations', { statement: 'All eight were trained in September.' }, 'operations-lead');
  expect([said.status, said.json]).toMatchObject([201, { state: 'waits', check: 'trained' }]);
  const { event } = said.json as { event: string };
  expect((await post(`/evidence/${event}/confirmation`, {}, 'operations-lead')).status).toBe(403);
  expect((await post(`/evidence/${event}/confirmation`, {}, 'technical-lead')).json).toMatchObject({ decision: 'confirmed' });
  const shown = await list();
  expect(shown).toMatchObject({ evidence: [{ state: 'counts', decidedBy: personIn(deps, 'technical-lead').id }] });
  expect(shown.people.map(({ id }) => id)).toContain(personIn(deps, 'operations-lead').id);
});

test.each([
  ['of a media type that it has not', `/evidence/junit${madeAt}`, 'text/plain', 415],
  ['without a time', '/evidence/junit', 'application/xml', 400],
  ['with a component', `/evidence/junit${madeAt}&component=web`, 'application/xml', 400],
  ['of a type that is not there', `/evidence/nonsense${madeAt}`, 'application/xml', 404],
])('a report %s is refused', async (_, to, contentType, status) => {
  expect((await put(to, bearer(ci), contentType)).status).toBe(status);
});

test('a report of a service that is not there is refused', async () => {
  expect((await put(`/evidence/junit${madeAt}`, bearer(ci), 'application/xml', 'nowhere')).problem).toMatchObject({
    status: 422,
    expected: 'shop or mail',
  });
});

test('a confirmation of something else, or with other words, is refused', async () => {
  expect((await post(`/evidence/${'f'.repeat(32)}/confirmation`, {}, 'technical-lead')).status).toBe(404);
  expect((await post(`/evidence/${'f'.repeat(32)}/confirmation`, { decision: 'maybe' }, 'technical-lead')).status).toBe(400);
  expect((await post('/evidence/nonsense/confirmation', {}, 'technical-lead')).status).toBe(400);
});

test('a job of another service neither gives nor reads', async () => {
  const foreign = bearer({ ...ci, services: ['mail'] });
  expect((await put(`/evidence/junit${madeAt}`, foreign)).status).toBe(403);
  expect((await ask(audit, { method: 'GET', path: `${path}/evidence`, identity: foreign })).status).toBe(403);
});
