import { describe, expect, test } from 'vitest';
import { renderMail } from '../../lib/console/mails.ts';
import * as consoles from './console-states.ts';
import { notificationsOf } from './notifications.ts';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';
import { states } from './page-states.ts';
import { privateWordsIn, privateWordsOf } from './private-words.ts';
import * as reviews from './review-scenarios.ts';
import * as back from './rollback-scenarios.ts';

const siteOf = sitesOfTests();

type Shown = { readonly story: given.Story; readonly person: string | null; readonly path: string };
const pageOf =
  (begun: () => Promise<given.Story>, page: string, person = given.operations) =>
  async (): Promise<Shown> => {
    const story = await begun();
    return { story, person, path: `/runs/${story.run}${page}` };
  };

/** Beside the states in which pages are looked at: how runs end, and what reviews say. */
const further: Readonly<Record<string, () => Promise<Shown>>> = {
  'reviews that watch': pageOf(reviews.monitored, '/reviews'),
  'reviews a day later': pageOf(reviews.dayAfter, '/reviews'),
  'reviews before the deployment': pageOf(reviews.ahead, '/reviews'),
  'a run a day later': pageOf(reviews.dayAfter, ''),
  'a run at go': pageOf(given.atGoNoGo, ''),
  'a run that was rolled back': pageOf(back.rolledBack, ''),
  'a run whose rollback waits for a person': pageOf(back.inHand, ''),
  'a sign-off that was rejected': pageOf(back.signOffRejected, ''),
};

describe('what people read', () => {
  test.each(Object.entries({ ...states, ...consoles.states, ...further }))(
    '%s: no word of the program',
    { timeout: 30_000 },
    async (_name, state) => {
      const { story, person, path } = await state();
      const { html } = await (await siteOf(story)).get(person, path);
      expect([...new Set(privateWordsIn(html))]).toEqual([]);
    },
  );

  test.each(notificationsOf().map((one) => [one.kind, one] as const))('the mail %s: no word of the program', (_kind, notification) => {
    const { subject, text, html } = renderMail(notification);
    expect([...privateWordsOf(subject), ...privateWordsOf(text), ...privateWordsIn(html)]).toEqual([]);
  });
});

test('finds what it looks for, and leaves commands and plain words alone', () => {
  const found = (html: string): number => privateWordsIn(html).length;
  expect(found('<p>made after deployment.finished</p>')).toBe(1);
  expect(found('<p>rejected as operations-lead; see revert-version</p>')).toBe(2);
  expect(found('<p>a record `registry-pull`: 1 tests.</p>')).toBe(3);
  expect(found('<p><span class="mono">holdpoint attest no-secrets</span> the sign-off of an operator</p>')).toBe(0);
});
