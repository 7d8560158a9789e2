import { describe, expect, test } from 'vitest';
import { readRun } from '../../lib/query/run-view.ts';
import { beforeT0 } from './check-scenarios.ts';
import * as given from './page-scenarios.ts';
import { type Page, sitesOfTests } from './page-server.ts';
import { textOf, titleOf } from './page-text.ts';

const siteOf = sitesOfTests();

/** The card at the top of a run's page: where the run is, and what supplies what is open. */
const cardIn = ({ html }: Pick<Page, 'html'>): string => {
  const from = html.indexOf('<div class="note ');
  return html.slice(from, html.indexOf('<p class="soft">To decide an incident', from));
};

const cardOf = async (story: given.Story, person: string): Promise<{ readonly html: string; readonly text: string }> => {
  const html = cardIn(await (await siteOf(story)).get(person, `/runs/${story.run}`));
  return { html, text: textOf({ html }) };
};

const commandsIn = (html: string): string[] =>
  [...html.matchAll(/<span class="mono command">([^<]*)<\/span>/g)].map(([, command]) => command ?? '');

describe('the card of a run', () => {
  test('says at a gate of signatures who has a mail with a link and who has answered, and nothing of reports', async () => {
    const story = await given.atGoNoGo();
    await given.answerAs(story, given.operations, 'approved');
    const { text, html } = await cardOf(story, given.product);
    expect(text).toMatch(/no answer yet technical lead: Tove <b>Technical<\/b> & Søn until /);
    expect(text).toMatch(/approved operations lead: Ole "Operations" O'Neil 2026-03-02/);
    expect(text).toContain('You are asked: open the link in your mail.');
    expect(commandsIn(html)).toEqual([`holdpoint approvals ${story.run}`]);
    expect(text).not.toContain('holdpoint evidence');
    const other = await cardOf(story, given.starter);
    expect(other.text).toContain('Each person who is asked has a mail with a link to the report and the form.');
    expect(other.text).not.toContain('You are asked');
  });

  test('says where people operate the run what keeps it and how many checks are open, so that the forms come soon', async () => {
    const story = await beforeT0();
    const { html } = await (await siteOf(story)).get(given.operations, `/runs/${story.run}/operating`);
    const card = html.slice(html.indexOf('<div class="note '), html.indexOf('Show the current state'));
    expect(textOf({ html: card })).toMatch(
      /^ Blocked at Pre-Deployment \(T-2 hours\)\. .*5 checks are open: the page of the run shows what is missing\./,
    );
    expect(card).toContain(`href="/runs/${story.run}#gate-t-minus-2h"`);
    expect(commandsIn(card)).toEqual([]);
    const signing = await given.atGoNoGo();
    const operated = textOf(await (await siteOf(signing)).get(given.starter, `/runs/${signing.run}/operating`));
    expect(operated).toContain('no answer yet technical lead: Tove');
    expect(operated).not.toContain('are open: the page of the run');
  });

  test('leads who may attest to the form, and tells everybody else whose it is', async () => {
    const story = await given.inSecond();
    const [own, other] = [await cardOf(story, given.operations), await cardOf(story, given.product)];
    expect(own.html).toContain(`href="/runs/${story.run}/checks/monitoring-configured#attest"`);
    expect(own.text).toContain('Each link opens its form');
    expect(other.html).not.toContain('#attest');
    expect(other.text).toContain('To be attested by an operations lead');
    const attest = commandsIn(other.html).filter((command) => command.startsWith('holdpoint attest'));
    expect(attest).toEqual([`holdpoint attest ${story.run} monitoring-configured --statement TEXT`]);
    const check = await (await siteOf(story)).get(given.operations, `/runs/${story.run}/checks/monitoring-configured`);
    expect(check.html).toContain('id="attest"');
  });

  test('leads who may attest several checks to one page with a field for each, and nobody else', async () => {
    const story = await beforeT0();
    const own = await cardOf(story, given.operations);
    const fields = (await (await siteOf(story)).get(given.operations, `/runs/${story.run}/attest`)).html;
    const links = [...own.html.matchAll(/href="\/runs\/[\w-]+\/attest#([\w-]+)"/g)].map(([, field]) => field ?? '');
    expect(links.length).toBeGreaterThan(2);
    for (const field of links) expect(fields).toContain(`id="${field}" name="${field}"`);
    expect(own.html).toContain(`href="/runs/${story.run}/attest">Attest these ${links.length} checks</a>`);
    expect((await cardOf(story, given.starter)).html).not.toContain('/attest');
    const inbox = (await (await siteOf(story)).get(given.operations, '/inbox')).html;
    expect(inbox).toContain(`href="/runs/${story.run}/attest">Attest ${links.length} of them on one page</a>`);
  });

  test('gives of evidence the command that the page of the check gives, with type, commit and artifact', async () => {
    const story = await given.inSecond();
    const site = await siteOf(story);
    const view = await readRun(story.deps, story.run);
    const card = await cardOf(story, given.product);
    const sent = (view.ok?.supplies ?? []).filter(({ way }) => way === 'evidence');
    expect(sent.length).toBeGreaterThan(2);
    for (const { check, commands } of sent) {
      const page = await site.get(given.product, `/runs/${story.run}/checks/${check}`);
      expect(commandsIn(page.html), check).toEqual(commands);
      expect(commands[0], check).toMatch(
        new RegExp(`^holdpoint evidence ${story.run} (?:FILE|[a-z0-9-]+\\.(?:record|series)\\.json) --type [a-z-]+ --commit [0-9a-f]{40}`),
      );
      expect(commandsIn(card.html)).toEqual(expect.arrayContaining([...commands]));
    }
    const artifact = sent.find(({ check }) => check === 'release-artifact-built');
    expect(artifact?.commands[0]).toMatch(/ --type cyclonedx .* --component web --artifact sha256:[0-9a-f]{64}$/);
  });

  test('gives no advice that the page of the check takes back', async () => {
    for (const story of [await given.begin(), await given.inSecond(), await given.atGoNoGo(), await given.deployed()]) {
      const site = await siteOf(story);
      const card = await cardOf(story, given.product);
      const view = await readRun(story.deps, story.run);
      for (const { check, way, commands } of view.ok?.supplies ?? []) {
        const page = await site.get(given.product, `/runs/${story.run}/checks/${check}`);
        const saysNothing = textOf(page).includes('Nothing is sent for it');
        expect([check, saysNothing && commands.length > 0]).toEqual([check, false]);
        if (way !== 'attestation') expect(commandsIn(page.html), check).toEqual(commands);
        expect(card.text, check).toContain(way === 'signatures' ? 'Signatures' : titleOf(check));
      }
    }
  });

  test('says first what failed, with its reason and the command', async () => {
    const story = await given.blockedAtFirst('adds vouchers');
    const { text } = await cardOf(story, given.technical);
    expect(text).toMatch(
      /Reports to send by a technical lead fail No regressions in existing features: .*adds vouchers.* holdpoint evidence \S+ FILE --type junit .*missing/,
    );
  });
});
