import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { watchRuns } from '../../lib/run/commands/watch-runs.ts';
import { type Story, toGoNoGo, toStability, toWindow } from '../story.ts';
import { bad, broken, collectorOf, eventsOf, good, healthy, type Options, proofs, prove, small, targets } from './collecting.ts';

const looksOf = async (story: Story): Promise<number> =>
  (await eventsOf(story)).filter(isType('evidence.recorded')).filter(({ event }) => event.data.source === 'collector').length;

describe('the proof of a step', () => {
  test.each([
    ['stop-requests', 'do', healthy, true],
    ['stop-requests', 'do', broken, false],
    ['stop-requests', 'undo', healthy, true],
    ['stop-requests', 'undo', broken, false],
    ['restart-services', 'do', healthy, true],
    ['restart-services', 'undo', healthy, false],
    ['restore-database', 'do', healthy, false],
    ['verify-health', 'do', healthy, true],
    ['verify-health', 'do', broken, false],
    ['monitor-stability', 'do', healthy, true],
    ['monitor-stability', 'do', broken, false],
    ['another-step', 'do', healthy, false],
  ] as const)('%s, %s', async (step, action, answering, proved) => {
    const story = await toWindow();
    expect(await prove(story, step, { action }, answering)).toMatchObject({ step, action, attempt: 1, proof: 1, proved });
    expect(verifyScope(await eventsOf(story))).toBeUndefined();
  });

  test('names its evidence, which serves no check, and is given once', async () => {
    const story = await toWindow();
    const first = await prove(story, 'verify-health');
    const events = await eventsOf(story);
    const evidence = events.filter(isType('evidence.recorded')).find(({ event }) => event.id === first?.evidence[0]);
    expect(evidence?.event.data).toMatchObject({ evidence: 'probes', source: 'collector-proof', serves: [] });
    await prove(story, 'verify-health', {}, broken);
    expect(await proofs(story)).toHaveLength(1);
    expect(await prove(story, 'verify-health', { attempt: 2 }, broken)).toMatchObject({ attempt: 2, proved: false });
  });

  test('that nobody can look at asks for a person', async () => {
    const story = await toWindow();
    const task = { kind: 'proof', step: 'verify-health', action: 'do', attempt: 1, proof: 1 } as const;
    await collect(collectorOf(story, healthy, {}, {}), story.run, task);
    expect(await proofs(story)).toMatchObject([{ proved: false, detail: expect.stringContaining('a person must show it') as unknown }]);
  });

  const fix = (story: Story, digest: string, components: readonly string[]) =>
    story.deps.trail.append(
      {
        scope: `run/${story.run}`,
        lane: 'rollback',
        step: `target/${digest}/${components.length}`,
        type: 'rollback.target-fixed',
        actor: { kind: 'system', id: 'reconciler' },
        data: {
          run: null,
          version: '1.2.2',
          level: 'adopted',
          components: components.map((component) => ({ component, digest, reference: null })),
        },
      },
      { parentHash: 'f'.repeat(64) },
    );
  const running: Options = { running: { shop: { digest: good, reference: '6' } } };
  const unproved = (detail: string) => ({ proved: false, detail: expect.stringContaining(detail) as unknown });

  test('revert-version compares with the last fixed target', async () => {
    const story = await toGoNoGo();
    expect(await prove(story, 'revert-version', {}, healthy, running)).toMatchObject(unproved('no rollback target'));
    await fix(story, bad, ['web']);
    expect(await prove(story, 'revert-version', { proof: 2 }, healthy, running)).toMatchObject(unproved('not sha256:bbb'));
    await fix(story, good, ['web']);
    const proved = await prove(story, 'revert-version', { proof: 3 }, healthy, running);
    expect(proved).toMatchObject({ proved: true });
    expect(proved?.evidence.length).toBeGreaterThan(0);
    // What the run did not release was not taken back.
    await fix(story, good, ['web', 'batch']);
    expect(await prove(story, 'revert-version', { proof: 4 }, healthy, running)).toMatchObject({ proved: true });
  });

  test('revert-version is about every component that the run released', async () => {
    const story = await small({ artifacts: ['web', 'batch'].map((component) => ({ component, digest: bad })) });
    await fix(story, good, ['web']);
    const proof = await prove(story, 'revert-version', {}, healthy, running);
    expect(proof).toMatchObject(unproved('batch was released, and version 1.2.2 names no version of it'));
    expect(proof?.cannotShow, 'no two people can say otherwise').toBeUndefined();
    await fix(story, good, ['web', 'batch']);
    expect(await prove(story, 'revert-version', { proof: 2 }, healthy, running)).toMatchObject({
      ...unproved('batch is only reported and cannot be read'),
      cannotShow: true,
    });
    const other: Options = { running: { shop: { digest: bad, reference: '8' } } };
    expect(await prove(story, 'revert-version', { proof: 3 }, healthy, other)).toMatchObject(unproved('web runs sha256:bbb'));
  });
});

describe('monitor-stability is about the version to which the rollback went back', () => {
  const fixed = async (...names: readonly string[]): Promise<Story> => {
    const story = await small({ artifacts: names.map((component) => ({ component, digest: bad })) });
    const components = names.map((component) => ({ component, digest: good, reference: null }));
    await story.deps.trail.append(
      {
        scope: `run/${story.run}`,
        lane: 'rollback',
        step: 'target',
        type: 'rollback.target-fixed',
        actor: { kind: 'system', id: 'reconciler' },
        data: { run: null, version: '1.2.2', level: 'adopted', components },
      },
      { parentHash: 'f'.repeat(64) },
    );
    return story;
  };
  const runs = (digest: string): Options => ({ running: { shop: { digest, reference: '6' } } });
  const changed = `web runs ${bad}, not ${good}: something else was deployed after the revert`;

  test('and is proved while that runs; a component whose platform is only reported is no obstacle', async () => {
    expect(await prove(await fixed('web', 'batch'), 'monitor-stability', {}, healthy, runs(good))).toMatchObject({ proved: true });
  });

  test('and is not proved when something else runs, which is said at once', async () => {
    const story = await fixed('web', 'batch');
    const before = story.deps.clock.now().getTime();
    const proof = await prove(story, 'monitor-stability', {}, healthy, runs(bad));
    expect(proof).toMatchObject({ proved: false, detail: changed });
    expect(proof?.cannotShow, 'no two people can say otherwise').toBeUndefined();
    expect(story.deps.clock.now().getTime() - before, 'nothing was watched').toBeLessThan(1_000);
  });

  test('and is not proved when something else was deployed while it was watched', async () => {
    const running = { shop: { digest: good, reference: '6' } };
    const deploying: typeof healthy = (request) => {
      running.shop = { digest: bad, reference: '7' };
      return healthy(request, 0);
    };
    const story = await fixed('web', 'batch');
    const proof = await prove(story, 'monitor-stability', {}, deploying, { running });
    expect(proof).toMatchObject({ proved: false, detail: changed });
    expect(proof?.evidence.length, 'the probes and what runs').toBeGreaterThan(1);
  });

  test('and needs a platform that could be read at the revert to be readable again', async () => {
    const unread: Options = { running: {} };
    const story = await fixed('web', 'batch');
    // People did it by hand where the platform cannot be read at all, and said so.
    expect(await prove(story, 'monitor-stability', {}, healthy, unread)).toMatchObject({ proved: true });
    const read = await fixed('web');
    expect(await prove(read, 'revert-version', {}, healthy, runs(good))).toMatchObject({ proved: true });
    expect(await prove(read, 'monitor-stability', {}, healthy, unread)).toMatchObject({
      proved: false,
      detail: expect.stringMatching(/^web cannot be read any more: /) as unknown,
    });
  });
});

describe('the watch of every minute', () => {
  test('looks at runs from T0 until their monitoring has passed', async () => {
    expect(await watchRuns(collectorOf(await small()))).toEqual({ watched: [] });
    const story = await toWindow();
    expect(await watchRuns(collectorOf(story))).toEqual({ watched: [story.run] });
    expect(await watchRuns(collectorOf(await toStability()))).toEqual({ watched: [] });
  });

  test('reads nothing for ten minutes of a run behind its monitoring', async () => {
    const story = await toStability();
    const collector = collectorOf(story);
    let read: number[] = [];
    const open: typeof collector.index.open = async (...asked) => {
      const runs = await collector.index.open(...asked);
      read.push(runs.length);
      return runs;
    };
    const watch = async (minutes: number) => {
      read = [];
      for (let minute = 0; minute < minutes; minute += 1) {
        await watchRuns({ ...collector, index: { ...collector.index, open } });
        story.deps.controls.clock.advance(60_000);
      }
      return read;
    };
    expect(await watch(12)).toEqual([1, ...Array.from({ length: 9 }, () => 0), 1, 0]);
    // The list has it back between T0 and the end of the monitoring.
    const [summary] = await collector.index.open('shop', 'production');
    if (summary === undefined) throw new Error('no open run');
    await collector.index.restore({ ...summary, gate: 'monitoring-4h' });
    expect(await watch(10)).toEqual([...Array.from({ length: 8 }, () => 0), 1, 1]);
  });

  test('reads every minute the entry of a run before T0, which it may reach at any time', async () => {
    const story = await small();
    const collector = collectorOf(story);
    await watchRuns(collector);
    expect([...collector.resting]).toEqual([]);
  });

  test('records again only what changed, and at once what broke', async () => {
    const story = await toWindow();
    const looks = () => looksOf(story);
    for (let n = 0; n < 3; n += 1) {
      await watchRuns(collectorOf(story));
      story.deps.controls.clock.advance(60_000);
    }
    expect(await looks()).toBe(1);
    await watchRuns(collectorOf(story, broken));
    expect(await looks()).toBe(2);
    story.deps.controls.clock.advance(31 * 60_000);
    await watchRuns(collectorOf(story, broken));
    expect(await looks()).toBe(3);
  });

  test('reads what the last look came to once, and again when another process has looked', async () => {
    const story = await toWindow();
    const collector = collectorOf(story);
    const reads = { facts: 0, t0: 0 };
    story.deps.controls.onCall((call, _caller, [, range]) => {
      if (call === 'evidence.get') reads.facts += 1;
      if (call === 'store.query' && JSON.stringify(range) === JSON.stringify({ lane: 'gate/t-minus-2h' })) reads.t0 += 1;
    });
    const watch = async (minutes: number, by = collector) => {
      Object.assign(reads, { facts: 0, t0: 0 });
      for (let minute = 0; minute < minutes; minute += 1) {
        expect((await watchRuns(by)).watched).toEqual([story.run]);
        story.deps.controls.clock.advance(60_000);
      }
      return { ...reads };
    };
    await watch(2);
    expect(await watch(5)).toEqual({ facts: 0, t0: 0 });
    await watch(1, collectorOf(story, broken));
    expect(await looksOf(story)).toBe(2);
    expect((await watch(2)).facts, 'the other look, and then its own').toBe(2);
    expect(await looksOf(story), 'it is good again').toBe(3);
    expect(await watch(5)).toEqual({ facts: 0, t0: 0 });
    // What it knows of a run that it watches no more is forgotten.
    story.deps.controls.onCall(undefined);
    await watchRuns({ ...collector, stage: { ...collector.stage, targets: {} } });
    expect([...collector.looks]).toEqual([]);
  });

  test('throws the fault of one run after all others were looked at', async () => {
    const story = await toWindow();
    const collector = collectorOf(story, healthy, {}, { shop: { staging: targets, production: targets } });
    // The open run stands in both places, and the look in the first one fails.
    const index = { ...collector.index, open: () => collector.index.open('shop', 'production') };
    story.deps.controls.failNext('evidence.put', 'before', new Error('no bucket'));
    await expect(watchRuns({ ...collector, index })).rejects.toThrow('no bucket');
    expect(await looksOf(story)).toBe(1);
  });
});
