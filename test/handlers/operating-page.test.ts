import { describe, expect, test } from 'vitest';
import type { Freeze } from '../../lib/checklist/freezes.ts';
import { readRunWithWords } from '../../lib/query/run-view.ts';
import { eventsOf } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import { textOf } from '../pages/page-text.ts';
import { actsOn, formSiteOf, nonceOf } from './form-site.ts';
import type { Reply } from './requests.ts';

/** The clock of the stories stands on 2 March 2026, 08:00 UTC. */
const freeze: Freeze = {
  name: 'Quarter <end>',
  zone: 'Europe/Berlin',
  weekly: { days: ['mon', 'tue'], from: '08:00', to: '20:00' },
  reason: 'The books are closed.',
};
const second: Freeze = { ...freeze, name: 'Fair', reason: 'The fair in Hanover.' };

/** A stage whose operations lead lives in Berlin. */
const stageWith = (freezes: readonly Freeze[]) => {
  const stage = given.pagesStage();
  const services = stage.services.map((one) => ({ ...one, freezes: [...freezes] }));
  return { ...stage, services, roster: stage.roster.map((one) => (one.id === given.operations ? { ...one, zone: 'Europe/Berlin' } : one)) };
};

const operating = async (freezes: readonly Freeze[] = []) => {
  const story = await given.inSecond({}, stageWith(freezes));
  const site = formSiteOf(story, `/runs/${story.run}/operating`, given.operations);
  const view = async () => (await readRunWithWords(story.deps, story.run)).ok ?? expect.fail('no run');
  const reason = 'The database team is ill today.';
  /** Opens the page as a person and sends one of its forms. */
  const send = async (act: string, fields: Record<string, string>, person: string = given.operations, changes = {}): Promise<Reply> => {
    const identity = site.as(person, changes);
    return site.send({ act, reason, nonce: nonceOf(await site.open(identity), act), ...fields }, identity);
  };
  return { story, site, view, send, reason };
};

const textIn = ({ text }: Reply): string => textOf({ html: text });
const slipOf = ({ text }: Reply, field: string): string => new RegExp(`id="${field}-slip">([^<]*)<`).exec(text)?.[1] ?? '';

describe('moving T0', () => {
  test('takes the time by the clock of the reader or by UTC, and sends it once', async () => {
    const { site, view, send, story } = await operating();
    const page = await site.open();
    expect(textIn(page)).toContain('When this page was made it was 2026-03-02 09:00 Europe/Berlin (2026-03-02 08:00 UTC).');
    expect(textIn(page)).toMatch(/T0 could be planned until 2026-\d\d-\d\d \d\d:\d\d Europe\/Berlin \(2026-\d\d-\d\d \d\d:\d\d UTC\)\./);
    const fields = { when: 'instant', t0: '2026-03-03T10:30', zone: 'Europe/Berlin' };
    const sealed = { act: 'reschedule', reason: 'The database team is ill today.', nonce: nonceOf(page, 'reschedule'), ...fields };
    const sent = await site.send(sealed);
    expect([sent.status, sent.headers.location]).toEqual([303, `/runs/${story.run}`]);
    expect((await site.send(sealed)).status).toBe(303);
    expect((await view()).plannedT0).toBe('2026-03-03T09:30:00.000Z');
    expect((await send('reschedule', { ...fields, zone: 'UTC' })).status).toBe(303);
    expect((await view()).plannedT0).toBe('2026-03-03T10:30:00.000Z');
    const after = await site.open();
    expect(textIn(after)).toContain('Planned T0 now 2026-03-03 11:30 Europe/Berlin (2026-03-03 10:30 UTC)');
    expect((await send('reschedule', { when: 'when-released', t0: '', zone: 'UTC' })).status).toBe(303);
    const { plannedT0, rescheduled } = await view();
    expect([plannedT0, rescheduled.length]).toEqual(['when-released', 3]);
  });

  test.each([
    ['no time', { t0: '' }, 'Give a date and a time.'],
    ['no time at all', { t0: 'next Tuesday' }, 'Give a date and a time, such as 2026-12-01 08:00.'],
    ['seconds without a zone', { t0: '2026-03-03 10:30:00' }, 'Give a date and a time, such as 2026-12-01 08:00.'],
    ['a T and seconds without a zone', { t0: '2026-03-03T10:30:00' }, 'Give a date and a time, such as 2026-12-01 08:00.'],
    ['words', { t0: 'Mar 3 2026 10:30' }, 'Give a date and a time, such as 2026-12-01 08:00.'],
    ['a zone in words', { t0: '2026-03-03T10:30 GMT+1' }, 'Give a date and a time, such as 2026-12-01 08:00.'],
    ['a day that no month has', { t0: '2026-06-31 10:30' }, 'Give a date and a time, such as 2026-12-01 08:00.'],
    ['the past', { t0: '2026-03-01T10:00' }, 'The planned T0 lies in the past.'],
    ['a time behind the deadline', { t0: '2027-03-01T10:00' }, 'The planned T0 is too far ahead: the gate that waits for it ends before.'],
    [
      'an hour that clocks leave out',
      { t0: '2026-03-29T02:30' },
      'Clocks in Europe/Berlin leave this time out on that day. Give another one.',
    ],
    [
      'an hour that clocks show twice',
      { t0: '2026-10-25T02:30' },
      'Clocks in Europe/Berlin show this time twice on that day. Give it in UTC.',
    ],
    ['the clock of somebody else', { t0: '2026-03-03T10:30', zone: 'Asia/Tokyo' }, 'Say whose clock shows the time: yours or UTC.'],
  ])('says beside the field what is wrong with %s, and keeps what was typed', async (_, fields, says) => {
    const { send, view } = await operating();
    const page = await send('reschedule', { when: 'instant', zone: 'Europe/Berlin', ...fields });
    expect([page.status >= 400, slipOf(page, 'reschedule-t0')]).toEqual([true, says]);
    expect(page.text).toContain(`value="${fields.t0}"`);
    expect(page.text).toContain('>The database team is ill today.</textarea>');
    expect((await view()).plannedT0).toBe('when-released');
  });

  test.each(['2026-03-03T09:30:00Z', '2026-03-03T10:30:00+01:00', ' 2026-03-03 10:30 '])('takes %s for what it says', async (t0) => {
    const { send, view } = await operating();
    expect((await send('reschedule', { when: 'instant', zone: 'Europe/Berlin', t0 })).status).toBe(303);
    expect((await view()).plannedT0).toBe('2026-03-03T09:30:00.000Z');
  });

  test('a short reason is refused at its own field, and the time stays', async () => {
    const { send, view } = await operating();
    const page = await send('reschedule', { when: 'instant', t0: '2026-03-03T10:30', zone: 'UTC', reason: 'ill' });
    expect([page.status, slipOf(page, 'reschedule-reason')]).toEqual([400, 'Write 10 characters at least and 2,000 at most.']);
    expect(page.text).toContain('type="datetime-local" max="9999-12-31T23:59" value="2026-03-03T10:30"');
    expect(page.text).toContain('<option value="UTC" selected>');
    expect((await view()).rescheduled).toEqual([]);
  });

  test('is for the operating roles, and only before T0', async () => {
    const { site } = await operating();
    expect(actsOn(await site.open(site.as(given.technical)))).toContain('reschedule');
    const others = await site.open(site.as(given.product));
    expect(actsOn(others)).not.toContain('reschedule');
    expect(textIn(others)).toContain('Move T0 This takes an operating role.');
    const story = await given.deployed();
    const late = formSiteOf(story, `/runs/${story.run}/operating`, given.operations);
    const page = await late.open();
    expect(actsOn(page)).not.toContain('reschedule');
    expect(textIn(page)).toContain('Move T0 T0 has come: the deployment may start.');
  });

  test('a form that was shown before another T0 was planned records nothing', async () => {
    const { site, send, view } = await operating();
    const old = await site.open();
    await send('reschedule', { when: 'instant', t0: '2026-03-03T10:30', zone: 'UTC' });
    const page = await site.send({
      act: 'reschedule',
      reason: 'The other team is ill, too.',
      nonce: nonceOf(old, 'reschedule'),
      when: 'instant',
      t0: '2026-03-04T10:30',
      zone: 'UTC',
    });
    expect([page.status >= 400, textIn(page).includes('The run has gone on since the page was shown.')]).toEqual([true, true]);
    expect(page.text).toContain('value="2026-03-04T10:30"');
    expect((await view()).plannedT0).toBe('2026-03-03T10:30:00.000Z');
  });
});

describe('overriding a freeze', () => {
  test('takes two people whose roles go together, and each sees what the other asked for', async () => {
    const { site, send, view } = await operating([freeze]);
    const first = await site.open();
    expect(textIn(first)).toContain(
      'Freeze Quarter <end> ( The books are closed. ), 2026-03-02 08:00 Europe/Berlin (2026-03-02 07:00 UTC) until 2026-03-02 20:00 Europe/Berlin (2026-03-02 19:00 UTC)',
    );
    expect((await send('override-freeze', { freeze: freeze.name })).status).toBe(303);
    const own = await site.open();
    expect(actsOn(own)).not.toContain('override-freeze');
    expect(textIn(own)).toContain('You have asked for it. It waits for a second person');
    const other = await site.open(site.as(given.product));
    expect(textIn(other)).toMatch(
      /Asked for Ole .* wanted Quarter <end> overridden on 2026-03-02 08:00 UTC\. Reason: “ ?The database team is ill today/,
    );
    expect((await send('override-freeze', { freeze: freeze.name }, given.product)).status).toBe(303);
    expect((await view()).freezes).toMatchObject([{ name: freeze.name, overridden: true }]);
    expect(textIn(await site.open(site.as(given.technical)))).toContain('Override a freeze The freeze is overridden already.');
  });

  test('of several freezes one is chosen, and a missing choice is said beside it', async () => {
    const { send, view } = await operating([freeze, second]);
    const page = await send('override-freeze', { freeze: '' });
    expect([page.status, slipOf(page, 'override-freeze-freeze')]).toEqual([400, 'Choose one of the freezes.']);
    const unknown = await send('override-freeze', { freeze: 'Christmas' });
    expect(slipOf(unknown, 'override-freeze-freeze')).toBe('The stage has no such freeze of shop in production.');
    expect((await send('override-freeze', { freeze: second.name })).status).toBe(303);
    expect((await view()).freezeOverrides).toMatchObject([{ freeze: 'Fair', approved: false, by: [given.operations] }]);
  });

  test('keeps the text over a new sign-in, where the present one is older than 15 minutes', async () => {
    const { site, send, story, view } = await operating([freeze]);
    const signedInAt = new Date(story.deps.clock.now().getTime() - 16 * 60_000);
    const page = await send('override-freeze', { freeze: freeze.name }, given.operations, { signedInAt });
    expect(textIn(page)).toContain('Your text is kept for an hour');
    const next = /href="(\/login\?[^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? expect.fail('no way to sign in');
    const back = new URL(new URLSearchParams(next.split('?')[1]).get('next') ?? '', 'https://x');
    expect(back.pathname).toBe(site.path);
    const again = await site.open(site.as(given.operations), 'GET', back.search.slice(1));
    expect(again.text).toContain('>The database team is ill today.</textarea>');
    expect((await view()).freezeOverrides).toEqual([]);
  });

  test('is shown to nobody who may not, with the reason', async () => {
    const { site } = await operating([freeze]);
    const starter = await site.open(site.as(given.starter, { roles: ['technical-lead'] }));
    expect(textIn(starter)).toContain('Override a freeze The person who started the run may not override a freeze for it.');
    const developer = await site.open(site.as(given.starter));
    expect(textIn(developer)).toContain(
      'Override a freeze This takes two people: an operations lead, and a technical lead or product owner.',
    );
    expect(actsOn(developer)).toEqual(['cancel']);
    const { site: free } = await operating();
    expect(textIn(await free.open())).toContain('Override a freeze No freeze holds the planned T0.');
  });

  test('GET and HEAD change nothing', async () => {
    const { site, story } = await operating([freeze]);
    const stored = await eventsOf(story.deps, story.run);
    for (const method of ['GET', 'HEAD']) await site.open(site.as(given.operations), method);
    expect(await eventsOf(story.deps, story.run)).toEqual(stored);
  });
});
