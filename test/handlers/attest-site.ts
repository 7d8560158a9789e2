import { expect } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { type Item, itemOf } from '../../lib/checklist/definition.ts';
import type { RunView } from '../../lib/query/view.ts';
import * as checks from '../pages/check-scenarios.ts';
import * as given from '../pages/page-scenarios.ts';
import { type Fields, formSiteOf } from './form-site.ts';
import type { Reply } from './requests.ts';

/** Two hours before T0, as the operations lead sees it. */
export const site = async () => {
  const story = await checks.beforeT0();
  const path = `/runs/${story.run}/attest`;
  const browser = formSiteOf(story, path, given.operations);
  const first = await browser.open();
  const ids = fieldsOn(first);
  expect(ids.length).toBeGreaterThan(2);
  const attested = async () =>
    (await story.deps.trail.read(`run/${story.run}`, { prefix: 'check/' }))
      .filter(isType('check.judged'))
      .filter(({ event: { data } }) => ids.includes(data.check))
      .toSorted((a, b) => (a.event.at < b.event.at ? -1 : 1))
      .map(({ event: { data } }) => [data.check, data.by]);
  return { story, ...browser, first, ids, attested };
};

export const fieldsOn = ({ text }: Reply): string[] =>
  [...text.matchAll(/<textarea[^>]* name="statement-([\w-]+)"/g)].map(([, id = '']) => id);
export const nonceOf = ({ text }: Reply): string => /name="nonce" value="([^"]*)"/.exec(text)?.[1] ?? expect.fail('no form');
export const formOf = (page: Reply, statements: Fields): Fields => ({
  ...Object.fromEntries(fieldsOn(page).map((id) => [`statement-${id}`, ''])),
  ...Object.fromEntries(Object.entries(statements).map(([id, text]) => [`statement-${id}`, text])),
  nonce: nonceOf(page),
});
export const textIn = ({ text }: Reply, id: string): string | undefined =>
  new RegExp(`name="statement-${id}"[^>]*>([^<]*)</textarea>`).exec(text)?.[1];
export const noteIn = ({ text }: Reply): string =>
  (/<div class="note[^>]*>([\s\S]*?)<\/div>/.exec(text)?.[1] ?? '')
    .replace(/<\/p>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .trim();
export const titleOf = ({ gates }: RunView, id: string): string =>
  gates.flatMap(({ checks: all }) => all).find(({ check }) => check === id)?.title ?? expect.fail(`no check ${id}`);
export const slipOf = ({ text }: Reply, id: string): string | undefined => new RegExp(`id="statement-${id}-slip">([^<]*)<`).exec(text)?.[1];

export const attestations = async (story: given.Story) =>
  (await story.deps.trail.read(`run/${story.run}`, { prefix: 'check/' }))
    .filter(isType('check.judged'))
    .map(({ event: { at, data } }) => ({ at, check: data.check }));
export const refusalsIn = async (story: given.Story) =>
  (await story.deps.trail.read(`run/${story.run}`, { prefix: '' })).filter(isType('request.refused')).map(({ event: { data } }) => data);

/** Checks that a technical lead attests, so many at each of these gates. */
export const withAttested = async (of: Readonly<Partial<Record<'phase-1' | 'phase-2' | 'phase-3', number>>>): Promise<given.Story> => {
  const whole = given.checklist();
  const like = itemOf(whole, 'monitoring-configured') ?? expect.fail('no such check');
  const rule = { kind: 'attested/1', evidence: 'attestation', role: 'technical-lead' } as const;
  const more = (['phase-1', 'phase-2', 'phase-3'] as const).flatMap((gate) =>
    Array.from(
      { length: of[gate] ?? 0 },
      (_, n): Item => ({ ...like, id: `attested-${gate}-${n}`, title: `Attested ${gate} ${n}`, gate, owner: 'technical-lead', rule }),
    ),
  );
  return given.begin({}, given.pagesStage(), { ...whole, items: [...whole.items, ...more] });
};
