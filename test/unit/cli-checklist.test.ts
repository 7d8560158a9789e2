import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { Checklist } from '../../lib/checklist/definition.ts';
import { deviate } from '../../lib/checklist/deviations.ts';
import { listing } from '../../lib/checklist/listing.ts';
import { run } from '../../lib/cli/main.ts';
import { json, terminal } from './terminal.ts';

/** What the command prints of one check, as one line. */
const shownOf = (out: string, check: string): string =>
  (out.split(/\n(?= {2}\S)|\n\n/).find((block) => block.startsWith(`  ${check}:`)) ?? '').replace(/\s+/g, ' ').trim();

test.each([
  [
    'load-tests-peak',
    [
      'thresholds clients at the same time at the expected peak: at least 100 (expectedPeak); clients of the test, of the expected peak: at least 150 % (minShareOfPeakPct); requests: at least 500 (minRequests); length of the test: at least 1 minute (minDurationSeconds)',
      'evidence load: Result of a load test by autocannon, k6 or Artillery as JSON (load.json,',
      'owner technical lead',
      'may be waived',
      'maximum age as long as the run',
      'made after staging.deployed',
    ],
  ],
  [
    'soak-24h',
    [
      'series: soak; length: at least 24 hours (minDurationSeconds)',
      'longest gap, of the length: at most 1 %',
      'evidence series: Points of a probe over time',
    ],
  ],
  ['coverage-per-feature', ['what is covered: lines; covered share: at least 70 % (floorPct)']],
  ['go-product-owner', ['proof The product owner signs', 'may not be waived']],
  ['migration-scripts-tested', ['may be waived, may be declared not applicable']],
  ['smoke-tests-run', ['made after deployment.finished']],
])('%s is shown with all that a sender needs', async (check, parts) => {
  const { io, said } = terminal();
  expect(await run(['checklist'], { ...io, env: {} })).toBe(0);
  for (const part of parts) expect(shownOf(said.out, check)).toContain(part);
});

test('a line that trusts some tools lists the reports of those alone', async () => {
  const { io, said } = terminal();
  await run(['checklist'], { ...io, env: {} });
  const typesOf = (check: string): string[] => [...shownOf(said.out, check).matchAll(/evidence (\S+):/g)].map(([, type = '']) => type);
  expect(typesOf('production-code-only')).toEqual(['sarif']);
  expect(typesOf('no-secrets')).toEqual(['sarif', 'gitleaks']);
});

test('no check is shown without its proof, owner, age and exceptions, and no threshold is left out', async () => {
  const { io, said } = terminal();
  await run(['checklist'], { ...io, env: {} });
  for (const { id, rule } of baseChecklist.items) {
    expect(shownOf(said.out, id)).toMatch(/proof .*maximum age .*owner .*exceptions may/);
    for (const [name, value] of Object.entries(rule ?? {}))
      if (typeof value === 'number') expect(shownOf(said.out, id)).toMatch(new RegExp(`\\d.* \\(${name}\\)`));
  }
  expect(said.out.split('\n')[0]).toContain('the definition that Holdpoint ships');
});

test('the definition is that of the server when there is one, with its deviations', async () => {
  const deviation = {
    check: 'soak-24h',
    parameter: 'minPoints',
    document: 1440,
    here: 30,
    reason: 'A laptop is not watched for a day.',
    approver: 'operations-lead',
  } as const;
  const checklist: Checklist = { ...baseChecklist, version: '9.9.9', deviations: [deviation] };
  const { io, said } = terminal(() => json(listing(checklist)));
  expect(await run(['checklist'], io)).toBe(0);
  expect(said.asked.map(({ url }) => url)).toEqual(['https://holdpoint.test/v1/checklist']);
  expect(said.out.split('\n')[0]).toMatch(/9\.9\.9 .*from https:\/\/holdpoint\.test$/);
  expect(shownOf(said.out, 'soak-24h')).toContain(
    'deviation points: at least 30 instead of at least 1440. A laptop is not watched for a day. Accepted by the operations lead.',
  );
});

test('a server that refuses is an error, never the built-in definition', async () => {
  const { io, said } = terminal(() => new Response('no', { status: 501 }));
  expect(await run(['checklist'], io)).toBe(3);
  expect(said.out).toBe('');
});

test('there is one command for the checklist', async () => {
  const { io } = terminal();
  expect(await run(['checks'], io)).toBe(2);
});

describe('the list', () => {
  const shown = async (...argv: string[]) => {
    const { io, said } = terminal();
    expect(await run(['checklist', ...argv], { ...io, env: {} })).toBe(0);
    return said.out;
  };
  const headingsOf = (out: string): string[] => out.split('\n').filter((line, n) => n > 0 && /^\S/.test(line));

  test('stands under the gates and the lists of the way back', async () => {
    const gates = baseChecklist.gates.map(({ title }) => title);
    const rollback = ['Rollback: trigger conditions', 'Rollback: procedure', 'Rollback: time targets'];
    expect(headingsOf(await shown()).toSorted()).toEqual([...gates, ...rollback].toSorted());
  });

  test('by owner has each line once, by control each line under every control that it serves', async () => {
    const byOwner = await shown('--by', 'owner');
    expect(headingsOf(byOwner).toSorted()).toEqual(['operations-lead', 'product-owner', 'technical-lead']);
    for (const { id } of baseChecklist.items) expect(byOwner.split(`\n  ${id}: `)).toHaveLength(2);
    const byControl = await shown('--by', 'control');
    const controls = [...new Set(baseChecklist.items.flatMap((item) => item.controls))];
    expect(headingsOf(byControl).toSorted()).toEqual(controls.toSorted());
    for (const { id, controls: own } of baseChecklist.items) expect(byControl.split(`\n  ${id}: `)).toHaveLength(own.length + 1);
  });

  test('as Markdown is tables with every line of the document', async () => {
    const out = await shown('--markdown');
    for (const { id, words } of baseChecklist.items) expect(out).toContain(`\n| \`${id}\` | ${words.replaceAll('|', '\\|')} | `);
    for (const line of out.split('\n').filter((one) => one.startsWith('|'))) expect(line.match(/(?<!\\)\|/g)).toHaveLength(7);
  });

  test.each([
    ['--by', 'colour'],
    ['--json', '--markdown'],
  ])('%s %s is wrong usage', async (...argv) => {
    const { io } = terminal();
    expect(await run(['checklist', ...argv], { ...io, env: {} })).toBe(2);
  });
});

describe('the difference of two checklists', () => {
  const other: Checklist = {
    ...baseChecklist,
    version: '2.0.0',
    items: baseChecklist.items.flatMap((item) => {
      if (item.id === 'user-guide') return [];
      if (item.id === 'soak-24h') return [{ ...item, rule: { ...item.rule, minPoints: 30 } as never, owner: 'technical-lead' as const }];
      return item.id === 'deployment-guide' ? [item, { ...item, id: 'release-notes', words: 'Release notes' }] : [item];
    }),
  };
  const files: Record<string, unknown> = {
    'old.json': baseChecklist,
    'new.json': listing(other),
    'renamed.json': { ...baseChecklist, gates: baseChecklist.gates.map((gate) => ({ ...gate, title: `${gate.title}.` })) },
    'fewer.json': deviate(baseChecklist, [
      {
        check: 'go-no-go',
        parameter: 'distinctPeople',
        document: 3,
        here: 2,
        reason: 'Two people work on this service.',
        approver: 'product-owner',
      },
    ]),
    'twice.json': { ...baseChecklist, items: [...baseChecklist.items, baseChecklist.items[0]] },
    'wrong.json': { ...baseChecklist, items: baseChecklist.items.map((item, place) => (place === 3 ? { ...item, words: 5 } : item)) },
    'page.json': { html: true },
  };
  const diffed = async (...argv: string[]) => {
    const { io, said } = terminal(
      (asked) => json(listing(asked.url.includes('digest=') ? other : baseChecklist)),
      {},
      {
        readFile: async (path) => {
          if (path === 'cut.json') return new TextEncoder().encode('{');
          if (!(path in files)) throw Object.assign(new Error(path), { code: 'ENOENT' });
          return new TextEncoder().encode(JSON.stringify(files[path]));
        },
      },
    );
    return { code: await run(['checklist', 'diff', ...argv], io), ...said };
  };

  test('names lines added, removed and changed, with old and new thresholds, for a definition and a listing', async () => {
    const { code, out } = await diffed('old.json', 'new.json');
    expect(code).toBe(0);
    expect(out.split('\n').slice(1)).toEqual([
      '1 added, 1 removed, 1 changed',
      '',
      '+ release-notes: Release notes',
      '- user-guide: User guide for chat interface',
      '~ soak-24h: Run long-duration stability tests (24h+)',
      '    owner: operations lead → technical lead',
      '    points: at least 1440 → at least 30',
      'Gates and their times are not compared: a listing does not show them.',
      '',
    ]);
  });

  test('as JSON has both digests and every changed member', async () => {
    const { out } = await diffed('new.json', 'built-in', '--json');
    expect(JSON.parse(out)).toMatchObject({
      from: { version: '2.0.0', digest: listing(other).digest },
      to: { digest: listing(baseChecklist).digest },
      added: [{ id: 'user-guide' }],
      removed: [{ id: 'release-notes' }],
      changed: [
        {
          id: 'soak-24h',
          changes: expect.arrayContaining([
            { member: 'rule.minPoints', from: 30, to: 1440, says: 'points: at least 30 → at least 1440' },
          ]) as unknown,
        },
      ],
      reordered: false,
    });
  });

  test('a digest and `current` are asked of the server', async () => {
    const digest = listing(other).digest;
    const { out, asked } = await diffed('current', digest);
    expect(asked.map(({ url }) => url)).toEqual([
      'https://holdpoint.test/v1/checklist',
      `https://holdpoint.test/v1/checklist?digest=${digest}`,
    ]);
    expect(out).toContain('points: at least 1440 → at least 30');
  });

  test('the same checklist has no difference; gates that differ are said', async () => {
    expect((await diffed('built-in', 'old.json')).out).toContain('They are the same.');
    const renamed = await diffed('built-in', 'renamed.json');
    expect(renamed.out).toContain('0 added, 0 removed, 0 changed\n\n~ gate phase-1\n    title: ');
    const fewer = await diffed('built-in', 'fewer.json');
    expect(fewer.out).toContain('~ gate go-no-go\n    different people who sign: 3 → 2\n');
    expect(JSON.parse((await diffed('built-in', 'fewer.json', '--json')).out)).toMatchObject({
      gates: [{ gate: 'go-no-go', changes: [{ member: 'distinctPeople', from: 3, to: 2 }] }],
      deviations: { added: [{ parameter: 'distinctPeople', here: 2 }], removed: [] },
    });
    expect(fewer.out).toContain(
      '+ go-no-go: Deviation of Go / no-go: different people who sign: 2 instead of 3. Two people work on this service. Accepted by the product owner.',
    );
    expect((await diffed('built-in', 'new.json')).out).toContain('Gates and their times are not compared');
    expect(JSON.parse((await diffed('built-in', 'new.json', '--json')).out)).toMatchObject({ gates: null });
  });

  test.each([
    ['cut.json', 'is not JSON'],
    ['page.json', 'is no checklist'],
    ['wrong.json', 'is no checklist: items.3.words: '],
    ['twice.json', 'has the item production-code-only twice'],
    ['absent.json', 'there is no such file'],
  ])('%s is wrong usage and says why', async (file, why) => {
    const { code, err } = await diffed('built-in', file);
    expect([code, err]).toEqual([2, expect.stringContaining(why) as unknown]);
  });
});
