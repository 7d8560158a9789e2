import { expect, test } from 'vitest';
import * as checks from './check-scenarios.ts';
import type { Tab } from './chromium.ts';
import { type Hands, handsOf, ways } from './hands.ts';
import { inBrowser } from './in-browser.ts';
import * as given from './page-scenarios.ts';
import { approvalOf } from './page-states.ts';
import * as releases from './release-scenarios.ts';
import * as reviews from './review-scenarios.ts';
import * as back from './rollback-scenarios.ts';

/** The page, and how the person opens it once more later. */
type On = Pick<Tab, 'page'> & { readonly again: () => Promise<void> };
/** What people come for, from the page to the record. Each is walked in every way; `by` does it and sees what was recorded. */
type Journey = {
  readonly begin: () => Promise<{ readonly story: given.Story; readonly person: string; readonly path: string }>;
  readonly by: (hands: Hands, story: given.Story, tab: On) => Promise<void>;
};

const run = (page: string, person: string) => (story: given.Story) => ({ story, person, path: `/runs/${story.run}${page}` });
const begun = (make: () => Promise<given.Story>, find: (story: given.Story) => Awaited<ReturnType<Journey['begin']>>) => async () =>
  find(await make());

const answered = async (hands: Hands, tab: On, answer: RegExp, note: string): Promise<void> => {
  await hands.choose(answer);
  await hands.fill(/type its code/, (await tab.page.locator('.code').textContent()) ?? '');
  await hands.fill(/^Note/, note);
  await hands.press('Record my answer');
};

const deputy = 'p-deputy0001';
/** The operations lead is away, and a deputy may answer. */
const withDeputy = async (): Promise<given.Story> => {
  const { roster, ...stage } = given.pagesStage();
  const span = { from: '2026-01-01T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z' };
  const [first] = roster;
  if (first === undefined) throw new Error('the roster is empty');
  const all = [
    ...roster.map((one) => (one.id === given.operations ? { ...one, deputies: [{ person: deputy, ...span }] } : one)),
    {
      ...first,
      id: deputy,
      name: 'Dora Deputy',
      address: `${deputy}@example.com`,
      roles: ['operator' as const],
      subjects: [],
      starters: [],
    },
  ];
  return given.toGoNoGo(await given.inSecond({}, { ...stage, roster: all }));
};

const approval = (story: given.Story) => ({ story, person: given.technical, path: approvalOf(story).path });

const journeys: Readonly<Record<string, Journey>> = {
  approve: {
    begin: begun(given.atGoNoGo, approval),
    by: async (hands, _, tab) => {
      await answered(hands, tab, /^Approve/, 'Read on the train.');
      await hands.see('approved this report on');
    },
  },
  reject: {
    begin: begun(given.atGoNoGo, approval),
    by: async (hands, _, tab) => {
      await answered(hands, tab, /^Reject/, 'The prices are wrong.');
      await hands.see('rejected this report on');
    },
  },
  'request changes': {
    begin: begun(given.atGoNoGo, approval),
    by: async (hands, _, tab) => {
      await answered(hands, tab, /^Request changes/, 'The load test is missing.');
      await hands.see('requested changes to this report on');
    },
  },
  'answer a report that changes meanwhile': {
    begin: begun(given.atGoNoGo, approval),
    by: async (hands, story, tab) => {
      const code = (await tab.page.locator('.code').textContent()) ?? '';
      await given.changeReport(story);
      await hands.choose(/^Approve/);
      await hands.fill(/type its code/, code);
      await hands.press('Record my answer');
      await hands.see('Not recorded.');
      await hands.see('This request is invalidated: the report has changed since it was sent.');
    },
  },
  'answer too late': {
    begin: begun(given.atGoNoGo, approval),
    by: async (hands, story, tab) => {
      story.deps.controls.clock.advance(8 * 86_400_000);
      await tab.again();
      await hands.see('The time to answer ended on');
      expect(await tab.page.getByRole('button', { name: 'Record my answer' }).count()).toBe(0);
    },
  },
  'answer as a deputy': {
    begin: begun(withDeputy, (story) => ({ story, person: deputy, path: `/approvals/${given.linkOf(story, deputy)}` })),
    by: async (hands, _, tab) => {
      await hands.see('deputy of Ole "Operations" O\'Neil');
      await answered(hands, tab, /^Approve/, 'Ole is on leave.');
      await hands.see('Dora Deputy approved this report on');
    },
  },
  'override a freeze as the second person': {
    begin: begun(releases.inFreeze, run('/operating', given.operations)),
    by: async (hands, story, tab) => {
      await hands.fill('Why must the release not wait for the end of the freeze?', 'The payment provider ends its interface.');
      await hands.press('Override the freeze');
      await hands.see('overridden');
      expect(new URL(tab.page.url()).pathname).toBe(`/runs/${story.run}`);
    },
  },
  'move T0': {
    begin: begun(releases.inFreeze, run('/operating', given.operations)),
    by: async (hands) => {
      await hands.choose('At the time below');
      await hands.time('New T0', '2026-03-05T10:30');
      await hands.fill('Why is T0 moved?', 'The database team is ill.');
      await hands.press('Move T0');
      await hands.see(/from 2026-03-03 09:00:00 UTC.* to 2026-03-05 09:30:00 UTC/);
    },
  },
  attest: {
    begin: begun(given.inSecond, run('/checks/monitoring-configured', given.operations)),
    by: async (hands) => {
      await hands.fill('What have you seen?', 'The dashboard shows all four figures.');
      await hands.press('Record my attestation');
      await hands.see('The dashboard shows all four figures.');
    },
  },
  waive: {
    begin: begun(checks.underFloor, run(`/checks/${checks.covered}`, given.technical)),
    by: async (hands, story) => {
      const day = new Date(story.deps.clock.now().getTime() + 2 * 86_400_000).toISOString().slice(0, 10);
      await hands.fill('Why may the release go on without it?', 'Tests follow in ticket 4412.');
      await hands.time('Until when (UTC)?', `${day}T09:30`);
      await hands.press('Record the waiver');
      await hands.see(`until ${day} 09:30:00 UTC`);
    },
  },
  'declare not applicable': {
    begin: begun(given.inSecond, run('/checks/ports-allocated', given.operations)),
    by: async (hands) => {
      await hands.fill('Why does it not concern this release?', 'The service opens no port.');
      await hands.press('Record that it is not applicable');
      await hands.see('declared not applicable by Ole');
    },
  },
  'roll back': {
    begin: begun(back.undecided, run('/rollback', given.operations)),
    by: async (hands) => {
      await hands.fill('Why is it rolled back?', 'Half of the orders fail.');
      await hands.press('Roll 1.4.0 back now');
      await hands.see('Holdpoint goes on in a moment');
    },
  },
  'declare a trigger': {
    begin: begun(back.released, run('/rollback', given.operations)),
    by: async (hands) => {
      await hands.pick('Trigger', 'Data corruption detected');
      await hands.fill('What do you see?', 'Rows are missing in the table of orders.');
      await hands.press('Declare the trigger');
      await hands.see('Rows are missing in the table of orders.');
    },
  },
  'label an alarm': {
    begin: begun(reviews.monitored, run('/reviews', given.operations)),
    by: async (hands) => {
      await hands.open(/^Label it /);
      await hands.choose('Explained');
      await hands.fill('How do you know?', 'The host was replaced by AWS.');
      await hands.press('Record the label');
      await hands.see('The host was replaced by AWS.');
    },
  },
  'search the audit trail': {
    begin: begun(given.inSecond, (story) => ({ story, person: given.technical, path: '/audit' })),
    by: async (hands, story, tab) => {
      await hands.fill('Run', story.run);
      await hands.fill('Check', 'no-regressions');
      await hands.press('Search');
      await hands.see(/^\d+ events$/);
      await hands.see('check judged');
      expect(new URL(tab.page.url()).searchParams.get('run')).toBe(story.run);
    },
  },
};

inBrowser('journeys in Chromium', {}, ({ newTab, siteOf }) => {
  test.each(Object.entries(journeys).flatMap(([name, journey]) => ways.map((way) => [name, way, journey] as const)))(
    '%s, %s',
    async (_, way, { begin, by }) => {
      const { story, person, path } = await begin();
      const site = await siteOf(story);
      const tab = await newTab({ script: way !== 'without script' });
      await tab.visit(site, person, path);
      const again = (): Promise<void> => tab.visit(site, person, path);
      await by(handsOf(tab.page, way), story, { page: tab.page, again });
      expect([...tab.misdeeds, ...site.faults]).toEqual([]);
      await tab.page.context().close();
    },
  );
});
