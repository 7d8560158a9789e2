import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { EvidenceRule } from '../../lib/registry/rules.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { factsOf, json, refusalOf } from './parsed.ts';

const run = (results: unknown, more: object = {}, driver: object = {}) => ({
  tool: { driver: { name: 'secretlint', ...driver } },
  results,
  artifacts: [{ location: { uri: 'src/a.ts' } }],
  ...more,
});
const log = (...runs: readonly object[]): Uint8Array =>
  json({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs });
const tool = (...runs: readonly object[]) => factsOf('sarif', log(...runs)).tools[0];
const noSecrets = baseChecklist.items.find(({ id }) => id === 'no-secrets')?.rule as EvidenceRule;
const warningsAllowed: EvidenceRule = { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['secretlint'], maxLevel: 'warning' };
const judged = (rule: EvidenceRule, ...runs: readonly object[]) => judgeEvidence(rule, factsOf('sarif', log(...runs)));

describe('levels', () => {
  test('a result without a level has the level of its rule, and warning when the rule has none', () => {
    const rules = [
      { id: 'a', defaultConfiguration: { level: 'error' } },
      { id: 'quiet', defaultConfiguration: { level: 'note' } },
      { id: 'b' },
    ];
    const results = [
      { ruleId: 'a' },
      { ruleId: 'a/1' },
      { ruleIndex: 0 },
      { rule: { index: 1 } },
      { ruleId: 'b' },
      { ruleId: 'c', level: 'note' },
      {},
    ];
    expect(tool(run(results, {}, { rules }))).toMatchObject({ error: 3, warning: 2, note: 2, none: 0 });
  });

  test("a rule of an extension gives the level, as in CodeQL's logs", () => {
    const extensions = [{ name: 'codeql/javascript-queries', rules: [{ id: 'js/sqli', defaultConfiguration: { level: 'error' } }] }];
    const results = [{ ruleId: 'js/sqli', rule: { id: 'js/sqli', index: 0, toolComponent: { index: 0 } } }, { ruleId: 'js/sqli' }];
    expect(tool({ tool: { driver: { name: 'CodeQL', rules: [] }, extensions }, results })).toMatchObject({ error: 2, warning: 0 });
  });

  test('only failures have a level; a kind that contradicts its level does not hide it', () => {
    const results = [
      { kind: 'pass' },
      { kind: 'notApplicable' },
      { kind: 'informational', level: 'none' },
      { kind: 'pass', level: 'error' },
      { kind: 'novel' },
    ];
    expect(tool(run(results))).toMatchObject({ error: 1, warning: 1, note: 0, none: 0, undecided: 0 });
  });

  test('where a rule allows no finding, a finding without severity counts', () => {
    expect(judged(noSecrets, run([{ ruleId: 'aws', level: 'none' }])).verdict).toBe('fail');
    expect(judged(warningsAllowed, run([{ ruleId: 'aws', level: 'none' }, { level: 'warning' }])).verdict).toBe('pass');
    expect(judged(warningsAllowed, run([{ ruleId: 'aws', level: 'error' }])).verdict).toBe('fail');
  });

  test('the reason names the worst finding', () => {
    const results = [
      ...Array.from({ length: 30 }, () => ({ ruleId: 'small', level: 'note' })),
      { ruleId: 'aws', level: 'error', locations: [{ physicalLocation: { artifactLocation: { uri: 'lib/key.ts' } } }] },
    ];
    expect(judged(warningsAllowed, run(results)).reason).toBe(
      'secretlint: 1 error, 0 warnings, 30 notes, 0 suppressed; first: “aws” in “lib/key.ts”',
    );
  });
});

describe('suppressed results', () => {
  test('accepted suppressions are suppressed, others are not; a result that is absent from this scan is no finding', () => {
    const results = [
      { suppressions: [{ kind: 'inSource' }] },
      { suppressions: [{ kind: 'external', status: 'accepted' }] },
      { suppressions: [{ kind: 'external', status: 'underReview' }] },
      { suppressions: [{ kind: 'inSource' }, { kind: 'external', status: 'rejected' }] },
      { suppressions: [{ kind: 'external', status: 'Accepted' }] },
      { suppressions: [{ kind: 'inSource', status: null }] },
      { suppressions: [{}] },
      { suppressions: [] },
      { suppressions: null },
      { baselineState: 'absent' },
      { baselineState: 'unchanged' },
    ];
    expect(tool(run(results))).toMatchObject({ warning: 8, suppressed: 2 });
  });

  test('a log in which everything is suppressed proves no absence of secrets', () => {
    const results = [{ ruleId: 'aws', level: 'error', suppressions: [{ kind: 'inSource' }] }];
    expect(judged(noSecrets, run(results))).toEqual({
      verdict: 'fail',
      reason: 'secretlint: 0 errors, 0 warnings, 0 notes, 1 suppressed; at most 0 suppressed expected',
    });
    expect(judged(warningsAllowed, run(results)).verdict).toBe('pass');
  });
});

describe('a tool that did not scan', () => {
  test('without results the log is refused', () => {
    for (const results of [undefined, null]) expect(refusalOf('sarif', log(run(results))).detail).toMatch(/did not scan/);
    expect(
      refusalOf('sarif', log(run([], { externalPropertyFileReferences: { results: [{ location: { uri: 'more.sarif' } }] } }))).detail,
    ).toMatch(/another file/);
    expect(refusalOf('sarif', log()).type).toBe('evidence-unreadable');
    expect(refusalOf('sarif', json({ version: '2.0.0', runs: [] })).type).toBe('evidence-unreadable');
  });

  test.each([
    ['its execution was not successful', { invocations: [{ executionSuccessful: true }, { executionSuccessful: false }] }],
    [
      'it met an error',
      {
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: [{ level: 'error', message: { text: 'out of memory' } }] }],
      },
    ],
  ])('%s: inconclusive', (_what, more) => {
    expect(judged(noSecrets, run([], more))).toMatchObject({ verdict: 'inconclusive', reason: expect.stringMatching(/did not end well/) });
    expect(
      judged(noSecrets, run([], { invocations: [{ executionSuccessful: true, toolExecutionNotifications: [{ level: 'note' }] }] })).verdict,
    ).toBe('pass');
  });

  test('it left a result open or for review: inconclusive', () => {
    for (const kind of ['open', 'review']) expect(judged(noSecrets, run([{ kind }])).verdict).toBe('inconclusive');
  });
});

describe('several runs', () => {
  const other = { tool: { driver: { name: 'Biome' } }, results: [{ ruleId: 'noVar', level: 'error' }] };

  test('findings of another tool are not counted against this one', () => {
    expect(judged(noSecrets, run([]), other)).toEqual({
      verdict: 'pass',
      reason: 'secretlint: 0 errors, 0 warnings, 0 notes, 0 suppressed',
    });
    expect(judged(noSecrets, other).verdict).toBe('inconclusive');
  });

  test('all runs of one tool count', () => {
    expect(judged(noSecrets, run([]), run([{ ruleId: 'aws' }])).verdict).toBe('fail');
    expect(judged(noSecrets, run([]), run([], { invocations: [{ executionSuccessful: false }] })).verdict).toBe('inconclusive');
  });

  test('a log of more than 20 tools is refused', () => {
    expect(
      refusalOf('sarif', log(...Array.from({ length: 21 }, (_, n) => ({ tool: { driver: { name: `t${n}` } }, results: [] })))).got,
    ).toBe('21 tools');
  });
});
