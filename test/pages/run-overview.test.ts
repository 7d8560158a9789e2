import { describe, expect, test } from 'vitest';
import { decideAs } from '../way-back.ts';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';
import { textOf } from './page-text.ts';
import * as back from './rollback-scenarios.ts';
import { continuation } from './written-scenarios.ts';

const siteOf = sitesOfTests();

const sectionIn = (html: string, id: string): string =>
  new RegExp(`<section class="card" aria-labelledby="${id}">[\\s\\S]*?</section>`).exec(html)?.[0] ?? '';

const pictureOf = async (story: given.Story): Promise<string> =>
  /<nav class="card" aria-label="Gates of this run">[\s\S]*?<\/nav>/.exec(
    (await (await siteOf(story)).get(given.product, `/runs/${story.run}`)).html,
  )?.[0] ?? '';

/** Each heading of the picture with the gates that follow it. */
const headingsIn = (picture: string): string[] =>
  picture
    .split('<span class="phase">')
    .slice(1)
    .map((part) => `${part.split('<')[0]}: ${[...part.matchAll(/#gate-([\w-]+)/g)].map(([, id]) => id).join(' ')}`);

describe('the page of a run', () => {
  test('has a timeline, newest first, folded beyond a dozen, with the way to all events', async () => {
    const story = await back.undecided();
    const page = (await (await siteOf(story)).get(given.operations, `/runs/${story.run}`)).html;
    expect(textOf({ html: sectionIn(page, 'release') })).toContain('Risk low, impact low');
    expect(page).toMatch(/href="\/checklist\?digest=([0-9a-f]{64})">read it<[^ ]+ <a href="\/checklist\?diff=\1">/);
    const html = sectionIn(page, 'timeline');
    const items = [...html.matchAll(/<li><time[^>]* datetime="([^"]*)">[\s\S]*?<\/time><span>([\s\S]*?)<\/span><\/li>/g)];
    const instants = items.map(([, at]) => at ?? '');
    expect(instants).toEqual(instants.toSorted().toReversed());
    const said = textOf({ html });
    for (const words of [
      'Started by Stig Starter',
      'Pre-Deployment Verification opened',
      'Pre-Deployment Verification passed',
      'Go / no-go: approved by Tove <b>Technical</b> & Søn as technical lead',
      'Monitoring and alerting configured waived by Ole "Operations" O\'Neil',
      'Deployment of web reported as started',
      'Deployment of web reported as finished',
      'Rollback trigger “',
    ])
      expect(said, words).toContain(words);
    expect(html.slice(0, html.indexOf('<details>')).match(/<li>/g)).toHaveLength(12);
    expect(html).toContain(`<summary>${items.length - 12} earlier</summary>`);
    expect(html).toContain(`href="/audit?run=${story.run}"`);
  });

  test('says in the timeline how the run ended', async () => {
    const story = await given.atGoNoGo();
    await given.answerAs(story, given.operations, 'rejected');
    await story.machine.settle();
    const html = sectionIn((await (await siteOf(story)).get(given.operations, `/runs/${story.run}`)).html, 'timeline');
    expect(textOf({ html })).toMatch(/Run ended: rejected .*Go \/ no-go: rejected by Ole "Operations" O'Neil as operations lead/);
  });

  test('keeps every answer of a rejected sign-off, once it is decided that the release stays', async () => {
    const story = await back.signOffRejected();
    await decideAs(story, 'continue');
    const { html } = await (await siteOf(story)).get(given.operations, `/runs/${story.run}`);
    const gate = textOf({ html: sectionIn(html, 'gate-sign-off') });
    expect(gate).toMatch(/Earlier visits rejected opened .*, ended .*: rejected by Tove Technical as technical lead/);
    const [first = '', ...again] = gate.slice(gate.indexOf('Approvals ')).split(' visit 2');
    expect(first).toMatch(/rejected technical lead: Tove Technical .* visit 1 Note: “ Seen. ”/);
    expect(first).toMatch(/not answered operations lead: Ole Operations visit 1 not answered product owner: Petra Product visit 1/);
    expect(again).toHaveLength(3);
  });

  test('groups the gates by the phases of the document, and marks where the run is and what is next', async () => {
    const story = await given.atGoNoGo();
    const picture = await pictureOf(story);
    expect([...picture.matchAll(/Phase \d/g)].map(([phase]) => phase)).toEqual([1, 2, 3, 4, 5].map((phase) => `Phase ${phase}`));
    expect(picture).toMatch(/aria-current="step">Go \/ no-go<\/a>/);
    const next = /<li class="calm ahead"><a href="#gate-t-minus-2h">Pre-Deployment \(T-2 hours\)<\/a> <span class="pill calm">next<\/span>/;
    expect(picture).toMatch(next);
    expect(picture.match(/>next</g)).toHaveLength(1);
    const phase = /Phase 4<\/span><ol class="steps">([\s\S]*?)<\/ol>/.exec(picture)?.[1] ?? '';
    expect([...phase.matchAll(/#gate-([\w-]+)/g)].map(([, id]) => id)).toEqual(['t-minus-2h', 'deployment-window', 'monitoring-4h']);
  });

  test('puts a heading over every gate, also over those of no phase', async () => {
    const story = await given.atGoNoGo();
    expect(headingsIn(await pictureOf(story))).toEqual([
      'Phase 1: phase-1',
      'Phase 2: phase-2',
      'Phase 3: phase-3',
      'Between phases 3 and 4: go-no-go',
      'Phase 4: t-minus-2h deployment-window monitoring-4h',
      'Phase 5: phase-5',
      'After phase 5: deployment-success stability-24h sign-off review-48h',
    ]);
  });

  test('lists what fails before what is missing, and the report that fails before those that pass', async () => {
    const story = await given.blockedAtFirst('a test');
    const { html } = await (await siteOf(story)).get(given.operations, `/runs/${story.run}`);
    const table = /<table class="checks"[\s\S]*?<\/table>/.exec(sectionIn(html, 'gate-phase-1'))?.[0] ?? '';
    const verdicts = [...table.matchAll(/<td role="cell"><span class="pill[^>]*>([^<]+)</g)].map(([, verdict]) => verdict);
    expect(verdicts).toEqual(['fail', ...Array.from({ length: verdicts.length - 1 }, () => 'missing')]);
    expect(verdicts.length).toBeGreaterThan(1);
    const reports = [
      ...(/<ul class="plain soft">([\s\S]*?)<\/ul>/.exec(table)?.[1] ?? '').matchAll(/<li><span class="pill[^>]*>([^<]+)</g),
    ];
    expect(reports.map(([, verdict]) => verdict).slice(0, 2)).toEqual(['fail', 'pass']);
  });

  test('draws a rollback and an incident from the gate that they interrupted, and says what is not reached', async () => {
    const rolled = await pictureOf(await back.rolledBack());
    expect(headingsIn(rolled).slice(4, 6)).toEqual([
      'Phase 4: t-minus-2h deployment-window monitoring-4h',
      'Rollback, from here: rollback-decision stop-requests revert-version restore-database restart-services verify-health monitor-stability rollback-verification',
    ]);
    expect(rolled).toMatch(/#gate-review-48h">[^<]*<\/a> <span class="soft">not reached<\/span>/);
    expect(rolled).not.toContain('>next<');
    const stopped = await given.deployed();
    await stopped.machine.breakOff();
    await stopped.machine.settle();
    const incident = await pictureOf(stopped);
    expect(headingsIn(incident).slice(4, 6)).toEqual([
      'Phase 4: t-minus-2h deployment-window monitoring-4h',
      'Incident, from here: incident',
    ]);
    expect(incident).toContain('#gate-incident" aria-current="step"');
    expect(incident).not.toContain('>next<');
  });

  test('draws no step of a rollback that people decided against', async () => {
    const picture = await pictureOf(await continuation('It was the probe, and not the service.'));
    expect(headingsIn(picture)).toContain('Rollback, from here: rollback-decision');
    expect(picture.match(/>next</g)).toHaveLength(1);
    expect(picture).toMatch(/#gate-phase-5">[^<]*<\/a> <span class="pill calm">next</);
  });
});

describe('the page of the rollback of a run after T0, before any trigger', () => {
  test('shows the windows with their clocks, and the four budgets that are not running', async () => {
    const story = await back.released();
    const { html } = await (await siteOf(story)).get(given.operations, `/runs/${story.run}/rollback`);
    const windows = sectionIn(html, 'windows');
    expect(textOf({ html: windows })).toMatch(
      /over Pre-Deployment \(T-2 hours\) .*over Deployment Window \(T-0 to T\+1h\) .*running Post-Deployment \(T\+1h to T\+4h\) .* of 4 h, .* left until 2026-03-02 12:00:00 UTC/,
    );
    expect(windows.match(/<meter[^>]* data-since="/g)).toHaveLength(1);
    expect(windows).toMatch(/<span class="passing" data-since="2026-03-02T[^"]*" data-limit="14400"/);
    const idle = sectionIn(html, 'idle');
    expect(textOf({ html: idle })).toMatch(
      /not running Decision .*0 of 5 min not running Steps 1 to 4 .*0 of 10 min not running Verification .*0 of 5 min not running All together .*0 of 20 min/,
    );
    expect(idle).toContain('<a href="#declare">');
    expect(html).toContain('id="declare"');
    expect(idle).toContain(`holdpoint rollback ${story.run} --trigger TRIGGER --reason TEXT`);
    const other = await (await siteOf(story)).get(given.product, `/runs/${story.run}/rollback`);
    expect([other.html.includes('href="#declare"'), textOf(other).includes('an operator')]).toEqual([false, true]);
  });

  test('shows them no more once a trigger runs, nor before T0', async () => {
    for (const story of [await back.undecided(), await given.inSecond()]) {
      const { html } = await (await siteOf(story)).get(given.operations, `/runs/${story.run}/rollback`);
      expect([sectionIn(html, 'windows'), sectionIn(html, 'idle')]).toEqual(['', '']);
    }
  });

  test('shows the windows again after a decision to continue', async () => {
    const story = await continuation('It was the probe, and not the service.');
    const { html } = await (await siteOf(story)).get(given.operations, `/runs/${story.run}/rollback`);
    expect(textOf({ html: sectionIn(html, 'windows') })).toContain('running Post-Deployment (T+1h to T+4h)');
    expect(sectionIn(html, 'idle')).toBe('');
  });
});
