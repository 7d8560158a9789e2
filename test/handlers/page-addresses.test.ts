import { expect, test } from 'vitest';
import { pages } from '../../lib/api/pages.ts';
import * as given from '../pages/page-scenarios.ts';
import { type Page, sitesOfTests } from '../pages/page-server.ts';
import { approvalOf } from '../pages/page-states.ts';

const siteOf = sitesOfTests();
const story = await given.atGoNoGo();
const link = approvalOf(story).path.replace('/approvals/', '');
const person = given.technical;

/** What has no page of its own: a download, and the way to the provider. */
const withoutPage = ['downloadEvidence', 'login'];
/** Where an address leads that is none: to the search. */
const elsewhere: Readonly<Record<string, string>> = { showEvent: '/audit', exportAudit: '/audit' };
/** Fields that no form has, and that say nothing of what is shown: without them the page is the same. */
const unsaid = ['draft', 'recorded'];

const pathOf = (path: string): string =>
  Object.entries({ run: story.run, check: 'no-regressions', link, service: 'shop' }).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, value),
    path,
  );
const headingOf = ({ html }: Page): string => /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? '';
const fields = Object.entries(pages).flatMap(([id, { method, path, query }]) =>
  method !== 'GET' || withoutPage.includes(id) ? [] : Object.keys(query.shape).map((field) => [id, field, path] as const),
);

test.each(fields)('%s: whatever stands in the field %s, the page comes back with it and says what is wrong', async (id, field, path) => {
  const site = await siteOf(story);
  const own = headingOf(await site.get(person, elsewhere[id] ?? pathOf(path)));
  expect(own).not.toBe('');
  // Of a search a field alone is no search.
  const beside = path.startsWith('/audit') && field !== 'run' && field !== 'service' ? `run=${story.run}&` : '';
  for (const length of [301, 2_001, 9_000]) {
    const typed = `${'x'.repeat(length - 1)}<`;
    const page = await site.get(person, `${pathOf(path)}?${beside}${new URLSearchParams({ [field]: typed })}`);
    expect([length, headingOf(page)]).toEqual([length, own]);
    const says = /<span class="slip"[^>]*>[^<]{10,}|<div class="note bad" role="alert"><p><strong>[^<]{10,}/.test(page.html);
    expect([length, says, page.status === 200]).toEqual(unsaid.includes(field) ? [length, false, true] : [length, true, false]);
    const fieldsOfForm = [...page.html.matchAll(/<(?:input|select)\b[^>]*\bname="(\w+)"/g)].map(([, name]) => name);
    if (id !== 'showEvent' && fieldsOfForm.includes(field) && !page.html.includes(`<input type="hidden" name="${field}"`))
      expect(page.html).toContain(`value="${typed.replace('<', '&lt;')}"`);
    expect(page.html.length).toBeLessThan(100_000);
  }
  expect(site.faults).toEqual([]);
});

test('the signed place in a list that belongs to another list leads to its beginning, and the page says so', async () => {
  const site = await siteOf(story);
  for (const [path, says] of [
    ['/runs?cursor=eyJ4IjoxfQ.AAAA', 'The address of older runs belongs to another list. These are the newest runs.'],
    [`/audit?run=${story.run}&cursor=eyJ4IjoxfQ.AAAA`, 'The address of more events belongs to another search. Search again.'],
    [`/audit/export?run=${story.run}&cursor=eyJ4IjoxfQ.AAAA`, 'The address of more events belongs to another search. Search again.'],
  ] as const) {
    const page = await site.get(person, path);
    expect([page.status, page.html]).toEqual([400, expect.stringContaining(says)]);
    expect(page.html).toContain(path.startsWith('/runs') ? 'shop 1.4.0' : `value="${story.run}"`);
  }
});

test('a checklist that there is not, or another grouping, leads to the current one by phase, and the page says so', async () => {
  const site = await siteOf(story);
  for (const [query, status, says] of [
    ['digest=12', 400, 'The digest of a checklist has 64 signs, of which 12 are enough: 0 to 9 and a to f. This is the current checklist.'],
    [`digest=${'a'.repeat(64)}`, 404, 'No checklist was published under this digest. This is the current checklist.'],
    ['by=color', 400, 'There is no grouping by “<bdi>color</bdi>”: choose phase, owner, control.'],
  ] as const) {
    const page = await site.get(person, `/checklist?${query}`);
    expect([page.status, page.html]).toEqual([status, expect.stringContaining(says)]);
    expect(page.html).toContain('aria-current="page">by phase');
    expect(page.html).toContain('>current</span>');
  }
  expect((await site.get(person, '/checklist?by=&digest=&diff=')).status).toBe(200);
});

test('figures of a service that cannot be are those of all, and the page says so', async () => {
  const page = await (await siteOf(story)).get(person, '/metrics?service=no%20such&weeks=');
  expect([page.status, page.html]).toEqual([
    400,
    expect.stringContaining('No service has the name “<bdi>no such</bdi>”. These are the figures of all.'),
  ]);
  expect(page.html).not.toContain('Service no such.');
});

test('a field that is given twice is refused, with the way to the page without it', async () => {
  const page = await (await siteOf(story)).get(person, `/audit?run=${story.run}&run=x`);
  expect([page.status, page.html]).toEqual([400, expect.stringContaining('The field run is given twice.')]);
  expect(page.html).toContain('<a class="button" href="/audit">Open the page without it</a>');
});
