import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { runText } from '../../lib/cli/show-run.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { eventsOf } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import * as back from '../pages/rollback-scenarios.ts';
import { actsOn } from './form-site.ts';
import { anonymous, bearer } from './requests.ts';
import { reason, siteOf } from './rollback-site.ts';

describe('the page of the rollback', () => {
  test('GET and HEAD change nothing, whoever fetches it', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const stored = await eventsOf(story.deps, story.run);
    const writes = /\.(insert|put|putLink|done|keep|claim|begin|finish|release|request|start|succeed|fail|send|at|publish)$/;
    const before = story.deps.controls.calls.length;
    for (const identity of [
      site.as(given.operations),
      site.as(given.product),
      site.as(given.starter),
      anonymous,
      bearer(given.callerOf(story, given.operations)),
    ])
      for (const method of ['GET', 'HEAD']) await site.open(identity, method);
    expect(story.deps.controls.calls.slice(before).filter((call) => writes.test(call))).toEqual([]);
    expect(await eventsOf(story.deps, story.run)).toEqual(stored);
    const head = await site.open(site.as(given.operations), 'HEAD');
    expect([head.status, head.text, head.headers['cache-control']]).toEqual([200, '', 'no-store']);
  });

  test('sends a browser without a session to the sign-in and back, and does not know an unknown run', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    for (const identity of [anonymous, bearer(given.callerOf(story, given.operations))]) {
      const reply = await site.open(identity);
      expect([reply.status, reply.headers.location]).toEqual([303, `/login?${new URLSearchParams({ next: site.path })}`]);
    }
    const unknown = siteOf({ ...story, run: '20260302-080000-nosuchrun0' });
    expect((await unknown.open(site.as(given.operations))).status).toBe(404);
  });

  test('asks for no new sign-in to roll back, however old the last one is', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const tired = site.as(given.operations, { signedInAt: new Date(story.deps.clock.now().getTime() - 7 * 3_600_000) });
    const page = await site.open(tired);
    expect(page.status).toBe(200);
    expect((await site.send(site.form(page, 'roll-back'), tired)).status).toBe(303);
    expect(await site.last()).toMatchObject({ type: 'rollback.decided', data: { decision: 'roll-back', by: given.operations } });
  });

  test('shows each person the forms of the moment and of the role', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const starters = { roles: ['technical-lead'] as const };
    expect(actsOn(await site.open())).toEqual(['roll-back', 'continue', 'declare']);
    expect(actsOn(await site.open(site.as(given.product)))).toEqual(['continue']);
    expect(actsOn(await site.open(site.as(given.product, { roles: ['operator'] })))).toEqual(['roll-back', 'declare']);
    const reader = await site.open(site.as(given.starter));
    expect([reader.status, actsOn(reader), reader.text.includes('You can read this page.')]).toEqual([200, [], true]);
    const starter = await site.open(site.as(given.starter, starters));
    expect(actsOn(starter)).toEqual(['roll-back', 'declare']);
    expect(starter.text).toContain('You started this run, so you cannot decide to continue.');
    expect(actsOn(await siteOf(await given.inSecond()).open())).toEqual([]);
    expect(actsOn(await siteOf(await back.released()).open())).toEqual(['declare']);
  });
});

describe('a form', () => {
  test('declares a trigger, with its evidence and the decision', async () => {
    const story = await back.released();
    const site = siteOf(story);
    const page = await site.open();
    const seen = (await story.deps.trail.read(`run/${story.run}`, { prefix: '' })).find(isType('observation.recorded'))?.event.id ?? '';
    const fields = { trigger: 'data-corruption-detected', evidence: ` ${seen},\r\n`, decide: 'yes' };
    const wrong = await site.send(site.form(page, 'declare', { ...fields, evidence: 'f'.repeat(32) }));
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('&lt;b&gt;fail&lt;/b&gt; since noon.</textarea>');
    expect(wrong.text).toMatch(/value="data-corruption-detected" selected/);
    const reply = await site.send(site.form(wrong, 'declare', fields));
    expect([reply.status, reply.headers.location]).toEqual([303, site.path]);
    expect(await site.last()).toMatchObject({
      type: 'rollback.triggered',
      data: { trigger: 'data-corruption-detected', evidence: [seen], decides: true, by: given.operations },
    });
    expect(JSON.stringify(await story.deps.trail.read(`run/${story.run}`, { prefix: '' }))).not.toContain('since noon');
  });

  test('says what was wrong with it and keeps the text', async () => {
    const site = siteOf(await back.undecided());
    const page = await site.open();
    for (const [fields, status] of [
      [{ reason: '  short  ' }, 400],
      [{ reason: 'x'.repeat(2001) }, 400],
    ] as const) {
      const reply = await site.send(site.form(page, 'roll-back', fields));
      expect([reply.status, reply.text.includes('Not recorded.')]).toEqual([status, true]);
      expect(reply.text).toContain(`${fields.reason}</textarea>`);
    }
    expect(await site.recorded()).not.toContain('rollback.decided');
  });

  test('that is sent twice is recorded once', async () => {
    const site = siteOf(await back.undecided());
    const form = site.form(await site.open(), 'roll-back');
    const both = await Promise.all([site.send(form), site.send(form)]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect(both.find(({ status }) => status === 409)?.text).toContain('Your form is being recorded.');
    expect((await site.send(form)).status).toBe(303);
    expect((await site.recorded()).filter((type) => type === 'rollback.decided')).toHaveLength(1);
  });

  test.each([
    ['roll-back', {}, () => back.undecided()],
    ['declare', { trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420' }, () => back.released()],
    ['keep', {}, () => back.dataAsked()],
    ['retry', { step: 'revert-version' }, () => back.stuck()],
  ] as const)('%s that breaks off can be sent again, and is recorded once', async (act, fields, make) => {
    const story = await make();
    const site = siteOf(story);
    const form = site.form(await site.open(), act, fields);
    story.deps.controls.failNext('store.insert', 'before', new Error('secret internals'));
    const broken = await site.send(form);
    expect([broken.status, broken.text.includes('secret internals')]).toEqual([500, false]);
    story.deps.controls.failNext('reconciler.request', 'before');
    expect((await site.send(form)).status).toBe(500);
    const recorded = await site.recorded();
    expect((await site.send(form)).status).toBe(303);
    expect(await site.recorded()).toEqual(recorded);
    expect(story.deps.controls.reconciler.requests.length).toBeGreaterThan(0);
  });

  test('in other words than what its sender decided meanwhile is no repeat: the words come back', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const [one, other] = [await site.open(), await site.open()];
    expect((await site.send(site.form(one, 'roll-back'))).status).toBe(303);
    const said = 'The queue has stopped, too.';
    const reply = await site.send(site.form(other, 'roll-back', { reason: said }));
    expect([reply.status, reply.text.includes(said)]).toEqual([409, true]);
    // The same words are the same form, whose answer was lost.
    expect((await site.send(site.form(other, 'roll-back'))).status).toBe(303);
    expect((await site.recorded()).filter((type) => type.includes('rollback.decided'))).toHaveLength(1);
  });

  test('keeps or restores the data, and a step is answered', async () => {
    const data = siteOf(await back.dataAsked());
    const asked = await data.open();
    expect(actsOn(asked)).toEqual(['keep', 'restore', 'end', 'declare']);
    const wrong = await data.send(data.form(asked, 'restore', { backupAt: 'yesterday' }));
    expect([wrong.status, wrong.text.includes('value="yesterday"')]).toEqual([400, true]);
    expect((await data.send(data.form(wrong, 'restore', { backupAt: '2026-03-02T03:00:00Z' }))).status).toBe(303);
    expect(await data.last()).toMatchObject({
      type: 'rollback.data-decided',
      data: { choice: 'restore', backupAt: '2026-03-02T03:00:00.000Z' },
    });
    const hand = siteOf(await back.inHand());
    const waiting = await hand.open();
    expect(actsOn(waiting)).toEqual(['by-hand', 'end', 'declare']);
    expect((await hand.send(hand.form(waiting, 'by-hand', { step: 'stop-requests', evidence: '' }))).status).toBe(303);
    expect(await hand.last()).toMatchObject({ type: 'rollback.step-handled', data: { step: 'stop-requests', choice: 'by-hand' } });
    const stuck = siteOf(await back.stuck());
    expect(actsOn(await stuck.open(stuck.as(given.technical)))).toEqual(['retry', 'by-hand', 'declare']);
    expect((await stuck.send(stuck.form(await stuck.open(), 'end', { step: 'revert-version' }))).status).toBe(303);
    expect(await stuck.last()).toMatchObject({ type: 'rollback.step-handled', data: { choice: 'end' } });
  });

  test('decides at the cap of a review, and says why it is asked and what each answer does', async () => {
    const story = await back.reviewCapped();
    const site = siteOf(story);
    const page = await site.open(site.as(given.operations));
    for (const said of [
      /Decide now: roll .* back.*, or continue at Post-Deployment Review \(48 hours\)\./,
      /You are asked because of the cap of Post-Deployment Review \(48 hours\) \(not stable for long enough by 2026-.* UTC; the last incident, “restart-day-6” \(restart\) of “.*”, was seen at 2026-.* UTC\)\. Without an answer nothing changes/,
      /Incidents can extend the review for 7 days from your decision, then people decide again\. If it has not passed by 2026-.* UTC.*, the run ends as not stable\./,
    ])
      expect(page.text.replace(/<[^>]*>/g, '')).toMatch(said);
    const run = (await readRun(story.deps, story.run)).ok ?? expect.fail('no run');
    const shown = runText({ ...run, people: [] } as never, '', { coloured: false, columns: undefined, all: false, page: '' });
    expect(shown).toMatch(/Asked because of the cap of Post-Deployment Review \(48 hours\) \(not stable for long enough by/);
    expect(shown).toMatch(/To continue lets incidents extend the review for 7 days from the decision; if it has not passed by 2026-/);
    expect(page.text).toContain('No trigger was recorded: people were asked because of what came of Post-Deployment Review (48 hours).');
    expect((await site.send(site.form(page, 'continue'), site.as(given.operations))).status).toBe(303);
    await story.machine.settle();
    expect(story.machine.at()).toBe('review-48h');
  });

  test('decides after a rejected sign-off, which has no trigger', async () => {
    const story = await back.signOffRejected();
    expect(story.machine.at()).toBe('rollback-decision');
    const site = siteOf(story);
    const page = await site.open();
    expect(page.text).toContain('Without an answer nothing changes');
    expect(page.text).toContain('No trigger was recorded: people were asked because of what came of Sign-Off.');
    expect((await site.send(site.form(page, 'continue'), site.as(given.operations))).status).toBe(303);
    expect(await site.last()).toMatchObject({ type: 'rollback.decided', data: { decision: 'continue', round: 1 } });
    // The same person once more, before the reconciler has looked.
    const again = await site.open();
    expect(actsOn(again)).not.toContain('continue');
    const said = { run: story.run, decision: 'continue', reason } as const;
    expect((await decideRollback(story.deps, said, given.callerOf(story, given.operations))).ok?.alreadyRecorded).toBe(true);
    expect(await site.recorded()).toEqual(['rollback.paged', 'rollback.decided']);
    await story.machine.settle();
    expect(story.machine.at()).toBe('sign-off');
  });
});

describe('a form whose run has gone on', () => {
  test('is refused, shows what has changed, and keeps the text', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const page = await site.open();
    story.deps.controls.clock.advance(5_000);
    await back.decide(story, 'continue', given.technical);
    const reply = await site.send(site.form(page, 'roll-back'));
    expect(reply.status).toBe(409);
    expect(reply.text).toContain('The run has gone on since the page was shown. Nothing was recorded.');
    expect(reply.text).toMatch(/decided by Tove[^<]*&lt;b&gt;Technical&lt;\/b&gt;[^<]*: continue\./);
    expect(reply.text).toContain('“<bdi>Half of the orders &lt;b&gt;fail&lt;/b&gt; since noon.</bdi>”');
    // The next trigger opens the next round, and the old form is not about it.
    await back.measure(story);
    const late = await site.send(site.form(page, 'roll-back'));
    expect(late.status).toBe(409);
    expect(late.text).toContain('&lt;b&gt;fail&lt;/b&gt; since noon.</textarea>');
    expect((await site.send(site.form(late, 'roll-back'))).status).toBe(303);
  });

  test('to continue has seen every trigger; to roll back it needs not', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const page = await site.open();
    story.deps.controls.clock.advance(5_000);
    await back.measure(story, { trigger: 'multiple-cascading-errors' });
    const reply = await site.send(site.form(page, 'continue'));
    expect([reply.status, reply.text.includes('was measured.')]).toEqual([409, true]);
    expect((await site.send(site.form(page, 'roll-back'))).status).toBe(303);
  });

  test('is about one attempt of a step', async () => {
    const story = await back.stuck();
    const site = siteOf(story);
    const page = await site.open();
    story.deps.controls.clock.advance(5_000);
    const other = site.as(given.technical);
    expect((await site.send(site.form(await site.open(other), 'retry', { step: 'revert-version' }), other)).status).toBe(303);
    for (const act of ['retry', 'by-hand', 'end']) {
      const reply = await site.send(site.form(page, act, { step: 'revert-version' }));
      expect([act, reply.status]).toEqual([act, 409]);
    }
    expect((await site.recorded()).filter((type) => type === 'rollback.step-handled')).toHaveLength(1);
  });

  test('of another step than the page showed is refused', async () => {
    const site = siteOf(await back.stuck());
    const page = await site.open();
    const reply = await site.send(site.form(page, 'retry', { step: 'stop-requests' }));
    expect(reply.status).toBe(409);
    expect(await site.recorded()).not.toContain('rollback.step-handled');
  });

  test('is refused after the end', async () => {
    const story = await back.undecided();
    const site = siteOf(story);
    const page = await site.open();
    await back.decide(story, 'roll-back', given.technical);
    await back.finish(story);
    expect(story.machine.at()).toBe('end rolled-back');
    for (const act of ['declare', 'roll-back', 'continue'])
      expect([act, (await site.send(site.form(page, act, { trigger: 'x' }))).status]).toEqual([act, 409]);
    // What is left to do then is to say why.
    const open = await site.open();
    expect(actsOn(open)).toEqual(['cause']);
    expect((await site.send(site.form(open, 'cause', { link: 'https://tickets.example/1' }))).status).toBe(303);
    const second = await site.send(
      site.form(open, 'cause', { reason: 'The pool of connections was too small.', link: 'https://tickets.example/2' }),
    );
    expect([second.status, second.text]).toEqual([409, expect.stringContaining('The pool of connections was too small.')]);
    expect(second.text).toContain('<dt>Address of the fix</dt><dd class="said">“<bdi>https://tickets.example/2</bdi>”');
  });
});
