import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { diffDefinitions } from '../../lib/checklist/definition-diff.ts';
import { profiled } from '../../lib/profile/apply.ts';
import { readProfile } from '../../lib/profile/read.ts';
import { lineDifferences } from '../../lib/query/diff-words.ts';

const start = 'service: shop\nfeatures:\n  - { id: cart, title: Cart, paths: ["src/**"] }\nevidence:\n';
const given = (lines: string) => {
  const read = readProfile(new TextEncoder().encode(`${start}${lines}`));
  return 'ok' in read ? read.ok : expect.fail(JSON.stringify(read.wrong));
};
const definitionOf = (lines: string) => {
  const result = profiled(baseChecklist, given(lines).profile);
  return 'ok' in result ? result.ok : expect.fail(JSON.stringify(result.wrong));
};
const mistakesIn = (lines: string): readonly string[] => {
  const file = given(lines);
  const result = profiled(baseChecklist, file.profile);
  return 'ok' in result
    ? []
    : file.placed(result.wrong).map(({ line, column, member, message }) => `${line}:${column} ${member}: ${message}`);
};
const scanned = '{ kind: sarif-clean/1, evidence: sarif, tools: [trufflehog], maxLevel: none }';

describe('further evidence of a line', () => {
  test('is needed beside what the document asks, and is no deviation', () => {
    const lines = `  no-secrets: [{ id: second-scanner, rule: ${scanned} }]\n`;
    const after = definitionOf(lines);
    expect(after.items.find(({ id }) => id === 'no-secrets')?.sources).toMatchObject([
      { id: 'second-scanner', asks: 'needed', rule: { tools: ['trufflehog'] } },
    ]);
    expect(after.deviations).toEqual([]);
    const [changed] = lineDifferences(diffDefinitions(baseChecklist, after)).filter(({ check }) => check === 'no-secrets');
    expect(changed?.changes.join('\n')).toContain('trufflehog');
  });

  test('stands behind the sources that the document has', () => {
    const suite = '{ kind: junit-passes/1, evidence: junit, minTests: 5, suites: ["*contract*"] }';
    const after = definitionOf(`  endpoints-responding: [{ id: contract, rule: ${suite} }]\n`);
    expect(after.items.find(({ id }) => id === 'endpoints-responding')?.sources?.map(({ id, asks }) => [id, asks])).toEqual([
      ['own-probes', 'either'],
      ['contract', 'needed'],
    ]);
  });

  test.each([
    [`  no-such-line: [{ id: a, rule: ${scanned} }]`, '5:3 evidence.no-such-line: no gate judges a check no-such-line of the document'],
    [`  code-deployed: [{ id: a, rule: ${scanned} }]`, '5:3 evidence.code-deployed: code-deployed is computed from the run'],
    [`  no-secrets: [{ id: own, rule: ${scanned} }]`, '5:22 evidence.no-secrets[0].id: no-secrets has a source own already'],
    [`  no-secrets: [{ id: a, rule: ${scanned} }, { id: a, rule: ${scanned} }]`, 'evidence.no-secrets[1].id: two sources have the id a'],
    [
      '  no-secrets: [{ id: a, rule: { kind: attested/1, evidence: attestation, role: developer } }]',
      'attested/1 judges no report and no record',
    ],
    [
      '  no-secrets: [{ id: a, rule: { kind: junit-passes/1, evidence: junit, minTests: 1, comparedWith: last-stable } }]',
      'what is compared with an earlier release or a rehearsal is judged by the check itself only',
    ],
    [
      '  no-secrets: [{ id: a, rule: { kind: junit-passes/1, evidence: junit, minTests: 1, maxSkippedPct: 90 } }]',
      'evidence.no-secrets[0].rule.maxSkippedPct: 90 lets everything pass',
    ],
  ])('is refused where it could not be judged: %s', (lines, expected) => {
    const found = mistakesIn(`${lines}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });
});
