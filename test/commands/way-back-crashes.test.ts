import { expect, test } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { foldRollback, mayBeStopped, resultOfStep } from '../../lib/folds/rollback.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { When } from '../fakes/watched.ts';
import type { Story } from '../story.ts';
import { answerFunctions, measure, shopTargets, smallRelease, started } from '../way-back.ts';

/**
 * The reconciler dies at one of its writes or calls on the way back, before or after it persisted, and nobody repeats it: Lambda's retries and
 * every request that was under way are lost. The sweep alone must bring the run to its end.
 */
const database = { by: { kind: 'lambda' as const, function: 'shop-restore' }, proof: ['health'], backwardCompatible: true };

/** A stage on which silence decides about the rollback and about the data. */
const given = (): Promise<Story> => started(shopTargets({ 'restore-database': database }));

/** What `prepare-rollback.ts` writes, and whom it asks. */
const isOfWayBack = (call: string, [written]: readonly unknown[]): boolean => {
  if (/^(actuator|collector)\.request$|^pager\.page$/.test(call)) return true;
  const event = call === 'store.insert' ? (written as Stored).event : undefined;
  return (
    event?.lane === lanes.rollback && event.actor.id === 'reconciler' && event.type !== 'rollback.triggered' && event.type !== 'lane.ended'
  );
};

/** Kills the process at one of these. Everything that it and its retries call from then on fails, until the next sweep. */
const dyingAt = ({ deps }: Story, place: number, when: When) => {
  const killed = { seen: 0, at: '', isDead: false };
  deps.controls.onCall((call, _caller, args) => {
    if (killed.isDead) throw new Error('the process is dead');
    if (!isOfWayBack(call, args)) return;
    killed.seen += 1;
    if (killed.seen !== place) return;
    const [written] = args as readonly [Partial<Stored>];
    Object.assign(killed, { isDead: true, at: `${call} ${written?.event?.type ?? ''}` });
    deps.controls.failNext(call, when);
  });
  return killed;
};

const bySweepAlone = async (story: Story, killed: { isDead: boolean }): Promise<void> => {
  const { deps, machine } = story;
  for (let minute = 0; minute < 40 && !machine.at().startsWith('end '); minute += 1) {
    // Slow enough that budgets are breached.
    await answerFunctions(story, {}, 90).catch(() => undefined);
    if (killed.isDead) deps.controls.reconciler.requests.splice(0);
    killed.isDead = false;
    deps.controls.clock.advance(61_000);
    await sweep(deps);
  }
};

const results = async ({ deps, run }: Story) => {
  const rollback = foldRollback(await deps.trail.read(scopes.run(run), { lane: lanes.rollback }));
  const steps = smallRelease.rollback.gates.flatMap((one) => ('step' in one ? one.step : []));
  return { rollback, outcomes: steps.map((step) => resultOfStep(rollback, step)?.outcome) };
};

const play = async (place: number, when: When) => {
  const story = await given();
  const killed = dyingAt(story, place, when);
  await measure(story).catch(() => undefined);
  await bySweepAlone(story, killed);
  story.deps.controls.onCall(undefined);
  return { story, killed };
};

test.each(['before', 'after'] as const)(
  'a reconciler that dies %s any write or call of the way back persisted',
  async (when) => {
    const struck = new Set<string>();
    for (let place = 1; ; place += 1) {
      const { story, killed } = await play(place, when);
      const failure = `${place}: ${killed.at}`;
      expect(story.machine.at(), failure).toBe('end rolled-back');
      const { rollback, outcomes } = await results(story);
      expect(outcomes, failure).toEqual(['done', 'done', 'kept', 'not-applicable', 'done', 'done']);
      expect(mayBeStopped(rollback), failure).toBe(false);
      expect(rollback.lane.filter(isType('rollback.decided')), failure).toHaveLength(1);
      expect(verifyScope(await story.deps.trail.read(scopes.run(story.run), { prefix: '' })), failure).toBeUndefined();
      if (killed.seen < place) break;
      struck.add(killed.at.trim());
    }
    expect([...struck].sort()).toEqual([
      'actuator.request',
      'collector.request',
      'pager.page',
      'store.insert rollback.budget-breached',
      'store.insert rollback.budget-warned',
      'store.insert rollback.data-decided',
      'store.insert rollback.decided',
      'store.insert rollback.paged',
      'store.insert rollback.proof-requested',
      'store.insert rollback.step-requested',
      'store.insert rollback.step-skipped',
    ]);
  },
  120_000,
);
