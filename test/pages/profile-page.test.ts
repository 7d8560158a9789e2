import { expect, test } from 'vitest';
import { identifiers } from '../../lib/console/release.ts';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';
import { textOf } from './page-text.ts';
import { profileInForce } from './written-scenarios.ts';

const siteOf = sitesOfTests();

/** Of each card: its heading, and what stands below it. */
const cardsIn = (html: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...html.matchAll(/<h2 id="section-\d+">([^<]*)<\/h2>([\s\S]*?)<\/section>/g)].map(([, name = '', rest = '']) => [
      name,
      textOf({ html: rest }).trim(),
    ]),
  );

test('the page of a profile in force shows it as people read it, what is looser first, and its digests folded', async () => {
  const site = await siteOf(await profileInForce());
  const { html } = await site.get(given.technical, '/services/shop/profile');
  expect(cardsIn(html)).toEqual({
    'Deviations from the document':
      'Load testing passed: 99th percentile of the response times: at most 30 seconds instead of at most 29 seconds The reports of a year take half a minute. Accepted by the operations lead.',
    'Judged and shown only': expect.stringMatching(
      /^Long-duration stability tests.* until 2026-05-01 00:00:00 UTC, then required$/,
    ) as string,
    Features: 'cart files: src/cart/** checkout files: src/checkout/**',
    'Stricter than the document': expect.stringMatching(/^70%\+ test coverage .* covered share: at least 70 % → at least 85 %$/) as string,
    'Checks of its own': expect.stringMatching(
      /^The contract of the orders holds judged at Pre-Deployment Verification, owned by the technical lead Every test that ran passes, .* Its tests pass\.$/,
    ) as string,
    'Guides and plans': 'User guide docs/user-guide.md',
    Services: 'web worker',
    Endpoints: 'GET /orders POST /orders',
    Ports: 'ports 8080 to 8081',
    'Files that migrate data': 'db/**',
  });
  expect(html).toMatch(/<details><summary>Digests<\/summary><dl>\s*<dt>Profile<\/dt><dd class="mono" title="[0-9a-f]{64}">/);
  const digest = /\/checklist\?digest=([0-9a-f]{64})/.exec(html)?.[1] ?? '';
  expect((await site.get(given.technical, `/checklist?digest=${digest}`)).html).toContain(
    'href="/services/shop/profile">Profile of shop</a>',
  );
});

test('the list of the runs of a service links its profile, and so does a run that has pinned one', async () => {
  const story = await profileInForce();
  const site = await siteOf(story);
  const link = '<a href="/services/shop/profile">Profile of shop</a>';
  expect((await site.get(given.technical, '/runs?service=shop')).html).toContain(link);
  // The run was started before the profile was in force.
  expect((await site.get(given.technical, `/runs/${story.run}`)).html).not.toContain(link);
  const release = {
    service: 'shop',
    commit: 'c0ffee',
    commitPage: null,
    artifacts: [],
    definition: { name: 'D', version: '1', digest: 'd' },
  };
  const profile = { digest: 'p'.repeat(64), base: 'b'.repeat(64), startedAs: 'in-force' as const };
  expect(String(await identifiers({ ...release, profile }))).toContain(link);
});
