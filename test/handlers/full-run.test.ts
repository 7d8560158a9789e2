import { beforeAll, describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { fakeMac } from '../fakes.ts';
import { fullRun } from '../full-run.ts';
import { eventsOf, personIn } from '../given.ts';
import * as back from '../pages/rollback-scenarios.ts';
import type { Story } from '../story.ts';
import { ask, browser, stageOf } from './requests.ts';

/** Pages of a run as large as a real one are quick to load: well below the 100 KB that a page may have. */
const most = 90_000;
const stage = stageOf();
let story: Story;
beforeAll(async () => {
  story = await fullRun();
}, 60_000);

const sizeOf = async (
  { deps }: Pick<Story, 'deps'>,
  path: string,
  { query = '', as = 'technical-lead' as 'technical-lead' | 'operations-lead' } = {},
): Promise<number> => {
  const isOfPeople = /^\/approvals|\/(rollback|operating|reviews)$|\/checks\//.test(path);
  const api = isOfPeople ? peopleApi({ deps, mac: fakeMac(), stage, signIn: createSignIn(stage) }) : auditApi({ deps, mac: fakeMac() });
  const reply = await ask(api, { method: 'GET', path, query, identity: browser(personIn(deps, as)) });
  expect(reply.status, path).toBe(200);
  return Buffer.byteLength(reply.text);
};

const approvalOf = ({ deps }: Story): string => {
  const asked = deps.controls.mailer.mails
    .filter(({ subject }) => subject === 'approval-requested')
    .map(({ text }) => JSON.parse(text) as { readonly url: string; readonly role: string });
  return new URL(asked.findLast(({ role }) => role === 'technical-lead')?.url ?? expect.fail('nobody was asked')).pathname;
};

describe('a run as large as a real one', () => {
  test('has the evidence of every check, and hundreds of events', async () => {
    const view = (await readRun(story.deps, story.run)).ok ?? expect.fail('no run');
    expect(Object.values(view.checkCounts).reduce((sum, count) => sum + count)).toBe(91);
    expect(view.checkCounts.missing).toBeLessThanOrEqual(5);
    expect((await eventsOf(story.deps, story.run)).length).toBeGreaterThanOrEqual(550);
  });

  test.each([
    ['the run', () => `/runs/${story.run}`],
    ['its reviews', () => `/runs/${story.run}/reviews`],
    ['its rollback', () => `/runs/${story.run}/rollback`],
    ['its operation', () => `/runs/${story.run}/operating`],
    ['a check', () => `/runs/${story.run}/checks/no-regressions`],
    ['an approval', () => approvalOf(story)],
    ['the inbox', () => '/inbox'],
    ['the list of runs', () => '/runs'],
  ])('the page of %s has 90 KB at most', async (_, pathOf) => {
    expect(await sizeOf(story, pathOf())).toBeLessThanOrEqual(most);
  });

  test.each(['reviews', 'operating'])('the page %s, with the forms of an operations lead, too', async (page) => {
    expect(await sizeOf(story, `/runs/${story.run}/${page}`, { as: 'operations-lead' })).toBeLessThanOrEqual(most);
  });

  test('with more than twice as many alarms they still have 100 KB at most', async () => {
    const crowded = await fullRun(45);
    for (const page of ['', '/reviews'])
      expect(await sizeOf(crowded, `/runs/${crowded.run}${page}`, { as: 'operations-lead' }), page).toBeLessThanOrEqual(100_000);
  });

  test('the search in it has 90 KB at most', async () => {
    expect(await sizeOf(story, '/audit', { query: `run=${story.run}` })).toBeLessThanOrEqual(most);
  });

  test.each(['', '/rollback'])('the page %s of one that was rolled back has 90 KB at most', async (page) => {
    const rolledBack = await back.rolledBack();
    expect(await sizeOf(rolledBack, `/runs/${rolledBack.run}${page}`)).toBeLessThanOrEqual(most);
  });
});
