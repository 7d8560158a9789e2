import type { Page } from 'playwright-core';
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

/** What stands on the page without unfolding anything, and what the lines of the others say. */
const seen = `({
  items: [...document.querySelectorAll('.notable > li')].filter((one) => one.checkVisibility()).map((one) => [one.querySelector('.pill').textContent, one.innerText]),
  more: [...document.querySelectorAll('section[aria-labelledby=run-exceptions] > details > summary')].map((one) => one.textContent).filter((text) => /^and \\d+ more/.test(text)).join('; '),
  red: [...document.querySelectorAll('summary > .failing')].map((one) => one.textContent),
})`;

type Seen = { readonly items: readonly (readonly [string, string])[]; readonly more: string; readonly red: readonly string[] };

const hash = (sign: string): string => `sha256:${sign.repeat(64)}`;
const texts = {
  long: 'It brings vouchers to the cart, which customers have asked for since the spring sale of last year. '.repeat(9),
  wide: 'WIDE CAPITALS OF A HASTY PERSON '.repeat(60),
  unbroken: 'W'.repeat(2000),
  signs: '優惠券將在春季促銷期間加入購物車。'.repeat(100),
  lines: 'one line\n'.repeat(200),
  // A word that leaves most of each line empty.
  ragged: 'incomprehensibilities incomprehensibilities '.repeat(45),
  hostile: given.hostile.repeat(20),
} as const;

/** Everything that a release can say of itself, at its longest. `text`: what stands in each text of people, `name`: in each name. */
const full = (base: ApprovalPage, text: string, name: string): ApprovalPage => {
  const version = name.slice(0, 100);
  const changes = Array.from({ length: 20 }, (_, n) => `https://code.example/${'shop-team/'.repeat(n % 2 === 0 ? 1 : 17)}pull/${n}`);
  const words = new Map([
    ...base.words,
    ...[
      ['why', text.slice(0, 2000)] as const,
      ['by', text.slice(0, 100)] as const,
      ['changes', changes.join('\n')] as const,
      ['note', text] as const,
    ].map(([digest, said]) => [digest, { text: said, salt: 's', erasedAt: null }] as const),
  ]);
  const [asked] = base.answers;
  if (asked === undefined) expect.fail('nobody is asked');
  const roles = ['technical-lead', 'operations-lead', 'product-owner', 'security-lead'] as never[];
  const round = (number: number, answer: 'approved' | 'rejected' | 'changes-requested') =>
    roles.map((role) => ({ ...asked, role, round: number, answer, at, note: 'note', invalidated: number < 3 }));
  const finding = base.exceptions.checks[0]?.finding.check ?? '';
  return {
    ...base,
    version,
    service: 's'.repeat(64),
    environment: 'e'.repeat(64),
    for: given.operations,
    round: 3,
    words,
    said: { why: 'why', requestedBy: 'by', changes: 'changes' },
    target: { level: 'redeploy', version, run: base.run, components: [], readBack: false } as never,
    answers: [
      ...round(1, 'rejected'),
      ...round(2, 'changes-requested'),
      ...round(3, 'approved').slice(0, 2),
      ...roles.map((role) => ({ ...asked, role, round: 3, answer: null, at: null })),
    ],
    authors: {
      known: { people: Array.from({ length: 9 }, (_, n) => `p-author000${n}`), others: ['bot'], isUnnamed: true },
      reader: 'unknown',
    },
    lastSigned: { title: 'Phase 3', at, changed: base.exceptions.checks.map((one) => one.finding.check).concat(finding), events: 3 },
    changedBefore: {
      at,
      target: { was: version, is: null },
      t0: null,
      overridden: [],
      resumed: [],
      authors: true,
      changes: Array.from({ length: 30 }, (_, n) => ({ title: `Line ${n} of the document`, event: null })),
    },
  };
};

const compared = (version: string) =>
  ({
    state: 'compared',
    run: '20260302-080000-abcdef',
    version,
    commit: 'c'.repeat(40),
    commitPage: null,
    components: Array.from({ length: 20 }, (_, n) => ({ component: `c${n}`, was: hash('a'), is: hash('b') })),
    componentsInAll: 20,
    checks: [],
    checksInAll: 91,
    definition: { name: 'checklist', version: '1', digest: hash('c') },
    profile: null,
    deviations: { added: [], removed: [] },
  }) as never;

const opened = async () => {
  const story = await given.atGoNoGo();
  const shown = await showApproval(story.deps, { link: given.linkOf(story, given.technical) }, given.callerOf(story, given.technical));
  const base = shown.ok ?? expect.fail('no page');
  const until = { at: base.expires, zone: 'UTC', local: '2026-03-09 08:00' };
  return {
    base,
    form: {
      link: 'link',
      nonce: 'nonce',
      roles: [],
      until,
      now: story.deps.clock.now(),
      changes: { state: 'none', version: null },
    } as const,
  };
};

const show = async (page: Page, markup: ReturnType<typeof approvalPage>): Promise<void> =>
  page.setContent(String(await markup).replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`));

inBrowser('a decision on a phone', {}, ({ newTab }) => {
  test('of every number of exceptions each kind stands before the answers with its words, and the others are counted by kind', async () => {
    const { base, form } = await opened();
    const { page } = await newTab({ script: false });
    for (const shape of shapes) {
      await show(
        page,
        approvalPage(shaped(base, shape), (id) => people[id] ?? id, form),
      );
      expect([shape, await decisionFaults(page)]).toEqual([shape, []]);
      const { items, more, red } = (await page.evaluate(seen)) as Seen;
      // What fails is named where it has no room, and marked.
      const named = shape.fail - items.filter(([pill]) => pill === 'fail').length;
      expect([shape, red]).toEqual([
        shape,
        named === 0 ? [] : [expect.stringMatching(new RegExp(`^and ${named} more fail \\(.*fail \\d`))],
      ]);
      for (const [kind, count] of Object.entries(shape)) {
        const own = items.filter(([pill]) => pill === kind);
        const folded = Number(new RegExp(`(\\d+) (?:more )?${kind}`).exec(more)?.[1] ?? 0);
        expect([shape, kind, own.length + folded]).toEqual([shape, kind, count]);
        expect([shape, kind, own.length > 0]).toEqual([shape, kind, count > 0]);
        const words = kind === 'fail' ? '160 clients' : new RegExp(`(wrote|Reason): “About ${kind.replace(' ', '-')}`);
        for (const [, text] of own) expect([shape, text]).toEqual([shape, expect.stringMatching(words)]);
      }
    }
  }, 60_000);

  test('whatever a release says of itself, the answers stand within two screens, the page ends within three, and each fold says how much is behind it', async () => {
    const { base, form } = await opened();
    const { page } = await newTab({ script: false });
    for (const [kind, text] of Object.entries(texts))
      for (const shape of [shapes[0], shapes.at(-1)]) {
        const name = kind === 'long' ? 'adds-vouchers-to-a-cart-'.repeat(12) : text.replaceAll('\n', ' ').slice(0, 300);
        const shown = full(shaped(base, shape ?? expect.fail('no shape')), text, name);
        await show(
          page,
          approvalPage(shown, () => name, { ...form, changes: compared(shown.version) }),
        );
        expect([kind, shape, await decisionFaults(page)]).toEqual([kind, shape, []]);
        const folds = (await page.evaluate(
          `[...document.querySelectorAll('#release ~ * summary, .brief summary')].map((one) => one.textContent)`,
        )) as string[];
        for (const fold of folds) expect([kind, fold]).toEqual([kind, expect.stringMatching(/\d/)]);
        expect([kind, folds.length > 3]).toEqual([kind, true]);
      }
  }, 60_000);
});
