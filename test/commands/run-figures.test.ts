import { beforeAll, describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { gateOfRole } from '../../lib/checklist/definition.ts';
import { costOf } from '../../lib/local/prices.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { entryOf } from '../../lib/run/state/gate-entries.ts';
import { hasPassed, isAfterT0, readGates, readHasPassed, readIsAfterT0 } from '../../lib/run/state/gate-inputs.ts';
import { feedFigures, observationsPerSecond, openRun } from '../bench/runs.ts';
import { countedWorld } from '../counted-world.ts';
import { signingFor } from '../fakes.ts';
import { contextOf, dependenciesOf, givenRun, twoGates } from '../given.ts';
import { assumed, billedFor, type PlayedRun, playGoodRun, playRolledBackRun, transitionsOfRuns, walk } from '../run-figures.ts';
import { type Story, toGoNoGo, toWindow } from '../story.ts';

/** `npm run bench` prints these figures with their parts. */

describe('the transitions of a run', () => {
  const { good, rolledBack } = transitionsOfRuns();
  test('by the graph are at most 30 without a rollback, and at most 45 with one trigger and no decision to continue', () => {
    expect(good.states.at(-1)).toBe('end production-stable');
    expect(good.count).toBeLessThanOrEqual(30);
    expect(rolledBack.states.at(-1)).toBe('end rolled-back');
    expect(rolledBack.states).toContain('rollback-decision');
    expect(rolledBack.count).toBeLessThanOrEqual(45);
  });

  test('are most when the trigger comes at the last gate', () => {
    const counts = good.states
      .filter((state) => !/^(begin|end) ?/.test(state) && !state.endsWith(' answered'))
      .flatMap((at) => {
        try {
          return [walk((gate) => (gate === at ? 'triggered' : { outcome: 'passed' })).count];
        } catch {
          // Before T0 no gate takes a trigger.
          return [];
        }
      });
    expect(counts.length).toBeGreaterThan(3);
    expect(Math.max(...counts)).toBe(rolledBack.count);
  });

  test('without an edge for the trigger are an error, not a smaller count', () => {
    expect(() => walk((gate) => (gate === 'phase-1' ? 'triggered' : { outcome: 'passed' }))).toThrow('phase-1 takes no trigger');
  });
});

describe('a run of the real checklist', () => {
  let good: PlayedRun;
  let back: PlayedRun;
  beforeAll(async () => {
    good = await playGoodRun();
    back = await playRolledBackRun();
  }, 120_000);

  test('enters as many states as the graph says', () => {
    expect(good).toMatchObject({ end: 'end production-stable', transitions: transitionsOfRuns().good.count });
    expect(back.end).toBe('end rolled-back');
    expect(back.transitions).toBeLessThanOrEqual(45);
  });

  // The limit of both is $0.005. What the good one costs more is argued in lib/DESIGN.md, "What a run costs".
  test.each([
    ['good', () => good, 0.0082],
    ['rolled back', () => back, 0.005],
  ])('that is %s costs no more than it did', (_, run, most) => {
    const { total } = costOf(run().billed);
    expect(total).toBeLessThanOrEqual(most);
    expect(total, 'everything is counted').toBeGreaterThan(most / 2);
  });

  const limits = {
    // Of the good run and of the one that is rolled back.
    writeUnits: [1550, 853],
    readUnits: [7800, 3090],
    keyRequests: [415, 251],
    mails: [20, 13],
    objectsWritten: [166, 94],
    objectsRead: [25, 9],
    apiRequests: [132, 89],
    gigabyteSeconds: [79.5, 39.5],
    logBytes: [313_000, 260_000],
    invocations: [423, 305],
  } as const;
  test.each([
    ['good', () => good, 0],
    ['rolled back', () => back, 1],
  ] as const)('that is %s uses no more of what it pays for by the piece than it did', (_, run, place) => {
    for (const [name, most] of Object.entries(limits)) {
      const count = run().billed[name as keyof typeof limits];
      expect(count, name).toBeLessThanOrEqual(most[place]);
      expect(count, name).toBeGreaterThan(0);
    }
  });
});

describe('counting', () => {
  test('refuses a call that has no rule', async () => {
    const { deps } = countedWorld(dependenciesOf(twoGates));
    await expect(deps.idempotency.begin('key', 'request', new Date())).rejects.toThrow(
      'idempotency.begin has no rule that says what it costs',
    );
  });

  test('counts units by their bytes, requests to KMS, and the function that was called', async () => {
    const { deps, counts } = countedWorld(dependenciesOf(twoGates));
    await givenRun(deps);
    const before = counts();
    expect(before).toMatchObject({ functions: { 'api-ci': 1 }, objectsWritten: 1, mails: 0 });
    expect(before.writeUnits).toBeGreaterThan(3);
    await signingFor(['people'], deps).people.keep('run', 'x'.repeat(3000));
    expect(counts().writeUnits - before.writeUnits).toBe(4);
    expect(counts().functions['api-people']).toBe(1);
  });

  test('adds a page, sessions and the authorizer to what people do', () => {
    const none = { writeUnits: 0, readUnits: 0, keyRequests: 0, objectsWritten: 0, objectsRead: 0, schedules: 0, mails: 0, pages: 0 };
    const counted = billedFor({ ...none, functions: { 'api-ci': 3, 'api-people': 2 }, reports: 2 }, 10);
    expect(counted).toMatchObject({
      apiRequests: 7,
      invocations: 5 + 2 + 7,
      readUnits: 2 * assumed.readUnitsPerPage,
      // A report has no key of idempotency.
      writeUnits: 3 * assumed.writeUnitsPerCommand,
      keyRequests: 2 * assumed.keyRequestsPerAct,
      transitions: 10,
    });
    // 1 GB for CI, people and pages, half of it for the authorizer.
    expect(counted.gigabyteSeconds).toBeCloseTo(assumed.functionSeconds * (5 + 2 + 7 / 2), 12);
    // A look of the watch takes time of a call that comes anyway.
    const watched = billedFor({ ...none, functions: {}, reports: 0 }, 0, 10);
    expect(watched).toMatchObject({ invocations: 0, logBytes: 0 });
    expect(watched.gigabyteSeconds).toBeCloseTo((assumed.functionSeconds * 10) / 2, 12);
  });
});

describe('whether a gate has let the run through', () => {
  const same = async (story: Story): Promise<boolean> => {
    const context = await contextOf(story.deps, story.run);
    const gates = await readGates(story.deps, context);
    for (const { id } of context.checklist.gates) {
      const entry = entryOf(gates, id);
      expect(await readHasPassed(story.deps, context, id), id).toBe(entry !== undefined && hasPassed(gates, entry));
    }
    const after = await readIsAfterT0(story.deps, context);
    expect(after).toBe(isAfterT0(context, gates));
    return after;
  };

  test('is what all gates say, before and after T0', async () => {
    const before = await toGoNoGo();
    expect(await same(before)).toBe(false);
    const story = await toWindow();
    expect(await same(story)).toBe(true);
  });

  test('is read from its own lane alone once its answer was sent', async () => {
    const story = await toWindow();
    const context = await contextOf(story.deps, story.run);
    const asked: unknown[] = [];
    story.deps.controls.onCall((call, _caller, [, range]) => {
      if (call === 'store.query') asked.push(range);
    });
    expect(await readIsAfterT0(story.deps, context)).toBe(true);
    expect(asked).toEqual([{ lane: `gate/${gateOfRole(context.checklist, 't0')?.id}` }]);
  });

  test('is read from all gates while the answer of its settlement is not recorded', async () => {
    const story = await toWindow();
    const { id } = gateOfRole((await contextOf(story.deps, story.run)).checklist, 't0') ?? expect.fail('no T0 gate');
    // A reconciler that died after the answer: the next gate has opened, and the delivery is not recorded.
    const table = story.deps.controls.store.tables.get(`run/${story.run}`) ?? expect.fail('no table');
    for (const [key, stored] of table) if (stored.event.lane === `gate/${id}` && isType('gate.delivered')(stored)) table.delete(key);
    const fresh: Story = { ...story, deps: story.deps.controls.as('another process') };
    expect(await same(fresh)).toBe(true);
  });
});

describe('the sweep', () => {
  test.each([0, 100, 1000])('asks once when nothing of %i open runs is due, and gets nothing', async (open) => {
    const deps = dependenciesOf(twoGates);
    const far = new Date(deps.clock.now().getTime() + 86_400_000).toISOString();
    for (let n = 0; n < open; n += 1) await deps.due.put({ at: far, run: `run-${n}`, kind: 'deadline', id: '' });
    const before = deps.controls.calls.length;
    expect(await sweep(deps)).toEqual({ requested: 0, oldestWaitSeconds: 0 });
    expect(deps.controls.calls.slice(before)).toEqual(['due.list']);
  });
});

describe('the feed', () => {
  test('takes observations one after the other, each on the open run', async () => {
    const deps = await openRun();
    expect(await observationsPerSecond(deps, 5)).toBeGreaterThan(0);
    const [run] = await deps.index.open('shop', 'production');
    const recorded = (await deps.trail.read(`run/${run?.run}`, { prefix: 'observation' })).filter(isType('observation.recorded'));
    expect(recorded).toHaveLength(5);
    await expect(observationsPerSecond(deps, 1), 'the same again is no new observation').rejects.toThrow('observation 0 was not recorded');
  });

  test('has a row in the figures', async () => {
    expect((await feedFigures())[0]).toMatchObject({ figure: expect.stringContaining('in memory'), value: expect.stringMatching(/^\d+$/) });
  }, 60_000);
});
