import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../lib/registry/evidence.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { type EvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';

const noSecrets: EvidenceRule = {
  kind: 'sarif-clean/1',
  evidence: 'sarif',
  tools: ['secretlint', 'gitleaks'],
  maxLevel: 'none',
  maxSuppressed: 0,
};

const factsOf = (log: string | object): Facts => {
  const parsed = parseEvidence('sarif', new TextEncoder().encode(typeof log === 'string' ? log : JSON.stringify(log)));
  if (parsed.refused) throw new Error(JSON.stringify(parsed.refused));
  return parsed.ok;
};
const logOf = (more: object = {}, driver: object = {}) => ({
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'secretlint', ...driver } }, results: [], ...more }],
});
const verdictOf = (log: object): string => judgeEvidence(noSecrets, factsOf(log)).verdict;
const sample = (name: string): string => readFileSync(new URL(`../samples/evidence/${name}`, import.meta.url), 'utf8');

describe('a log without a finding shows that a scan took place', () => {
  test.each([
    ['by its rules', logOf({}, { rules: [{ id: 'aws-access-token' }] })],
    ['by rules of an extension', logOf({ tool: { driver: { name: 'secretlint' }, extensions: [{ name: 'more', rules: [{ id: 'a' }] }] } })],
    ['by the files that it read', logOf({ artifacts: [{ location: { uri: 'src/a.ts' } }] })],
    ['by an invocation that ended well', logOf({ invocations: [{ executionSuccessful: true }] })],
  ])('%s', (_, log) => {
    expect(verdictOf(log)).toBe('pass');
  });

  test.each([
    ['nothing', logOf()],
    ['empty lists', logOf({ artifacts: [], invocations: [] }, { rules: [] })],
    ['nothing in one of two runs', { version: '2.1.0', runs: [...logOf({}, { rules: [{ id: 'a' }] }).runs, ...logOf().runs] }],
    ['a result that is no finding', logOf({ results: [{ kind: 'pass', message: { text: 'fine' } }] })],
    ['an invocation that failed', logOf({ invocations: [{ executionSuccessful: false }] })],
  ])('%s does not', (_, log) => {
    expect(verdictOf(log)).toBe('inconclusive');
  });

  test('the real log of secretlint does not, and the reason says what it lacks; with its files it does', () => {
    expect(judgeEvidence(noSecrets, factsOf(sample('secretlint.blank.sarif')))).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(
        /nothing shows that secretlint scanned anything: its log lists neither rules nor files nor an invocation$/,
      ),
    });
    expect(judgeEvidence(noSecrets, factsOf(sample('sarif.sarif'))).verdict).toBe('pass');
  });

  test.each([{}, { rules: [] }])(
    'of a tool that says so when it reads nothing, a log of its name alone counts, and the reason says what it lacks: %j',
    (driver) => {
      expect(judgeEvidence(noSecrets, factsOf(logOf({}, { ...driver, name: 'gitleaks' })))).toMatchObject({
        verdict: 'pass',
        reason: expect.stringMatching(/; the log of gitleaks lists neither rules nor files nor an invocation$/),
      });
    },
  );

  test('a finding fails, whatever else the log shows', () => {
    expect(verdictOf(logOf({ results: [{ ruleId: 'aws', message: { text: 'a key' } }] }))).toBe('fail');
  });
});
