import { describe, expect, test } from 'vitest';
import { readRun } from '../../lib/query/run-view.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { artifact } from '../given.ts';
import { later, record } from '../way-back.ts';
import * as given from './page-scenarios.ts';
import { type Page, sitesOfTests } from './page-server.ts';
import { textOf } from './page-text.ts';
import * as back from './rollback-scenarios.ts';

const siteOf = sitesOfTests();
const shown = async (story: given.Story, person: string = given.operations, path = `/runs/${story.run}/rollback`): Promise<Page> => {
  const site = await siteOf(story);
  const page = await site.get(person, path);
  expect([page.status, site.faults]).toEqual([200, []]);
  return page;
};
/** What stands first under the heading. */
const nowOf = (page: Page): string => textOf(page).split('As of')[0]?.split(' in production ')[1] ?? '';

describe('the page of the rollback says first what happens now, and who must do what until when', () => {
  test.each<[string, () => Promise<given.Story>, readonly string[]]>([
    ['before the deployment', () => given.inSecond(), ['No deployment has started, so there is nothing to roll back.']],
    [
      'deployed',
      () => back.released(),
      ['No rollback is under way.', 'An operator, operations lead or technical lead can declare a trigger.'],
    ],
    [
      'a measured trigger',
      () => back.undecided(),
      [
        'Decide now: roll 1.4.0 back to 1.2.2, or continue at Post-Deployment',
        'Without an answer the release is rolled back at 2026-03-02 08:05:45 UTC.',
      ],
    ],
    ['a declared trigger', () => back.declared(), ['Without an answer nothing changes: 1.4.0 stays until somebody decides.']],
    [
      'a function works',
      () => back.onTheWay(),
      ['Step 1 of 6 (Immediately stop accepting new requests) is under way', 'Nobody has to do anything now.'],
    ],
    [
      'data that silence keeps',
      () => back.dataAsked(),
      [
        'Step 3 of 6 (Restore database from backup) waits for a decision about the data: restore it from the backup, or keep it.',
        'An operations lead or technical lead who did not start the run decides.',
        'Without an answer the data is kept at 2026-03-02 08:04',
      ],
    ],
    ['data that silence does not keep', () => back.dataAsked(false), ['Nothing is restored or kept without an answer.']],
    [
      'a step that failed',
      () => back.stuck(),
      ['Step 2 of 6 (Revert to last stable version) waits for people', 'tries it again or does it by hand'],
    ],
    ['a step in the hand of a person', () => back.inHand(), ['carries it out and says so']],
    ['the end', () => back.rolledBack(), ['was rolled back: every step was proved from outside']],
  ])('%s', async (_, make, sentences) => {
    const now = nowOf(await shown(await make()));
    for (const sentence of sentences) expect(now).toContain(sentence);
  });

  test('what was written since the backup, or why it is unknown', async () => {
    expect(textOf(await shown(await back.dataAsked()))).toContain('the stage file names no metric that counts them');
    const counting = await back.dataAsked(true, { namespace: 'AWS/DynamoDB', metric: 'ConsumedWriteCapacityUnits' });
    await reconcileGate(counting.deps, { run: counting.run });
    expect(counting.deps.controls.collector.tasks.map(({ task }) => task.kind)).toContain('writes');
    expect(textOf(await shown(counting))).toContain('Holdpoint is counting');
    const read = {
      since: '2026-03-02T06:00:00.000Z',
      until: '2026-03-02T08:00:00.000Z',
      detail: 'AWS/DynamoDB ConsumedWriteCapacityUnits',
    };
    await record(counting, 'writes/1', 'rollback.writes-read', { ...read, writes: null, detail: 'monitoring answered 400' });
    expect(textOf(await shown(counting))).toContain('Unknown: monitoring answered 400.');
    counting.deps.controls.collector.tasks.splice(0);
    await reconcileGate(counting.deps, { run: counting.run });
    expect(counting.deps.controls.collector.tasks, 'what is fresh is not read again').toEqual([]);
    await record(counting, 'writes/2', 'rollback.writes-read', { ...read, writes: 1234 });
    expect(textOf(await shown(counting))).toMatch(
      /1234 at least, from 2026-03-02 .* by the metric AWS\/DynamoDB ConsumedWriteCapacityUnits/,
    );
  });

  test('a target that two people adopted and no platform has confirmed', async () => {
    const story = await back.onTheWay();
    const target = { run: null, version: '1.2.1', level: 'adopted', components: [] } as const;
    await record(story, 'target-fixed/9', 'rollback.target-fixed', { ...target, components: [], readBack: false });
    for (const path of ['', '/rollback'])
      expect(textOf(await shown(story, given.operations, `/runs/${story.run}${path}`))).toContain(
        'No platform has confirmed it: two people say',
      );
    await record(story, 'target-fixed/10', 'rollback.target-fixed', { ...target, components: [], readBack: true });
    expect(textOf(await shown(story))).not.toContain('read it back');
  });

  test('a target that names a component which the run leaves alone', async () => {
    const story = await back.onTheWay();
    const components = ['web', 'api'].map((component) => ({ component, digest: artifact, reference: null }));
    await record(story, 'target-fixed/9', 'rollback.target-fixed', { run: null, version: '1.2.1', level: 'adopted', components });
    const text = textOf(await shown(story));
    const left = 'left as it runs, because this run does not release it';
    expect(text).toMatch(new RegExp(`api ${artifact} ${left}`));
    expect(text.split(left), 'not web, which it releases').toHaveLength(2);
  });

  test('continued', async () => {
    const story = await back.undecided();
    await back.decide(story, 'continue', given.technical);
    const page = await shown(story);
    expect(nowOf(page)).toContain('Tove <b>Technical</b> & Søn decided to continue on 2026-03-02');
    expect(nowOf(await shown(await back.undecided(), given.product))).toContain('Decide now');
  });
});

describe('the page of the rollback', () => {
  test('shows budgets with the seconds left, the trigger with its event, the target, the steps and whether requests are stopped', async () => {
    const story = await back.undecided();
    await later(story, 100);
    const page = await shown(story);
    const text = textOf(page);
    for (const part of [
      'Decision 100 s 1 min 40 s of 5 min, 3 min 20 s left',
      'All together 100 s 1 min 40 s of 20 min, 18 min 20 s left',
      '1.2.2 production stable',
    ])
      expect(text).toContain(part);
    const id = /href="#event-([0-9a-f]{32})">observation recorded</.exec(page.html)?.[1] ?? expect.fail('no link to the event');
    expect(page.html).toContain(`<li id="event-${id}">`);
    expect(text).toContain('shop-cpu: CPU above 90 % for ten minutes');
    expect(text).not.toContain('New requests are stopped');
    const stuck = textOf(await shown(await back.stuck()));
    expect(stuck).toContain('New requests are stopped now, or may be.');
    expect(stuck).toContain('3 attempts by the platform.');
    expect(stuck).toContain('done seen from outside 1 attempt by a function. Proved from outside on');
    const ended = textOf(await shown(await back.rolledBack()));
    expect(ended).not.toContain('New requests are not stopped now.');
    expect(ended).not.toContain('New requests are stopped');
  });

  test('shows no id of a person, and isolates what others wrote', async () => {
    const turned = `${given.hostile}\u202e`;
    for (const make of [() => back.undecided(turned), () => back.declared(turned), () => back.stuck(), () => back.rolledBack()]) {
      const story = await make();
      for (const path of [`/runs/${story.run}/rollback`, `/runs/${story.run}`, '/runs']) {
        const page = await shown(story, given.operations, path);
        expect(textOf(page)).not.toMatch(/\bp-[a-z0-9]{8,}/);
        expect(page.html).not.toMatch(/<script(?! src="\/assets\/)|<img\b|\u202e/i);
      }
    }
    const { html } = await shown(await back.declared(turned));
    expect(html).toMatch(/“<bdi>&quot;&gt;&lt;img [^“]*\[U\+202E\]<\/bdi>”/);
  });

  test('is reached from the run as soon as something is deployed, and first while a decision is open', async () => {
    const linkIn = async (story: given.Story, person = given.product): Promise<string> =>
      /<a class="button[^"]*" href="\/runs\/[^"]*\/rollback">([^<]*)</.exec((await shown(story, person, `/runs/${story.run}`)).html)?.[1] ??
      'no link';
    expect(await linkIn(await given.inSecond())).toBe('no link');
    expect([await linkIn(await back.released()), await linkIn(await back.released(), given.operations)]).toEqual(['no link', 'Roll back…']);
    expect([await linkIn(await back.rolledBack()), await linkIn(await back.rolledBack(), given.operations)]).toEqual([
      'Show the rollback',
      'Answer now',
    ]);
    const story = await back.undecided();
    expect(await linkIn(story)).toBe('Decide now');
    const text = textOf(await shown(story, given.product, `/runs/${story.run}`));
    expect([text.match(/Decide now: roll 1\.4\.0 back/g)?.length, text.includes('Blocked at')]).toEqual([1, false]);
    const mail = story.deps.controls.mailer.mails.findLast(({ subject }) => subject.startsWith('Decide before'));
    expect(mail?.text).toContain(`Open the rollback: http://localhost/runs/${story.run}/rollback`);
    expect(story.deps.controls.pager.pages.at(-1)?.text).toContain(`/runs/${story.run}/rollback`);
  });

  test('is in the list of runs first, whatever came after it', async () => {
    const story = await back.undecided();
    for (let n = 0; n < 30; n += 1)
      await story.deps.index.put({
        ...((await story.deps.index.get(story.run)) ?? expect.fail('no summary')),
        run: `20260303-080000-later${String(n).padStart(5, '0')}`,
        startedAt: `2026-03-03T08:00:${String(n).padStart(2, '0')}.000Z`,
        gate: 'phase-1',
      });
    const { html } = await shown(story, given.product, '/runs');
    expect(html.indexOf(story.run)).toBeGreaterThan(0);
    expect(html.indexOf(story.run)).toBeLessThan(html.indexOf('later00029'));
    expect(html).toContain('decision open');
    const next = /href="(\/runs\?[^"]*)">Older runs/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? expect.fail('no second page');
    expect((await shown(story, given.product, next)).html).not.toContain(story.run);
    expect((await shown(story, given.product, '/runs?service=mail')).html).not.toContain(story.run);
  });

  test('the view says the same to programs', async () => {
    const { deps, run } = await back.undecided();
    expect((await readRun(deps, run)).ok).toMatchObject({
      rollback: {
        target: { version: '1.2.2', components: [{ component: 'web' }] },
        waits: {
          for: 'decision',
          silentAt: expect.stringContaining('2026-03-02T08:05:45'),
          roles: ['operator', 'operations-lead', 'technical-lead', 'product-owner'],
        },
        events: [{ type: 'observation.recorded' }],
      },
      rollbackTriggers: expect.arrayContaining([{ id: 'data-corruption-detected', title: 'Data corruption detected' }]),
    });
  });
});
