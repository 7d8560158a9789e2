import { check, coverageAtLeast, gate, junitPasses, loadPasses, openapiDocumented, sarifClean } from '../define.ts';
import type { Item } from '../definition.ts';

export const phase1Gate = gate('phase-1', 'Pre-Deployment Verification', {});

export const phase1: readonly Item[] = [
  check(1, 'phase-1', {
    id: 'coverage-per-feature',
    group: 'code-quality-verification',
    words: '70%+ test coverage per feature',
    title: 'At least 70 % of the lines are tested',
    owner: 'technical-lead',
    proof: 'LCOV tracefile; covered lines are counted from its DA records; without a profile one feature covers all files.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.29'],
    rule: coverageAtLeast({ evidence: 'lcov', metric: 'lines', floorPct: 70, per: 'feature' }),
  }),
  check(1, 'phase-1', {
    id: 'endpoints-documented',
    group: 'code-quality-verification',
    words: 'All endpoints documented in code',
    title: 'Every endpoint says what it does',
    owner: 'technical-lead',
    proof: 'OpenAPI document; every operation has a summary or description.',
    controls: ['SOC 2 CC2.3'],
    rule: openapiDocumented({ evidence: 'openapi', require: 'described', minOperations: 1 }),
  }),
  check(1, 'phase-1', {
    id: 'load-testing',
    group: 'integration-testing',
    words: 'Load testing passed (100+ concurrent tasks)',
    title: 'Holds 100 concurrent clients',
    owner: 'technical-lead',
    proof: 'Result of autocannon or k6; failures are recomputed from its counts, and an answer slower than a gateway waits is none.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001 A.8.6'],
    rule: loadPasses({ evidence: 'load', minConcurrency: 100, minRequests: 500, minDurationSeconds: 5, maxErrorPct: 1, maxP99Ms: 29_000 }),
  }),
  check(1, 'phase-1', {
    id: 'no-regressions',
    group: 'integration-testing',
    words: 'No regressions in existing features',
    title: 'No test of existing features fails',
    owner: 'technical-lead',
    proof: 'JUnit report; tests and failures are counted from its test cases; without a profile every suite counts.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.29'],
    rule: junitPasses({ evidence: 'junit', minTests: 1, maxSkippedPct: 20 }),
  }),
  check(1, 'phase-1', {
    id: 'api-documentation',
    group: 'documentation-completeness',
    words: 'API documentation (OpenAPI/Swagger)',
    title: 'The API has a sound OpenAPI document',
    owner: 'technical-lead',
    proof: 'OpenAPI document without structural problems.',
    controls: ['SOC 2 CC2.3'],
    rule: openapiDocumented({ evidence: 'openapi', require: 'valid', minOperations: 1 }),
  }),
  check(1, 'phase-1', {
    id: 'no-secrets',
    group: 'security-review',
    words: 'No secrets in code (API keys, passwords)',
    title: 'No secrets in the code',
    owner: 'technical-lead',
    proof: 'SARIF log of secretlint or gitleaks without findings, suppressed ones included.',
    controls: ['SOC 2 CC6.1', 'ISO/IEC 27001 A.8.4'],
    rule: sarifClean({ evidence: 'sarif', tools: ['secretlint', 'gitleaks'], maxLevel: 'none', maxSuppressed: 0 }),
    waivable: false,
  }),
];
