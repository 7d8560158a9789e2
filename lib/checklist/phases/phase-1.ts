import { coverageAtLeast } from '../../rules/coverage-at-least.ts';
import { junitPasses } from '../../rules/junit-passes.ts';
import { loadPasses } from '../../rules/load-passes.ts';
import { openapiDocumented } from '../../rules/openapi-documented.ts';
import { sarifClean } from '../../rules/sarif-clean.ts';
import { seriesCovers } from '../../rules/series-covers.ts';
import { check } from '../builders.ts';
import type { GateDefinition, Item } from '../definition.ts';

const day = 86_400;

export const phase1Gate: GateDefinition = {
  role: 'evidence',
  id: 'phase-1',
  title: 'Pre-Deployment Verification',
  deadlineSeconds: 14 * day,
  onDeadline: 'expired',
};

export const phase1: readonly Item[] = [
  check(1, 'phase-1', {
    id: 'coverage-per-feature',
    group: 'code-quality-verification',
    words: '70%+ test coverage per feature',
    title: '70%+ test coverage per feature',
    owner: 'technical-lead',
    proof: 'LCOV tracefile; covered lines are counted from its DA records, over all files together, without test files.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.29'],
    rule: coverageAtLeast.of({ metric: 'lines', floorPct: 70, per: 'feature' }),
  }),
  check(1, 'phase-1', {
    id: 'endpoints-documented',
    group: 'code-quality-verification',
    words: 'All endpoints documented in code',
    title: 'All endpoints documented in code',
    owner: 'technical-lead',
    proof: 'OpenAPI document; every operation has a summary or description.',
    controls: ['SOC 2 CC2.3'],
    rule: openapiDocumented.of({ require: 'described', minOperations: 1 }),
  }),
  check(1, 'phase-1', {
    id: 'load-testing',
    group: 'integration-testing',
    words: 'Load testing passed (100+ concurrent tasks)',
    title: 'Load testing passed',
    owner: 'technical-lead',
    proof:
      "Result of autocannon, k6 or Artillery; busy clients and failures are recomputed from its figures, and responses slower than API Gateway's limit of 29 s count as failures.",
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001 A.8.6'],
    rule: loadPasses.of({ minConcurrency: 100, minRequests: 500, minDurationSeconds: 5, maxErrorPct: 1, maxP99Ms: 29_000 }),
  }),
  check(1, 'phase-1', {
    id: 'performance-baselines',
    group: 'integration-testing',
    words: 'Performance baselines established',
    title: 'Performance baselines established',
    owner: 'technical-lead',
    proof:
      'Series `baseline` of a probe under usual load; its p95, error rate and rate of requests are what the release is compared with after T0.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001 A.8.6'],
    rule: seriesCovers.of({ series: 'baseline', minDurationSeconds: 60, minPoints: 60, maxGapPct: 50, maxFailurePct: 1, maxP95Ms: 2000 }),
  }),
  check(1, 'phase-1', {
    id: 'no-regressions',
    group: 'integration-testing',
    words: 'No regressions in existing features',
    title: 'No regressions in existing features',
    owner: 'technical-lead',
    proof: 'JUnit report; tests and failures are counted from its test cases, over all suites.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.29'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20 }),
  }),
  check(1, 'phase-1', {
    id: 'api-documentation',
    group: 'documentation-completeness',
    words: 'API documentation (OpenAPI/Swagger)',
    title: 'API documentation',
    owner: 'technical-lead',
    proof: 'OpenAPI document without structural problems.',
    controls: ['SOC 2 CC2.3'],
    rule: openapiDocumented.of({ require: 'valid', minOperations: 1 }),
  }),
  check(1, 'phase-1', {
    id: 'no-secrets',
    group: 'security-review',
    words: 'No secrets in code (API keys, passwords)',
    title: 'No secrets in code',
    owner: 'technical-lead',
    proof: 'SARIF log of secretlint or gitleaks, or JSON report of gitleaks, without findings, suppressed ones included.',
    controls: ['SOC 2 CC6.1', 'ISO/IEC 27001 A.8.4'],
    rule: sarifClean.of({ tools: ['secretlint', 'gitleaks'], maxLevel: 'none', maxSuppressed: 0 }),
    waivable: false,
  }),
];
