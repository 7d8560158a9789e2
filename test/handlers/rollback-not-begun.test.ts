import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { readInbox } from '../../lib/query/inbox.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { artifact, dependenciesOf, givenRun } from '../given.ts';
import { machineOf } from '../machine.ts';
import * as given from '../pages/page-scenarios.ts';
import * as back from '../pages/rollback-scenarios.ts';
import { readBack, shopTargets, takenByAnother } from '../way-back.ts';
import { actsOn } from './form-site.ts';
import { siteOf } from './rollback-site.ts';

/** A rollback or a drill whose first step does not begin: the page says why, and offers what a person can do. */

const back7 = { component: 'web', digest: `sha256:${'e'.repeat(64)}`, reference: '7' };

/** A drill that has asked what runs. */
const drill = async (): Promise<given.Story> => {
  const stage = given.pagesStage();
  const targets = { shop: { staging: { ...shopTargets(), staging: true } } };
  const deps = dependenciesOf(baseChecklist, { people: stage.roster, stage: { targets } });
  const asked = { environment: 'staging', drill: { version: '1.3.2', components: [back7] } };
  const run = await givenRun(deps, asked, given.pipeline);
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  expect(machine.at()).toBe('stop-requests');
  return { stage, deps, run, machine };
};

const otherRuns = async (): Promise<given.Story> => {
  const story = await drill();
  await readBack(story, `sha256:${'d'.repeat(64)}`);
  return story;
};

const taken = async (): Promise<given.Story> => {
  const story = await back.declared();
  await takenByAnother(story);
  await back.decide(story, 'roll-back');
  await reconcileGate(story.deps, { run: story.run });
  return story;
};

const asked = async (story: given.Story): Promise<readonly string[]> => {
  const inbox = await readInbox(story.deps, given.callerOf(story, given.operations));
  return inbox.items.map(({ command }) => command).filter((command) => command.includes('rollback-step'));
};

describe.each<[string, () => Promise<given.Story>, RegExp, string]>([
  [
    'a drill of another version',
    otherRuns,
    /The drill cannot begin: <bdi>web runs sha256:d+, and the drill says sha256:b+<\/bdi>/,
    'drill',
  ],
  ['a rollback whose environment another release has', taken, /The rollback cannot begin: <bdi>another release has/, 'rollback'],
])('%s', (_, make, why, what) => {
  test('says so on its page, and the operations lead ends it there', async () => {
    const story = await make();
    const site = siteOf(story);
    const page = await site.open();
    expect(page.text).toMatch(why);
    expect(page.text).toContain('An operations lead ends it. Until then it waits.');
    expect(actsOn(page).filter((act) => act !== 'declare')).toEqual(['end']);
    expect(page.text).toContain(`End the ${what} without a step`);
    expect(await asked(story)).toEqual([`holdpoint rollback-step ${story.run} stop-requests --end --reason TEXT`]);
    const reply = await site.send(site.form(page, 'end', { step: 'stop-requests' }));
    expect([reply.status, reply.headers.location]).toEqual([303, site.path]);
    await story.machine.settle();
    expect(story.machine.at()).toBe('end rollback-escalated');
    const ended = await site.open();
    expect(ended.status).toBe(200);
    expect(actsOn(ended)).not.toContain('end');
  });

  test('is offered to nobody else, and says who ends it', async () => {
    const story = await make();
    const page = await siteOf(story).open(siteOf(story).as(given.technical));
    expect(actsOn(page).filter((act) => act !== 'declare')).toEqual([]);
    expect(page.text).toContain('An operations lead ends it.');
  });
});

test('a drill that waits for what runs says so, and can be ended before it knows', async () => {
  const story = await drill();
  const site = siteOf(story);
  const page = await site.open();
  expect(page.text).toContain('what web runs is being read');
  expect(page.text).toContain('Nobody has to do anything now. If it takes longer than some minutes, an operations lead can end it.');
  expect(page.text).toContain('Nobody is asked to decide: the rollback is rehearsed.');
  expect(page.text).not.toContain('sign-off was rejected');
  expect(actsOn(page)).toEqual(['end']);
  expect((await site.send(site.form(page, 'end', { step: 'stop-requests' }))).status).toBe(303);
  await story.machine.settle();
  expect(story.machine.at()).toBe('end rollback-escalated');
});

test('a drill that has begun offers what every step offers, and a page from before ends nothing', async () => {
  const story = await drill();
  const site = siteOf(story);
  const before = await site.open();
  await readBack(story, artifact);
  expect(actsOn(await site.open())).toEqual([]);
  const late = await site.send(site.form(before, 'end', { step: 'stop-requests' }));
  expect([late.status, late.text.includes('The run has gone on since the page was shown.')]).toEqual([409, true]);
});

test('who waits for the word about the data can end the rollback instead', async () => {
  const story = await back.dataAsked(false);
  const site = siteOf(story);
  const page = await site.open();
  expect(actsOn(page)).toEqual(['keep', 'restore', 'end', 'declare']);
  expect(page.text).toContain('An operations lead can end the rollback instead.');
  expect(page.text).toContain('Before that, new requests are accepted again.');
});
