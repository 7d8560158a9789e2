import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { junitPasses } from '../../lib/rules/junit-passes.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { ofType } from '../../lib/run/state/run-context.ts';
import { signingFor } from '../fakes.ts';
import { check, checklistOf, commit, dependenciesOf, gate, junitReport, personIn, twoGates } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { given as standing, standingCheck, withdrawAs } from '../standing-given.ts';
import type { Story } from '../story.ts';
import { attested, report } from './two-gates-story.ts';

type Configured = { readonly id: string; readonly environments?: readonly string[]; readonly gates?: readonly string[] };

const withCallbacks = async (...callbacks: readonly Configured[]): Promise<Story> => {
  const deps = dependenciesOf(twoGates, { stage: callbacks.length === 0 ? {} : { callbacks: { shop: callbacks } } });
  return { deps, ...(await atFirstGate(deps)) };
};

const later = async ({ deps, machine }: Story, minutes: number): Promise<void> => {
  deps.controls.clock.advance(minutes * 60_000);
  await sweep(deps).catch(() => undefined);
  await machine.settle().catch(() => undefined);
};
const called = ({ deps }: Story) => deps.controls.callbacks.called;
const calls = (story: Story): string[] => called(story).map(({ target, event, gate, outcome }) => `${target}: ${event} ${gate} ${outcome}`);

/** The claim, the call itself, and the record of it. */
const isOfCall = (call: string, written: unknown): boolean =>
  call === 'callbacks.call' ||
  (call === 'store.insert' && /mail\.claimed|notice\.sent/.test((written as { event: { type: string } }).event.type));

describe('the callbacks of a service', () => {
  test('are told once that a gate passed and once how the run ended, with what a pipeline needs to go on', async () => {
    const story = await withCallbacks({ id: 'deploy' });
    expect(calls(story)).toEqual([]);
    await report(story, 1);
    expect(calls(story)).toEqual(['deploy: gate phase-1 passed']);
    const { run, deps } = story;
    expect(called(story)[0]).toEqual({
      target: 'deploy',
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
      event: 'gate',
      run,
      service: 'shop',
      environment: 'production',
      version: '1.2.3',
      commit,
      gate: 'phase-1',
      outcome: 'passed',
      link: `https://holdpoint.example.com/runs/${run}`,
    });
    for (let n = 0; n < 3; n += 1) await later(story, 2);
    await attested(story);
    for (let n = 0; n < 3; n += 1) await later(story, 2);
    expect(calls(story)).toEqual(['deploy: gate phase-1 passed', 'deploy: run phase-2 production-stable']);
    const sent = async (scope: string) => ofType(await deps.trail.read(scope, { lane: lanes.notice }), 'notice.sent');
    expect((await sent(`run/${run}`)).map(({ event }) => event.data.people)).toEqual([['callback/deploy']]);
    expect((await sent(scopes.late(run))).flatMap(({ event }) => event.data.people)).toContain('callback/deploy');
  });

  test('are told that a gate is blocked, again only when other checks block it', async () => {
    const story = await withCallbacks({ id: 'deploy' });
    await report(story, 1, 1);
    expect(calls(story)).toEqual(['deploy: gate phase-1 blocked']);
    expect(called(story)[0]?.blockers?.checks).toMatchObject([
      { gate: 'phase-1', check: 'unit-tests', verdict: 'fail', evidence: 'junit' },
    ]);
    await report(story, 2, 2);
    for (let n = 0; n < 3; n += 1) await later(story, 5);
    expect(calls(story)).toEqual(['deploy: gate phase-1 blocked']);
    await report(story, 3);
    expect(calls(story)).toEqual(['deploy: gate phase-1 blocked', 'deploy: gate phase-1 passed']);
  });

  test('read what blocks the gate and what supplies it, also where nothing but a check of an earlier gate is missing', async () => {
    const backup = { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } as const;
    const checklist = checklistOf(
      [gate('phase-1'), gate('t-minus-2h', { role: 't0' })],
      [
        standingCheck('guides', { rule: junitPasses.of({ minTests: 1, suites: ['guides'] }) }),
        check('backup', 't-minus-2h', { rule: backup }),
      ],
    );
    const deps = dependenciesOf(checklist, { stage: { callbacks: { shop: [{ id: 'deploy' }] } } });
    const { event: guide } = await standing(deps, { bytes: junitReport(1, 0, 'guides') });
    const story: Story = { deps, ...(await atFirstGate(deps)) };
    await story.machine.settle();
    expect(story.machine.at()).toBe('t-minus-2h');
    expect(calls(story), 'what is missing here may still come').toEqual(['deploy: gate phase-1 passed']);
    await withdrawAs(deps, guide, personIn(deps, 'technical-lead'));
    for (let n = 0; n < 3; n += 1) await later(story, 2);
    expect(calls(story).slice(1)).toEqual(['deploy: gate t-minus-2h blocked']);
    expect(called(story)[1]?.blockers).toEqual({
      checks: [{ gate: 'phase-1', check: 'guides', verdict: 'missing', way: 'evidence', evidence: 'junit', roles: ['technical-lead'] }],
      leftOut: 0,
    });
  });

  test('hear of their gates and environments only, and always of the end', async () => {
    const story = await withCallbacks(
      { id: 'second', gates: ['phase-2'] },
      { id: 'staging', environments: ['staging'] },
      { id: 'first', gates: ['phase-1'], environments: ['production'] },
    );
    await report(story, 1);
    await attested(story);
    await later(story, 2);
    expect(calls(story)).toEqual([
      'first: gate phase-1 passed',
      'second: run phase-2 production-stable',
      'first: run phase-2 production-stable',
    ]);
  });

  test('hear of a cancelled run, which never passes the gate that they wait for', async () => {
    const story = await withCallbacks({ id: 'deploy', gates: ['phase-2'] });
    const { deps, run, machine } = story;
    const input = { run, reason: 'The wrong commit.' };
    expect((await cancelRun(signingFor(['people'], deps), input, personIn(deps, 'operations-lead'))).refused).toBeUndefined();
    await machine.settle();
    expect(calls(story)).toEqual(['deploy: run phase-1 cancelled']);
  });

  test('hear of an incident that interrupts the run', async () => {
    const story = await withCallbacks({ id: 'deploy' });
    await report(story, 1);
    await story.machine.breakOff();
    await story.machine.settle();
    await later(story, 2);
    expect(calls(story)).toEqual(['deploy: gate phase-1 passed', 'deploy: gate incident blocked']);
  });

  test('that take nothing hold nothing: the run goes on, each attempt is recorded, and they are told later under the same id', async () => {
    const story = await withCallbacks({ id: 'broken' }, { id: 'fine' });
    const { deps, run, machine } = story;
    const { refusing, refused: tried } = deps.controls.callbacks;
    refusing.add('broken');
    await report(story, 1);
    for (let n = 0; n < 4; n += 1) await later(story, 5);
    expect(machine.at()).toBe('phase-2');
    expect(calls(story)).toEqual(['fine: gate phase-1 passed']);
    expect(tried.length).toBeGreaterThan(1);
    expect(new Set(tried).size).toBe(1);
    const lane = await deps.trail.read(`run/${run}`, { lane: lanes.notice });
    const claims = lane.filter(isType('mail.claimed')).filter(({ event }) => event.data.purpose.startsWith('callback/broken/'));
    expect(claims).toHaveLength(tried.length);
    refusing.clear();
    for (let n = 0; n < 4; n += 1) await later(story, 30);
    expect(calls(story)).toEqual(['fine: gate phase-1 passed', 'broken: gate phase-1 passed']);
  });

  const steps = ['before', 'after'].flatMap((when) => [1, 2, 3].map((place) => [place, when as 'before' | 'after'] as const));
  test.each(steps)('are called when step %i of the call fails %s it persisted, and twice at most', async (place, when) => {
    const story = await withCallbacks({ id: 'deploy' });
    const { controls } = story.deps;
    let writes = 0;
    controls.onCall((call, _caller, [written]) => {
      if (!isOfCall(call, written)) return;
      writes += 1;
      if (writes === place) controls.failNext(call, when);
    });
    await report(story, 1);
    for (let n = 0; n < 6; n += 1) await later(story, 5);
    expect(writes).toBeGreaterThanOrEqual(place);
    expect(story.machine.at()).toBe('phase-2');
    expect(new Set(calls(story))).toEqual(new Set(['deploy: gate phase-1 passed']));
    expect(new Set(called(story).map(({ id }) => id)).size).toBe(1);
    expect(calls(story).length).toBeLessThanOrEqual(2);
  });

  test('are not told of what happened more than a day ago', async () => {
    const story = await withCallbacks({ id: 'deploy' });
    const { refusing, refused } = story.deps.controls.callbacks;
    refusing.add('deploy');
    await report(story, 1);
    expect(refused).not.toEqual([]);
    refusing.clear();
    for (let n = 0; n < 3; n += 1) await later(story, 25 * 60);
    expect(calls(story)).toEqual([]);
  });

  test('are tried for a day to be told that a gate is blocked, however long it stays so', async () => {
    const story = await withCallbacks({ id: 'deploy' });
    const { refusing, refused } = story.deps.controls.callbacks;
    refusing.add('deploy');
    await report(story, 1, 1);
    for (let n = 0; n < 30; n += 1) await later(story, 60);
    const tried = refused.length;
    expect(tried).toBeGreaterThan(5);
    for (let n = 0; n < 10; n += 1) await later(story, 60);
    expect(refused).toHaveLength(tried);
  });

  test('cost a service without any no reading', async () => {
    const read = async (...callbacks: readonly Configured[]): Promise<number> => {
      const story = await withCallbacks(...callbacks);
      await report(story, 1);
      let queries = 0;
      story.deps.controls.onCall(async (call) => {
        if (call === 'store.query') queries += 1;
      });
      await later(story, 2);
      return queries;
    };
    expect(await read({ id: 'elsewhere', environments: ['staging'] })).toBe(await read());
  });
});
