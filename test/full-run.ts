import { feedObservation } from '../lib/run/commands/feed-observation.ts';
import { labelObservation } from '../lib/run/commands/label-observation.ts';
import { signingFor } from './fakes.ts';
import { anew, personIn } from './given.ts';
import { begin, prove, type Story, toSignOff, toStability } from './story.ts';
import { wholeChecklist } from './story-checklist.ts';

const gates = ['phase-1', 'phase-2', 'phase-3', 't-minus-2h', 'deployment-window', 'monitoring-4h', 'phase-5', 'deployment-success'];

/** Bad observations, each with a label and its explanation: `count` of them, in the words that alarms and people use. */
const observed = async (story: Story, count: number): Promise<void> => {
  const { deps, run } = story;
  for (let n = 0; n < count; n += 1) {
    deps.controls.clock.advance(1000);
    const observation = `arn-aws-cloudwatch-eu-central-1-alarm-shop-latency-p99-${n}`;
    await feedObservation(deps, {
      service: 'shop',
      environment: 'production',
      via: 'alarm',
      observation,
      kind: 'alarm',
      bad: true,
      subject: 'shop-latency-p99',
      summary: `Threshold Crossed: 3 out of the last 3 datapoints were greater than the threshold (500.0), the last one was ${600 + n}.0`,
      observedAt: deps.clock.now().toISOString(),
    });
    const explanation = `The threshold was set for the old instance type; the ticket about alarm ${n} has the graph.`;
    await labelObservation(
      signingFor(['people'], deps),
      { run, request: anew(), observation, label: 'explained', explanation },
      personIn(deps, 'operations-lead'),
    );
  }
};

/**
 * A run of the whole checklist that waits for the sign-off, as large as a real one: every check has its evidence, much of it was sent more
 * than once, and there were `alarms`.
 */
export const fullRun = async (alarms = 20): Promise<Story> => {
  const story = await toStability(await begin(undefined, wholeChecklist));
  await observed(story, alarms);
  await toSignOff(undefined, story);
  for (const gate of [...gates, ...gates.slice(0, 3)]) await prove(story, gate);
  await story.machine.settle();
  return story;
};
