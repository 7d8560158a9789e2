import { describe, expect, test } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import type { When } from '../fakes/watched.ts';
import type { FakeDependencies } from '../fakes.ts';
import { check, checklistOf, dependenciesOf, gate } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { playedOnce } from '../played-once.ts';
import { observation, type Story } from '../story.ts';
import { answerFunctions, shopTargets } from '../way-back.ts';
import { type ActName, acts, decidesTo, deploys, fulfil, letTimeRun, looks, newerOf, triggers } from './interleaving-acts.ts';
import { explore } from './schedule-explorer.ts';
import { holds } from './way-back-holds.ts';

/** The cap of a review beside everything else that may happen there: before it, at its instant, and while people decide. */

const hourMs = 3_600_000;
const capMs = 6 * hourMs;
const gates = ['t-minus-2h', 'deployment-window', 'deployment-success', 'review-48h'] as const;
const word = { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } as const;
const checklist = checklistOf(
  [
    gate('t-minus-2h', { role: 't0' }),
    gate('deployment-window', { role: 'deployment', deadlineSeconds: 86_400 }),
    gate('deployment-success', { role: 'evidence', onDeadline: 'page', deadlineSeconds: 86_400 }),
    gate('review-48h', {
      role: 'review',
      onDeadline: 'not-stable',
      window: { anchor: 'stable-since', seconds: 3600 },
      capSeconds: capMs / 1000,
      onCap: 'decision',
      deadlineSeconds: 86_400,
    }),
  ],
  [
    ...gates.map((id) => check(`ready-${id}`, id, { rule: word, owner: 'operations-lead' })),
    check('data-corruption', 'phase-1', { kind: 'trigger', gate: null, rule: null, owner: 'operations-lead' }),
  ],
);

/** At the review, over an alarm that is never OK again. */
const atReview = playedOnce(async (): Promise<Story> => {
  const deps = dependenciesOf(checklist, { tickMs: 0, stage: { targets: { shop: { production: shopTargets() } } } });
  const { run, machine } = await atFirstGate(deps);
  const story: Story = { deps, run, machine };
  for (const id of gates.slice(0, -1)) {
    deps.controls.clock.advance(1000);
    if (id === 'deployment-window') await deploys(story);
    await fulfil(story, id);
    await machine.settle();
  }
  await observation(story, 'alarm-1', true, 'alarm');
  await machine.settle();
  expect(machine.at()).toBe('review-48h');
  return story;
});

const eventsOf = ({ deps, run }: Story): Promise<readonly Stored[]> => deps.trail.read(scopes.run(run), { prefix: '' });

/** Its clock stands still. */
const stoppedBefore = async (milliseconds: number): Promise<Story> => {
  const story = await atReview();
  const finish = (await eventsOf(story)).find(isType('deployment.finished'))?.event.at ?? '';
  story.deps.controls.clock.advance(Date.parse(finish) + capMs - milliseconds - story.deps.clock.now().getTime());
  return story;
};
const beforeCap = async (milliseconds: number): Promise<Story> => {
  const story = await stoppedBefore(milliseconds);
  letTimeRun(story);
  return story;
};
const pass = async (story: Story, milliseconds: number): Promise<void> => {
  story.deps.controls.clock.advance(milliseconds);
  await looks(story);
  await story.machine.settle();
};

/** Each outcome that the machine took at the review. */
const taken = async (story: Story): Promise<readonly string[]> =>
  foldGates((await eventsOf(story)).filter(({ event }) => event.lane.startsWith(lanes.gates)))
    .entries.filter((entry) => entry.gate === 'review-48h')
    .flatMap(({ settlements }) => settlements.filter(({ delivered }) => delivered !== undefined))
    .map(({ settled }) => settled.event.data.outcome);

const decision = 'rollback-decision';
const trigger = (story: Story): Promise<boolean> => triggers(story);
type Row = readonly [act: ActName | 'trigger', where: string, answers: readonly string[]];
const act = async (story: Story, name: Row[0]): Promise<void> => {
  await (name === 'trigger' ? trigger(story) : acts[name](story, 'review-48h'));
  await story.machine.settle();
};

describe('before the cap', () => {
  test.each<Row>([
    ['trigger', decision, ['triggered']],
    ['gate answer', 'review-48h', []],
    ['cancel', 'review-48h', []],
    ['deadline', 'end not-stable', ['expired']],
    ['newer run', 'end superseded', ['superseded']],
  ])('a %s leaves the run at %s', async (name, where, answers) => {
    const story = await beforeCap(3 * hourMs);
    await act(story, name);
    expect([story.machine.at(), await taken(story)]).toEqual([where, answers]);
    if (where !== 'review-48h') return;
    await pass(story, 3 * hourMs);
    expect([story.machine.at(), await taken(story)]).toEqual([decision, [...answers, 'capped']]);
  });

  test('a decision to continue answers a trigger and not the cap', async () => {
    const story = await beforeCap(3 * hourMs);
    await act(story, 'trigger');
    expect(await decidesTo('continue')(story)).toBe(true);
    await story.machine.settle();
    expect(story.machine.at()).toBe('review-48h');
    await pass(story, 3 * hourMs);
    expect([story.machine.at(), await taken(story)]).toEqual([decision, ['triggered', 'capped']]);
  });
});

describe('at the instant of the cap', () => {
  test.each<Row>([
    ['trigger', decision, ['triggered']],
    ['gate answer', decision, ['capped']],
    ['timer', decision, ['capped']],
    ['cancel', decision, ['capped']],
    ['deadline', 'end not-stable', ['expired']],
    ['newer run', 'end superseded', ['superseded']],
  ])('a %s before anybody looks leaves the run at %s', async (name, where, answers) => {
    const story = await beforeCap(0);
    await act(story, name);
    if (!story.machine.at().startsWith('end ')) await pass(story, 0);
    expect([story.machine.at(), await taken(story)]).toEqual([where, answers]);
  });
});

describe('while people decide', () => {
  test.each<Row>([
    ['trigger', decision, ['capped']],
    ['timer', decision, ['capped']],
    ['cancel', decision, ['capped']],
    ['deadline', decision, ['capped']],
    ['newer run', decision, ['capped']],
  ])('a %s leaves the run at %s', async (name, where, answers) => {
    const story = await beforeCap(0);
    await pass(story, 0);
    await act(story, name);
    expect([story.machine.at(), await taken(story)]).toEqual([where, answers]);
  });

  test('a trigger is added to the decision, and rolling back answers both', async () => {
    const story = await beforeCap(0);
    await pass(story, 0);
    expect(await trigger(story)).toBe(true);
    expect(await holds(story, { triggers: 1, opens: true })).toBe('end rolled-back');
  });

  test('a newer run takes the environment: continuing ends this one, and a rollback cannot begin', async () => {
    for (const [said, where] of [
      ['continue', 'end superseded'],
      ['roll-back', 'stop-requests'],
    ] as const) {
      const story = await beforeCap(0);
      await pass(story, 0);
      await act(story, 'newer run');
      expect(await decidesTo(said)(story)).toBe(true);
      await story.machine.settle();
      expect(story.machine.at()).toBe(where);
    }
  });

  test('a newer run waits once people have decided to roll back, also where the reconciler has not looked yet', async () => {
    const story = await beforeCap(0);
    await pass(story, 0);
    expect(await decidesTo('roll-back')(story)).toBe(true);
    story.deps.controls.reconciler.requests.splice(0);
    await acts['newer run'](story, 'review-48h');
    const reasons = (await readRun(story.deps, newerOf(story)?.run ?? '')).ok?.gates.find(({ id }) => id === 't-minus-2h')?.reasons;
    expect(reasons?.join()).toContain(`run ${story.run} has an open rollback trigger, or is being rolled back`);
    await pass(story, 60_000);
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
  });

  test('of a decision to roll back and one to continue the first counts', async () => {
    for (const first of ['roll-back', 'continue'] as const) {
      const story = await beforeCap(0);
      await pass(story, 0);
      const second = first === 'continue' ? 'roll-back' : 'continue';
      expect([await decidesTo(first)(story), await decidesTo(second)(story)]).toEqual([true, false]);
      await story.machine.settle();
      expect(story.machine.at()).toBe(first === 'continue' ? 'review-48h' : 'stop-requests');
      if (first === 'roll-back') await answerFunctions(story);
      await pass(story, 60_000);
      expect(await taken(story)).toEqual(['capped']);
    }
  });
});

/** One decision, and after "continue" none before the next cap, which asks again. */
const askedOnce = async (story: Story): Promise<void> => {
  await pass(story, 1000);
  expect(story.machine.at()).toBe(decision);
  expect(await taken(story)).toHaveLength(1);
  expect(await decidesTo('continue')(story)).toBe(true);
  await story.machine.settle();
  for (const minutes of [0, 1, 60]) await pass(story, minutes * 60_000);
  expect(story.machine.at()).toBe('review-48h');
  expect(await taken(story)).toHaveLength(1);
  await pass(story, capMs);
  expect([story.machine.at(), (await taken(story)).at(-1)]).toEqual([decision, 'capped']);
};

test('deciders at the cap ask once in every order of their reads and writes, also beside a trigger', async () => {
  for (const beside of ['decider', 'trigger'] as const) {
    const { orders } = await explore(async () => {
      const story = await stoppedBefore(0);
      const { deps, run, machine } = story;
      const decider = (own: FakeDependencies) => reconcileGate(own, { run });
      const other = beside === 'decider' ? decider : (own: FakeDependencies) => triggers({ deps: own, run, machine });
      return {
        deps,
        lanes: [lanes.rollback, lanes.gate('review-48h')],
        processes: { decider, other },
        check: () => {
          letTimeRun(story);
          return askedOnce(story);
        },
      };
    });
    expect(orders).toBeGreaterThan(5);
  }
}, 60_000);

/** Kills the reconciler at one of its writes or calls; every request is lost until the next sweep. */
const dyingAt = ({ deps }: Story, place: number, when: When) => {
  const killed = { seen: 0, isDead: false };
  deps.controls.onCall((call, _caller, [written]) => {
    if (killed.isDead) throw new Error('the process is dead');
    if (!/^(store\.insert|workflow\.|due\.(done|moveDeadline)|pager\.)/.test(call)) return;
    // The opener is retried by the state machine.
    if (call === 'store.insert' && (written as Stored).event.type === 'gate.opened') return;
    killed.seen += 1;
    if (killed.seen !== place) return;
    killed.isDead = true;
    deps.controls.failNext(call, when);
  });
  return killed;
};

const bySweepAlone = async (story: Story, killed: { isDead: boolean }, until: string): Promise<void> => {
  for (let minute = 0; minute < 10 && (killed.isDead || story.machine.at() !== until); minute += 1) {
    if (killed.isDead) story.deps.controls.reconciler.requests.splice(0);
    killed.isDead = false;
    await story.machine.settle().catch(() => undefined);
    story.deps.controls.clock.advance(61_000);
    await sweep(story.deps).catch(() => undefined);
  }
  story.deps.controls.onCall(undefined);
  await story.machine.settle();
};

test.each(['before', 'after'] as const)(
  'a reconciler that dies %s any of its writes at the cap asks once',
  async (when) => {
    for (let place = 1; ; place += 1) {
      const story = await beforeCap(0);
      const killed = dyingAt(story, place, when);
      await looks(story).catch(() => undefined);
      await bySweepAlone(story, killed, decision);
      await askedOnce(story);
      if (killed.seen >= place) continue;
      expect(place).toBeGreaterThan(5);
      break;
    }
  },
  60_000,
);

test.each(['before', 'after'] as const)(
  'one that dies %s any of its writes behind a decision to continue asks nobody again',
  async (when) => {
    for (let place = 1; ; place += 1) {
      const story = await beforeCap(0);
      await pass(story, 0);
      expect(await decidesTo('continue')(story)).toBe(true);
      const killed = dyingAt(story, place, when);
      await bySweepAlone(story, killed, 'review-48h');
      await pass(story, 60_000);
      expect([story.machine.at(), await taken(story)], String(place)).toEqual(['review-48h', ['capped']]);
      if (killed.seen >= place) continue;
      expect(place).toBeGreaterThan(5);
      break;
    }
  },
  60_000,
);
