import { describe, expect, test } from 'vitest';
import { lanes } from '../../lib/audit/lane.ts';
import { gateOf } from '../../lib/checklist/definition.ts';
import type { Gate } from '../../lib/checklist/gates.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { FakeDependencies } from '../fakes.ts';
import type { Story } from '../story.ts';
import { type ActName, acts, fulfil, letTimeRun, looks, nextOf, restOf, triggers } from './interleaving-acts.ts';
import { type Place, places, states } from './interleaving-places.ts';
import { explore, type Scenario } from './schedule-explorer.ts';
import { holds } from './way-back-holds.ts';

/**
 * A trigger and something else, one before the other, both at once and the other way round, at every place from T0 on. What holds afterwards
 * is in `way-back-holds.ts`.
 */
const names = Object.keys(acts) as readonly ActName[];
const cases = places.flatMap((place) => names.map((act) => ({ name: place.name, act, place })));

type Left = 'stays' | 'next' | 'resumes' | `end ${string}`;
const left = (answer: Left, cancel: Left, deadline: Left, more: Partial<Record<ActName, Left>> = {}): Record<ActName, Left> => ({
  'gate answer': answer,
  timer: 'stays',
  cancel,
  deadline,
  'newer run': 'stays',
  ...more,
});
/** Whatever looks, it passes. */
const passes = left('next', 'next', 'next', { timer: 'next', 'newer run': 'next' });

/** Where each act alone leaves a run whose deployment was admitted. */
const afterDeployment: Readonly<Record<Gate['role'], Record<ActName, Left>>> = {
  t0: left('next', 'end cancelled', 'end expired'),
  deployment: left('next', 'stays', 'stays'),
  evidence: left('next', 'stays', 'stays'),
  // Their window is not over.
  monitoring: left('stays', 'stays', 'stays'),
  review: left('stays', 'stays', 'stays'),
  approval: left('next', 'stays', 'stays'),
  decision: left('next', 'stays', 'stays'),
  step: left('next', 'stays', 'stays'),
  verification: passes,
  incident: left('resumes', 'stays', 'stays'),
};
/** Before it a run can still be cancelled, and nothing is deployed when its time is over. */
const beforeDeployment: Readonly<Partial<Record<Gate['role'], Record<ActName, Left>>>> = {
  deployment: left('next', 'end cancelled', 'end not-deployed'),
  incident: left('resumes', 'end cancelled', 'stays'),
};

const leftAt = (place: Place, act: ActName, story: Story): string => {
  const { at, role, isDeployed, isShared } = place;
  if (act === 'newer run' && isShared) return 'end superseded';
  const end = gateOf(story.deps.definitions.current().checklist, at)?.onDeadline;
  if (act === 'deadline' && role === 'review' && end !== 'page') return `end ${end}`;
  const said = ((isDeployed ? undefined : beforeDeployment[role]) ?? afterDeployment[role])[act];
  if (said === 'stays') return at;
  if (said === 'resumes') return restOf(story, place.interrupts ?? '');
  return said === 'next' ? nextOf(story, at) : said;
};

test('the table has every state of the machine from T0 on', () => {
  expect([...new Set(places.map(({ at }) => at))].sort()).toEqual([...states].sort());
});

describe('a trigger at each place from T0 on', () => {
  test.each(cases)('$name: before the $act', async ({ place, act }) => {
    const { at, isDeployed, isWayBack } = place;
    const story = await place.story();
    letTimeRun(story);
    expect(await triggers(story), 'only where there is something to take back').toBe(isDeployed);
    await story.machine.settle();
    if (isDeployed && !isWayBack) expect(story.machine.at()).toBe('rollback-decision');
    const isOver = story.machine.at().startsWith('end ');
    await acts[act](story, at);
    const told = { triggers: isDeployed ? 1 : 0, opens: isDeployed && !isWayBack };
    expect(await holds(story, told)).toBe(isDeployed || isOver ? 'end rolled-back' : leftAt(place, act, story));
  });

  test.each(cases)('$name: at the $act, before the reconciler looks', async ({ place, act }) => {
    // What is taken back already is not interrupted again, so that a trigger there is the same before and at.
    for (const first of place.isWayBack ? (['act'] as const) : (['trigger', 'act'] as const)) {
      const story = await place.story();
      letTimeRun(story);
      if (first === 'act') await acts[act](story, place.at);
      const isTold = await triggers(story);
      if (first === 'trigger') await acts[act](story, place.at);
      const where = await holds(story, { triggers: isTold ? 1 : 0, opens: isTold && !place.isWayBack });
      if (isTold) expect(where).toBe('end rolled-back');
    }
  });

  test.each(cases)('$name: after the $act', async ({ place, act }) => {
    const { at, isDeployed, isWayBack } = place;
    const story = await place.story();
    letTimeRun(story);
    const did = await acts[act](story, at);
    if (act === 'cancel') expect(did, 'a release that is deployed is not cancelled').toBe(!isDeployed);
    await story.machine.settle();
    const before = story.machine.at();
    expect(before).toBe(leftAt(place, act, story));
    const isTold = await triggers(story);
    const deploysNow = place.role === 'deployment' && act === 'gate answer';
    expect(isTold).toBe((isDeployed || deploysNow) && !before.startsWith('end '));
    expect(await holds(story, { triggers: isTold ? 1 : 0, opens: isTold && !isWayBack })).toBe(
      isTold || isWayBack ? 'end rolled-back' : before,
    );
  });
});

/** Nothing is later than anything else: only the places in the lanes tell what came first. */
describe('a trigger at the very instant', () => {
  const deployed = places.filter(({ isDeployed, isWayBack, at }) => isDeployed && !isWayBack && at !== 'incident');
  test.each(deployed.map((place) => ({ name: place.name, place })))('of the closing of $name', async ({ place }) => {
    for (const first of ['trigger', 'answer'] as const) {
      const story = await place.story();
      // Its window ends at this instant, too.
      if (['monitoring', 'review'].includes(place.role)) story.deps.controls.clock.advance(3_600_000);
      const said =
        first === 'trigger'
          ? [await triggers(story), await fulfil(story, place.at)]
          : [await fulfil(story, place.at), await triggers(story)];
      expect(said).toEqual([true, true]);
      await story.machine.settle();
      expect(story.machine.at()).toBe('rollback-decision');
      letTimeRun(story);
      expect(await holds(story, { triggers: 1, opens: true })).toBe('end rolled-back');
    }
  });

  test.each(deployed.map((place) => ({ name: place.name, place })))('of the opening of the place behind $name', async ({ place }) => {
    const story = await place.story();
    if (['monitoring', 'review'].includes(place.role)) story.deps.controls.clock.advance(3_600_000);
    await fulfil(story, place.at);
    await story.machine.settle();
    const at = story.machine.at();
    expect(at).toBe(nextOf(story, place.at));
    const isTold = await triggers(story);
    expect(isTold).toBe(!at.startsWith('end '));
    letTimeRun(story);
    expect(await holds(story, { triggers: isTold ? 1 : 0, opens: isTold })).toBe(isTold ? 'end rolled-back' : at);
  });
});

const raced = places.filter(({ isDeployed, role }) => isDeployed && role !== 'step');

describe('a trigger and the decider of the gate, in every order', () => {
  test.each(raced.map((place) => ({ name: place.name, place })))(
    '$name',
    async ({ place }) => {
      const { at, isWayBack } = place;
      const setUp = async (): Promise<Scenario> => {
        const story = await place.story();
        const { deps, run, machine } = story;
        // The gate has all that it waits for, and nobody has decided it.
        if (['monitoring', 'review', 'approval'].includes(place.role)) deps.controls.clock.advance(2 * 3_600_000);
        if (place.role !== 'verification') await fulfil(story, at);
        deps.controls.reconciler.requests.splice(0);
        const told = { triggers: 0 };
        return {
          deps,
          lanes: [lanes.rollback, lanes.gate(at)],
          processes: {
            person: async (own) => {
              if (await triggers({ deps: own as FakeDependencies, run, machine })) told.triggers = 1;
            },
            decider: (own) => reconcileGate(own, { run }),
          },
          check: async () => {
            letTimeRun(story);
            deps.controls.clock.advance(60_000);
            await looks(story);
            await holds(story, { ...told, opens: told.triggers > 0 && !isWayBack });
          },
        };
      };
      const { orders } = await explore(setUp);
      expect(orders).toBeGreaterThan(5);
    },
    60_000,
  );
});
