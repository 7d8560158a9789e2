import { expect, test } from 'vitest';
import { runText } from '../../lib/cli/show-run.ts';
import { readRun } from '../../lib/query/run-view.ts';
import * as back from '../pages/rollback-scenarios.ts';
import { siteOf } from './rollback-site.ts';

test('the page of a rollback that has ended says which times were never reached, and counts none of them on', async () => {
  const story = await back.stuck();
  const site = siteOf(story);
  expect((await site.send(site.form(await site.open(), 'end', { step: 'revert-version' }))).status).toBe(303);
  await back.finish(story);
  expect(story.machine.at()).toBe('end rollback-escalated');
  const budgetsNow = async () => {
    const run = (await readRun(story.deps, story.run)).ok ?? expect.fail('no run');
    const lines = runText({ ...run, people: [] } as never, '', { coloured: false, columns: undefined, all: false, page: '' });
    return { budgets: run.rollback?.budgets ?? [], lines: lines.split('\n').filter((line) => line.startsWith('Budget')) };
  };
  const { budgets, lines } = await budgetsNow();
  expect(budgets.map(({ budget, met, over }) => [budget, met, over])).toEqual([
    ['decision', true, false],
    ['execution', false, true],
    ['total', false, true],
  ]);
  expect(lines.map((line) => line.split(', ')[1])).toEqual(['met', 'not reached', 'not reached']);
  story.deps.controls.clock.advance(86_400_000);
  expect((await budgetsNow()).budgets).toEqual(budgets);
  const { text } = await site.open();
  const times = /<h2 id="budgets">Time<\/h2>[\s\S]*?<\/section>/.exec(text)?.[0] ?? '';
  expect(times.match(/\b(met|running|exceeded|not reached)\b/g)).toEqual(['met', 'not reached', 'not reached']);
  expect(times).not.toContain('data-since');
});
