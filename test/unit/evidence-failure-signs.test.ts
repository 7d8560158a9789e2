import { describe, expect, test } from 'vitest';
import type { EvidenceType } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { loadPasses } from '../../lib/rules/load-passes.ts';
import { vulnerabilitiesWithin } from '../../lib/rules/vulnerabilities-within.ts';
import { sampleOf } from '../samples.ts';
import { factsOf, json } from './parsed.ts';

/** What a report says of its own failure at its top, in words that its format does not have. */

const load = loadPasses.of({ minConcurrency: 100, minRequests: 500, minDurationSeconds: 9, maxErrorPct: 1, maxP99Ms: 29_000 });
const scan = vulnerabilitiesWithin.of({ tools: ['npm audit', 'trivy', 'zap'], maxCritical: 0, maxHigh: 0, maxUnknown: 0 });
const types: readonly [EvidenceType, typeof load | typeof scan, string][] = [
  ['k6', load, 'fail'],
  ['autocannon', load, 'fail'],
  ['artillery', load, 'fail'],
  ['npm-audit', scan, 'inconclusive'],
  ['trivy', scan, 'inconclusive'],
  ['zap', scan, 'inconclusive'],
];

describe.each(types)('a report of %s', (type, rule, verdict) => {
  const sample = JSON.parse(new TextDecoder().decode(sampleOf(type))) as object;
  const judged = (more: object) => judgeEvidence(rule, factsOf(type, json({ ...sample, ...more })));

  test.each([
    { aborted: true },
    { isError: true },
    { is_partial: 'true' },
    { timedOut: true },
    { error: 'connection lost' },
    { error_message: 'connection lost' },
    { failure: ['a'] },
    { success: false },
    { ok: false },
    { status: 'FAILED' },
    { outcome: 'interrupted by a signal' },
  ])('does not pass with %j', (more) => {
    const [name] = Object.keys(more);
    expect(judged(more)).toMatchObject({ verdict, reason: expect.stringContaining(`"${name}": `) });
  });

  test.each([
    { aborted: false },
    { error: null },
    { error: '' },
    { failure: [] },
    { success: true },
    { status: 'finished' },
    { partially: true },
    { result: { failed: 0 } },
    { completed: 12 },
    { note: 'failed once, run again' },
  ])('passes with %j', (more) => {
    expect(judged(more).verdict).toBe('pass');
  });
});
