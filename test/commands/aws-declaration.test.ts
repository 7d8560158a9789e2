import { describe, expect, test } from 'vitest';
import { declare } from '../../lambdas/rollback-declarer.ts';
import { isType } from '../../lib/audit/event.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { toDeployment, toGoNoGo } from '../story.ts';

const reason = 'Half of the orders fail.';

describe('with AWS credentials alone', () => {
  const asDeclarer = (deps: FakeDependencies): FakeDependencies => signingFor(['reconciler'], deps);

  test('a rollback is declared and decided, once, and the event names nobody', async () => {
    const story = await toDeployment();
    const payload = { run: story.run, trigger: 'critical-feature-not-working', reason };
    const first = await declare(asDeclarer(story.deps), payload);
    expect(first).toMatchObject({ alreadyRecorded: false });
    expect(await declare(asDeclarer(story.deps), payload)).toMatchObject({ alreadyRecorded: true });
    const [event, ...more] = (await story.deps.trail.read(`run/${story.run}`, { lane: 'rollback' })).filter(isType('rollback.triggered'));
    expect(more).toEqual([]);
    expect(event?.event).toMatchObject({
      actor: { kind: 'system', id: 'declarer' },
      data: { by: null, decides: true, detail: expect.stringContaining('whose they were stands in CloudTrail') },
    });
    expect(event?.bytes).not.toContain(reason);
  });

  test('is refused in words: a payload that is none, an unknown trigger or run, a run without a deployment', async () => {
    const story = await toGoNoGo();
    const deps = asDeclarer(story.deps);
    for (const payload of [
      undefined,
      'now',
      {},
      { run: story.run, trigger: 'x', reason: 'short' },
      { run: story.run, trigger: 'x', reason, by: 'me' },
    ])
      expect(await declare(deps, payload)).toMatchObject({ declined: expect.stringContaining('not a declaration of a rollback') });
    const said = { run: story.run, trigger: 'critical-feature-not-working', reason };
    expect(await declare(deps, { ...said, trigger: 'dislike' })).toMatchObject({ refused: { type: 'trigger-unknown' } });
    expect(await declare(deps, { ...said, run: 'r1' })).toMatchObject({ refused: { type: 'run-unknown' } });
    expect(await declare(deps, said)).toMatchObject({ refused: { type: 'rollback-before-deployment' } });
  });

  test('data corruption is declared with what shows it', async () => {
    const story = await toDeployment();
    const payload = { run: story.run, trigger: 'data-corruption-detected', reason };
    expect(await declare(asDeclarer(story.deps), payload)).toMatchObject({ refused: { type: 'no-evidence' } });
    expect(await declare(asDeclarer(story.deps), { ...payload, shown: 'orders 4411 to 4420' })).toMatchObject({ alreadyRecorded: false });
    const [event] = (await story.deps.trail.read(`run/${story.run}`, { lane: 'rollback' })).filter(isType('rollback.triggered'));
    expect(event?.event.data.shown).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is refused when the run has ended', async () => {
    const story = await toDeployment();
    const payload = { run: story.run, trigger: 'critical-feature-not-working', reason };
    const own = (await story.deps.trail.read(`run/${story.run}`, { lane: 'run' }))[0];
    await story.deps.trail.append(
      {
        scope: `run/${story.run}`,
        lane: 'run',
        step: 'ended',
        type: 'run.ended',
        actor: { kind: 'system', id: 'reconciler' },
        data: { outcome: 'production-stable', gate: 'review-48h' },
      },
      { parentHash: own?.hash ?? '' },
    );
    expect(await declare(asDeclarer(story.deps), payload)).toMatchObject({ refused: { type: 'run-ended' } });
  });
});
