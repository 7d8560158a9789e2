import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { gate, view } from './run-views.ts';
import { json, terminal } from './terminal.ts';

const check = (id: string, verdict: string, owner: string) => ({
  check: id,
  title: `Title of ${id}`,
  verdict,
  basis: null,
  reason: 'no evidence yet',
  kind: 'check',
  source: 'document',
  words: id,
  owner,
  proof: 'p',
  mode: 'required',
  attempt: 0,
  goodUntil: null,
  facts: null,
  statement: null,
  subjects: [],
});

describe('the first sentence of a run', () => {
  const people = [
    { id: 'p-ada0000001', name: 'Ada Example' },
    { id: 'p-ben0000001', name: 'Ben Example' },
  ];
  const asked = (role: string, person: string, answer: string | null, more: object = {}) => ({
    round: 1,
    role,
    person,
    answer,
    at: answer === null ? null : '2026-03-02T08:30:00.000Z',
    expires: '2026-03-09T08:00:00.000Z',
    invalidated: false,
    ...more,
  });
  const first = async (change: object) => {
    const { io, said } = terminal(() => json(view({ people, ...change })));
    await run(['status', 'r1'], io);
    return { first: said.out.split('\n')[0], out: said.out };
  };
  const four = ['a', 'b', 'c', 'd'].map((id) => check(id, 'missing', 'technical-lead'));

  test.each<[string, object, string]>([
    [
      'one check that is missing',
      { gates: [gate({ checks: [check('a', 'pass', 'x'), check('no-secrets', 'missing', 'technical-lead')] })] },
      'The run waits at Pre-Deployment Verification for the check “Title of no-secrets” (missing, technical lead).',
    ],
    [
      'many checks',
      { gates: [gate({ state: 'blocked', checks: four })] },
      'The run is blocked at Pre-Deployment Verification for 4 checks: “Title of a” (missing, technical lead), “Title of b” (missing, technical lead), “Title of c” (missing, technical lead) and 1 more.',
    ],
    [
      'people, by name; those of an invalidated round and those who answered are not asked',
      {
        gates: [
          gate({
            approvals: [
              asked('product-owner', 'p-old0000001', null, { invalidated: true }),
              asked('technical-lead', 'p-ada0000001', 'approved', { round: 2 }),
              asked('operations-lead', 'p-ben0000001', null, { round: 2 }),
            ],
          }),
        ],
      },
      'The run waits at Pre-Deployment Verification for the answer of Ben Example (operations lead).',
    ],
    [
      'time',
      { gates: [gate({ due: '2026-03-03T08:00:00.000Z' })] },
      'The run waits at Pre-Deployment Verification until it is decided, at 2026-03-03 08:00:00 UTC at the latest.',
    ],
    [
      'nothing: it was rejected',
      { outcome: 'rejected', gates: [gate({ state: 'rejected', reasons: ['rejected by p-ada0000001'], checks: four })] },
      'The run has ended as rejected at Pre-Deployment Verification: rejected by Ada Example.',
    ],
    [
      'nothing: it is stable',
      { outcome: 'production-stable', gates: [gate({ state: 'passed' })] },
      'The run has ended: the release is production-stable.',
    ],
  ])('%s', async (_, change, sentence) => {
    expect((await first(change)).first).toBe(sentence);
  });

  test('is followed by ids, owners, who was asked and who answered', async () => {
    const approvals = [asked('technical-lead', 'p-ada0000001', 'approved'), asked('operations-lead', 'p-ben0000001', null)];
    const { out } = await first({ gates: [gate({ checks: [check('no-secrets', 'missing', 'technical-lead')], approvals })] });
    expect(out).toContain('page https://holdpoint.test/runs/r1\n');
    expect(out).toContain('Pre-Deployment Verification (phase-1)');
    expect(out).toContain('no-secrets: Title of no-secrets (technical lead)');
    expect(out).toContain('@ technical lead: Ada Example: approved at 2026-03-02 08:30:00 UTC\n');
    expect(out).toContain('@ operations lead: Ben Example: asked, no answer yet, until 2026-03-09 08:00:00 UTC\n');
  });

  test('tells the answers of an earlier visit from those that people are asked for now', async () => {
    const visit = { openedAt: '2026-03-01T08:00:00.000Z', settledAt: '2026-03-01T09:00:00.000Z', outcome: 'rejected', reason: 'rejected' };
    const approvals = [1, 2].map((entry) => asked('operations-lead', 'p-ben0000001', null, { entry }));
    const { out } = await first({ gates: [gate({ approvals, earlier: [visit] })] });
    expect(out).toContain('@ visit 1, operations lead: Ben Example: asked, gave no answer\n');
    expect(out).toContain('@ visit 2, operations lead: Ben Example: asked, no answer yet, until 2026-03-09 08:00:00 UTC\n');
  });

  test('is followed by what keeps the gate shut, each once, and by the commands that supply it', async () => {
    const junit = 'holdpoint evidence r1 FILE --type junit';
    const supply = (check: string, command: string) => ({
      check,
      way: 'evidence',
      roles: [],
      wants: '',
      commands: [command],
      page: null,
      checks: [],
      after: null,
    });
    const shut = gate({
      checks: four.slice(0, 2),
      reasons: ['Title of a: missing, no evidence yet', 'Earlier check: fail, 1 test failed'],
    });
    const supplies = [supply('a', junit), supply('b', junit), supply('c', 'holdpoint attest r1 c --statement TEXT')];
    const { out } = await first({ gates: [shut], supplies });
    expect(out).not.toContain('→ Title of a');
    expect(out).toContain('→ Earlier check: fail, 1 test failed\n');
    expect(out).toContain(
      `What supplies them:\n            ${junit}\n              for a, b\n            holdpoint attest r1 c --statement TEXT\n`,
    );
  });

  test('is in the job summary, with reasons, answers, deviations and the page', async () => {
    const ended = gate({
      state: 'rejected',
      reasons: ['rejected by p-ada0000001'],
      approvals: [asked('technical-lead', 'p-ada0000001', 'rejected')],
    });
    const { io, said } = terminal(() => json(view({ people, outcome: 'rejected', gates: [ended], disclosures: ['Times are short.'] })), {
      GITHUB_STEP_SUMMARY: '/summary',
    });
    expect(await run(['status', 'r1'], io)).toBe(1);
    for (const part of [
      'The run has ended as rejected',
      'rejected by Ada Example',
      'technical lead: Ada Example: rejected at',
      'Note: Times are short.',
      '<https://holdpoint.test/runs/r1>',
    ])
      expect(said.summary).toContain(part);
  });
});

test('status shows of a gate that has passed what is not a plain pass, and all of it with --all', async () => {
  const checks = [
    ...['a', 'b'].map((id) => check(id, 'pass', 'technical-lead')),
    check('n', 'not-applicable', 'technical-lead'),
    check('w', 'waived', 'technical-lead'),
    { ...check('o', 'fail', 'technical-lead'), mode: 'observe' },
  ];
  const shown = async (...more: string[]): Promise<string> => {
    const { io, said } = terminal(() => json(view({ gates: [gate({ state: 'passed', checks })] })));
    await run(['status', 'r1', ...more], io);
    return said.out;
  };
  const folded = await shown();
  expect(folded).toContain('(phase-1)  2026-03-02 08:00:00 UTC, 2 checks passed, 1 not applicable\n          ~ w: Title of w');
  expect(folded).toMatch(/✗ o: Title of o \(technical lead\) {2}\[.*for information only\]/);
  expect(folded).not.toContain('Title of a');
  expect(await shown('--all')).toContain('✓ a: Title of a');
});
