import { beforeAll, describe, expect, test } from 'vitest';
import { approvalPage } from '../../lib/console/approval.ts';
import { type ApprovalPage, showApproval } from '../../lib/run/commands/show-approval.ts';
import type { Invalidation } from '../../lib/run/state/invalidation.ts';
import * as given from './page-scenarios.ts';
import { textOf } from './page-text.ts';

/** Facts of a decision that few runs have, each on the page as it is rendered. */
let base: ApprovalPage;
let now: Date;
beforeAll(async () => {
  const story = await given.atGoNoGo();
  const shown = await showApproval(story.deps, { link: given.linkOf(story, given.technical) }, given.callerOf(story, given.technical));
  base = shown.ok ?? expect.fail('no page');
  now = story.deps.clock.now();
}, 60_000);

const names = (id: string): string => ({ [given.technical]: 'Tove <T>', [given.operations]: 'Ole O' })[id] ?? id;
const at = '2026-03-02T09:30:00.000Z';
const htmlOf = async (changes: Partial<ApprovalPage>): Promise<string> => {
  const until = { at: base.expires, zone: 'UTC', local: '2026-03-09 08:00' };
  const form = { link: 'link', nonce: 'nonce', roles: [], until, now, changes: { state: 'none', version: null } } as const;
  return String(await approvalPage({ ...base, ...changes }, names, form));
};
const pageWith = async (changes: Partial<ApprovalPage>): Promise<string> => textOf({ html: await htmlOf(changes) });

describe('who wrote the release', () => {
  const known = { people: [given.technical, given.operations], others: ['github/<b>bot</b>'], isUnnamed: false };

  test('stands in one row, with how many accounts stand for nobody, who are named below', async () => {
    const html = await htmlOf({ authors: { known, reader: 'no' } });
    const text = textOf({ html });
    expect(text).toMatch(/Authors Tove <T>, Ole O,? (and )?1 account not in the roster (?!\. )/);
    expect(text).not.toMatch(/your approval counts only/);
    expect(text).toContain('Authors not in the roster github/<b>bot</b>');
    expect(html).not.toContain('<b>bot');
  });

  test.each([
    ['yes', 'You are among them: your approval counts only beside that of somebody who is not.'],
    ['unknown', 'It is not known whether you are among them: your approval counts only beside that of somebody who is not.'],
  ] as const)('the reader is told what their approval needs: %s', async (reader, note) => {
    expect(await pageWith({ authors: { known, reader } })).toContain(note);
  });

  test('says that it is not known, and nothing where the gate does not ask', async () => {
    expect(await pageWith({ authors: { known: null, reader: 'unknown' } })).toContain('Authors not known, so nobody is asked');
    expect(await pageWith({ authors: undefined })).not.toContain('Authors');
  });

  test('names five, and the others below', async () => {
    const people = Array.from({ length: 7 }, (_, n) => `p-author000${n}`);
    const text = await pageWith({ authors: { known: { people, others: [], isUnnamed: false }, reader: 'no' } });
    expect(text).toContain('p-author0004, 2 more, named below');
    expect(text).toContain(`Authors in the roster ${people.join(', ')}`);
  });
});

const nothing: Invalidation = { at, target: null, t0: null, overridden: [], resumed: [], authors: false, changes: [] };
const changes: readonly (readonly [string, Partial<Invalidation>, string])[] = [
  ['a target of a rollback', { target: { was: '1.2.2', is: '1.3.0' } }, 'Target of a rollback: 1.3.0, before 1.2.2'],
  ['a target that is gone', { target: { was: '1.2.2', is: null } }, 'Target of a rollback: none, before 1.2.2'],
  [
    'an incident that was resumed',
    { resumed: [{ title: 'Go / no-go', at, by: given.operations, reason: 'd' }] },
    'Incident: resumed at Go / no-go on 2026-03-02 09:30:00 UTC by Ole O',
  ],
  ['other authors', { authors: true }, 'Authors: others than before'],
  ['the end of a waiver', { changes: [{ title: 'Soak', event: null }] }, 'Soak: changed by the passing of time'],
];

describe('what changed', () => {
  test.each(changes)('%s, on the link of the round and in the next one', async (_, changed, words) => {
    const invalidated = { ...nothing, ...changed };
    expect(await pageWith({ state: 'invalidated', invalidated })).toContain(`What has changed: ${words}`);
    const next = await pageWith({ round: 2, changedBefore: invalidated });
    expect(next).toMatch(/Changed since round 1 The answers of round 1 were invalidated on 2026-03-02 09:30:00 UTC\./);
    expect(next).toContain(words);
  });

  test('of many the first stand on the page, and each of the others behind a fold', async () => {
    const many = Array.from({ length: 30 }, (_, n) => ({
      title: `Line ${n}`,
      event: { at, by: { kind: 'ci', id: 'ci/shop' } as const, what: 'judged fail' },
    }));
    const text = await pageWith({ round: 2, changedBefore: { ...nothing, changes: many } });
    expect(text).toMatch(/and 2\d more Line/);
    for (const { title } of many) expect(text).toContain(`${title}: judged fail on 2026-03-02 09:30:00 UTC by a CI job`);
  });
});

describe('exceptions', () => {
  test('an incident that was resumed stands among them, with the words of who resumed it', async () => {
    const words = new Map([...base.words, ['d'.repeat(64), { text: 'The <i>alarm</i> was false.', salt: 's', erasedAt: null }]]);
    const resumed = [{ title: 'Go / no-go', at, by: given.operations, reason: 'd'.repeat(64) }];
    const text = await pageWith({ words, exceptions: { ...base.exceptions, resumed } });
    expect(text).toMatch(
      /An incident interrupted the run\. Ole O resumed it at Go \/ no-go on 2026-03-02 09:30:00 UTC\. Ole O wrote: “ The <i>alarm<\/i> was false\. ”/,
    );
  });

  test('of many the worst stand before the answers, and the words of each of the others behind a fold that counts them', async () => {
    const [one] = base.exceptions.checks.filter(({ finding }) => finding.verdict === 'waived');
    if (one === undefined) expect.fail('no waiver');
    const checks = Array.from({ length: 40 }, (_, n) => ({
      ...one,
      finding: { ...one.finding, check: `c${n}`, title: `Check ${n}`, statement: { by: given.operations, digest: `word${n}` } },
    }));
    const words = new Map(checks.map((_, n) => [`word${n}`, { text: `Reason ${n}.`, salt: 's', erasedAt: null }] as const));
    const text = await pageWith({ words, exceptions: { ...base.exceptions, checks } });
    const [before = '', after] = text.split(/and (\d+) more waived/);
    // A short line has the whole of it behind its own fold.
    const shown = new Set(before.match(/Ole O wrote: “ Reason \d+\. ”/g) ?? []).size;
    expect(shown).toBeGreaterThan(0);
    expect(Number(after)).toBe(40 - shown);
    for (let n = 0; n < 40; n += 1) expect(text).toContain(`“ Reason ${n}. ”`);
    expect(text.indexOf('Reason 39.')).toBeLessThan(text.indexOf('Your answer'));
  });

  test('a long text begins on the page, and stands whole behind a fold', async () => {
    const text = `It begins here. ${'And it goes on. '.repeat(60)}It ends here.`;
    const html = await htmlOf({ words: new Map([[base.said.why, { text, salt: 's', erasedAt: null }]]) });
    const [, beginning = '', count, rest = ''] =
      /CI wrote: “<bdi>(It begins here\.[^<]*)<\/bdi><span class="cut">…”<\/span><details class="rest narrow-only"><summary>and (\d+) more characters<\/summary><span class="cut">“…<\/span><bdi>([^<]*)<\/bdi>”<\/details>/.exec(
        html,
      ) ?? [];
    expect([beginning.length <= 140, beginning + rest, Number(count)]).toEqual([true, text, rest.trim().length]);
  });
});

test('the form says before it is filled that a sign-in of the last 15 minutes is needed', async () => {
  expect(await pageWith({})).toContain('It needs a sign-in of the last 15 minutes. After a new one your text is still there.');
});
