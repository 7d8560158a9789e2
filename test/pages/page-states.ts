import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import * as approvals from './approval-scenarios.ts';
import * as checks from './check-scenarios.ts';
import type { State } from './in-browser.ts';
import * as given from './page-scenarios.ts';
import * as releases from './release-scenarios.ts';
import * as back from './rollback-scenarios.ts';

export const approvalOf = (story: given.Story, person: string = given.technical): State => ({
  story,
  person,
  path: `/approvals/${given.linkOf(story, given.technical)}`,
});
/** The same while the person may answer. */
const asking = (story: given.Story): State => ({ ...approvalOf(story), asks: true });
export const runOf = (story: given.Story): State => ({ story, person: given.product, path: `/runs/${story.run}` });
export const rollbackOf = (story: given.Story): State => ({ story, person: given.operations, path: `/runs/${story.run}/rollback` });
export const checkOf = (story: given.Story, check: string): State => ({
  story,
  person: given.technical,
  path: `/runs/${story.run}/checks/${check}`,
});
export const long = 'adds-vouchers-to-a-cart-'.repeat(12);

/** Every state in which a person may find a page. */
export const states: Readonly<Record<string, () => Promise<State>>> = {
  'no run yet': async () => ({ story: await given.begin(), person: given.product, path: '/runs?service=mail' }),
  'the list of runs': async () => ({
    story: await given.begin({ version: given.hostile.slice(0, 100) }),
    person: given.product,
    path: '/runs',
  }),
  'a run in the middle': async () => runOf(await given.inSecond()),
  'a run blocked by a failing check': async () => runOf(await given.blockedAtFirst(long)),
  'a deployed run with observations': async () => runOf(await given.deployed(long)),
  'a run at the incident gate': async () => {
    const story = await given.deployed();
    await story.machine.breakOff();
    await story.machine.settle();
    return runOf(story);
  },
  'the operation of a run in an incident': async () => {
    const story = await given.inSecond();
    await story.machine.breakOff();
    await story.machine.settle();
    return { story, person: given.operations, path: `/runs/${story.run}/operating` };
  },
  'the operation of a run whose approvals are asked for': async () => {
    const story = await given.atGoNoGo();
    return { story, person: given.starter, path: `/runs/${story.run}/operating` };
  },
  'the operation of a run whose T0 lies in a freeze, with a T0 that cannot be': async () => {
    const story = await releases.inFreeze(long);
    return {
      story,
      person: given.operations,
      path: `/runs/${story.run}/operating`,
      act: async ({ page }) => {
        await page.getByLabel('New T0').fill('2026-03-01T10:00');
        await page.getByLabel('Why is T0 moved?').fill(given.hostile);
        await page.getByRole('button', { name: 'Move T0' }).click();
        await page.getByRole('alert').waitFor();
      },
    };
  },
  'a rejected run': async () => {
    const story = await given.atGoNoGo();
    await given.answerAs(story, given.operations, 'rejected');
    await story.machine.settle();
    return runOf(story);
  },
  'a cancelled run': async () => {
    const story = await given.inSecond();
    const done = await cancelRun(story.deps, { run: story.run, reason: long }, given.callerOf(story, given.operations));
    if (done.refused) throw new Error(done.refused.detail);
    await story.machine.settle();
    return runOf(story);
  },
  'a run at the sign-off': async () => runOf(await approvals.atSignOff()),
  'a run that was rolled back': async () => runOf(await back.rolledBack()),
  'a run at its approvals, of a release with much to read': async () => runOf(await approvals.muchToRead()),
  'an inbox after a rollback': async () => ({ story: await back.rolledBack(), person: given.technical, path: '/inbox' }),
  'an open approval': async () => asking(await given.atGoNoGo({ version: long.slice(0, 100), changes: [given.hostile] })),
  'an open approval without a failing check': async () => asking(await given.toGoNoGo(await given.toSecond(await given.begin(), 'good'))),
  'an open approval of the second release': async () => asking(await releases.atGoNoGoAgain()),
  'an open approval of a report with every line and many exceptions': async () => asking(await approvals.withEveryLine()),
  'an open approval for the last signer of a release with much to read': async () => asking(await approvals.muchToRead()),
  'a wrong code': async () => ({
    ...asking(await given.atGoNoGo()),
    act: async ({ page }) => {
      await page.getByRole('radio', { name: /^Request changes/ }).check();
      await page.getByRole('textbox', { name: /^Note/ }).fill('The load test is missing.');
      await page.getByLabel('type the code').fill('ZZZZZZ');
      await page.getByRole('button', { name: 'Record my answer' }).click();
      await page.getByRole('alert').waitFor();
    },
  }),
  'an answered approval': async () => {
    const story = await given.atGoNoGo();
    await given.answerAs(story, given.technical, 'approved');
    return approvalOf(story);
  },
  'an invalidated approval': async () => {
    const story = await given.atGoNoGo();
    const state = approvalOf(story);
    await given.changeReport(story);
    return state;
  },
  'an expired approval': async () => approvalOf(await approvals.expired()),
  'a recalled approval': async () => approvalOf(await approvals.recalled(given.hostile)),
  'a closed approval': async () => approvalOf(await approvals.closed()),
  'an approval of the second round': async () => asking(await approvals.inRoundTwo()),
  'an approval of a deputy': async () => {
    const story = await approvals.withDeputy();
    return { story, person: approvals.deputy, path: `/approvals/${given.linkOf(story, approvals.deputy)}`, asks: true };
  },
  'an approval of the sign-off': async () => {
    const { link, ...story } = await approvals.atSignOff();
    return { story, person: given.technical, path: `/approvals/${link}`, asks: true };
  },
  'a superseded approval': async () => {
    const { link, ...story } = await approvals.superseded();
    return { story, person: given.technical, path: `/approvals/${link}` };
  },
  'a superseded run': async () => runOf(await approvals.superseded()),
  'an approval whose session has ended': async () => ({
    ...approvalOf(await given.atGoNoGo()),
    act: async ({ page }) => {
      await page.getByRole('radio', { name: /^Request changes/ }).check();
      await page.getByRole('textbox', { name: /^Note/ }).fill('The load test is missing.');
      await page.context().clearCookies();
      // As without the script, which would keep the text on the page that is open.
      await page.locator('form[action^="/approvals/"]').evaluate((form) => (form as unknown as { submit(): void }).submit());
      await page
        .getByRole('link', { name: /sign in/i })
        .first()
        .waitFor();
    },
  }),
  'an approval of another person': async () => approvalOf(await given.atGoNoGo(), given.product),
  'a sign-in that was never started': async () => ({ story: await given.begin(), person: null, path: '/callback?code=x&state=y' }),
  'a run before its deployment, on the page of the rollback': async () => rollbackOf(await given.inSecond()),
  'a released run, on the page of the rollback': async () => rollbackOf(await back.released()),
  'an open rollback decision': async () => rollbackOf(await back.undecided(long)),
  'an open rollback decision on the page of the run': async () => runOf(await back.declared(long)),
  'an open rollback decision in the list of runs': async () => ({ ...runOf(await back.undecided()), path: '/runs' }),
  'a rollback that a function carries out': async () => rollbackOf(await back.onTheWay()),
  'a rollback that asks about the data': async () => rollbackOf(await back.dataAsked()),
  'a rollback whose step failed': async () => rollbackOf(await back.stuck()),
  'a rollback whose step a person carries out': async () => rollbackOf(await back.inHand()),
  'a rollback that has ended': async () => rollbackOf(await back.rolledBack()),
  'a rollback form whose run has gone on': async () => {
    const story = await back.undecided();
    return {
      ...rollbackOf(story),
      act: async ({ page }) => {
        await page.getByLabel('Why is it safe to continue?').fill(given.hostile);
        story.deps.controls.clock.advance(1_000);
        await back.decide(story, 'roll-back', given.technical);
        await page.getByRole('button', { name: 'Continue with 1.4.0' }).click();
        await page.getByRole('alert').waitFor();
      },
    };
  },
  'a check whose parts are judged one by one': async () => {
    const story = await checks.underFloor();
    await checks.waivePart(story, 'search');
    return checkOf(story, checks.covered);
  },
  'a check that a person attests': async () => ({ ...checkOf(await given.inSecond(), 'monitoring-configured'), person: given.operations }),
  'a check with a failing test, for somebody who can do nothing about it': async () => ({
    ...checkOf(await given.blockedAtFirst(long), 'no-regressions'),
    person: given.product,
  }),
  'a waiver with a wrong end': async () => ({
    ...checkOf(await checks.underFloor(), checks.covered),
    act: async ({ page }) => {
      await page.locator('#waive-until').evaluate((node) => node.setAttribute('type', 'text'));
      await page.getByLabel('Why may the release go on without it?').fill(given.hostile);
      await page.getByLabel('Until when (UTC)?').fill('next week');
      await page.getByRole('button', { name: 'Record the waiver' }).click();
      await page.getByRole('alert').waitFor();
    },
  }),
  'an unknown address': async () => ({ story: await given.begin(), person: given.product, path: '/nowhere' }),
  'signed out': async () => ({
    story: await given.begin(),
    person: given.product,
    path: '/runs',
    act: async ({ page }) => {
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Signed out' }).waitFor();
    },
  }),
};
