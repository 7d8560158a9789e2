import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { announceWork } from '../../lib/run/commands/announce-work.ts';
import { explainChange } from '../../lib/run/commands/explain-change.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { freeEnvironment } from '../../lib/run/commands/free-environment.ts';
import { recordUnaccounted } from '../../lib/run/commands/record-unaccounted.ts';
import { givenEnded, givenHolder, nameTarget, production, productionScope } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { check, checklistOf, ci, dependenciesOf, gate, givenRun, personIn } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import { targets, withTargets } from '../rollback-given.ts';
import type { Story } from '../story.ts';
import type { Case, Writer } from './writers.ts';

export const at =
  (place: string) =>
  async (story: Story): Promise<boolean> =>
    story.machine.at() === place;

/** T0 with one check of this kind and so many that wait for a report, then another gate. */
const t0Of = (kind: 'rollback-target/1' | 'changes-explained/1' | 'no-alarm-red/1', reports = 0) =>
  checklistOf(
    [gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
    [
      check('asked', 't-minus-2h', { rule: { kind } }),
      ...Array.from({ length: reports }, (_, n) => check(`report-${n}`, 't-minus-2h')),
      check('later', 'phase-5'),
    ],
  );

const atT0 = async (...given: Parameters<typeof t0Of>): Promise<Story> => {
  const deps = dependenciesOf(t0Of(...given));
  return { deps, ...(await atFirstGate(deps)) };
};

const seenChange = (deps: FakeDependencies) =>
  recordUnaccounted(deps, { ...production, event: 'e-1', what: 'alias moved', seenAt: '2026-03-02T07:00:00.000Z' });

/** The writers to an environment: a run that waits at T0 looks again, wherever they die. */
type EnvironmentWriter = Extract<Writer, 'adoptTarget' | 'announceWork' | 'explainChange' | 'freeEnvironment' | 'recordUnaccounted'>;

export const environmentWriters: Readonly<Record<EnvironmentWriter, readonly Case[]>> = {
  adoptTarget: [
    {
      name: 'the second person who names the rollback target, for whom T0 waits',
      scope: productionScope,
      given: async () => {
        const story = await atT0('rollback-target/1');
        await nameTarget(story.deps, 'operations-lead');
        await story.machine.settle();
        return story;
      },
      command: ({ deps }) => nameTarget(deps, 'technical-lead'),
      event: 'target.adopted',
      follows: at('phase-5'),
    },
  ],
  explainChange: [
    {
      name: 'the explanation of a change, for which T0 waits',
      scope: productionScope,
      given: async () => {
        const deps = dependenciesOf(t0Of('changes-explained/1'));
        await seenChange(deps);
        const story = { deps, ...(await atFirstGate(deps)) };
        if (story.machine.at() !== 't-minus-2h') throw new Error(`the run is at ${story.machine.at()}`);
        return story;
      },
      command: async ({ deps }) => {
        const [change] = await deps.trail.read(productionScope, { lane: 'unaccounted' });
        return explainChange(
          deps,
          { ...production, request: 'explained', change: change?.event.id ?? '', explanation: 'A hotfix by hand, ticket 12.' },
          personIn(deps, 'operations-lead'),
        );
      },
      event: 'change.explained',
      follows: at('phase-5'),
    },
  ],
  announceWork: [
    {
      name: 'an announcement, before the alarm goes off',
      scope: productionScope,
      given: async () => {
        const story = await atT0('changes-explained/1', 2);
        return { ...story, deps: withTargets(story.deps, targetsSchema.parse({ ...targets, alarms: ['shop-errors'] })) };
      },
      command: ({ deps }) => {
        const until = new Date(deps.clock.now().getTime() + 1_800_000).toISOString();
        const input = { kind: 'alarm-test', subject: 'shop-errors', until, reason: 'The alarm is driven once.' } as const;
        return announceWork(deps, { ...production, ...input, request: 'announced' }, personIn(deps, 'operator'));
      },
      event: 'work.announced',
      follows: async ({ deps, run }) => {
        deps.controls.clock.advance(1000);
        const observedAt = deps.clock.now().toISOString();
        const seen = { observation: 'o-1', kind: 'alarm', bad: true, subject: 'shop-errors', summary: 'ALARM', observedAt } as const;
        await feedObservation(deps, { ...production, ...seen, via: 'bus' });
        const recorded = (await deps.trail.read(`run/${run}`, { prefix: 'observation' })).filter(isType('observation.recorded'));
        return recorded.length > 0 && recorded.every(({ event }) => event.data.announced !== undefined);
      },
    },
  ],
  freeEnvironment: [
    {
      name: 'the freeing of an environment for which T0 waits',
      scope: productionScope,
      given: async () => {
        const deps = dependenciesOf(t0Of('no-alarm-red/1'));
        // A run that was not taken back, and nobody has read back what runs.
        await givenEnded(deps, await givenHolder(deps, await givenRun(deps)), 'rollback-escalated');
        const run = await givenRun(deps, {}, { ...ci, token: sha256('another token') });
        const machine = machineOf(deps, run);
        await machine.begin();
        await machine.settle();
        if (machine.at() !== 't-minus-2h') throw new Error(`the run is at ${machine.at()}`);
        return { deps, run, machine };
      },
      command: ({ deps }) =>
        freeEnvironment(deps, { ...production, reason: 'The old version runs, seen by hand.' }, personIn(deps, 'operations-lead')),
      event: 'environment.freed',
      follows: at('phase-5'),
    },
  ],
  recordUnaccounted: [
    {
      name: 'a change that no run accounts for, while T0 waits',
      scope: productionScope,
      given: () => atT0('changes-explained/1', 2),
      command: ({ deps }) => seenChange(deps),
      event: 'change.unaccounted',
      follows: async ({ deps, run }) =>
        (await deps.trail.read(`run/${run}`, { lane: 'check/t-minus-2h/asked' })).some(
          (stored) => isType('check.judged')(stored) && stored.event.data.verdict === 'fail',
        ),
    },
  ],
};
