import { describe, expect, test } from 'vitest';
import type { Story } from '../story.ts';
import { decideAs, declare } from '../way-back.ts';
import { at, capMinutes, dayMinutes, incident, older, reasonsAt, settlements, unstable } from './review-story.ts';

/** The cap of a review whose definition opens no decision at it. */

const overdueMails = ({ deps }: Story): number => deps.controls.mailer.mails.filter(({ subject }) => subject === 'gate-overdue').length;
const outcomes = async (story: Story): Promise<readonly string[]> => (await settlements(story)).map(({ event }) => event.data.outcome);

describe('a run that pinned an older definition', () => {
  test('pages the owner at the cap, once, and goes on', async () => {
    const story = await unstable(await older());
    expect(await at(story, capMinutes)).toBe('review-48h');
    for (const hours of [1, 12]) expect(await at(story, capMinutes + hours * 60)).toBe('review-48h');
    expect(await reasonsAt(story, 'review-48h')).toMatch(/^not stable for long enough by .*restart-day-6”: people decide/);
    expect(overdueMails(story)).toBe(1);
    await declare(story);
    expect(story.machine.at(), 'people declare a trigger').toBe('rollback-decision');
    await decideAs(story, 'continue');
    expect(await at(story, capMinutes + 2 * dayMinutes)).toBe('end production-stable');
    expect(await outcomes(story)).toEqual(['triggered', 'passed']);
  });

  test('ends as not stable at its deadline where incidents never stop', async () => {
    const story = await unstable(await older());
    for (let day = 7.5; day < 15; day += 1) {
      expect(await at(story, day * dayMinutes)).toBe('review-48h');
      await incident(story, `restart-day-${day}`, 'true');
    }
    expect(await at(story, 16.5 * dayMinutes)).toBe('end not-stable');
    expect(overdueMails(story), 'nobody is asked a second time').toBe(1);
  });
});
