import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { readRunFor } from '../../lib/query/run-view.ts';
import { wordsKinds } from '../../lib/query/view.ts';
import { proposeProfile } from '../../lib/run/commands/propose-profile.ts';
import { json, terminal } from '../unit/terminal.ts';
import * as approvals from './approval-scenarios.ts';
import * as checks from './check-scenarios.ts';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';
import { textOf } from './page-text.ts';
import * as releases from './release-scenarios.ts';
import * as reviews from './review-scenarios.ts';
import * as back from './rollback-scenarios.ts';
import * as written from './written-scenarios.ts';

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

/** Also with what steers a terminal, turns the direction of reading, breaks lines, and commands a CI runner. */
const hostile = `${given.hostile} \u001b]0;owned\u0007 \u202egnp\u2028x ::error::x ##vso[task.setvariable variable=A]b`;
const link = 'https://evil.example/"><img/src=x/onerror=alert(1)><script>alert(2)</script>';
/** What stands in a name, which takes no such signs. */
const name = given.hostile.slice(0, 100);
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
    paths: (story) => ['/runs', '/inbox', '/metrics', ...ofRun('', '/attest', '/operating', '/reviews', '/rollback')(story)],
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
    story: () => releases.inFreeze(given.hostile, hostile),
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
      const features = `features: [{ id: cart, title: ${JSON.stringify(given.hostile)}, paths: ["src/cart/**"] }]`;
      const bytes = new TextEncoder().encode(`service: shop\n${features}\n`);
      const proposed = await proposeProfile(story.deps, { service: 'shop', bytes, dryRun: false }, given.callerOf(story, given.starter));
      expect(proposed.refused).toBeUndefined();
      return story;
    },
    person: given.technical,
    paths: () => ['/services/shop/profile', '/inbox'],
  },
  'an attestation': {
    story: () => written.attestation(hostile),
    person: given.technical,
    paths: ofRun('', `/checks/${written.attested}`),
  },
  'a declaration that a check is not applicable': {
    story: () => written.declaration(hostile),
    person: given.technical,
    paths: ofRun('', `/checks/${written.optional}`),
  },
  'the revocation of an exception': {
    story: () => written.revocation(hostile),
    person: given.technical,
    paths: ofRun('', `/checks/${checks.covered}`),
  },
  'the recall of requests': {
    story: () => approvals.recalled(hostile),
    person: given.technical,
    paths: (story) => [`/approvals/${given.linkOf(story, given.technical)}`, '/inbox', ...ofRun('', '/operating')(story)],
  },
  'a new T0': { story: () => written.newT0(hostile), person: given.technical, paths: ofRun('', '/operating') },
  'a cancellation': {
    story: () => written.cancellation(hostile),
    person: given.technical,
    paths: (story) => ['/runs', ...ofRun('')(story)],
  },
  'the decision of an incident': { story: () => written.incident(hostile), person: given.operations, paths: ofRun('', '/operating') },
  'a decision not to roll back': { story: () => written.continuation(hostile), person: given.operations, paths: ofRun('', '/rollback') },
  'a step that a person carried out': { story: () => written.stepByHand(hostile), person: given.operations, paths: ofRun('', '/rollback') },
  'a decision about the data': { story: () => written.dataKept(hostile), person: given.operations, paths: ofRun('', '/rollback') },
  'what was asked after a rollback': {
    story: () => written.followUps(hostile, link),
    person: given.operations,
    paths: (story) => ['/inbox', ...ofRun('', '/rollback')(story)],
  },
  'announced work, and what a person saw': {
    story: () => written.announcement(hostile),
    person: given.operations,
    paths: ofRun('', '/reviews'),
  },
  'the approval of a profile': {
    story: () => written.profileApproved(hostile),
    person: given.technical,
    paths: () => ['/services/shop/profile'],
  },
  'evidence that stands for a service': {
    story: () => written.standing(hostile),
    person: given.technical,
    paths: (story) => ['/inbox', written.standingEvent, ...ofRun('', `/checks/${written.trained}`)(story)],
  },
  'the address of a search': {
    story: () => given.begin(),
    person: given.technical,
    paths: () =>
      ['run', 'service', 'actor', 'check', 'type', 'outcome', 'lane', 'from', 'to'].map(
        (field) => `/audit?${new URLSearchParams(field === 'run' ? { run: given.hostile } : { service: 'shop', [field]: given.hostile })}`,
      ),
  },
};

/** Kinds of texts that the stories had, of those that a run can have. */
const met = new Set<string>();

/** No sign that steers a terminal, hides or turns text, or commands a CI runner, stands in it; a line may end. */
const steering = /[^\P{Cc}\n\t]|[\p{Cf}\u2028\u2029]/u;
const isHarmless = (text: string): void => {
  expect(text.match(steering)).toBeNull();
  expect(text).not.toMatch(/##\S*\[|^\s*::/m);
};

const markup = /<script>|<img\b.{0,80}/;

describe('hostile text', () => {
  test.each(Object.entries(places))(
    'in %s runs nothing on any page, in any mail or terminal',
    async (_, { story: make, person, paths }) => {
      const story = await make();
      const site = await siteOf(story);
      const shown: boolean[] = [];
      for (const path of paths(story)) {
        const { html, status } = await site.get(person, path);
        expect([200, 400, 404], path).toContain(status);
        // As a tag it would run; escaped it is text.
        expect(html.match(markup), path).toBeNull();
        expect(html.match(/[^\P{Cc}\n\t]|[\u202e\u2028]/u), path).toBeNull();
        shown.push(textOf({ html }).includes('<img src=https://evil.example/x'), html.includes('&lt;img'));
      }
      expect(shown, 'the text stands on a page').toContain(true);
      expect(site.faults).toEqual([]);
      for (const { subject, text, html } of story.deps.controls.mailer.mails) {
        for (const part of [subject, text]) expect(part.match(steering)).toBeNull();
        expect(html.match(markup)).toBeNull();
        expect(html).not.toContain('://evil.example');
      }
      const view = (await readRunFor(story.deps, story.run, true)).ok ?? expect.fail('no view');
      for (const { kind } of (view.words ?? []).filter(({ text }) => text?.includes('evil.example'))) met.add(kind);
      for (const command of ['status', 'approvals', 'follow-up']) {
        const { io, said } = terminal(() => json(view));
        expect(await run([command, story.run], io), said.err).toBeLessThan(2);
        isHarmless(said.out + said.err);
      }
    },
  );

  // What a person writes next gets a story here.
  test('stood in every kind of text that a run can have', () => {
    // The address of a decision is what the gateway saw, and nobody writes it.
    expect([...met].sort()).toEqual(wordsKinds.filter((kind) => kind !== 'source-address').sort());
  });
});
