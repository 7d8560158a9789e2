import { beforeEach, describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import type { CloudWatchReader, MetricQuery } from '../../lib/collectors/ports.ts';
import { watchRuns } from '../../lib/run/commands/watch-runs.ts';
import { deploy, type Story, toWindow } from '../story.ts';
import { decideAs } from '../way-back.ts';
import { collectorOf, eventsOf, healthy } from './collecting.ts';

/** The watch of a release that nobody's pipeline measures: what CloudWatch knows of it is enough for a performance trigger. */

const minuteMs = 60_000;
const stage = {
  shop: {
    production: targetsSchema.parse({
      components: [{ component: 'web', platform: { kind: 'reported' } }],
      metrics: [
        { id: 'p95', is: 'p95', namespace: 'AWS/Lambda', metric: 'Duration', statistic: 'p95' },
        { id: 'errors', is: 'error-rate', namespace: 'AWS/Lambda', metric: 'Errors', statistic: 'Sum', dividedBy: 'Invocations' },
        { id: 'load', is: 'request-rate', namespace: 'AWS/Lambda', metric: 'Invocations', statistic: 'Sum' },
        { id: 'starts', is: 'restarts', namespace: 'ECS', metric: 'Starts', statistic: 'Sum' },
      ],
    }),
  },
};

const withProbe = {
  shop: { production: targetsSchema.parse({ ...stage.shop.production, probes: [{ id: 'home', url: 'https://shop.test/', expect: {} }] }) },
};

/** What CloudWatch has: by minute, from an instant on. The baseline of the story is a p95 of 5 ms without a failure. */
type Service = { slowFrom?: number; failingFrom?: number; aws?: string };
let story: Story;
let service: Service;
let asked: { readonly at: number; readonly names: readonly string[] }[];
const now = (): number => story.deps.clock.now().getTime();
const valueAt = (metric: string, at: number): number => {
  if (metric === 'Duration') return at >= (service.slowFrom ?? Number.POSITIVE_INFINITY) ? 300 : 20;
  if (metric === 'Errors') return at >= (service.failingFrom ?? Number.POSITIVE_INFINITY) ? 5 : 0;
  return 100;
};
const points = ({ metric, from, until, period }: MetricQuery) =>
  Array.from({ length: (until - from) / (period * 1000) }, (_, n) => from + n * period * 1000).map(
    (at) => [at, valueAt(metric, at)] as const,
  );

/** The watch of every minute. */
const watch = async (minutes: number): Promise<void> => {
  const world = collectorOf(story, healthy, { points }, stage);
  const cloudwatch: CloudWatchReader = {
    ...world.cloudwatch,
    points: async (place, queries) => {
      asked.push({ at: now(), names: queries.map(({ metric }) => metric) });
      const { aws } = service;
      return aws === undefined ? world.cloudwatch.points(place, queries) : queries.map(() => ({ failed: aws }));
    },
  };
  for (let minute = 0; minute < minutes; minute += 1) {
    story.deps.controls.clock.advance(minuteMs);
    await watchRuns({ ...world, cloudwatch });
    await story.machine.settle();
  }
};
const recorded = async () =>
  (await eventsOf(story)).filter(isType('evidence.recorded')).filter(({ event: { data } }) => data.source === 'collector-watch');
const triggers = async () =>
  (await eventsOf(story))
    .filter(isType('rollback.triggered'))
    .map(({ event: { at, data } }) => ({ ...data, minutes: (Date.parse(at) - began) / minuteMs }));
let began: number;

beforeEach(async () => {
  story = await toWindow();
  service = {};
  asked = [];
  // To the beginning of a minute, so that minutes can be counted.
  story.deps.controls.clock.advance(minuteMs - (now() % minuteMs));
}, 60_000);
const released = async (): Promise<void> => {
  await deploy(story);
  await story.machine.settle();
  began = now();
};

describe('the metrics of a release that is watched', () => {
  test('are read together every five minutes once two windows can be there, and recorded every half hour', async () => {
    await watch(10);
    expect(asked, 'before the deployment').toEqual([]);
    await released();
    await watch(65);
    expect(asked.map(({ names }) => names)).toEqual(asked.map(() => ['Duration', 'Errors', 'Invocations']));
    const minutes = asked.map(({ at }) => Math.round((at - began) / minuteMs));
    expect(minutes[0]).toBeGreaterThanOrEqual(10);
    expect(minutes.slice(1).map((minute, n) => minute - (minutes[n] ?? 0))).toEqual(minutes.slice(1).map(() => 5));
    const looks = new Set((await recorded()).map(({ event }) => event.data.producer.run));
    expect([looks.size, await triggers()]).toEqual([2, []]);
  });

  test.each([
    [/^p95 of p95 in watched-metrics \d+ and \d+ ms/, 'slowFrom'],
    [/^error rate of errors in watched-metrics [\d.]+ and [\d.]+ %/, 'failingFrom'],
  ] as const)('open the decision about a rollback: %s, %s', async (detail, what) => {
    await released();
    await watch(20);
    service[what] = now();
    for (let minute = 0; minute < 25 && story.machine.at() !== 'rollback-decision'; minute += 1) await watch(1);
    expect(story.machine.at()).toBe('rollback-decision');
    expect(await triggers()).toMatchObject([{ trigger: 'performance-severely-degraded', by: null, detail: expect.stringMatching(detail) }]);
    // What people decide to live with triggers again only by two windows that came later.
    await decideAs(story, 'continue');
    const decided = (now() - began) / minuteMs;
    await watch(15);
    expect(await triggers()).toHaveLength(1);
    await watch(15);
    const [, again] = await triggers();
    expect((again?.minutes ?? 0) - decided).toBeGreaterThanOrEqual(20);
  });

  test('are read also by a watch whose probes took it into the next minute', async () => {
    await released();
    await watch(20);
    const before = asked.length;
    const slow = async (): Promise<void> => {
      const world = collectorOf(story, () => ({ status: 200, ms: minuteMs + 1 }), { points }, withProbe);
      await watchRuns({
        ...world,
        cloudwatch: {
          ...world.cloudwatch,
          points: (place, queries) => {
            asked.push({ at: now(), names: queries.map(({ metric }) => metric) });
            return world.cloudwatch.points(place, queries);
          },
        },
      });
    };
    story.deps.controls.clock.advance(5 * minuteMs - (now() % (5 * minuteMs)));
    await slow();
    expect(asked.length - before).toBe(1);
  });

  test('that cannot be read are recorded with the reason, once in half an hour, and trigger nothing', async () => {
    await released();
    service.aws = 'monitoring answered 400 AccessDeniedException';
    await watch(35);
    expect(await recorded()).toHaveLength(2);
    expect(await triggers()).toEqual([]);
  });
});
