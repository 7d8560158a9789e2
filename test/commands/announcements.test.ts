import { beforeEach, describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { foldObservations } from '../../lib/folds/observations.ts';
import { readEnvironment } from '../../lib/query/environment-view.ts';
import { readReviews } from '../../lib/query/reviews-view.ts';
import { readRunFor } from '../../lib/query/run-view.ts';
import { alarmsCascade } from '../../lib/rules/triggers/alarms-cascade.ts';
import { announceWork } from '../../lib/run/commands/announce-work.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { production, productionScope } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, ci, dependenciesOf, givenRun, personIn, twoGates } from '../given.ts';
import { report } from '../lane-events.ts';
import { withTargets } from '../rollback-given.ts';

const minute = 60_000;
const targets = targetsSchema.parse({
  components: [
    { component: 'web', platform: { kind: 'ecs-service', cluster: 'shop', service: 'shop-web' } },
    { component: 'api', platform: { kind: 'lambda-alias', function: 'shop-api', alias: 'live' } },
  ],
  alarms: ['shop-errors', 'shop-latency', 'shop-saturation'],
  restarts: [{ kind: 'rds-instance', name: 'shop-db' }],
});

let deps: FakeDependencies;
let run: string;
const at = (minutes: number): string => new Date(deps.clock.now().getTime() + minutes * minute).toISOString();
const wait = (minutes: number): void => void deps.controls.clock.advance(minutes * minute);
type Input = Parameters<typeof announceWork>[1];
type Announcer = Parameters<typeof announceWork>[2];
/** The person for whom CI has started the run, who operates the service as well. */
const starter = (): Announcer => ({ ...personIn(deps, 'operator'), id: ci.person ?? '' });
const reason = 'The alarm is driven once, to see that it arrives.';
const announce = (more: Partial<Input> = {}, caller: Announcer = personIn(deps, 'operator')) =>
  announceWork(
    deps,
    { ...production, kind: 'alarm-test', subject: 'shop-errors', until: at(30), reason, request: anew(), ...more },
    caller,
  );
type Fed = Parameters<typeof feedObservation>[1];
const fed = async (more: Partial<Fed> = {}) => {
  const seen = { kind: 'alarm', bad: true, subject: 'shop-errors', summary: 'OK to ALARM', observedAt: at(0), via: 'bus' } as const;
  await feedObservation(deps, { ...production, ...seen, observation: `o-${anew()}`, ...more });
};
const observed = async () =>
  foldObservations(await deps.trail.read(`run/${run}`, { prefix: 'observation' })).map(({ subject, setAside }) => ({ subject, setAside }));

beforeEach(async () => {
  const resources = [
    { kind: 'ecs-service' as const, name: 'main/worker', environment: 'production' },
    { kind: 'auto-scaling-group' as const, name: 'shop-asg', environment: 'production' },
    { kind: 'rds-instance' as const, name: 'staging-db', environment: 'staging' },
    { kind: 'codedeploy-application' as const, name: 'shop-app', environment: 'production' },
  ];
  deps = withTargets(dependenciesOf(twoGates, { tickMs: 1, stage: { resources: { shop: resources } } }), targets);
  run = await givenRun(deps);
});

describe('announced work', () => {
  test('of an alarm covers the alarm where the stage file has it, and none of its name elsewhere', async () => {
    const role = 'arn:aws:iam::222233334444:role/HoldpointObserver';
    deps = withTargets(deps, { ...targets, cloudwatch: { role, region: 'eu-west-1' } });
    expect((await announce()).refused).toBeUndefined();
    wait(5);
    for (const where of ['222233334444/eu-west-1', '222233334444/us-east-1', '111122223333/eu-west-1']) await fed({ where });
    await fed();
    expect((await observed()).map(({ setAside }) => setAside !== undefined)).toEqual([true, false, false, true]);
  });

  test('sets aside what happens within its window, and says who announced it and why', async () => {
    const operator = personIn(deps, 'operator');
    expect((await announce()).ok).toMatchObject({ kind: 'alarm-test', subject: 'shop-errors', alreadyRecorded: false });
    wait(5);
    await fed();
    expect(await observed()).toEqual([
      { subject: 'shop-errors', setAside: expect.stringMatching(`^a test of the alarm, announced by ${operator.id} at 20`) },
    ]);
    const view = (await readRunFor(deps, run, true)).ok;
    const [shown] = view?.observations ?? [];
    const words = view?.words ?? [];
    expect(words.find(({ digest }) => digest === shown?.announced)).toMatchObject({ kind: 'announcement', text: reason, by: operator.id });
    const reviews = (await readReviews(deps, run, true)).ok;
    expect(reviews?.seen[0]).toMatchObject({ announced: { by: operator.id }, notCounted: expect.stringContaining('announced by') });
    expect(reviews?.words.get(reviews.seen[0]?.announced?.reason ?? '')?.text).toBe(reason);
    const environment = await readEnvironment(deps, production, true);
    expect(environment.announced).toMatchObject([{ subject: 'shop-errors', by: operator.id, reason: { text: reason } }]);
    expect((await readEnvironment(deps, production, false)).announced[0]?.reason.text).toBeNull();
  });

  test.each<[string, number, Partial<Fed>]>([
    ['before it was announced, told afterwards', 5, { observedAt: '2026-03-02T07:59:59.000Z' }],
    ['after its window', 31, {}],
    ['of another alarm', 5, { subject: 'shop-latency' }],
    ['of an alarm whose name begins like it', 5, { subject: 'shop-errors 5xx' }],
    ['of another kind', 5, { kind: 'restart' }],
  ])('counts what happens %s', async (_what, minutes, more) => {
    await announce();
    wait(minutes);
    await fed(more);
    expect((await observed()).map(({ setAside }) => setAside)).toEqual([undefined]);
  });

  test('counts what happens in another environment', async () => {
    const staging = withTargets(deps);
    await announceWork(
      { ...staging, stage: { ...deps.stage, targets: { shop: { staging: targets } } } },
      { service: 'shop', environment: 'staging', kind: 'alarm-test', subject: 'shop-errors', until: at(30), reason, request: anew() },
      personIn(deps, 'operator'),
    );
    wait(5);
    await fed();
    expect((await observed()).map(({ setAside }) => setAside)).toEqual([undefined]);
  });

  test('counts what happens before a window that begins later', async () => {
    await announce({ from: at(60), until: at(90) });
    wait(30);
    await fed();
    wait(45);
    await fed();
    expect((await observed()).map(({ setAside }) => setAside === undefined)).toEqual([true, false]);
  });

  test('makes no cascade of three alarms that are driven one after the other', async () => {
    for (const subject of targets.alarms) await announce({ subject });
    for (const subject of targets.alarms) {
      wait(1);
      await fed({ subject });
    }
    const observation = await deps.trail.read(`run/${run}`, { prefix: 'observation' });
    const inputs = { deployment: [report('deployment.started', -300)], observation, measurement: [] } as const;
    const rule = alarmsCascade.of({ minAlarms: 3, withinSeconds: 300 });
    expect(alarmsCascade.measure(rule, inputs)).toEqual([]);
    wait(60);
    for (const subject of targets.alarms) await fed({ subject });
    const later = { ...inputs, observation: await deps.trail.read(`run/${run}`, { prefix: 'observation' }) };
    expect(alarmsCascade.measure(rule, later)).toHaveLength(1);
  });

  test.each([
    ['web', 'shop-web task 0123'],
    ['web', 'web'],
    ['shop-db', 'shop-db'],
    ['main/worker', 'worker task 0123'],
    ['shop-asg', 'shop-asg i-1234567890abcdef0'],
  ])('a planned restart of %s sets aside the restart of %s', async (subject, named) => {
    await announce({ kind: 'planned-restart', subject });
    wait(5);
    await fed({ kind: 'restart', subject: named });
    await fed({ kind: 'restart', subject: `new-${named}` });
    expect((await observed()).map(({ setAside }) => setAside === undefined)).toEqual([false, true]);
  });

  test('is recorded once for one request, and refused to those who do not operate', async () => {
    expect((await announce({ request: 'same' })).ok).toMatchObject({ alreadyRecorded: false });
    expect((await announce({ request: 'same' })).ok).toMatchObject({ alreadyRecorded: true });
    const [event, ...more] = (await deps.trail.read(productionScope, { lane: 'announced' })).filter(isType('work.announced'));
    expect(event?.event.data).toMatchObject({ by: personIn(deps, 'operator').id });
    expect(more).toEqual([]);
    expect((await announce({}, personIn(deps, 'developer'))).refused?.type).toBe('role-missing');
  });

  test.each<[string, () => Announcer, string]>([
    ['to a CI job', () => ci, 'role-missing'],
    ['to who started a run that is open there', starter, 'starter-excluded'],
  ])('is refused %s, with what to do, and the refusal is recorded', async (_whom, caller, type) => {
    const { refused } = await announce({}, caller());
    expect(refused).toMatchObject({
      type,
      got: expect.stringContaining(caller().id),
      expected: expect.any(String),
      fix: expect.stringContaining('operations'),
    });
    expect(await deps.trail.read(productionScope, { lane: 'announced' })).toEqual([]);
    expect(await deps.trail.read(productionScope, { lane: 'refusal' })).toHaveLength(1);
  });

  test('is refused for the role before anything of the service is read', async () => {
    deps.controls.onCall((call, _caller, [scope]) => {
      if (call === 'store.query' && scope === 'service/shop') throw new Error('the profile cannot be read');
    });
    for (const caller of [ci, personIn(deps, 'developer')]) expect((await announce({}, caller)).refused?.type).toBe('role-missing');
    await expect(announce()).rejects.toThrow('the profile cannot be read');
  });

  test('is possible while an open run cannot be read, and its starter is covered by nothing of their own', async () => {
    deps.controls.failNext('definitions.read', 'before');
    expect((await announce()).refused).toBeUndefined();
    deps.controls.failNext('definitions.read', 'before');
    expect((await announce({ subject: 'shop-latency' }, starter())).refused).toBeUndefined();
    wait(5);
    await fed();
    await fed({ subject: 'shop-latency' });
    expect(await observed()).toEqual([
      { subject: 'shop-errors', setAside: expect.any(String) },
      { subject: 'shop-latency', setAside: undefined },
    ]);
  });

  test('by who starts a run afterwards counts for other runs, and not for that one', async () => {
    deps = withTargets(dependenciesOf(twoGates, { tickMs: 1 }), targets);
    expect((await announce({}, starter())).refused).toBeUndefined();
    run = await givenRun(deps);
    wait(5);
    await fed();
    expect(
      (await observed()).map(({ setAside }) => setAside),
      'of the run that they started',
    ).toEqual([undefined]);
    await announce({ until: at(20) });
    wait(5);
    await fed();
    expect(
      (await observed()).map(({ setAside }) => setAside),
      'somebody else has announced it, too',
    ).toEqual([undefined, expect.stringContaining(personIn(deps, 'operator').id)]);
  });

  test.each<[string, () => Partial<Input>, string, RegExp]>([
    ['everything', () => ({ subject: '*' }), 'announced-subject', /shop-errors, shop-latency/],
    ['an alarm that the stage does not have', () => ({ subject: 'shop-' }), 'announced-subject', /shop-errors/],
    ['a component as an alarm', () => ({ subject: 'web' }), 'announced-subject', /shop-errors/],
    ['an alarm as a component', () => ({ kind: 'planned-restart' }), 'announced-subject', /web, api, shop-db, main\/worker, shop-asg$/],
    ['the past', () => ({ from: at(-6) }), 'announced-window', /not before/],
    ['what is over', () => ({ from: at(-4), until: at(-1) }), 'announced-window', /after the beginning/],
    ['an end before the beginning', () => ({ from: at(30), until: at(20) }), 'announced-window', /after the beginning/],
    ['more than four hours', () => ({ until: at(241) }), 'announced-window', /at the latest/],
    ['next month', () => ({ from: at(60 * 24 * 8), until: at(60 * 24 * 8 + 5) }), 'announced-window', /not after/],
  ])('is refused for %s', async (_what, more, type, expected) => {
    const { refused } = await announce(more());
    expect(refused).toMatchObject({ type, got: expect.any(String), fix: expect.any(String) });
    expect(refused?.expected).toMatch(expected);
    expect(await deps.trail.read(productionScope, { lane: 'announced' })).toEqual([]);
    expect(await deps.trail.read(productionScope, { lane: 'refusal' })).toHaveLength(1);
  });
});
