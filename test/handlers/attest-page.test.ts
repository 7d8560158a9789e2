import { describe, expect, test } from 'vitest';
import { sealForm } from '../../lambdas/api/sealed-form.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import { isType } from '../../lib/audit/event.ts';
import { attestableBy, attestPageOf, mostTogether, stateOf } from '../../lib/query/attestable.ts';
import { readInbox } from '../../lib/query/inbox.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { anew } from '../given.ts';
import * as checks from '../pages/check-scenarios.ts';
import * as given from '../pages/page-scenarios.ts';
import { attestations, fieldsOn, formOf, nonceOf, noteIn, refusalsIn, site, slipOf, textIn, titleOf, withAttested } from './attest-site.ts';
import { formSiteOf, mac } from './form-site.ts';
import { anonymous } from './requests.ts';

describe('the page on which several checks are attested', () => {
  test('has one field for each check that the person attests now, and one button', async () => {
    const { story, first, ids, open, as } = await site();
    const view = (await readRun(story.deps, story.run)).ok ?? expect.fail('no view');
    expect(ids).toEqual(
      view.supplies.filter(({ way, roles }) => way === 'attestation' && roles.includes('operations-lead')).map(({ check }) => check),
    );
    expect(first.text.match(/<button class="button"/g)).toHaveLength(1);
    for (const { check, title } of view.gates.flatMap((gate) => gate.checks).filter((one) => ids.includes(one.check)))
      expect(first.text).toContain(`<label class="field" for="statement-${check}">${title.replaceAll('&', '&amp;')}</label>`);
    const others = fieldsOn(await open(as(given.technical)));
    expect(others.filter((id) => ids.includes(id))).toEqual([]);
    const nobody = await open(as(given.starter, { roles: ['auditor'] }));
    expect([fieldsOn(nobody), nobody.text.includes('Nothing waits for your attestation now.')]).toEqual([[], true]);
    expect((await open(anonymous)).status).toBe(303);
  });

  test.each([
    ['fails', 0, 'nobody is on duty as development', true],
    ['is too old', -30, 'the evidence is too old since', false],
  ])('says what a record says that %s, before a person attests the check beside it', async (_, hours, reason, isContradicted) => {
    const story = await checks.uncoveredTeam(hours);
    const { open } = formSiteOf(story, `/runs/${story.run}/attest`, given.operations);
    const { text } = await open();
    const fields = Object.fromEntries(
      text
        .split('<p id="of-')
        .slice(1)
        .map((part) => [part.split('"')[0], part]),
    );
    expect(fields['team-assembled']).toContain(reason);
    // An attestation leaves what fails as it is: nobody should write one in vain.
    expect(fields['team-assembled']?.includes('does not outweigh this')).toBe(isContradicted);
    expect(text.match(/does not outweigh this/g) ?? []).toHaveLength(isContradicted ? 1 : 0);
    expect(fields['team-assembled']).toContain('Or send a record <code>schedule</code> about <code>deployment-team</code>');
    expect(text).not.toContain('attests it in their own words');
    expect(fields['dashboards-open']).not.toContain('no evidence yet');
  });

  test('records each statement by itself, with one sending, and leaves the others', async () => {
    const { story, first, ids, send, attested, open, as } = await site();
    const [one = '', two = '', ...left] = ids;
    const view = (await readRun(story.deps, story.run)).ok ?? expect.fail('no view');
    const reply = await send(formOf(first, { [one]: 'All five are in the call.', [two]: 'The dashboards are open.' }));
    expect([reply.status, reply.headers.location]).toEqual([303, `/runs/${story.run}/attest?recorded=${one}.${two}`]);
    expect(await attested()).toEqual([
      [one, given.operations],
      [two, given.operations],
    ]);
    const rest = await open(as(given.operations), 'GET', `recorded=${one}.${two}.${left[0]}.no-secrets`);
    expect(noteIn(rest)).toBe(`Recorded: ${titleOf(view, one)}, ${titleOf(view, two)}. 1 check is left.`);
    const done = await send(formOf(rest, Object.fromEntries(left.map((id) => [id, 'I have looked at it today.']))));
    expect([done.status, done.headers.location]).toEqual([303, `/runs/${story.run}`]);
    const statements = (await readRun(story.deps, story.run)).ok?.gates
      .flatMap((gate) => gate.checks)
      .filter(({ check }) => check === one || check === two)
      .map(({ statement }) => statement?.digest);
    expect(new Set(statements).size, 'each has words of its own').toBe(2);
    expect(fieldsOn(await open())).toEqual([]);
    const foreign = await open(as(given.operations), 'GET', 'recorded=%3Cb%3E');
    expect([foreign.status, foreign.text.includes('<b>')]).toEqual([200, false]);
  });

  test('says beside its field why one is refused, keeps its text, and records the others', async () => {
    const { first, ids, send, attested } = await site();
    const [one = '', two = '', three = ''] = ids;
    const reply = await send(formOf(first, { [one]: 'All five are in the call.', [two]: '<i>no</i>', [three]: 'The runbook is open.' }));
    expect(reply.status).toBe(422);
    expect((await attested()).map(([check]) => check)).toEqual([one, three]);
    expect(slipOf(reply, two)).toContain('Write 10 characters at least');
    expect(textIn(reply, two)).toBe('&lt;i&gt;no&lt;/i&gt;');
    expect(reply.text).toMatch(
      new RegExp(`<textarea[^>]* name="statement-${two}"[^>]* aria-invalid="true"[^>]* aria-describedby="statement-${two}-slip"`),
    );
    expect(reply.text).toMatch(/<div class="note bad" role="alert">[\s\S]*1 check not recorded\.[\s\S]*Recorded: /);
    expect(reply.text).toContain(`<a href="#statement-${two}">`);
    expect(fieldsOn(reply)).not.toContain(one);
    const again = await send(formOf(reply, { [two]: 'The stand-in is on duty, too.' }));
    expect(again.status).toBe(303);
    expect((await attested()).map(([check]) => check)).toEqual([one, three, two]);
  });

  test('a check that a colleague has attested meanwhile is not attested again, and its text is shown', async () => {
    const { story, first, ids, send, attested } = await site();
    const [one = '', two = ''] = ids;
    const colleague = { ...given.callerOf(story, given.technical), roles: ['operations-lead'] as const };
    await attest(story.deps, { request: anew(), run: story.run, check: one, statement: 'I was there before you.' }, colleague);
    await story.machine.settle();
    const at = (await attestations(story))
      .find(({ check }) => check === one)
      ?.at.slice(0, 19)
      .replace('T', ' ');
    const reply = await send(formOf(first, { [one]: 'All five are in the call.', [two]: 'The dashboards are open.' }));
    expect(reply.status).toBe(422);
    expect(reply.text).toContain(`<a href="/runs/${story.run}/checks/${one}">`);
    expect(reply.text).toContain(
      `The run no longer waits for your attestation of this check. Tove &lt;b&gt;Technical&lt;/b&gt; &amp; Søn attested it at ${at} UTC. Its verdict is pass.`,
    );
    expect(reply.text).toContain('“<bdi>All five are in the call.</bdi>”');
    expect(await attested()).toEqual([
      [one, given.technical],
      [two, given.operations],
    ]);
    const refused = (await story.deps.trail.read(`run/${story.run}`, { prefix: '' })).filter(isType('request.refused'));
    expect(refused.map(({ event: { data } }) => data.action)).toContain('form on the page of the attestations');
  });

  test('that is sent twice records each check once, also where one of them was refused', async () => {
    const { first, ids, send, attested } = await site();
    const [one = '', two = ''] = ids;
    const whole = formOf(first, { [one]: 'All five are in the call.', [two]: 'no' });
    expect([(await send(whole)).status, (await send(whole)).status]).toEqual([422, 422]);
    expect((await attested()).map(([check]) => check)).toEqual([one]);
    const right = formOf(first, { [one]: 'All five are in the call.', [two]: 'The dashboards are open.' });
    expect([(await send(right)).status, (await send(right)).status]).toEqual([303, 303]);
    expect((await attested()).map(([check]) => check)).toEqual([one, two]);
  });

  test('records nothing without a statement, by the form of another person or session, and for a check that is not asked', async () => {
    const { first, ids, send, as, attested, open } = await site();
    const [one = ''] = ids;
    const text = 'All five are in the call.';
    const empty = await send(formOf(first, {}));
    expect([empty.status, empty.text.includes('Write a statement for one check at least.')]).toEqual([400, true]);
    const foreign = await send({
      [`statement-${one}`]: text,
      nonce: nonceOf(await open(as(given.technical, { roles: ['operations-lead'] }))),
    });
    expect([foreign.status, foreign.text.includes('made for another person')]).toEqual([403, true]);
    const old = await send(formOf(first, { [one]: text }), as(given.operations, {}, 'session-2'));
    expect([old.status, textIn(old, one)]).toEqual([403, text]);
    const other = await send(formOf(first, { 'no-secrets': text }));
    expect([other.status, other.text.includes(text)]).toEqual([422, true]);
    expect((await send({ ...formOf(first, {}), 'statement-"><b>': text })).status).toBe(400);
    expect(await attested()).toEqual([]);
  });

  test('of more checks than a form has room for, the others follow, and the longest texts are recorded', async () => {
    const story = await withAttested({ 'phase-1': mostTogether + 2 });
    const { open, send } = formSiteOf(story, `/runs/${story.run}/attest`, given.technical);
    const first = await open();
    expect([fieldsOn(first).length, first.text.includes('2 more checks will follow once these are attested.')]).toEqual([
      mostTogether,
      true,
    ]);
    const view = (await readRun(story.deps, story.run)).ok ?? expect.fail('no view');
    const { fields, now } = attestableBy(view, ['technical-lead'], story.deps.clock.now());
    const pages = now.map(({ check }) => attestPageOf(story.run, check, { now, fields, later: [] }));
    expect(pages.map((page) => page.includes('/attest#'))).toEqual(now.map((_, n) => n < mostTogether));
    expect(pages.at(-1)).toBe(`/runs/${story.run}/checks/${now.at(-1)?.check}#attest`);
    const inbox = await readInbox(story.deps, given.callerOf(story, given.technical));
    expect(inbox.items.flatMap(({ page }) => (pages.includes(page) ? page : [])).sort()).toEqual([...pages].sort());
    // Three bytes for each sign, and nine in a form.
    const longest = Object.fromEntries(fieldsOn(first).map((id) => [id, '検'.repeat(2_000)]));
    const late = await send(formOf(first, longest), anonymous);
    expect([late.status, late.text.includes('draft%3D')]).toEqual([401, true]);
    const reply = await send(formOf(first, longest));
    expect([reply.status, reply.headers.location?.split('?')[0]]).toEqual([303, `/runs/${story.run}/attest`]);
    expect(fieldsOn(await open())).toHaveLength(2);
    expect((await send(formOf(first, Object.fromEntries(fieldsOn(first).map((id) => [id, '検'.repeat(9_000)]))))).status).toBe(413);
  });

  test('has the checks that the mail names, also those of the gates ahead, and so has the inbox', async () => {
    const story = await withAttested({ 'phase-1': 2, 'phase-2': 2, 'phase-3': 1 });
    const mail = story.deps.controls.mailer.mails.find(({ text }) => text.includes('- Attested phase-1 0\n')) ?? expect.fail('no mail');
    const listed = mail.text.split('\n').flatMap((line) => (line.startsWith('- ') ? line.slice(2).trim() : []));
    const view = (await readRun(story.deps, story.run)).ok ?? expect.fail('no view');
    const named = listed.map(
      (title) => view.gates.flatMap(({ checks: all }) => all).find((one) => one.title === title)?.check ?? expect.fail(`no check ${title}`),
    );
    expect(named).toEqual(expect.arrayContaining(['attested-phase-1-1', 'attested-phase-2-0', 'attested-phase-3-0']));
    expect(new Set(named).size).toBe(named.length);
    const { open, send } = formSiteOf(story, `/runs/${story.run}/attest`, given.technical);
    const first = await open();
    expect(fieldsOn(first)).toEqual(named);
    const inbox = await readInbox(story.deps, given.callerOf(story, given.technical));
    expect(inbox.items.flatMap(({ check, page }) => (page.includes('/attest#') && check !== null ? check : [])).sort()).toEqual(
      [...named].sort(),
    );
    const all = await send(formOf(first, Object.fromEntries(named.map((id) => [id, 'I have looked at it today.']))));
    expect([all.status, all.headers.location]).toEqual([303, `/runs/${story.run}`]);
    expect(fieldsOn(await open())).toEqual([]);
  });

  test('a repeat with other words is no repeat: it is refused beside what was attested, and the words come back', async () => {
    const { story, first, ids, send, attested } = await site();
    const [one = ''] = ids;
    await send(formOf(first, { [one]: 'All five are in the call.' }));
    const at = (await attestations(story))
      .find(({ check }) => check === one)
      ?.at.slice(0, 19)
      .replace('T', ' ');
    const reply = await send(formOf(first, { [one]: 'Only four of five are in the call.' }));
    expect(reply.status).toBe(422);
    expect(reply.text).toContain(`You have attested this already at ${at} UTC, and what you write now was not recorded.`);
    expect(reply.text).toContain('You have attested:</p><p class="said">“<bdi>All five are in the call.</bdi>”');
    expect(reply.text).toContain(
      'You wrote:</p><dl><dt>Statement</dt><dd class="said">“<bdi>Only four of five are in the call.</bdi>”</dd></dl>',
    );
    expect((await attested()).map(([check]) => check)).toEqual([one]);
    const refused = (await refusalsIn(story)).filter(({ action }) => action === 'form on the page of the attestations');
    expect(refused).toMatchObject([{ type: 'form-stale' }]);
    expect(JSON.stringify(refused), 'the trail has no words of people').not.toContain('in the call');
  });

  test('a form that was made for another run is refused', async () => {
    const { story, ids, send, attested } = await site();
    const [one = ''] = ids;
    const now = story.deps.clock.now();
    const view = (await readRun(story.deps, story.run)).ok ?? expect.fail('no view');
    const sealed = (path: string): Promise<string> =>
      sealForm(
        { deps: story.deps, mac, stage: story.stage, signIn: createSignIn(story.stage) },
        {
          path,
          person: given.operations,
          session: 'session-1',
          at: now.toISOString(),
          seen: attestableBy(view, ['operations-lead'], now).fields.map(stateOf),
        },
      );
    const sendWith = async (path: string) => send({ [`statement-${one}`]: 'All five are in the call.', nonce: await sealed(path) });
    const reply = await sendWith('/runs/20260302-080000-abcdefghjk/attest');
    expect([reply.status, textIn(reply, one)]).toEqual([403, 'All five are in the call.']);
    expect(reply.text).toContain('The form was made for another page. Nothing was recorded.');
    expect(await attested()).toEqual([]);
    expect((await sendWith(`/runs/${story.run}/attest`)).status).toBe(303);
  });

  test('a kept text whose check has no field any more is shown, with what became of the check', async () => {
    const { story, first, ids, send, open, as } = await site();
    const [one = '', two = ''] = ids;
    const late = await send(formOf(first, { [one]: 'All five are in the call.', [two]: 'The dashboards are open.' }), anonymous);
    const next = new URLSearchParams(/href="\/login\?([^"]*)"/.exec(late.text)?.[1]?.replaceAll('&amp;', '&')).get('next') ?? '';
    const colleague = { ...given.callerOf(story, given.technical), roles: ['operations-lead'] as const };
    await attest(story.deps, { request: anew(), run: story.run, check: one, statement: 'I was there before you.' }, colleague);
    const back = await open(as(given.operations, {}, 'session-2'), 'GET', next.split('?')[1] ?? '');
    expect(noteIn(back)).toBe(
      'Nothing is recorded yet. Your text is kept: send it again. 1 text of yours cannot be sent any more: it stands below, with the reason.',
    );
    expect(back.text).not.toContain('Not all was recorded');
    expect(back.text).toMatch(
      /Tove [^.]*attested it at [\d :-]+ UTC\. Its verdict is pass\.[\s\S]*“<bdi>All five are in the call\.<\/bdi>”/,
    );
    expect(textIn(back, two)).toBe('The dashboards are open.');
  });

  test('a form whose session has ended keeps what was typed, for its person alone', async () => {
    const { first, ids, send, open, as } = await site();
    const [one = '', two = ''] = ids;
    const late = await send(formOf(first, { [one]: 'All five are in the call.', [two]: 'Dashboards' }), anonymous);
    expect(late.status).toBe(401);
    const next = new URLSearchParams(/href="\/login\?([^"]*)"/.exec(late.text)?.[1]?.replaceAll('&amp;', '&')).get('next') ?? '';
    const query = next.split('?')[1] ?? '';
    const back = await open(as(given.operations, {}, 'session-2'), 'GET', query);
    expect([textIn(back, one), textIn(back, two)]).toEqual(['All five are in the call.', 'Dashboards']);
    expect(back.text).toContain('Nothing is recorded yet.');
    expect((await open(as(given.technical), 'GET', query)).text).not.toContain('All five');
  });
});
