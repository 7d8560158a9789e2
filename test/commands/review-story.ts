import { expect } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { anew, personIn } from '../given.ts';
import { attestAll, begin, hour, observation, type Story, sign, toSignOff, toStability } from '../story.ts';
import { storyChecklist } from '../story-checklist.ts';

/** A run at its 48 hours, with incidents in them. */
export const toReview = async (from?: Story): Promise<Story> => {
  const story = await toSignOff(24 * hour, from);
  await sign(story);
  expect(story.machine.at()).toBe('review-48h');
  await attestAll(story, 'review-48h');
  return story;
};

/** A run that pinned a definition of an older version, whose cap pages the owner of the review. It is at its 24 hours. */
export const older = async (): Promise<Story> => {
  const gates = storyChecklist.gates.map((gate) => {
    if (gate.role !== 'review') return gate;
    const { onCap: _, ...before } = gate;
    return before;
  });
  return toStability(await begin(undefined, { ...storyChecklist, gates }));
};

export const look = async ({ deps, run, machine }: Story): Promise<void> => {
  deps.controls.reconciler.requests.push({ run });
  await sweep(deps);
  await machine.settle();
};

export const reasonsAt = async ({ deps, run }: Story, gate: string): Promise<string> =>
  (await readRun(deps, run)).ok?.gates.find(({ id }) => id === gate)?.reasons.join('\n') ?? '';

type Label = 'true' | 'false' | 'explained';
export const incident = async (story: Story, name: string, label: Label): Promise<void> => {
  await observation(story, name, true, 'restart');
  await labelled(story, name, label);
};

export const labelled = async (story: Story, name: string, label: Label): Promise<void> => {
  await labelObservation(
    story.deps,
    { request: anew(), run: story.run, observation: name, label, explanation: 'The host had to be replaced.' },
    personIn(story.deps, 'operations-lead'),
  );
  await story.machine.settle();
};

/** Minutes from the finish of the deployment on, at which somebody looks. */
export const at = async (story: Story, minutes: number): Promise<string> => {
  const lane = await story.deps.trail.read(`run/${story.run}`, { lane: 'deployment' });
  const finish = Date.parse(lane.filter(isType('deployment.finished'))[0]?.event.at ?? '');
  story.deps.controls.clock.advance(finish + minutes * 60_000 - story.deps.clock.now().getTime());
  await look(story);
  return story.machine.at();
};
export const dayMinutes = 24 * 60;
export const capMinutes = 7 * dayMinutes;

/** An incident on each of the first six days, so that the window is not over at the cap. */
export const unstable = async (from?: Story): Promise<Story> => {
  const story = await toReview(from);
  for (let day = 1; day <= 6; day += 1) {
    await at(story, day * dayMinutes);
    await incident(story, `restart-day-${day}`, 'true');
  }
  return story;
};

/** How the visits of the review were settled. */
export const settlements = async ({ deps, run }: Story, gate = 'review-48h'): Promise<readonly Stored<'gate.settled'>[]> =>
  (await deps.trail.read(`run/${run}`, { lane: `gate/${gate}` })).filter(isType('gate.settled'));
