import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import type { ObservationInput } from '../../lib/run/commands/inputs.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { anew, bytesOf } from '../given.ts';
import * as given from './page-scenarios.ts';

/** Runs in the states in which people meet the page of their reviews, made with the real commands and the real reconciler. */

const minute = 60_000;
const hour = 60 * minute;

type Shape = {
  /** Since when and for how long, in minutes after the deployment. */
  readonly from: number;
  readonly minutes: number;
  readonly latency?: (minute: number) => number;
  readonly ok?: (minute: number) => boolean;
  /** Minutes in which the probe was away. */
  readonly away?: readonly (readonly [from: number, to: number])[];
  readonly requests?: (minute: number) => number;
  readonly source?: string;
};

/** A point a minute of a probe. */
export const probed = async (story: given.Story, name: string, since: number, shape: Shape): Promise<void> => {
  const { from, minutes, latency = () => 90, ok = () => true, away = [], requests = () => 600, source = name } = shape;
  const points = Array.from({ length: minutes + 1 }, (_, n) => n)
    .filter((n) => !away.some(([start, end]) => n >= start && n < end))
    .map((n) => ({
      at: new Date(since + (from + n) * minute).toISOString(),
      ok: ok(n),
      latencyMs: latency(n),
      requests: Math.round(requests(n)),
    }));
  await given.send(story, 'series', bytesOf({ schema: 'holdpoint.series/1', name, about: 'the shop', points }), { source });
};

/** What a feed delivers. */
export const fed = async (
  story: given.Story,
  changes: Partial<ObservationInput> & { readonly via?: string },
  setAside?: string,
): Promise<void> => {
  const observedAt = story.deps.clock.now().toISOString();
  await feedObservation(story.deps, {
    service: 'shop',
    environment: 'production',
    via: 'alarm',
    observation: `seen-${anew().slice(0, 12)}`,
    kind: 'alarm',
    bad: true,
    subject: 'shop-latency',
    summary: 'p95 above 500 ms for five minutes',
    observedAt,
    ...changes,
    ...(setAside === undefined ? {} : { setAside }),
  });
  await story.machine.settle();
};

export const reported = async (story: given.Story, changes: Partial<ObservationInput> = {}): Promise<void> => {
  const done = await observe(
    story.deps,
    {
      run: story.run,
      request: anew(),
      observation: `seen-${anew().slice(0, 12)}`,
      kind: 'performance',
      bad: true,
      subject: 'checkout',
      summary: 'The last step takes ten seconds.',
      observedAt: story.deps.clock.now().toISOString(),
      ...changes,
    },
    given.callerOf(story, given.operations),
  );
  if (done.refused) throw new Error(JSON.stringify(done.refused));
  await story.machine.settle();
};

export const label = async (
  story: given.Story,
  observation: string,
  as: 'true' | 'false' | 'explained' = 'false',
  explanation = 'The threshold was too low.',
): Promise<void> => {
  const done = await labelObservation(
    story.deps,
    { run: story.run, request: anew(), observation, label: as, explanation },
    given.callerOf(story, given.operations),
  );
  if (done.refused) throw new Error(JSON.stringify(done.refused));
  await story.machine.settle();
};

/** Four hours after the deployment, which had one alarm before; with a series that has a gap, and observations of every kind. */
export const monitored = async (text?: string): Promise<given.Story> => {
  const story = await given.deployed(text);
  const { clock } = story.deps.controls;
  // The samples of the deployment's gate began after the deployment.
  const since = story.deps.clock.now().getTime();
  clock.advance(40 * minute);
  await fed(story, { observation: 'latency-1', ...(text === undefined ? {} : { summary: text }) });
  clock.advance(12 * minute);
  await fed(story, { observation: 'latency-1-ok', bad: false });
  await label(story, 'latency-1', 'false', text === undefined ? 'The threshold was too low.' : `${text} was typed`);
  clock.advance(30 * minute);
  await fed(story, {
    observation: 'restart-web-1',
    kind: 'restart',
    via: 'ecs-task',
    subject: 'web',
    summary: text ?? 'task stopped: out of memory',
  });
  await label(story, 'restart-web-1', 'explained', 'The host was retired by AWS.');
  clock.advance(45 * minute);
  await reported(story, text === undefined ? {} : { summary: text.slice(0, 300) });
  clock.advance(10 * minute);
  await fed(story, { observation: 'errors-1', subject: 'shop-errors', summary: text ?? '5xx above 1 %' });
  clock.advance(25 * minute);
  await fed(story, { observation: 'heartbeat-2', kind: 'other', via: 'own-bus', bad: false, subject: 'canary', summary: 'canary is well' });
  clock.advance(60 * minute);
  await probed(story, 'monitoring', since, {
    from: 1,
    minutes: 215,
    latency: (n) => 40 + n / 12 + (n % 7) * 3 + (n > 40 && n < 60 ? 20 : 0),
    ok: (n) => n !== 60,
    away: [[150, 178]],
    requests: (n) => Math.min(620, 120 + n * 4),
  });
  await story.machine.settle();
  return story;
};

/** The same with a day of the series `stability`, at the same gate: its windows go on although a gate before waits. */
export const dayAfter = async (): Promise<given.Story> => {
  const story = await monitored();
  const since = story.deps.clock.now().getTime() - 222 * minute;
  story.deps.controls.clock.advance(14 * hour);
  await probed(story, 'stability', since, {
    from: 2,
    minutes: 17 * 60,
    latency: (n) => 60 + Math.round(30 * Math.sin(n / 90)) + (n % 5),
    ok: (n) => n % 200 !== 199,
  });
  await story.machine.settle();
  return story;
};

/** More alarms than a page has forms for, with long texts. */
export const crowded = async (): Promise<given.Story> => {
  const story = await given.deployed();
  for (let n = 0; n < 70; n += 1) {
    story.deps.controls.clock.advance(minute);
    await feedObservation(story.deps, {
      service: 'shop',
      environment: 'production',
      via: 'alarm',
      observation: `storm-${n}-${'x'.repeat(40)}`,
      kind: n % 3 === 0 ? 'error' : 'alarm',
      bad: true,
      subject: '"<€&'.repeat(50),
      summary: '"<€&'.repeat(75),
      observedAt: story.deps.clock.now().toISOString(),
    });
  }
  await story.machine.settle();
  return story;
};

/** Before anything is deployed. */
export const ahead = (): Promise<given.Story> => given.inSecond({ plannedT0: '2026-03-05T09:00:00.000Z' });
