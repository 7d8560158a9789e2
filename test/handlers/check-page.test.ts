import { describe, expect, test } from 'vitest';
import { sha256 } from '../../lib/canonical-json.ts';
import { runText } from '../../lib/cli/show-run.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { eventsOf } from '../given.ts';
import * as checks from '../pages/check-scenarios.ts';
import * as given from '../pages/page-scenarios.ts';
import { sitesOfTests } from '../pages/page-server.ts';
import { siteOf } from './check-site.ts';
import { actsOn } from './form-site.ts';
import { anonymous, bearer } from './requests.ts';

const pagesOf = sitesOfTests();

const covered = async () => {
  const story = await checks.underFloor();
  return { story, site: siteOf(story, checks.covered) };
};

describe('the page of a check', () => {
  test('GET and HEAD change nothing, whoever fetches it', async () => {
    const { story, site } = await covered();
    const stored = await eventsOf(story.deps, story.run);
    const writes = /\.(insert|put|putLink|done|keep|claim|begin|finish|release|request|start|succeed|fail|send|at|publish)$/;
    const before = story.deps.controls.calls.length;
    for (const identity of [site.as(given.technical), site.as(given.starter), anonymous, bearer(given.callerOf(story, given.technical))])
      for (const method of ['GET', 'HEAD']) await site.open(identity, method);
    expect(story.deps.controls.calls.slice(before).filter((call) => writes.test(call))).toEqual([]);
    expect(await eventsOf(story.deps, story.run)).toEqual(stored);
  });

  test('sends a browser without a session to the sign-in and back, and does not know unknown runs and checks', async () => {
    const { story, site } = await covered();
    for (const identity of [anonymous, bearer(given.callerOf(story, given.technical))]) {
      const reply = await site.open(identity);
      expect([reply.status, reply.headers.location]).toEqual([303, `/login?${new URLSearchParams({ next: site.path })}`]);
    }
    expect((await siteOf(story, 'no-such-check').open()).status).toBe(404);
    expect((await siteOf({ ...story, run: '20260302-080000-nosuchrun0' }, checks.covered).open()).status).toBe(404);
    expect((await siteOf(story, 'decision-to-rollback').open()).status, 'no gate judges it').toBe(404);
  });

  test('shows each person the forms of the check and of the role, and says of the others why not and who can', async () => {
    const { story, site } = await covered();
    expect(actsOn(await site.open())).toEqual(['waive']);
    const others = await site.open(site.as(given.product));
    expect(actsOn(others)).toEqual([]);
    expect(others.text).toContain('To waive it takes a technical lead.');
    const starter = await site.open(site.as(given.starter, { roles: ['technical-lead'] }));
    expect(starter.text).toContain('You started this run, so you cannot waive it. It takes another person: a technical lead.');
    await checks.waivePart(story, 'checkout');
    expect(actsOn(await site.open())).toEqual(['waive', 'revoke']);
    expect(actsOn(await site.open(site.as(given.product)))).toEqual(['revoke']);
    const secrets = await siteOf(story, 'no-secrets').open();
    expect(actsOn(secrets)).toEqual([]);
    expect(secrets.text).toContain('This check may not be waived by anybody: it has to be proved.');
    const attested = siteOf(await given.inSecond(), 'monitoring-configured', 'phase-2');
    expect(actsOn(await attested.open(site.as(given.operations)))).toEqual(['attest', 'waive']);
    expect((await attested.open()).text).toContain('To attest it takes an operations lead.');
  });

  test('shows what was excepted with who, until when and why, and every attempt', async () => {
    const { story, site } = await covered();
    await checks.waivePart(story, 'checkout');
    await checks.cover(story, { checkout: 12 }, 2);
    const { text } = await site.open();
    expect(text).toContain('4 of 5 pass, 1 waived: checkout (by Tove &lt;b&gt;Technical&lt;/b&gt; &amp; Søn, until');
    expect(text).toContain('This one decides.');
    expect(text).toMatch(/Reason: “<bdi>Tests follow\. &quot;&gt;&lt;img/);
    expect(text).toContain(`holdpoint evidence ${story.run} FILE --type lcov --commit ${'a'.repeat(40)}`);
    expect(text).not.toContain('<img');
    expect((await site.open(site.as(given.starter, { roles: [] }))).text, 'people without a role see no words').not.toContain(
      'Tests follow',
    );
    expect((await siteOf(story, 'soak-24h', 'phase-3').open()).text).toMatch(
      /Deviation:<\/strong> length: at least \d+ seconds instead of at least 24 hours\./,
    );
  });
});

describe('a form', () => {
  test('waives one part until a time in UTC', async () => {
    const { site } = await covered();
    const page = await site.open();
    expect(page.text).toContain('<option value="feature:checkout">feature:checkout: fail</option>');
    const until = site.inHours(48);
    const reply = await site.send(site.form(page, 'waive', { subject: 'feature:checkout', until }));
    expect([reply.status, reply.headers.location]).toEqual([303, site.path]);
    expect(await site.last()).toMatchObject({
      type: 'check.waived',
      data: { subject: { kind: 'feature', id: 'checkout' }, until: `${until}:00.000Z`, by: given.technical },
    });
    expect((await site.open()).text).toContain('feature:search: 55.0 % of 100 lines, 70 % expected; 3 of 5 pass, 1 waived');
  });

  test('says what was wrong beside its field, and keeps what was typed', async () => {
    const { site } = await covered();
    const page = await site.open();
    const until = site.inHours(48);
    const chosen = { subject: 'feature:checkout', until };
    for (const [fields, field, status] of [
      [{ ...chosen, reason: '  short ' }, 'reason', 400],
      [{ ...chosen, until: 'tomorrow' }, 'until', 400],
      [{ ...chosen, until: site.inHours(-1) }, 'until', 422],
      [{ ...chosen, until: site.inHours(24 * 400) }, 'until', 422],
      [{ ...chosen, subject: 'feature:gone' }, 'subject', 404],
    ] as const) {
      const reply = await site.send(site.form(page, 'waive', { ...fields }));
      expect(reply.status, field).toBe(status);
      expect(reply.text).toContain('Not recorded.');
      expect(reply.text).toContain(`<span class="slip" id="waive-${field}-slip">`);
      if (status === 400) expect(reply.text).toMatch(/Write 10 characters at least|Give a date and a time in UTC/);
      expect(reply.text).toContain(`href="#waive-${field}"`);
      expect(reply.text).toContain(`value="${fields.until}"`);
      if (fields.subject === 'feature:checkout') expect(reply.text).toContain('<option value="feature:checkout" selected>');
      expect(reply.text).toContain(`${'reason' in fields ? fields.reason : 'Tests follow in &lt;b&gt;ticket&lt;/b&gt; 4412.'}</textarea>`);
    }
    expect(await site.recorded()).not.toContain('check.waived');
  });

  test('that is sent twice is recorded once', async () => {
    const { site } = await covered();
    const form = site.form(await site.open(), 'waive', { until: site.inHours(4) });
    const both = await Promise.all([site.send(form), site.send(form)]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect(both.find(({ status }) => status === 409)?.text).toContain('Your form is being recorded.');
    expect((await site.send(form)).status).toBe(303);
    expect((await site.recorded()).filter((type) => type === 'check.waived')).toHaveLength(1);
  });

  test('whose check has changed records nothing and says what has', async () => {
    const { story, site } = await covered();
    const page = await site.open();
    story.deps.controls.clock.advance(1000);
    await checks.cover(story, { checkout: 12, cart: 3 }, 2);
    const reply = await site.send(site.form(page, 'waive', { subject: 'feature:checkout', until: site.inHours(4) }));
    expect(reply.status).toBe(409);
    expect(reply.text).toContain('The check has changed since the page was shown.');
    expect(reply.text).toMatch(/Since the page was shown:.*evidence was judged fail\./s);
    expect(reply.text).toContain('4412.</textarea>');
    expect(await site.recorded()).not.toContain('check.waived');
    expect((await site.send(site.form(reply, 'waive', { subject: 'feature:checkout', until: site.inHours(4) }))).status).toBe(303);
  });

  test('of somebody else, another check, another session or an hour ago records nothing', async () => {
    const { story, site } = await covered();
    const form = site.form(await site.open(), 'waive', { until: site.inHours(4) });
    for (const reply of [
      await site.send(form, site.as(given.operations)),
      await site.send(form, site.as(given.technical, {}, 'session-2')),
      await siteOf(story, 'linting').send(form),
      await site.send(form, site.as(given.technical), { 'sec-fetch-site': 'cross-site' }),
      await site.send({ ...form, nonce: `${form.nonce}x` }),
    ])
      expect([reply.status, reply.text.includes('recorded')]).not.toContain(303);
    story.deps.controls.clock.advance(3_600_001);
    const late = await site.send(form);
    expect([late.status, late.text.includes('4412.</textarea>')]).toEqual([403, true]);
    expect(await site.recorded()).not.toContain('check.waived');
  });

  test('of a person who lost the role meanwhile is refused by the command, and the text is shown', async () => {
    const { site } = await covered();
    const form = site.form(await site.open(), 'waive', { until: site.inHours(4) });
    const reply = await site.send(form, site.as(given.technical, { roles: ['operator'] }));
    expect([reply.status, reply.text.includes('Only the technical-lead may decide about the check')]).toEqual([403, true]);
    expect(reply.text).toContain('Tests follow in &lt;b&gt;ticket&lt;/b&gt; 4412.');
    expect(await site.recorded()).not.toContain('check.waived');
  });

  test('sent after an old sign-in comes back with its text after a new one', async () => {
    const { story, site } = await covered();
    const tired = site.as(given.technical, { signedInAt: new Date(story.deps.clock.now().getTime() - 16 * 60_000) });
    const until = site.inHours(4);
    const reply = await site.send(site.form(await site.open(tired), 'waive', { subject: 'feature:checkout', until }), tired);
    expect(reply.status).toBe(403);
    const next = /href="(\/login[^"]+)"/.exec(reply.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const back = new URLSearchParams(next.split('?')[1]).get('next') ?? '';
    const again = await site.open(site.as(given.technical), 'GET', back.split('?')[1]);
    expect(again.text).toContain('Your text is kept');
    expect(again.text).toContain('4412.</textarea>');
    expect(again.text).toContain('<option value="feature:checkout" selected>');
    expect((await site.send(site.form(again, 'waive', { subject: 'feature:checkout', until }))).status).toBe(303);
  });

  test('revokes one exception, or every one', async () => {
    const { story, site } = await covered();
    await checks.waivePart(story, 'checkout');
    await checks.waivePart(story, 'search');
    const page = await site.open(site.as(given.product));
    expect(page.text).toContain('Every exception of the check');
    expect((await site.send(site.form(page, 'revoke', { subject: 'feature:search' }), site.as(given.product))).status).toBe(303);
    expect(await site.last()).toMatchObject({ type: 'check.exception-revoked', data: { subject: { id: 'search' } } });
    expect((await site.send(site.form(await site.open(), 'revoke'))).status).toBe(303);
    expect(actsOn(await site.open())).toEqual(['waive']);
  });

  test('attests, and declares not applicable', async () => {
    const story = await given.inSecond();
    const items = (await story.deps.definitions.current()).checklist.items;
    const open = items.find(({ rule, gate, optional }) => rule?.kind === 'attested/1' && gate === 'phase-2' && !optional);
    const optional = items.find((item) => item.gate === 'phase-2' && item.optional);
    expect([open, optional]).not.toContain(undefined);
    const owners = { 'technical-lead': given.technical, 'operations-lead': given.operations, 'product-owner': given.product } as const;
    const said = siteOf(story, open?.id ?? '', 'phase-2');
    const person = said.as(owners[(open?.owner ?? '') as keyof typeof owners]);
    expect((await said.send(said.form(await said.open(person), 'attest'), person)).status).toBe(303);
    expect(await said.last()).toMatchObject({ type: 'check.judged', data: { verdict: 'pass' } });
    const none = siteOf(story, optional?.id ?? '', 'phase-2');
    const owner = none.as(owners[(optional?.owner ?? '') as keyof typeof owners]);
    expect((await none.send(none.form(await none.open(owner), 'not-applicable'), owner)).status).toBe(303);
    expect(await none.last()).toMatchObject({ type: 'check.not-applicable' });
  });
});

describe('the form of an attestation', () => {
  const picture = Uint8Array.from(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
  const opened = async () => {
    const story = await given.inSecond();
    const site = siteOf(story, 'monitoring-configured', 'phase-2');
    const person = site.as(given.operations);
    const page = await site.open(person);
    const send = (changes: Record<string, string>, bytes: Uint8Array<ArrayBuffer>, name = 'seen.png') =>
      site.sendWithFile(site.form(page, 'attest', changes), { name, bytes }, person);
    return { story, site, person, page, send };
  };

  test('takes a file and a time, and the page leads to the file', async () => {
    const { story, site, person, page, send } = await opened();
    expect(page.text).toMatch(/<form [^>]*enctype="multipart\/form-data"[^>]*>\s*<h2 id="attest">/);
    const until = site.inHours(24);
    expect((await send({ until }, picture)).status).toBe(303);
    const { data } = (await site.last()) ?? expect.fail('nothing');
    expect(data).toMatchObject({ verdict: 'pass', validUntil: `${until}:00.000Z`, goodUntil: `${until}:00.000Z` });
    const { text } = await site.open(person);
    expect(text).toContain(`<a href="/audit/evidence/${sha256(picture)}?run=${story.run}">a file</a>`);
    expect(text).toContain('image/png, 16 bytes');
  });

  test('takes none, as a browser sends an empty field', async () => {
    const { site, send } = await opened();
    expect((await send({ until: '' }, new Uint8Array(), '')).status).toBe(303);
    const { data } = (await site.last()) ?? expect.fail('nothing');
    expect(JSON.stringify(data)).not.toContain('with a file');
  });

  test('says beside its field what is wrong with a file or a time, and keeps the text', async () => {
    const { site, send } = await opened();
    for (const [field, status, reply] of [
      ['file', 422, await send({}, new TextEncoder().encode('a\0b'))],
      ['file', 400, await send({}, new Uint8Array(3 * 1024 * 1024 + 1))],
      ['until', 422, await send({ until: site.inHours(-1) }, picture)],
      ['until', 400, await send({ until: 'tomorrow' }, picture)],
    ] as const) {
      expect([field, reply.status]).toEqual([field, status]);
      expect(reply.text).toContain(`<span class="slip" id="attest-${field}-slip">`);
      expect(reply.text).toContain('4412.</textarea>');
    }
    expect(await site.recorded()).toEqual([]);
  });

  test('that is no form, or has a file in another field, records nothing', async () => {
    const { site, person, page } = await opened();
    const boundary = { 'content-type': 'multipart/form-data; boundary=x' };
    expect((await site.send('no parts at all', person, boundary)).status).toBe(400);
    const { nonce = '' } = site.form(page, 'attest');
    const twice = ['act', 'act'].map((name) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nattest\r\n`).join('');
    const seal = `--x\r\nContent-Disposition: form-data; name="nonce"\r\n\r\n${nonce}\r\n`;
    expect((await site.send(`${twice}${seal}--x--\r\n`, person, boundary)).status).toBe(400);
    expect(await site.recorded()).toEqual([]);
  });
});

test('stays small with as many parts, attempts and exceptions as there can be, all with the longest words', async () => {
  const story = await checks.crowded();
  const site = siteOf(story, checks.covered);
  const page = await site.open();
  expect(page.status).toBe(200);
  expect(Buffer.byteLength(page.text)).toBeLessThan(100_000);
  expect(page.text).toContain('earlier ones are not shown');
});

test('marks a check whose results alternate, as the page of the run and the command line do', async () => {
  const { story, site } = await covered();
  expect((await site.open()).text).not.toContain('Flapping');
  await checks.cover(story, {}, 2);
  await checks.cover(story, { checkout: 12 }, 3);
  await checks.cover(story, {}, 4);
  expect((await site.open()).text).toContain('<dt>Flapping</dt><dd>fail, pass, fail, pass: its results alternated');
  const { html } = await (await pagesOf(story)).get(given.technical, `/runs/${story.run}`);
  expect(html.match(/<strong>flapping: fail, pass, fail, pass<\/strong>/g)).toHaveLength(1);
  const view = (await readRun(story.deps, story.run)).ok ?? expect.fail('no view');
  expect(runText({ ...view, people: [] } as never, '', { coloured: false, columns: undefined, all: true, page: 'https://x' })).toMatch(
    /coverage-per-feature: .* \[measured, flapping: fail, pass, fail, pass\]/,
  );
});
