import { describe, expect, test } from 'vitest';
import { pageHeaders } from '../../lib/console/layout.ts';
import { scriptFile } from '../../lib/console-script.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import * as given from './page-scenarios.ts';
import { type Page, sitesOfTests } from './page-server.ts';
import { countsOf, fieldOf, textOf, titleOf } from './page-text.ts';

const siteOf = sitesOfTests();

const noForm = /name="confirmation"/;

/** The go / no-go of a release whose free texts are hostile, with its site and the technical lead's link. */
const atGoNoGo = async (changes: Parameters<typeof given.atGoNoGo>[0] = {}) => {
  const story = await given.atGoNoGo(changes);
  return { story, site: await siteOf(story), path: `/approvals/${given.linkOf(story, given.technical)}` };
};

describe('every page', () => {
  test('has the headers that keep the link secret and forbid foreign content', async () => {
    const { site, story, path } = await atGoNoGo();
    const pages = [
      await site.get(given.technical, path),
      await site.get(given.product, path),
      await site.get(given.product, `/runs/${story.run}`),
      await site.get(given.product, '/runs'),
      await site.get(null, '/nowhere'),
      await site.get(null, '/callback?code=x&state=y'),
      await site.post(null, path, {}),
      await site.post(given.product, '/logout', {}),
    ];
    expect(pages.map(({ status }) => status)).toEqual([200, 403, 200, 200, 404, 401, 401, 200]);
    for (const { headers } of pages) expect(Object.fromEntries(headers)).toMatchObject(pageHeaders);
    expect(pageHeaders).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      ),
    });
    for (const { html } of pages) {
      expect([...html.matchAll(/<script.*/g)].map(([tag]) => tag)).toEqual([`<script src="/assets/${scriptFile}" defer></script>`]);
      expect(html).not.toMatch(/\son\w+=|\sstyle=/i);
      expect(
        [...html.matchAll(/\s(?:href|src|action)="([^"]*)"/g)]
          .map(([, address]) => address)
          .filter((one) => !/^[/#]|^data:/.test(one ?? '')),
      ).toEqual([]);
      const forms = [...html.matchAll(/<form\b[^>]*>/g)].map(([tag]) => tag);
      // Only what reads nothing but a list is asked by GET.
      expect(forms.filter((tag) => !tag.includes('method="post"') && !tag.includes('method="get" action="/runs"'))).toEqual([]);
      expect(html).toMatch(/<html lang="en">[\s\S]*<title>[^<]+ · Holdpoint<\/title>[\s\S]*<main id="content"[^>]*>[\s\S]*<h1>[^<]+<\/h1>/);
    }
    expect(site.faults).toEqual([]);
  });

  test('redirects a browser without a session to the sign-in', async () => {
    const { site, path } = await atGoNoGo();
    const page = await site.get(null, path);
    expect([page.status, page.headers.get('location')]).toEqual([303, `/login?${new URLSearchParams({ next: path })}`]);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('refuses a form of another site: no answer is recorded and the person stays signed in', async () => {
    const { site, path } = await atGoNoGo();
    const open = await site.get(given.technical, path);
    const fields = { answer: 'approved', confirmation: 'X', report: fieldOf(open, 'report'), nonce: fieldOf(open, 'nonce'), note: '' };
    for (const from of ['cross-site', 'same-site']) {
      const answer = await site.post(given.technical, path, fields, { 'sec-fetch-site': from });
      expect([answer.status, textOf(answer)]).toEqual([403, expect.stringContaining('sent by another site')]);
      const logout = await site.post(given.technical, '/logout', {}, { 'sec-fetch-site': from });
      expect([logout.status, logout.headers.getSetCookie()]).toEqual([403, []]);
    }
  });
});

describe('text of callers', () => {
  test('is escaped on every page', async () => {
    const { hostile } = given;
    const { story, site, path } = await atGoNoGo({ version: hostile.slice(0, 100), changes: [hostile] });
    const blocked = await given.blockedAtFirst(hostile);
    const blockedSite = await siteOf(blocked);
    const deployed = await given.deployed(hostile);
    const deployedSite = await siteOf(deployed);
    const open = await site.get(given.technical, path);
    const wrong = await site.post(given.technical, path, {
      answer: 'approved',
      confirmation: '"><b>x</b>',
      report: fieldOf(open, 'report'),
      nonce: fieldOf(open, 'nonce'),
      note: `</textarea>${hostile}`,
    });
    expect(wrong.status).toBe(422);
    const pages = [
      open,
      wrong,
      await site.get(given.technical, '/runs'),
      await site.get(given.technical, `/runs/${story.run}`),
      await blockedSite.get(given.technical, `/runs/${blocked.run}`),
      await deployedSite.get(given.technical, `/runs/${deployed.run}`),
    ];
    for (const page of pages) {
      expect(page.html).not.toMatch(/<(script(?! src="\/assets\/)|img|b)\b|<\/textarea>"/i);
      expect(page.html).toContain('&lt;img src=https://evil.example/x onerror=alert(1)&gt;');
      expect(page.html).toContain('Tove &lt;b&gt;Technical&lt;/b&gt; &amp; Søn');
    }
    for (const path of [
      `/runs/${encodeURIComponent(hostile)}`,
      `/runs?service=${encodeURIComponent(hostile.slice(0, 60))}`,
      `/${encodeURIComponent(hostile)}`,
    ])
      expect((await site.get(given.technical, path)).html).not.toMatch(/<(script(?! src="\/assets\/)|img)\b/i);
  });
});

describe('the approval page', () => {
  test('shows the release, the report with the worst verdicts first, and what each answer does', async () => {
    const { story, site, path } = await atGoNoGo();
    const page = await site.get(given.technical, path);
    const approval = await showApproval(story.deps, { link: path.split('/')[2] ?? '' }, given.callerOf(story, given.technical));
    if (approval.refused) throw new Error(approval.refused.detail);
    const { code, commit, artifacts, report, gates, expires } = approval.ok;
    const checks = gates.flatMap((gate) => gate.checks);
    const text = textOf(page);
    const parts = [
      'Go / no-go: shop 1.4.0 → production',
      `Answer before ${expires.slice(0, 10)} ${expires.slice(11, 16)} UTC`,
      'Risk low, impact low',
      'A rollback leads to version 1.2.2',
      'Answers so far',
      'Exceptions so far',
      `fail ${titleOf('load-testing')}: 160 clients`,
      `waived ${titleOf('monitoring-configured')}: Ole "Operations" O'Neil wrote: “ The dashboard comes next week. ”`,
      `waived by Ole "Operations" O'Neil until 2026-03-04 08:00:00 UTC; without it: missing`,
      'not applicable 6 checks. ',
      `for information ${titleOf('operations-trained')}: missing`,
      'length: at least 30 seconds instead of at least 24 hours. The service is stateless & <em>short</em> soaks',
      'Accepted by the operations lead.',
      'Coverage and test results are judged for each report as a whole',
      'Approve My role has no objection.',
      'Request changes Something must be corrected first.',
      'Reject The release must not go on. One rejection ends the run.',
      `type the code of this report: ${code}`,
      `${countsOf(checks)}.`,
      'It covers 3 gates: Pre-Deployment Verification, Environment Preparation, Pre-Deployment Testing.',
      'Pre-Deployment Verification Checks of Pre-Deployment Verification',
      commit,
      artifacts[0]?.digest ?? '?',
      report,
    ];
    let at = 0;
    for (const part of parts) {
      expect(text.slice(at), part).toContain(part);
      at = text.indexOf(part, at);
    }
    const [rows = ''] = page.html.split(' of evidence, by digest</summary>');
    for (const { check, basis } of checks) {
      const row = new RegExp(`/checks/${check}"(?:(?!</tr>|/checks/)[\\s\\S])*`, 'g');
      // Exceptions name the check, too; the report stands behind them.
      const last = rows.match(row)?.at(-1) ?? '';
      expect(last, check).toContain(basis === null ? 'no evidence yet' : basis.replace('-', ' '));
    }
  });

  test('shows people by name, never by id', async () => {
    const { story, site, path } = await atGoNoGo();
    await given.answerAs(story, given.operations, 'approved');
    const pages = [
      await site.get(given.technical, path),
      await site.get(given.product, path),
      await site.get(given.product, `/runs/${story.run}`),
    ];
    for (const page of pages) expect(textOf(page)).not.toMatch(/\bp-[a-z0-9]{8,}/);
    expect(textOf(pages[1] as Page)).toContain('It was sent to Tove <b>Technical</b> & Søn, and you are signed in as Petra Product.');
    const twice = await site.post(given.operations, `/approvals/${given.linkOf(story, given.operations)}`, {
      answer: 'approved',
      confirmation: 'X',
      report: fieldOf(pages[0] as Page, 'report'),
      nonce: 'x',
    });
    expect(textOf(twice)).not.toMatch(/\bp-[a-z0-9]{8,}/);
  });

  test('says at the top that the code was wrong, links to the field and keeps the note', async () => {
    const { site, path } = await atGoNoGo();
    const open = await site.get(given.technical, path);
    const page = await site.post(given.technical, path, {
      answer: 'approved',
      confirmation: 'ZZZZZZ',
      report: fieldOf(open, 'report'),
      nonce: fieldOf(open, 'nonce'),
      note: 'Looks good to me.',
    });
    expect(page.status).toBe(422);
    expect(page.html).toMatch(/<title>Not recorded: /);
    expect(page.html).toMatch(/role="alert"[\s\S]*<a href="#confirmation">[\s\S]*<\/div>/);
    expect(page.html).toMatch(/<input[^>]* id="confirmation"[^>]* aria-invalid="true" aria-describedby="confirmation-slip"/);
    expect(page.html).toContain('id="confirmation-slip"');
    expect(page.html).toContain('>Looks good to me.</textarea>');
    const right = await site.post(given.technical, path, {
      answer: 'approved',
      confirmation: /class="code">(\w{6})</.exec(page.html)?.[1]?.toLowerCase() ?? '',
      report: fieldOf(page, 'report'),
      nonce: fieldOf(page, 'nonce'),
      note: '',
    });
    expect([right.status, right.headers.get('location')]).toEqual([303, path]);
    const answered = await site.get(given.technical, path);
    expect(textOf(answered)).toContain('Tove <b>Technical</b> & Søn approved this report on 2026-03-02');
    expect(answered.html).not.toMatch(noForm);
  });

  test('a form without its nonce records nothing', async () => {
    const { site, path } = await atGoNoGo();
    const open = await site.get(given.technical, path);
    const confirmation = /class="code">(\w{6})</.exec(open.html)?.[1] ?? '';
    for (const nonce of ['', 'x', fieldOf(await site.get(given.operations, path), 'nonce')]) {
      const page = await site.post(given.technical, path, { answer: 'approved', confirmation, report: fieldOf(open, 'report'), nonce });
      expect([page.status, textOf(page)]).toEqual([403, expect.stringContaining('Nothing was recorded')]);
    }
    expect((await site.get(given.technical, path)).html).toMatch(noForm);
  });

  test('distinguishes a changed report, a passed deadline and a decided gate, each without a form', async () => {
    const invalidated = await atGoNoGo();
    await given.changeReport(invalidated.story);
    const expired = await atGoNoGo();
    expired.story.deps.controls.clock.advance(40 * 86_400_000);
    const closed = await atGoNoGo();
    await given.answerAs(closed.story, given.operations, 'rejected');
    await closed.story.machine.settle();
    for (const [{ site, path }, words] of [
      [invalidated, 'This request is invalidated: the report has changed since it was sent.'],
      [expired, /The time to answer ended on 2026-03-\d\d 08:00:00 UTC\./],
      [closed, 'This request is closed.'],
    ] as const) {
      const page = await site.get(given.technical, path);
      expect(textOf(page)).toMatch(words);
      expect(page.html).not.toMatch(noForm);
    }
  });
});

describe('the page of a run', () => {
  test('says first where the run is and why', async () => {
    const blocked = await given.blockedAtFirst('adds vouchers');
    const page = textOf(await (await siteOf(blocked)).get(given.product, `/runs/${blocked.run}`));
    expect(page).toContain('→ production blocked Blocked at Pre-Deployment Verification.');
    expect(page.indexOf('adds vouchers')).toBeLessThan(page.indexOf('Release Started'));
  });

  test('says who ended a run', async () => {
    const { story, site } = await atGoNoGo();
    await given.answerAs(story, given.operations, 'rejected');
    await story.machine.settle();
    expect(textOf(await site.get(given.product, `/runs/${story.run}`))).toContain(
      'Run ended: rejected. Last gate: Go / no-go. rejected by Ole "Operations" O\'Neil',
    );
  });

  test('shows an open incident before everything else', async () => {
    const story = await given.deployed();
    await story.machine.breakOff();
    await story.machine.settle();
    expect(textOf(await (await siteOf(story)).get(given.product, `/runs/${story.run}`))).toMatch(
      /Blocked at Incident\. Due [-:0-9 ]+ UTC\. the run was interrupted at/,
    );
  });

  test('shows every note once, and does not count a check that is for information only as a pass', async () => {
    const story = await given.inSecond({}, given.pagesStage({ local: true, waitScale: 600 }));
    const page = textOf(await (await siteOf(story)).get(given.product, `/runs/${story.run}`));
    const view = await readRun(story.deps, story.run);
    expect(view.ok?.disclosures.length).toBe(3);
    for (const note of view.ok?.disclosures ?? []) expect(page.split(note).length, note).toBe(2);
    expect(page.match(/times shorter/g)).toHaveLength(1);
    expect(page.match(/local stage/gi)).toHaveLength(1);
    const [gate] = view.ok?.gates ?? [];
    expect(gate?.checks.map(({ mode }) => mode)).toContain('observe');
    expect(page).toContain(countsOf(gate?.checks ?? []));
  });
});
