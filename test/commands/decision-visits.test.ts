import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { signingFor } from '../fakes.ts';
import { anew, personIn } from '../given.ts';
import { hour, type Story, sign, toSignOff } from '../story.ts';
import { decideAs, declare } from '../way-back.ts';
import { at, capMinutes, dayMinutes, incident, look, toReview } from './review-story.ts';

/** To which visit of the decision about a rollback an answer belongs: to the one that it was given to, and to no later one. */

const person = ({ deps }: Story) => [signingFor(['people'], deps), personIn(deps, 'operations-lead')] as const;

/** A trigger that a person takes back before the reconciler has looked: no gate is interrupted by it. */
const continuedAtOnce = async (story: Story): Promise<void> => {
  const [deps, lead] = person(story);
  const { run } = story;
  const said = { trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420', reason: 'Rows are missing.' };
  expect((await triggerRollback(deps, { request: anew(), run, ...said }, lead)).refused).toBeUndefined();
  const decision = { decision: 'continue', reason: 'It was the wrong table.' } as const;
  expect((await decideRollback(deps, { run, ...decision }, lead)).refused).toBeUndefined();
  await story.machine.settle();
};

const visits = async ({ deps, run }: Story): Promise<readonly string[]> =>
  (await deps.trail.read(`run/${run}`, { lane: 'gate/rollback-decision' }))
    .filter(isType('gate.settled'))
    .map(({ event }) => event.data.outcome);

const asked = async ({ deps, run }: Story) => (await readRun(deps, run)).ok?.rollback?.waits?.for;

describe('a decision to continue that interrupted no gate', () => {
  test('answers no rejection that comes later: people are asked, and decide', async () => {
    const story = await toSignOff(24 * hour);
    await continuedAtOnce(story);
    expect([story.machine.at(), await visits(story)]).toEqual(['sign-off', []]);
    await sign(story, 'rejected');
    for (let looks = 0; looks < 2; looks += 1) await look(story);
    expect([story.machine.at(), await asked(story), await visits(story)]).toEqual(['rollback-decision', 'decision', []]);
    await decideAs(story, 'continue');
    expect([story.machine.at(), await visits(story)]).toEqual(['sign-off', ['continued']]);
    await sign(story);
    expect(story.machine.at()).toBe('review-48h');
  });

  test('answers no trigger that comes later', async () => {
    const story = await toSignOff(24 * hour);
    await continuedAtOnce(story);
    await declare(story);
    expect([story.machine.at(), await asked(story), await visits(story)]).toEqual(['rollback-decision', 'decision', []]);
    await decideAs(story, 'roll-back');
    expect([story.machine.at(), await visits(story)]).toEqual(['stop-requests', ['passed']]);
  });
});

test('a decision to roll back at the cap of a review has no trigger, also where people once continued after one', async () => {
  const story = await toReview();
  await declare(story);
  await decideAs(story, 'continue');
  for (let day = 1; day <= 6; day += 1) {
    await at(story, day * dayMinutes);
    await incident(story, `restart-day-${day}`, 'true');
  }
  expect(await at(story, capMinutes + 1)).toBe('rollback-decision');
  const shown = async () => (await readRun(story.deps, story.run)).ok?.rollback;
  expect([(await shown())?.triggers, (await shown())?.decision]).toEqual([[], null]);
  await decideAs(story, 'roll-back');
  expect(await shown()).toMatchObject({ triggers: [], decision: { decision: 'roll-back' }, continued: 1 });
});
