import { describe, expect, test } from 'vitest';
import { linkedText } from '../../lib/console/linked-text.ts';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';

const siteOf = sitesOfTests();
const linksIn = (html: string): string[] =>
  [...html.matchAll(/<a href="([^"]*)" rel="noopener noreferrer">([^<]*)<\/a>/g)].map(([, href, text]) => `${href} | ${text}`);
const linked = async (text: string): Promise<string> => String(await linkedText(text));

describe('an https address in the text of others', () => {
  test('is a link that shows the host whole and tells the other site nothing', async () => {
    const pull = 'https://github.com/x/y/pull/812';
    expect(await linked(`See ${pull}, and (https://jira.example/browse/A-1).`)).toBe(
      `See <a href="${pull}" rel="noopener noreferrer">${pull}</a>, and (<a href="https://jira.example/browse/A-1" rel="noopener noreferrer">https://jira.example/browse/A-1</a>).`,
    );
    expect(linksIn(await linked('https://pr.example/a?b=1&c=2'))).toEqual([
      'https://pr.example/a?b=1&amp;c=2 | https://pr.example/a?b=1&amp;c=2',
    ]);
  });

  test.each([
    ['javascript:alert(1)'],
    ['http://plain.example/x'],
    ['data:text/html,https://x.example'],
    ['https://github.com@evil.example/x'],
    ['https://user:secret@evil.example/'],
    ['https://'],
    ['https://%/'],
    ['"><img src=https://evil.example/x onerror=alert(1)>'],
    ['xhttps://evil.example'],
  ])('is none: %s', async (text) => {
    const html = await linked(text);
    expect(linksIn(html)).toEqual([]);
    expect(html).not.toMatch(/<(?!\/?a\b)/);
  });

  test('shows hosts of other letters in Punycode, and ends before quotes and signs that turn text around', async () => {
    expect(linksIn(await linked('https://gіthub.com/x'))).toEqual(['https://xn--gthub-n2e.com/x | https://xn--gthub-n2e.com/x']);
    const turned = await linked('https://a.example/\u202egnp.exe "onclick=alert(1)');
    expect(linksIn(turned)).toEqual(['https://a.example/ | https://a.example/']);
    expect(turned).toContain('[U+202E]gnp.exe &quot;onclick=alert(1)');
    expect(linksIn(await linked('https://a.example/"onmouseover="alert(1)'))).toEqual(['https://a.example/ | https://a.example/']);
  });
});

describe('the pages', () => {
  test('link what a pipeline named as changes, and leave the commit as text with a copy button', async () => {
    const story = await given.inSecond({ changes: ['https://github.com/x/y/pull/812', given.hostile] });
    const { html } = await (await siteOf(story)).get(given.product, `/runs/${story.run}`);
    expect(linksIn(html)).toEqual(['https://github.com/x/y/pull/812 | https://github.com/x/y/pull/812']);
    expect(html).toMatch(/<dt>Commit<\/dt><dd class="mono">[0-9a-f]{40}<\/dd>/);
  });

  test('link the evidence of an attempt to the page of its event', async () => {
    const story = await given.blockedAtFirst('adds vouchers');
    const site = await siteOf(story);
    const { html } = await site.get(given.technical, `/runs/${story.run}/checks/no-regressions`);
    const found = [...html.matchAll(/<dt>Event<\/dt><dd class="mono"><a href="([^"]*)">([0-9a-f]+)<\/a>/g)];
    expect(found.length).toBeGreaterThan(0);
    for (const [, path = '', id = ''] of found) {
      const page = await site.get(given.technical, path.replaceAll('&amp;', '&'));
      expect([page.status, page.html.includes(id), page.html.includes('evidence.recorded')]).toEqual([200, true, true]);
    }
  });
});
