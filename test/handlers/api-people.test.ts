import { beforeEach, describe, expect, test } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Api } from '../../lib/api/mount.ts';
import { problemSchema } from '../../lib/api/problem.ts';
import { checkRecordedSchema, observationRecordedSchema, runDecidedSchema } from '../../lib/api/responses.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import type { Caller } from '../../lib/run/state/caller.ts';
import { fakeMac } from '../fakes.ts';
import { anew, artifact, ci, eventsOf, personIn } from '../given.ts';
import { ask, bearer, fresh, jobOf, type Reply, stageOf } from './requests.ts';
import { askedRun, linkOf, type SmallRun, shownTo, smallRun } from './small-run.ts';

let small: SmallRun;
let api: Api;

const serve = (run: SmallRun): void => {
  small = run;
  const stage = stageOf();
  api = peopleApi({ deps: run.deps, mac: fakeMac(), stage, signIn: createSignIn(stage) });
};
beforeEach(async () => serve(await smallRun()));

const as = (role: Parameters<typeof personIn>[1]) => bearer(personIn(small.deps, role));
const post = (path: string, body: unknown, identity = as('technical-lead'), headers: Record<string, string> = fresh()): Promise<Reply> =>
  ask(api, { method: 'POST', path: `/v1/runs/${small.run}${path}`, identity, headers, body });
const events = (): Promise<string[]> => eventsOf(small.deps, small.run);
const statement = 'I have looked at it today, all of it.';
const reason = 'The second reviewer is ill, see ticket 4411.';
const tomorrow = (): string => new Date(small.deps.clock.now().getTime() + 86_400_000).toISOString();

/** Approves the go / no-go by all three, so that T0 can come. */
const toWindow = async (): Promise<void> => {
  serve(await askedRun());
  for (const role of ['technical-lead', 'operations-lead', 'product-owner'] as const) {
    const { code, report } = await shownTo(small, role);
    const input = { link: linkOf(small, role), answer: 'approved', confirmation: code, report, note: '' } as const;
    expect((await answerApproval(small.deps, input, personIn(small.deps, role))).refused).toBeUndefined();
  }
  await small.machine.settle();
  await attest(small.deps, { request: anew(), run: small.run, check: 'backup', statement }, personIn(small.deps, 'operations-lead'));
  await small.machine.settle();
  expect(small.machine.at()).toBe('deployment-window');
};

describe('attesting', () => {
  test('is recorded with what came of it, and moves the gate', async () => {
    const reply = await post('/checks/ready/attestations', { statement });
    expect(reply.status).toBe(201);
    expect(checkRecordedSchema.parse(reply.json)).toMatchObject({ check: 'ready', verdict: 'pass', alreadyRecorded: false });
    await small.machine.settle();
    expect(small.machine.at()).toBe('go-no-go');
  });

  test('leaves the words and the name of the person out of the trail, the answer and the log', async () => {
    const reply = await post('/checks/ready/attestations', { statement });
    const trail = JSON.stringify(await small.deps.trail.read(`run/${small.run}`, { prefix: '' }));
    for (const text of [trail, reply.text, JSON.stringify(reply.log)]) expect(text).not.toMatch(/looked at it|Tove|tove@/);
    expect([...small.deps.controls.people.texts.values()]).toContain(statement);
  });

  test('by another role, of an unknown check, or of a check that is proved otherwise is refused', async () => {
    const other = await post('/checks/ready/attestations', { statement }, as('product-owner'));
    expect(other.problem).toMatchObject({ status: 403, got: 'product-owner', expected: 'technical-lead' });
    const unknown = await post('/checks/nonsense/attestations', { statement });
    expect(unknown.problem).toMatchObject({ status: 404, type: 'https://holdpoint.dev/problems/check-unknown' });
    const proved = await post('/checks/secrets/attestations', { statement });
    expect(proved.problem).toMatchObject({ status: 422, type: 'https://holdpoint.dev/problems/check-proved-otherwise' });
    expect((await events()).filter((event) => event === 'refusal request.refused')).toHaveLength(3);
    expect(await events()).not.toContain('evidence/attestation/ready evidence.recorded');
  });
});

describe('exceptions', () => {
  test('a waiver has a reason, an end and the role of the owner, and is no pass', async () => {
    const reply = await post('/checks/ready/waivers', { reason, until: tomorrow() });
    expect(checkRecordedSchema.parse(reply.json)).toMatchObject({ check: 'ready', verdict: 'waived' });
    await small.machine.settle();
    expect(small.machine.at()).toBe('go-no-go');
  });

  test.each([
    ['an end in the past', '/checks/ready/waivers', () => ({ reason, until: '2026-03-01T00:00:00Z' }), 422, 'waiver-not-allowed'],
    ['an end in a year', '/checks/ready/waivers', () => ({ reason, until: '2027-03-01T00:00:00Z' }), 422, 'waiver-not-allowed'],
    ['a check that is never waived', '/checks/secrets/waivers', () => ({ reason, until: tomorrow() }), 422, 'waiver-not-allowed'],
    ['no end', '/checks/ready/waivers', () => ({ reason }), 400, 'body-malformed'],
    ['no zone', '/checks/ready/waivers', () => ({ reason, until: '2026-03-03T00:00:00' }), 400, 'body-malformed'],
    ['no reason worth the name', '/checks/ready/waivers', () => ({ reason: 'ok', until: tomorrow() }), 400, 'body-malformed'],
    ['blanks for a reason', '/checks/ready/waivers', () => ({ reason: ' '.repeat(40), until: tomorrow() }), 400, 'body-malformed'],
    ['a check that concerns every release', '/checks/ready/not-applicable', () => ({ reason }), 422, 'not-applicable-not-allowed'],
  ])('%s is refused', async (_, path, body, status, type) => {
    const reply = await post(path, body());
    expect(problemSchema.parse(reply.json)).toMatchObject({ status, type: `https://holdpoint.dev/problems/${type}` });
    expect(reply.problem.fix).toBeTruthy();
    await small.machine.settle();
    expect(small.machine.at()).toBe('phase-1');
  });

  test('a check that the document makes optional may be declared not applicable', async () => {
    const reply = await post('/checks/migration/not-applicable', { reason });
    expect(checkRecordedSchema.parse(reply.json)).toMatchObject({ check: 'migration', verdict: 'not-applicable' });
  });

  test('needs a sign-in that is not older than 15 minutes', async () => {
    const signedIn = (minutes: number) =>
      bearer({ ...personIn(small.deps, 'technical-lead'), signedInAt: new Date(small.deps.clock.now().getTime() - minutes * 60_000) });
    for (const [path, body] of [
      ['/checks/ready/waivers', { reason, until: tomorrow() }],
      ['/checks/migration/not-applicable', { reason }],
    ] as const) {
      expect((await post(path, body, signedIn(16))).problem.type).toBe('https://holdpoint.dev/problems/sign-in-stale');
      expect((await post(path, body, signedIn(14))).status).toBe(201);
    }
  });

  test('the starter of the run makes none, whatever the role', async () => {
    const starter: Caller = { kind: 'person', id: 'p-developer1', roles: ['technical-lead'], signedInAt: small.deps.clock.now() };
    for (const [path, body] of [
      ['/checks/ready/waivers', { reason, until: tomorrow() }],
      ['/checks/migration/not-applicable', { reason }],
    ] as const) {
      const reply = await post(path, body, bearer(starter));
      expect(reply.problem).toMatchObject({ status: 403, type: 'https://holdpoint.dev/problems/starter-excluded' });
    }
  });
});

describe('observations', () => {
  const seen = (changes: object = {}) => ({
    observation: 'alarm-7',
    kind: 'alarm',
    bad: true,
    subject: 'shop-cpu',
    summary: 'CPU above 90 %',
    observedAt: small.deps.clock.now().toISOString(),
    ...changes,
  });

  test('are recorded once, by who operates the service or its pipeline', async () => {
    const first = await post('/observations', seen(), as('operator'));
    expect(observationRecordedSchema.parse(first.json)).toMatchObject({ observation: 'alarm-7', alreadyRecorded: false });
    const again = await post('/observations', seen(), bearer(jobOf('j')));
    expect(observationRecordedSchema.parse(again.json)).toMatchObject({ event: first.json.event, alreadyRecorded: true });
    expect((await events()).filter((event) => event.endsWith('observation.recorded'))).toHaveLength(1);
  });

  test('of who does not operate it, of a pipeline of another service, or of tomorrow are refused', async () => {
    expect((await post('/observations', seen(), as('auditor'))).problem.type).toMatch(/role-missing$/);
    expect((await post('/observations', seen(), bearer(jobOf('j', { id: 'ci-mail', services: ['mail'] })))).problem.type).toMatch(
      /role-missing$/,
    );
    const future = await post('/observations', seen({ observedAt: '2099-01-01T00:00:00Z' }), as('operator'));
    expect(future.problem).toMatchObject({ status: 422, got: '2099-01-01T00:00:00.000Z' });
    expect((await events()).join()).not.toContain('observation.recorded');
  });

  test('are labelled by the operations lead', async () => {
    await post('/observations', seen(), as('operator'));
    const label = { label: 'explained', explanation: 'A planned restart of the database.' };
    expect((await post('/observations/alarm-7/label', label, as('technical-lead'))).status).toBe(403);
    expect((await post('/observations/alarm-8/label', label, as('operations-lead'))).status).toBe(404);
    const reply = await post('/observations/alarm-7/label', label, as('operations-lead'));
    expect([reply.status, reply.json.observation, reply.json.alreadyRecorded]).toEqual([201, 'alarm-7', false]);
    expect(await events()).toContainEqual(expect.stringMatching(/^observation\/.* observation.labelled$/));
  });
});

describe('stopping', () => {
  const trigger = { trigger: 'data-corruption', reason: 'Two orders have the same number.' };

  test('a run is called off before its deployment, and ends so', async () => {
    const reply = await post('/cancel', { reason }, as('operator'));
    expect(runDecidedSchema.parse(reply.json)).toMatchObject({ alreadyRecorded: false, gate: 'phase-1' });
    await small.machine.settle();
    expect(small.machine.at()).toBe('end cancelled');
    const late = await post('/checks/ready/attestations', { statement });
    expect(late.problem).toMatchObject({ status: 409, type: 'https://holdpoint.dev/problems/run-ended' });
    expect((await small.deps.trail.read(`late/${small.run}`, { prefix: '' })).map(({ event }) => event.type)).toEqual([
      'mail.claimed',
      'notice.sent',
      'request.refused',
    ]);
  });

  test('not by who operates nothing', async () => {
    for (const [path, body] of [
      ['/cancel', { reason }],
      ['/rollback', trigger],
      ['/incident', { decision: 'end', reason }],
    ] as const)
      expect((await post(path, body, as('auditor'))).problem.type).toMatch(/role-missing$/);
  });

  test('a rollback before T0 and a decision without an incident are refused', async () => {
    expect((await post('/rollback', trigger, as('operator'))).problem.type).toMatch(/rollback-before-deployment$/);
    const none = await post('/incident', { decision: 'resume', reason }, as('operations-lead'));
    expect(none.problem).toMatchObject({ status: 409, got: 'phase-1', expected: 'incident' });
  });

  test('once a deployment has started a trigger of the checklist leads to the rollback decision', async () => {
    await toWindow();
    const early = await post('/rollback', trigger, as('operator'));
    expect(early.problem).toMatchObject({ status: 409, fix: 'Cancel the run instead.' });
    const started = { run: small.run, state: 'started', environment: 'production', component: 'web', digest: artifact } as const;
    expect((await reportDeployment(small.deps, started, ci)).refused).toBeUndefined();
    const unknown = await post('/rollback', { ...trigger, trigger: 'ready' }, as('operator'));
    expect(unknown.problem).toMatchObject({ status: 404, got: 'ready', expected: 'data-corruption' });
    const reply = await post('/rollback', trigger, as('operator'));
    expect(runDecidedSchema.parse(reply.json)).toMatchObject({ alreadyRecorded: false, gate: 'deployment-window' });
    await small.machine.settle();
    expect(small.machine.at()).toBe('rollback-decision');
  });

  test('an incident is decided by the operations lead: resumed, or ended', async () => {
    await small.machine.breakOff();
    await small.machine.settle();
    expect((await post('/incident', { decision: 'resume', reason }, as('technical-lead'))).status).toBe(403);
    expect((await post('/incident', { decision: 'resume', reason }, as('operations-lead'))).status).toBe(201);
    await small.machine.settle();
    expect(small.machine.at()).toBe('phase-1');
    await small.machine.breakOff();
    await small.machine.settle();
    expect((await post('/incident', { decision: 'end', reason }, as('operations-lead'))).status).toBe(201);
    await small.machine.settle();
    expect(small.machine.at()).toBe('end incident');
  });
});
