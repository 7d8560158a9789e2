import type { Page } from 'playwright-core';
import { IntegrityFault } from '../../lib/outcome.ts';
import { proposeProfile } from '../../lib/run/commands/propose-profile.ts';
import { afterDeployment, profileFile } from '../profile-given.ts';
import * as checks from './check-scenarios.ts';
import type { State } from './in-browser.ts';
import * as given from './page-scenarios.ts';
import * as back from './rollback-scenarios.ts';
import { profileInForce, standingOpen } from './written-scenarios.ts';

/** The pages of the console that are about more than one run. */
const long = 'adds-vouchers-to-a-cart-'.repeat(12);

export const states: Readonly<Record<string, () => Promise<State>>> = {
  'an inbox with evidence that waits for a second person': async () => ({
    story: await standingOpen(given.hostile),
    person: given.technical,
    path: '/inbox',
  }),
  'an empty inbox': async () => ({ story: await given.begin(), person: given.starter, path: '/inbox' }),
  'an inbox with many checks': async () => ({
    story: await given.begin({ version: given.hostile.slice(0, 100) }),
    person: given.technical,
    path: '/inbox',
  }),
  'several checks to attest': async () => {
    const story = await checks.beforeT0();
    return { story, person: given.operations, path: `/runs/${story.run}/attest` };
  },
  'several checks to attest, one of them refused': async () => {
    const story = await checks.beforeT0();
    return {
      story,
      person: given.operations,
      path: `/runs/${story.run}/attest`,
      act: async ({ page }) => {
        const fields = page.locator('textarea');
        await fields.nth(0).fill('All five are in the call, on duty until 18:00.');
        await fields.nth(1).fill('no');
        await sendAsWithoutScript(page);
        await page.getByRole('alert').waitFor();
      },
    };
  },
  'several checks to attest, one of which a record contradicts': async () => {
    const story = await checks.uncoveredTeam();
    return { story, person: given.operations, path: `/runs/${story.run}/attest` };
  },
  'several checks to attest, of which a colleague was faster with one': async () => {
    const story = await checks.beforeT0();
    return {
      story,
      person: given.operations,
      path: `/runs/${story.run}/attest`,
      act: async ({ page }) => {
        await page.getByLabel('Team assembled').fill(`All five are in the call, on duty until 18:00. ${given.hostile}`);
        await page.getByLabel('Monitoring dashboards open').fill('The four dashboards of the shop are open in the room.');
        await checks.attestFirst(story, 'team-assembled');
        await sendAsWithoutScript(page);
        await page.getByRole('alert').waitFor();
      },
    };
  },
  'several checks to attest, with what was typed before a new sign-in': async () => {
    const story = await checks.beforeT0();
    return {
      story,
      person: given.operations,
      path: `/runs/${story.run}/attest`,
      act: async ({ page }) => {
        await page.getByLabel('Team assembled').fill('All five are in the call, on duty until 18:00.');
        await page.getByLabel('Monitoring dashboards open').fill('The four dashboards of the shop are open in the room.');
        const signedIn = await page.context().cookies();
        await page.context().clearCookies();
        await sendAsWithoutScript(page);
        const link = page.getByRole('link', { name: /sign in/i }).first();
        const next = new URL((await link.getAttribute('href')) ?? '', page.url()).searchParams.get('next') ?? '';
        await checks.attestFirst(story, 'team-assembled');
        await page.context().addCookies(signedIn);
        await page.goto(new URL(next, page.url()).href);
        await page.getByText('Nothing is recorded yet.').waitFor();
      },
    };
  },
  'checks to attest later': async () => {
    const story = await checks.longBeforeT0();
    return { story, person: given.operations, path: `/runs/${story.run}/attest` };
  },
  'nothing to attest': async () => {
    const story = await checks.beforeT0();
    return { story, person: given.starter, path: `/runs/${story.run}/attest` };
  },
  'a run before T0, with checks to attest': async () => {
    const story = await checks.beforeT0();
    return { story, person: given.operations, path: `/runs/${story.run}` };
  },
  'an inbox with checks to attest': async () => ({ story: await checks.beforeT0(), person: given.operations, path: '/inbox' }),
  'an inbox with an approval': async () => ({ story: await given.atGoNoGo(), person: given.technical, path: '/inbox' }),
  'a search without anything': async () => ({ story: await given.begin(), person: given.technical, path: '/audit' }),
  'a search in a run': async () => {
    const story = await given.blockedAtFirst(long);
    return { story, person: given.technical, path: `/audit?run=${story.run}&from=2026-03-02` };
  },
  'a search in a service': async () => ({
    story: await given.blockedAtFirst(given.hostile),
    person: given.technical,
    path: '/audit?service=shop&type=check.judged',
  }),
  'an event': async () => {
    const story = await given.blockedAtFirst(`${given.hostile}${long}`);
    return {
      story,
      person: given.technical,
      path: `/audit/event?${new URLSearchParams({ scope: `run/${story.run}`, lane: 'check/phase-1/no-regressions', seq: '1' })}`,
    };
  },
  'an event that does not verify': async () => {
    const story = await given.begin();
    const { trail } = story.deps;
    const read = (): Promise<never> => Promise.reject(new IntegrityFault('a hash is not that of the bytes'));
    return {
      story: { ...story, deps: { ...story.deps, trail: { ...trail, read } } },
      person: given.technical,
      path: `/audit/event?${new URLSearchParams({ scope: `run/${story.run}`, lane: 'check/phase-1/no-regressions', seq: '1' })}`,
      isFaulty: true,
    };
  },
  'the checklist compared with an older one': async () => {
    const story = await given.begin();
    const was = story.deps.definitions.current();
    const items = was.checklist.items
      .filter(({ id }) => id !== 'cors-configured')
      .map((item) => (item.id === 'no-regressions' ? { ...item, maxAgeSeconds: 3_600, title: long } : item));
    const deps = afterDeployment(story.deps, { ...was.checklist, version: '9.0.0', items });
    return {
      story: { ...story, deps },
      person: given.technical,
      path: `/checklist?${new URLSearchParams({ diff: was.digest, by: 'owner' })}`,
    };
  },
  'the checklist by phase': async () => ({ story: await given.begin(), person: given.technical, path: '/checklist' }),
  'the checklist by control': async () => ({ story: await given.begin(), person: given.technical, path: '/checklist?by=control' }),
  'a service without a profile': async () => ({ story: await given.begin(), person: given.technical, path: '/services/shop/profile' }),
  'a profile in force': async () => ({ story: await profileInForce(), person: given.technical, path: '/services/shop/profile' }),
  'a proposed profile': async () => {
    const story = await given.begin();
    await proposeFor(story);
    return { story, person: given.technical, path: '/services/shop/profile' };
  },
  'an inbox with a rollback decision': async () => ({ story: await back.undecided(long), person: given.operations, path: '/inbox' }),
};

/** Without the hints of the browser, and without the script, which would keep the text on the page that is open. */
const sendAsWithoutScript = async (page: Page): Promise<void> =>
  page.locator('form[action$="/attest"]').evaluate((form) => (form as unknown as { submit(): void }).submit());

/** Features, tighter floors and a check that is observed, proposed by a developer. */
const proposeFor = async (story: given.Story): Promise<void> => {
  const more = 'tighten: { coverage-per-feature: { floorPct: 85 } }\nobserve: { soak-24h: 2026-05-01 }\n';
  const bytes = profileFile(['cart', 'checkout', 'search'], more);
  const done = await proposeProfile(story.deps, { service: 'shop', bytes, dryRun: false }, given.callerOf(story, given.starter));
  if (done.refused) throw new Error(JSON.stringify(done.refused));
};
