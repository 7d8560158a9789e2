import { expect, test } from 'vitest';
import { approvalPage } from '../../lib/console/approval.ts';
import { style } from '../../lib/console/style.ts';
import { type ApprovalPage, showApproval } from '../../lib/run/commands/show-approval.ts';
import { inBrowser } from './in-browser.ts';
import { decisionFaults } from './on-a-phone.ts';
import * as given from './page-scenarios.ts';

type Excepted = ApprovalPage['exceptions']['checks'][number];
type Shape = { readonly fail: number; readonly waived: number; readonly 'not applicable': number; readonly overridden: number };

const upTo = (most: number): number[] => Array.from({ length: most + 1 }, (_, n) => n);
/** Every number of failing checks beside one waiver, and the corners of everything else. */
const shapes: readonly Shape[] = [
  ...upTo(12).map((fail) => ({ fail, waived: 1, 'not applicable': 2, overridden: 0 })),
  ...[0, 1, 2, 12].flatMap((fail) =>
    [0, 3, 12].flatMap((waived) =>
      [0, 1, 12].flatMap((others) => [0, 1].map((overridden) => ({ fail, waived, 'not applicable': others, overridden }))),
    ),
  ),
];

const at = '2026-03-02T09:30:00.000Z';
const people: Readonly<Record<string, string>> = { [given.technical]: 'Tove Technical', [given.operations]: 'Ole Operations' };
const wordsOf = (name: string): string => `About ${name}: ${'the tests follow in ticket 4412 by the end of the sprint. '.repeat(3)}`;

/** So many exceptions of each kind, each with words of its own. */
const shaped = (base: ApprovalPage, shape: Shape): ApprovalPage => {
  const like = (verdict: string): Excepted =>
    base.exceptions.checks.find(({ finding }) => finding.verdict === verdict) ?? expect.fail(`no ${verdict}`);
  const many = (from: Excepted, verdict: Excepted['finding']['verdict'], count: number): Excepted[] =>
    upTo(count - 1).map((n) => ({
      ...from,
      finding: {
        ...from.finding,
        mode: 'required',
        verdict,
        check: `${verdict}-${n}`,
        title: `${from.finding.title}, ${verdict} ${n}`,
        statement: verdict === 'fail' ? null : { by: given.operations, digest: `${verdict}-${n}` },
      },
    }));
  const checks = [
    ...many(like('fail'), 'fail', shape.fail),
    ...many(like('waived'), 'waived', shape.waived),
    ...many(like('waived'), 'not-applicable', shape['not applicable']),
  ];
  const said = [...checks.map(({ finding }) => finding.check), 'overridden-0'];
  const words = new Map([...base.words, ...said.map((name) => [name, { text: wordsOf(name), salt: 's', erasedAt: null }] as const)]);
  const overridden = upTo(shape.overridden - 1).map((n) => ({
    freeze: `Quarter end ${n}`,
    at,
    by: [given.technical, given.operations],
    reasons: [`overridden-${n}`, `overridden-${n}`],
  }));
  return { ...base, words, exceptions: { ...base.exceptions, checks, overridden } };
};

/** What stands on the page without unfolding anything, and what the line of the others says. */
const seen = `({
  items: [...document.querySelectorAll('.notable > li')].filter((one) => one.checkVisibility()).map((one) => [one.querySelector('.pill').textContent, one.innerText]),
  more: [...document.querySelectorAll('.card > details > summary')].map((one) => one.textContent).find((text) => /^and \\d+ more/.test(text)) ?? '',
})`;

inBrowser('exceptions on a phone', {}, ({ newTab }) => {
  test('of every number of exceptions each kind stands before the answers with its words, and the others are counted by kind', async () => {
    const story = await given.atGoNoGo();
    const shown = await showApproval(story.deps, { link: given.linkOf(story, given.technical) }, given.callerOf(story, given.technical));
    const base = shown.ok ?? expect.fail('no page');
    const form = {
      link: 'link',
      nonce: 'nonce',
      until: { at: base.expires, zone: 'UTC', local: '2026-03-09 08:00' },
      now: story.deps.clock.now(),
      changes: { state: 'none', version: null },
    } as const;
    const { page } = await newTab({ script: false });
    for (const shape of shapes) {
      const html = String(await approvalPage(shaped(base, shape), (id) => people[id] ?? id, form));
      await page.setContent(html.replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`));
      expect([shape, await decisionFaults(page)]).toEqual([shape, []]);
      const { items, more } = (await page.evaluate(seen)) as { items: [string, string][]; more: string };
      for (const [kind, count] of Object.entries(shape)) {
        const own = items.filter(([pill]) => pill === kind);
        const folded = Number(new RegExp(`(\\d+) ${kind}`).exec(more)?.[1] ?? 0);
        expect([shape, kind, own.length + folded]).toEqual([shape, kind, count]);
        expect([shape, kind, own.length > 0]).toEqual([shape, kind, count > 0]);
        const words = kind === 'fail' ? '160 clients' : `wrote: “About ${kind.replace(' ', '-')}`;
        for (const [, text] of own) expect([shape, text]).toEqual([shape, expect.stringContaining(words)]);
      }
    }
  }, 60_000);
});
