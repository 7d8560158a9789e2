import { describe, expect, test } from 'vitest';
import { readRun } from '../../lib/query/run-view.ts';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';
import { fieldOf, textOf } from './page-text.ts';

const siteOf = sitesOfTests();

const reason = 'The customer asked us to wait.';
const outcomeOf = async ({ deps, run }: given.Story): Promise<string | undefined> => (await readRun(deps, run)).ok?.outcome;

/** The page, and what sends one of its forms. */
const operating = async (story: given.Story, person: string) => {
  const site = await siteOf(story);
  const path = `/runs/${story.run}/operating`;
  const page = await site.get(person, path);
  const send = (act: string, text = reason) => site.post(person, path, { act, reason: text, nonce: fieldOf(page, 'nonce') });
  return { site, page, send };
};

const inIncident = async (): Promise<given.Story> => {
  const story = await given.inSecond();
  await story.machine.breakOff();
  await story.machine.settle();
  return story;
};

describe('the page on which people operate a run', () => {
  test('cancels a run, once, however often the form is sent', async () => {
    const story = await given.inSecond();
    const { send, page } = await operating(story, given.starter);
    expect(textOf(page)).toContain('Cancel the run');
    const sent = await send('cancel');
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/runs/${story.run}`]);
    expect((await send('cancel')).status).toBe(303);
    await story.machine.settle();
    expect(await outcomeOf(story)).toBe('cancelled');
    const cancelled = (await story.deps.trail.read(`run/${story.run}`, { lane: 'run' })).filter(
      ({ event }) => event.type === 'run.cancelled',
    );
    expect(cancelled).toHaveLength(1);
    const after = await (await siteOf(story)).get(given.starter, `/runs/${story.run}/operating`);
    expect([after.html.includes('name="nonce"'), textOf(after).includes('The run has ended.')]).toEqual([false, true]);
  });

  test('resumes a run after an incident, for an operations lead alone', async () => {
    const story = await inIncident();
    const product = await operating(story, given.product);
    expect(product.page.html).not.toContain('name="act" value="resume"');
    expect(textOf(product.page)).toContain('Resume the run This takes an operations lead.');
    const { page, send } = await operating(story, given.operations);
    expect(page.html).toContain('name="act" value="end"');
    expect((await send('resume')).status).toBe(303);
    await story.machine.settle();
    expect(story.machine.at()).toBe('phase-2');
    // The answer was lost, and the browser sends the form again.
    expect((await send('resume')).status).toBe(303);
    const late = await send('end', 'It took too long for today.');
    expect([late.status >= 400, textOf(late)]).toEqual([true, expect.stringContaining('The run has gone on since the page was shown.')]);
    expect(await outcomeOf(story)).toBe('running');
  });

  test('recalls the requests of an approval, and asks again', async () => {
    const story = await given.atGoNoGo();
    const first = await operating(story, given.operations);
    expect(first.page.html).not.toContain('name="act" value="ask-again"');
    expect((await first.send('recall')).status).toBe(303);
    await story.machine.settle();
    const approval = await first.site.get(given.technical, `/approvals/${given.linkOf(story, given.technical)}`);
    expect(textOf(approval)).toContain('recalled this request');
    const second = await operating(story, given.operations);
    expect(second.page.html).not.toContain('name="act" value="recall"');
    expect((await second.send('ask-again')).status).toBe(303);
    await story.machine.settle();
    const again = await second.site.get(given.technical, `/approvals/${given.linkOf(story, given.technical)}`);
    expect(textOf(again)).toContain('Answer before');
  });

  test('does not take one act for the repetition of another with the same words', async () => {
    const story = await given.atGoNoGo();
    const { send } = await operating(story, given.operations);
    expect((await send('recall')).status).toBe(303);
    await story.machine.settle();
    const other = await send('cancel');
    expect([other.status >= 400, textOf(other)]).toEqual([true, expect.stringContaining('The run has gone on since the page was shown.')]);
    expect(await outcomeOf(story)).not.toBe('cancelled');
  });

  test('says beside the field what is wrong, and keeps what was typed', async () => {
    const story = await given.inSecond();
    const { send } = await operating(story, given.operations);
    const page = await send('cancel', given.hostile.slice(0, 9));
    expect(page.status).toBe(400);
    expect(page.html).toMatch(/id="cancel-reason-slip">Write 10 characters at least/);
    expect(page.html).toContain('&quot;&gt;&lt;img');
    expect(await outcomeOf(story)).toBe('running');
  });

  test('refuses the form of another person', async () => {
    const story = await given.inSecond();
    const { page, site } = await operating(story, given.operations);
    const foreign = await site.post(given.technical, `/runs/${story.run}/operating`, {
      act: 'cancel',
      reason,
      nonce: fieldOf(page, 'nonce'),
    });
    expect([foreign.status, textOf(foreign).includes('Nothing was recorded')]).toEqual([403, true]);
    expect(await outcomeOf(story)).toBe('running');
  });
});
