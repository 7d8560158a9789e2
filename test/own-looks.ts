import { targetsSchema } from '../lib/checklist/targets.ts';
import { collect } from '../lib/run/commands/collect.ts';
import { watchRuns } from '../lib/run/commands/watch-runs.ts';
import { sweep } from '../lib/run/gates/sweep.ts';
import { collectorOf, healthy } from './commands/collecting.ts';
import { artifact } from './given.ts';
import type { Story } from './story.ts';

/** Holdpoint's own looks in a story: the collector answers whoever asks it, and the sweep and the watch come every minute. */

const minuteMs = 60_000;
const old = artifact.replaceAll('b', 'c');

/** What a stage says of a service at which Holdpoint looks itself: a probe, an alarm, and a platform that can be read. */
export const lookedAt = targetsSchema.parse({
  components: [{ component: 'web', platform: { kind: 'lambda-alias', function: 'shop', alias: 'live' } }],
  probes: [{ id: 'orders', url: 'https://shop.test/orders', expect: {}, critical: true }],
  alarms: ['shop-errors'],
});

export type OwnLooks = {
  /** The story, whose machine settles when the collector has answered, too. */
  readonly story: Story;
  /** Lets the minutes pass, with the sweep and the watch in each of them. */
  readonly pass: (milliseconds: number) => Promise<void>;
  /** How often the watch has looked at the run, and how many questions CloudWatch was asked. */
  readonly counts: () => { readonly watched: number; readonly figuresRead: number };
};

/** `alarm`: the state of the service's alarm whenever somebody looks. */
export const withOwnLooks = (given: Story, alarm: () => 'OK' | 'ALARM' = () => 'OK'): OwnLooks => {
  const { deps, machine } = given;
  const counts = { watched: 0, figuresRead: 0 };
  const stage = { shop: { production: lookedAt } };
  const stateSince = deps.clock.now().toISOString();
  const alarms = () => [{ name: 'shop-errors', state: alarm(), stateSince, actionsEnabled: true, actions: 1 }];
  const running = { shop: { digest: old, reference: '7' } };
  const world = collectorOf({ deps }, healthy, { running }, stage);
  /** AWS bills a request, or of metrics each one that it asks for. */
  const asked = <A extends readonly unknown[], R>(ask: (...args: A) => R, pieces: (...args: A) => number = () => 1) => {
    return (...args: A): R => {
      counts.figuresRead += pieces(...args);
      return ask(...args);
    };
  };
  const { history, points } = world.cloudwatch;
  const collector = {
    ...world,
    trail: deps.controls.as('event-collector', []).trail,
    cloudwatch: {
      alarms: asked(async () => ({ alarms: alarms() })),
      history: asked(history),
      points: asked(points, (_place, queries) => queries.length),
    },
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) {
      await machine.settle();
      const tasks = deps.controls.collector.tasks.splice(0);
      if (tasks.length === 0) return;
      for (const { task } of tasks) {
        if (task.kind === 'read-back') running.shop = task.before ? { digest: old, reference: '7' } : { digest: artifact, reference: '8' };
        await collect(collector, given.run, task);
      }
    }
    throw new Error('the collector is asked for ever');
  };
  return {
    story: { ...given, machine: { ...machine, settle } },
    pass: async (milliseconds) => {
      for (let minute = 0; minute < Math.floor(milliseconds / minuteMs); minute += 1) {
        deps.controls.clock.advance(minuteMs);
        // What the sweep itself reads is no cost of a run: it comes every minute, whether there are runs or not.
        await sweep({ ...deps, due: deps.controls.due });
        const { watched } = await watchRuns(collector);
        counts.watched += watched.length;
        await settle();
      }
    },
    counts: () => counts,
  };
};
