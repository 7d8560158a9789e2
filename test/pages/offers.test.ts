import { describe, expect, test } from 'vitest';
import { operatingActs } from '../../lib/api/operating-pages.ts';
import * as approvals from './approval-scenarios.ts';
import * as given from './page-scenarios.ts';
import { serveSite } from './page-server.ts';
import { states } from './page-states.ts';
import { textOf } from './page-text.ts';

const people = [given.technical, given.operations, given.product, given.starter];

/** The acts whose forms a page has; what the guard of an act refuses has no form. */
const formsIn = (html: string): string[] => [...html.matchAll(/name="act" value="([\w-]+)"/g)].map(([, act = '']) => act);

/** In the words of the page of the run. */
const acts: Readonly<Record<string, readonly string[]>> = {
  'resume it after the incident': ['resume'],
  'end it by the incident': ['end'],
  'recall the requests': ['recall'],
  'ask for the approvals again': ['ask-again'],
  'move T0': ['reschedule'],
  'override a freeze': ['override-freeze'],
  'cancel it': ['cancel'],
};
const buttons: Readonly<Record<string, readonly string[]>> = {
  'Decide now': ['roll-back', 'continue'],
  'Answer now': ['cause', 'review'],
  'Roll back…': ['declare'],
  'Decide the incident': ['resume', 'end'],
};

type Forms = { readonly operating: readonly string[]; readonly own: readonly string[] };

/** What a page of a run offers although its reader, or of what it says of others nobody, could do it. */
const emptyOffers = (html: string, { operating, own }: Forms): string[] => {
  const sentence = /">Operate this run<\/a> to ([^<]*)\.<\/p>/.exec(html)?.[1];
  const ofOthers = /<p class="soft">Others can ([^<]*)\. </.exec(html)?.[1];
  const wordsIn = (said = ''): string[] => said.split(/, | or /).filter((words) => words !== '');
  return [
    ...wordsIn(sentence).filter((words) => !acts[words]?.some((act) => own.includes(act))),
    ...wordsIn(ofOthers).filter((words) => !acts[words]?.some((act) => operating.includes(act) && !own.includes(act))),
    ...(html.includes('accesskey="o">Operate this run') && !operatingActs.some((act) => own.includes(act)) ? ['Operate this run'] : []),
    ...(html.includes('accesskey="o">Roll back this run') && !own.includes('declare') ? ['Roll back this run'] : []),
    ...(html.includes('accesskey="o">Windows and rollback') && own.includes('declare') ? ['Windows'] : []),
    ...Object.entries(buttons).flatMap(([words, needed]) =>
      html.includes(`>${words}</a>`) && !needed.some((act) => own.includes(act)) ? [words] : [],
    ),
    ...((html.match(/class="note bad"[^>]*><p><strong>/g)?.length ?? 0) > 1 ? ['two red boxes'] : []),
  ];
};

describe('a page of a run offers what can be done now', () => {
  test.each(Object.entries(states))('%s', { timeout: 60_000 }, async (_name, state) => {
    const { story } = await state();
    const site = await serveSite(story.deps, story.stage);
    const path = `/runs/${story.run}`;
    const read = await Promise.all(
      people.map(async (person) => {
        const pages = await Promise.all(['', '/operating', '/rollback', '/reviews'].map((page) => site.get(person, `${path}${page}`)));
        const [, operating = [], rollback = []] = pages.map(({ html }) => formsIn(html));
        return { person, pages, operating, rollback };
      }),
    );
    const operating = read.flatMap((one) => one.operating);
    const found = read.flatMap((one) =>
      one.pages.flatMap(({ html }) => {
        const offers = emptyOffers(html, { operating, own: [...one.operating, ...one.rollback] });
        return offers.length === 0 ? [] : [[one.person, /<title>([^<]*)/.exec(html)?.[1], offers]];
      }),
    );
    await site.close();
    expect(found).toEqual([]);
  });

  test.each([
    ['an open approval after T0, to who may roll back', approvals.atSignOff, given.technical, 'technical-lead', 'Roll back this run'],
    ['an open approval after T0, to who may not', approvals.atSignOff, given.product, 'product-owner', 'Windows and rollback'],
    ['a closed approval after T0', approvals.superseded, given.technical, 'technical-lead', 'Windows and rollback'],
  ] as const)('one key leads from %s to the page of the rollback', async (_name, make, person, role, words) => {
    const story = await make();
    const site = await serveSite(story.deps, story.stage);
    const { html } = await site.get(person, `/approvals/${approvals.signOffLink(story, role)}`);
    await site.close();
    expect(/<a href="([^"]*)" accesskey="o">([^<]*)</.exec(html)?.slice(1)).toEqual([`/runs/${story.run}/rollback`, words]);
  });

  test('no key leads there from a closed approval before T0', async () => {
    const story = await approvals.closed();
    const site = await serveSite(story.deps, story.stage);
    const { html } = await site.get(given.technical, `/approvals/${given.linkOf(story, given.technical)}`);
    await site.close();
    expect(html).not.toContain('accesskey="o"');
  });

  test('the walk knows every act, and an ended run offers none of them', async () => {
    expect(Object.values(acts).flat().toSorted()).toEqual([...operatingActs].toSorted());
    const story = await given.atGoNoGo();
    const site = await serveSite(story.deps, story.stage);
    const before = textOf(await site.get(given.operations, `/runs/${story.run}`));
    expect(before).toContain('Operate this run to recall the requests, move T0 or cancel it.');
    await given.answerAs(story, given.operations, 'rejected');
    await story.machine.settle();
    const after = textOf(await site.get(given.operations, `/runs/${story.run}`));
    expect([after.includes('Operate'), after.includes('Monitoring and reviews')]).toEqual([false, false]);
    await site.close();
  });
});
