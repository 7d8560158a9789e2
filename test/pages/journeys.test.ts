import { expect, test } from 'vitest';
import * as approvals from './approval-scenarios.ts';
import * as checks from './check-scenarios.ts';
import type { Tab } from './chromium.ts';
import { type Hands, handsOf, type Way, ways } from './hands.ts';
import { inBrowser } from './in-browser.ts';
import * as given from './page-scenarios.ts';
import { approvalOf } from './page-states.ts';
import * as releases from './release-scenarios.ts';
import * as reviews from './review-scenarios.ts';
import * as back from './rollback-scenarios.ts';
import * as walks from './walks.ts';

/** The page, and how the person opens it once more later. */
type On = Pick<Tab, 'page'> & { readonly again: () => Promise<void> };
/** What people come for, from the page to the record; `by` does it and sees what was recorded. */
type Walked = {
  readonly begin: () => Promise<{ readonly story: given.Story; readonly person: string; readonly path: string }>;
  readonly by: (hands: Hands, story: given.Story, tab: On) => Promise<void>;
};

const run = (page: string, person: string) => (story: given.Story) => ({ story, person, path: `/runs/${story.run}${page}` });
const begun = (make: () => Promise<given.Story>, find: (story: given.Story) => Awaited<ReturnType<Walked['begin']>>) => async () =>
  find(await make());

const approval = (story: given.Story) => ({ story, person: given.technical, path: approvalOf(story).path });

type More = 'attest several checks' | 'request changes' | 'move T0' | 'declare not applicable' | 'declare a trigger';
const journeys: Readonly<Record<walks.Journey | More, Walked>> = {
  approve: { begin: begun(given.atGoNoGo, approval), by: (hands, _, { page }) => walks.approve(hands, page) },
  reject: { begin: begun(given.atGoNoGo, approval), by: (hands, _, { page }) => walks.reject(hands, page) },
  'request changes': { begin: begun(given.atGoNoGo, approval), by: (hands, _, { page }) => walks.requestChanges(hands, page) },
  'answer a report that changes meanwhile': {
    begin: begun(given.atGoNoGo, approval),
    by: (hands, story, { page }) => walks.approveWhatHasChanged(hands, page, () => given.changeReport(story)),
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
    begin: begun(approvals.withDeputy, (story) => ({
      story,
      person: approvals.deputy,
      path: `/approvals/${given.linkOf(story, approvals.deputy)}`,
    })),
    by: (hands, _, { page }) => walks.approveAsDeputy(hands, page, { away: 'Ole "Operations" O\'Neil', deputy: 'Dora Deputy' }),
  },
  'override a freeze as the second person': {
    begin: begun(releases.inFreeze, run('/operating', given.operations)),
    by: async (hands, story, tab) => {
      await walks.overrideFreeze(hands);
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
  attest: { begin: begun(given.inSecond, run('/checks/monitoring-configured', given.operations)), by: (hands) => walks.attest(hands) },
  // From the page of the run, with one of them refused.
  'attest several checks': {
    begin: begun(checks.beforeT0, run('', given.operations)),
    by: async (hands, _, { page }) => {
      await hands.follow('Attest these 3 checks');
      await hands.fill('Team assembled', 'All five are in the call, on duty until 18:00.');
      await hands.fill('Monitoring dashboards open', `    no     `);
      await hands.press('Record my attestations');
      await hands.see('1 check not recorded.');
      await hands.see('Recorded: Team assembled.');
      expect(await page.getByLabel('Monitoring dashboards open').inputValue()).toBe('    no     ');
      await hands.fill('Monitoring dashboards open', 'All four dashboards of the shop are open.');
      await hands.press('Record my attestations');
      // One is left, so that the page stays.
      await hands.see('Recorded: Monitoring dashboards open.');
    },
  },
  // One feature, from the page of the run; and that is taken back.
  waive: {
    begin: begun(() => checks.underFloor({ checkout: 12 }), run('', given.technical)),
    by: async (hands, story) => {
      await hands.follow('70%+ test coverage per feature');
      await hands.follow('Waive');
      await hands.pick('What is it about?', 'feature:checkout: fail');
      await walks.waive(hands, story.deps.clock.now());
      await hands.see('4 of 5 pass, 1 waived: checkout (by Tove');
      await hands.fill('Why does the exception no longer count?', 'The tests will not come.');
      await hands.press('Revoke it now');
      await hands.see(/^revoked$/);
      await hands.see(/^revocation$/);
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
    by: async (hands, story) => {
      await hands.follow(/^Roll back$/);
      await walks.rollBack(hands);
      await story.machine.settle();
      await hands.follow('Show the current state');
      await hands.see(/Step 1 of 6 .* is under way/);
    },
  },
  'declare a trigger': {
    begin: begun(back.released, run('/rollback', given.operations)),
    by: (hands) => walks.declareTrigger(hands),
  },
  'label an alarm': { begin: begun(reviews.monitored, run('/reviews', given.operations)), by: (hands) => walks.label(hands) },
  'search the audit trail': {
    begin: begun(given.inSecond, (story) => ({ story, person: given.technical, path: '/audit' })),
    by: async (hands, story, tab) => {
      await walks.search(hands, { run: story.run, check: 'no-regressions' });
      expect(new URL(tab.page.url()).searchParams.get('run')).toBe(story.run);
    },
  },
};

/** Those of the stage are walked there in all ways (`test/e2e/journeys.test.ts`); here in one, so that a fault of a page shows without a stage. */
const waysOf = (name: string): readonly Way[] => (walks.journeys.some((one) => one === name) ? ['without script'] : ways);

inBrowser('journeys in Chromium', {}, ({ newTab, siteOf }) => {
  test.each(Object.entries(journeys).flatMap(([name, journey]) => waysOf(name).map((way) => [name, way, journey] as const)))(
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
