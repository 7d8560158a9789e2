import { describe, expect, test } from 'vitest';
import { beforeT0 } from './check-scenarios.ts';
import type { State } from './in-browser.ts';
import { attested } from './live-page.ts';
import * as given from './page-scenarios.ts';
import { type Page, type Site, serveSite } from './page-server.ts';
import { approvalOf, checkOf, rollbackOf, runOf, states } from './page-states.ts';
import * as reviews from './review-scenarios.ts';
import * as back from './rollback-scenarios.ts';

const inboxOf = (story: given.Story, person: string): State => ({ story, person, path: '/inbox' });
const reviewsOf = (story: given.Story): State => ({ story, person: given.operations, path: `/runs/${story.run}/reviews` });

const more: Readonly<Record<string, () => Promise<State>>> = {
  'an inbox': async () => inboxOf(await given.atGoNoGo(), given.technical),
  'the reviews of a running window': async () => reviewsOf(await reviews.monitored()),
  'several checks to attest': async () => {
    const story = await beforeT0();
    return { story, person: given.operations, path: `/runs/${story.run}/attest` };
  },
  'the reviews before T0': async () => reviewsOf(await reviews.ahead()),
};

const tagOf = ({ headers }: Page): string | null => headers.get('etag');
const stateIn = ({ html }: Page): string | undefined => / data-state="?([0-9a-f]{32})[" >]/.exec(html)?.[1];

const served = async (story: given.Story, use: (site: Site) => Promise<void>): Promise<void> => {
  const site = await serveSite(story.deps, story.stage);
  await use(site);
  await site.close();
};

describe('the tag of a page that is kept current', () => {
  const still = Object.entries({ ...states, ...more });
  /** More than a minute: words to the minute are other ones then. */
  const passing = 70_000;

  test.each(still)('%s: stays while nothing happens but time', async (_name, state) => {
    const { story, person, path } = await state();
    await served(story, async (site) => {
      const first = await site.get(person, path);
      if (tagOf(first) === null) return expect(first.html).not.toContain('data-live');
      expect(tagOf(first)).toBe(`"${stateIn(first)}"`);
      story.deps.controls.clock.advance(passing);
      const later = await site.get(person, path);
      expect(later.html).not.toBe(first.html);
      expect(tagOf(later)).toBe(tagOf(first));
    });
  });

  test('is on every page of a run, the list of runs and the inbox', async () => {
    const story = await given.atGoNoGo();
    await served(story, async (site) => {
      const paths = [
        ...['', '/rollback', '/operating', '/reviews', '/checks/no-regressions'].map((more) => `/runs/${story.run}${more}`),
        '/runs',
        '/inbox',
        approvalOf(story).path,
      ];
      const tags = await Promise.all(paths.map(async (path) => tagOf(await site.get(given.technical, path))));
      expect(new Set(tags).size).toBe(paths.length);
      expect(tags).not.toContain(null);
      for (const path of ['/audit', '/metrics', '/checklist']) expect(tagOf(await site.get(given.technical, path)), path).toBeNull();
    });
  });

  test('is known to a browser that has it: 304, without a page; not to another person, and not after another state', async () => {
    const story = await given.atGoNoGo();
    await served(story, async (site) => {
      const path = `/runs/${story.run}`;
      const tag = tagOf(await site.get(given.technical, path)) ?? '';
      const asked = (header: string, person: string | null = given.technical): Promise<Page> =>
        site.get(person, path, { 'if-none-match': header });
      for (const header of [tag, `W/${tag}`, `"other", ${tag}`]) {
        const { status, html, headers } = await asked(header);
        expect([header, status, html, headers.get('etag'), headers.get('cache-control')]).toEqual([header, 304, '', tag, 'no-store']);
      }
      for (const header of ['"other"', '*', tag.slice(1, -1)]) expect([header, (await asked(header)).status]).toEqual([header, 200]);
      expect((await asked(tag, null)).status).toBe(303);
      const approval = approvalOf(story);
      expect(tagOf(await site.get(given.technical, approval.path))).not.toBe(tag);
    });
  });

  test('is not on a page that refuses a form: it stands at the address of another one', async () => {
    const story = await given.inSecond();
    await served(story, async (site) => {
      const page = await site.post(given.operations, `/runs/${story.run}/operating`, { act: 'cancel', reason: 'short', nonce: 'none' });
      expect([page.status >= 400, tagOf(page), page.html.includes('data-live')]).toEqual([true, null, false]);
    });
  });

  const changes: Readonly<Record<string, readonly [() => Promise<State>, (story: given.Story) => Promise<unknown>]>> = {
    'the run': [async () => runOf(await given.inSecond()), attested],
    'a check': [async () => checkOf(await given.inSecond(), 'monitoring-configured'), attested],
    'the report of an approval': [async () => approvalOf(await given.atGoNoGo()), given.changeReport],
    'the answer of a colleague': [
      async () => approvalOf(await given.atGoNoGo()),
      (story) => given.answerAs(story, given.operations, 'approved'),
    ],
    'the rollback': [async () => rollbackOf(await back.undecided()), (story) => back.decide(story, 'roll-back', given.technical)],
    'the list of runs': [async () => ({ ...runOf(await back.released()), path: '/runs' }), (story) => back.measure(story)],
    'the inbox': [
      async () => inboxOf(await given.atGoNoGo(), given.technical),
      (story) => given.answerAs(story, given.technical, 'approved'),
    ],
  };
  test.each(Object.entries(changes))('changes with %s', async (_name, [state, change]) => {
    const { story, person, path } = await state();
    await served(story, async (site) => {
      const before = await site.get(person, path);
      await change(story);
      await story.machine.settle();
      const after = await site.get(person, path);
      expect([tagOf(before), tagOf(after)]).toEqual([expect.any(String), expect.any(String)]);
      expect(tagOf(after)).not.toBe(tagOf(before));
    });
  });
});
