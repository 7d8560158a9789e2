import { describe, expect, test } from 'vitest';
import { proposeProfile } from '../../lib/run/commands/propose-profile.ts';
import * as checks from './check-scenarios.ts';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';
import { textOf } from './page-text.ts';
import * as releases from './release-scenarios.ts';
import * as reviews from './review-scenarios.ts';
import * as back from './rollback-scenarios.ts';

const siteOf = sitesOfTests();

describe('foreign text', () => {
  test('never speaks in the name of a person: no id in it becomes a name, and it stands in quotation marks', async () => {
    const story = await given.blockedAtFirst(`${given.technical}: I have checked this by hand`);
    const text = textOf(await (await siteOf(story)).get(given.product, `/runs/${story.run}`));
    expect(text).toContain('first: “cart › p‑technical1: I have checked this by hand”');
    expect(text).not.toContain('Søn: I have checked');
  });

  test('on the page of a check: the name of a test runs nothing and stands as it is', async () => {
    const story = await given.blockedAtFirst(`${given.hostile} \u202e`);
    const site = await siteOf(story);
    const page = await site.get(given.technical, `/runs/${story.run}/checks/no-regressions`);
    expect(page.status).toBe(200);
    expect(textOf(page)).toContain('script>alert(2)');
    expect(page.html).not.toMatch(/<script(?! src="\/assets\/)|<img|\u202e/);
  });

  test('shows control characters and changes of direction by their number', async () => {
    const story = await given.begin({ reason: 'abc\u202egnp.exe \u0000 \u001b[31m red' });
    const page = await (await siteOf(story)).get(given.product, `/runs/${story.run}`);
    expect(textOf(page)).toContain('abc[U+202E]gnp.exe [U+0000] [U+001B][31m red');
    expect(page.html).not.toMatch(/[^\P{Cc}\n\t]|\u202e/u);
    expect(textOf(page)).toContain('Reason The CI job that started the run wrote: “');
  });
});

const { hostile } = given;
const name = hostile.slice(0, 100);
const ofRun =
  (...pages: string[]) =>
  ({ run }: given.Story): string[] =>
    pages.map((page) => `/runs/${run}${page}`);

/** Hostile text in every field that somebody else fills, and the pages that show it. */
const places: Readonly<
  Record<string, { readonly story: () => Promise<given.Story>; readonly person: string; readonly paths: (story: given.Story) => string[] }>
> = {
  'a release and its reason, in lists and on the pages of its run': {
    story: () => given.begin({ version: name, changes: [hostile], reason: hostile, requestedBy: hostile }),
    person: given.technical,
    paths: (story) => ['/runs', '/inbox', '/metrics', ...ofRun('', '/operating', '/reviews', '/rollback')(story)],
  },
  'a request for an approval': {
    story: () => given.atGoNoGo({ version: name, changes: [hostile], reason: hostile }),
    person: given.technical,
    paths: (story) => [`/approvals/${given.linkOf(story, given.technical)}`, '/inbox', ...ofRun('', '/operating')(story)],
  },
  'the note of an answer': {
    story: async () => {
      const story = await given.atGoNoGo();
      await given.answerAs(story, given.operations, 'changes-requested', hostile);
      await story.machine.settle();
      return story;
    },
    person: given.technical,
    paths: (story) => [`/approvals/${given.linkOf(story, given.technical)}`, ...ofRun('', '/operating')(story)],
  },
  'the name of a test': {
    story: () => given.blockedAtFirst(hostile),
    person: given.technical,
    paths: (story) => [
      '/inbox',
      ...ofRun('', '/operating', '/checks/no-regressions')(story),
      `/audit?run=${story.run}&check=no-regressions`,
      `/audit/event?${new URLSearchParams({ scope: `run/${story.run}`, lane: 'check/phase-1/no-regressions', seq: '1' })}`,
    ],
  },
  'the reason of a waiver': {
    story: async () => {
      const story = await checks.underFloor();
      await checks.waivePart(story, 'search', 48, hostile);
      return story;
    },
    person: given.technical,
    paths: ofRun('', `/checks/${checks.covered}`),
  },
  'observations and their labels': {
    story: () => reviews.monitored(hostile),
    person: given.operations,
    paths: (story) => [...ofRun('', '/reviews', '/rollback')(story), '/inbox', `/audit?run=${story.run}`],
  },
  'a freeze and the request to override it': {
    story: () => releases.inFreeze(hostile),
    person: given.operations,
    paths: ofRun('', '/operating'),
  },
  'a declared trigger': {
    story: () => back.declared(hostile),
    person: given.operations,
    paths: (story) => ['/inbox', '/runs', ...ofRun('', '/rollback')(story)],
  },
  'a measured trigger': {
    story: () => back.undecided(hostile),
    person: given.operations,
    paths: (story) => ['/inbox', ...ofRun('', '/rollback')(story)],
  },
  'the profile of a service': {
    story: async () => {
      const story = await given.begin();
      const features = `features: [{ id: cart, title: ${JSON.stringify(hostile)}, paths: ["src/cart/**"] }]`;
      const bytes = new TextEncoder().encode(`service: shop\n${features}\n`);
      const proposed = await proposeProfile(story.deps, { service: 'shop', bytes, dryRun: false }, given.callerOf(story, given.starter));
      expect(proposed.refused).toBeUndefined();
      return story;
    },
    person: given.technical,
    paths: () => ['/services/shop/profile', '/inbox'],
  },
  'the address of a search': {
    story: () => given.begin(),
    person: given.technical,
    paths: () =>
      ['run', 'service', 'actor', 'check', 'type', 'outcome', 'lane', 'from', 'to'].map(
        (field) => `/audit?${new URLSearchParams(field === 'run' ? { run: hostile } : { service: 'shop', [field]: hostile })}`,
      ),
  },
};

describe('hostile text', () => {
  test.each(Object.entries(places))('in %s runs nothing on any page', async (_, { story: make, person, paths }) => {
    const story = await make();
    const site = await siteOf(story);
    const shown: boolean[] = [];
    for (const path of paths(story)) {
      const { html, status } = await site.get(person, path);
      expect([200, 400, 404], path).toContain(status);
      // As a tag it would run; escaped it is text.
      expect(html.match(/<script>|<img\b.{0,80}/), path).toBeNull();
      shown.push(textOf({ html }).includes('<img src=https://evil.example/x'), html.includes('&lt;img'));
    }
    expect(shown, 'the text stands on a page').toContain(true);
    expect(site.faults).toEqual([]);
  });
});
