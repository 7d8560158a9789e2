import { describe, expect, test } from 'vitest';
import { approvalPage } from '../../lib/console/approval.ts';
import { overrideFreeze } from '../../lib/run/commands/override-freeze.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { anew, personIn } from '../given.ts';
import { toSignOff } from '../story.ts';
import * as approvals from './approval-scenarios.ts';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';
import { textOf } from './page-text.ts';
import * as releases from './release-scenarios.ts';

const siteOf = sitesOfTests();

const hour = 3_600_000;
const recorded = ({ refused }: { readonly refused?: { readonly detail: string } }): void => expect(refused?.detail).toBeUndefined();

const move = async ({ deps, run, stage }: given.Story, plannedT0: string): Promise<void> =>
  recorded(
    await rescheduleRun(
      deps,
      { run, plannedT0, reason: 'The database team is ill.', request: anew() },
      given.callerOf({ deps, stage }, given.operations),
    ),
  );

/** The approval page of the technical lead behind a link; the newest one where none is given. */
const shown = async (story: given.Story, link = given.linkOf(story, given.technical)) => {
  const site = await siteOf(story);
  const page = await site.get(given.technical, `/approvals/${link}`);
  expect(site.faults).toEqual([]);
  return { link, text: textOf(page) };
};

describe('what changed since people were asked', () => {
  test('names the moved T0, on the old link at once and on the new request', async () => {
    const story = await given.toGoNoGo(await given.inSecond({ plannedT0: '2026-03-06T09:00:00.000Z' }));
    const { link } = await shown(story);
    story.deps.controls.clock.advance(1000);
    await move(story, '2026-03-06T11:00:00.000Z');
    const what =
      /Planned T0: 2026-03-06 11:00:00 UTC, before 2026-03-06 09:00:00 UTC; moved on 2026-03-02 \d\d:\d\d:\d\d UTC by Ole "Operations" O'Neil/;
    // Before the reconciler has invalidated the round, and after it.
    expect((await shown(story, link)).text).toMatch(new RegExp(`What has changed: ${what.source}`));
    await story.machine.settle();
    expect((await shown(story, link)).text).toMatch(new RegExp(`What has changed: ${what.source}`));
    await approvals.askedAgain(story);
    expect((await shown(story)).text).toMatch(
      new RegExp(`Changed since round 1 The answers of round 1 were invalidated on .{20,40} ${what.source}`),
    );
  });

  test('names a freeze that was overridden meanwhile, and by whom', async () => {
    const story = await given.toGoNoGo(await releases.inFreeze());
    const { link } = await shown(story);
    story.deps.controls.clock.advance(1000);
    const freeze = 'Quarter end The books are closed.';
    recorded(
      await overrideFreeze(
        story.deps,
        { run: story.run, freeze, reason: 'It does not touch the books.' },
        given.callerOf(story, given.operations),
      ),
    );
    await story.machine.settle();
    expect((await shown(story, link)).text).toMatch(
      /What has changed: Freeze Quarter end The books are closed\.: overridden on .{20,40} by Tove <b>Technical<\/b> & Søn and Ole "Operations" O'Neil/,
    );
  });

  test('names the check, what happened to it, and who did it', async () => {
    const story = await given.atGoNoGo();
    const { link } = await shown(story);
    story.deps.controls.clock.advance(1000);
    const until = new Date(story.deps.clock.now().getTime() + 24 * hour).toISOString();
    const about = { run: story.run, check: 'operations-trained', reason: 'The course is next week.', until, request: anew() };
    recorded(await waive(story.deps, about, given.callerOf(story, given.operations)));
    await story.machine.settle();
    const what = /Operations team trained on monitoring: waived on .{20,40} by Ole "Operations" O'Neil/;
    expect((await shown(story, link)).text).toMatch(new RegExp(`What has changed: ${what.source}`));
    await approvals.askedAgain(story);
    expect((await shown(story)).text).toMatch(new RegExp(`Changed since round 1 .*${what.source}`));
  });
});

describe('what changed since this person signed', () => {
  test('is said at the next approval: which exceptions are new since', async () => {
    const story = await toSignOff();
    const { deps } = story;
    const mail = deps.controls.mailer.mails.findLast(({ subject }) => subject === 'approval-requested') ?? expect.fail('no mail');
    const { url, role } = JSON.parse(mail.text) as { url: string; role: 'technical-lead' };
    const link = url.split('/').at(-1) ?? '';
    const page = (await showApproval(deps, { link }, personIn(deps, role))).ok ?? expect.fail('no page');
    const until = { at: page.expires, zone: 'UTC', local: '2026-03-09 08:00' };
    const form = { link, nonce: 'nonce', roles: [], until, now: deps.clock.now(), changes: { state: 'none', version: null } } as never;
    const text = textOf({ html: String(await approvalPage(page, (id) => id, form)) });
    expect(page.lastSigned).toMatchObject({ title: 'Go / no-go', changed: ['final-code-review'], events: 0 });
    expect(text).toMatch(
      /Since you approved Go \/ no-go 2026-03-02 08:00:00 UTC[^:]*: new or changed: Final code review of all changes \(waived\) /,
    );
  });
});
