import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { answerFunctions } from '../way-back.ts';
import { inBrowser, type State } from './in-browser.ts';
import * as given from './page-scenarios.ts';
import { rollbackOf, runOf } from './page-states.ts';
import { picturesAreTaken } from './pictures.ts';
import * as reviews from './review-scenarios.ts';
import * as back from './rollback-scenarios.ts';

const folder = resolve(import.meta.dirname, '../../lib/console/pictures');

const names: Readonly<Record<string, string>> = {
  [given.technical]: 'Lena Fischer',
  [given.operations]: 'Omar Haddad',
  [given.product]: 'Petra Novak',
  [given.starter]: 'Dana Okafor',
};

/** With names as people have them, and not as tests need them. */
const named = (story: given.Story): given.Story => {
  for (const person of story.stage.roster) Object.assign(person, { name: names[person.id] ?? person.name });
  return story;
};

/** The pictures of the README, with the height that each shows. */
const shown: Readonly<Record<string, { readonly height: number; readonly state: () => Promise<State> }>> = {
  run: {
    height: 1090,
    state: async () => {
      const story = named(await given.atGoNoGo({ reason: 'Vouchers for the spring sale.' }));
      await given.answerAs(story, given.operations, 'approved', 'The dashboards are ready, and we are five tomorrow.');
      return runOf(story);
    },
  },
  reviews: {
    height: 1130,
    state: async () => {
      const story = named(await reviews.monitored());
      return { story, person: given.operations, path: `/runs/${story.run}/reviews` };
    },
  },
  rollback: {
    height: 1000,
    state: async () => {
      const story = named(await back.undecided());
      story.deps.controls.clock.advance(95_000);
      await back.decide(story, 'roll-back');
      await answerFunctions(story, {}, 28);
      return rollbackOf(story);
    },
  },
};

inBrowser('the pictures of the README', {}, ({ newTab, siteOf }) => {
  test.runIf(picturesAreTaken).each(Object.entries(shown))('%s', { timeout: 60_000 }, async (name, { height, state }) => {
    const { story, person, path } = await state();
    const { page, visit, misdeeds } = await newTab();
    await page.setViewportSize({ width: 1200, height });
    await visit(await siteOf(story), person, path);
    await page.screenshot({ path: join(folder, `${name}.jpg`), type: 'jpeg', quality: 75 });
    expect(misdeeds).toEqual([]);
  });
});
