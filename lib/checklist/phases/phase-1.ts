import { coverageAtLeast } from '../../rules/coverage-at-least.ts';
import { junitPasses } from '../../rules/junit-passes.ts';
import { loadPasses } from '../../rules/load-passes.ts';
import { logStructured } from '../../rules/log-structured.ts';
import { openapiDocumented } from '../../rules/openapi-documented.ts';
import { record } from '../../rules/record-within.ts';
import { sarifClean } from '../../rules/sarif-clean.ts';
import { seriesCovers } from '../../rules/series-covers.ts';
import { check } from '../builders.ts';
import type { GateDefinition, Item } from '../definition.ts';
import { securityReview } from './security-review.ts';

const day = 86_400;

/** A guide that nobody has changed for a year is read again before it counts. */
const guide = { minWords: 100, minHeadings: 2, maxUnchangedDays: 365 };

export const phase1Gate: GateDefinition = {
  role: 'evidence',
  id: 'phase-1',
  title: 'Pre-Deployment Verification',
  deadlineSeconds: 14 * day,
  onDeadline: 'expired',
};

export const phase1: readonly Item[] = [
  check(1, 'phase-1', {
    id: 'production-code-only',
    group: 'code-quality-verification',
    words: 'All 11 features have production code only (zero mocks/stubs)',
    title: 'Production code only, without mocks and stubs',
    owner: 'technical-lead',
    proof: 'SARIF log of `holdpoint scan` over every production file that git knows, without findings, suppressed ones included.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.28', 'NIST SSDF PW.7'],
    rule: sarifClean.of({ tools: ['holdpoint-scan-mocks'], maxLevel: 'none', maxSuppressed: 0 }),
  }),
  check(1, 'phase-1', {
    id: 'coverage-per-feature',
    group: 'code-quality-verification',
    words: '70%+ test coverage per feature',
    title: '70%+ test coverage per feature',
    owner: 'technical-lead',
    proof:
      'Coverage report (LCOV, Cobertura or JaCoCo): covered lines are counted line by line, over all files together, without test files. Where a record `changes` lists the files that changed since the live version, each production file of them is in a report.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.29'],
    rule: coverageAtLeast.of({ metric: 'lines', floorPct: 70, per: 'feature', changed: 'listed' }),
  }),
  check(1, 'phase-1', {
    id: 'no-todo-comments',
    group: 'code-quality-verification',
    words: 'No TODO comments in production code',
    title: 'No TODO comments in production code',
    owner: 'technical-lead',
    proof: 'SARIF log of `holdpoint scan`: no comment of a production file says that something is still to be done.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.28', 'NIST SSDF PW.7'],
    rule: sarifClean.of({ tools: ['holdpoint-scan-comments'], maxLevel: 'none', maxSuppressed: 0 }),
  }),
  check(1, 'phase-1', {
    id: 'error-handling-tested',
    group: 'code-quality-verification',
    words: 'Error handling complete and tested',
    title: 'Error handling complete and tested',
    owner: 'technical-lead',
    proof: 'Test results with a suite, class or file about errors.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.29', 'NIST SSDF PW.8'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20, suites: ['*error*', '*failure*'] }),
  }),
  check(1, 'phase-1', {
    id: 'logs-structured',
    group: 'code-quality-verification',
    words: 'Logging comprehensive and structured (JSONL format)',
    title: 'Logs structured (JSONL)',
    owner: 'technical-lead',
    proof: 'Sample of the log: each line is a JSON object with a time, a level and a message.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.15'],
    rule: logStructured.of({ minLines: 20, maxUnstructuredPct: 0 }),
  }),
  check(1, 'phase-1', {
    id: 'endpoints-documented',
    group: 'code-quality-verification',
    words: 'All endpoints documented in code',
    title: 'All endpoints documented in code',
    owner: 'technical-lead',
    proof:
      'OpenAPI document; every operation has a summary or description. A record `routes` is judged where it is sent: every route that is served is documented, and the other way round.',
    controls: ['SOC 2 CC2.2', 'ISO/IEC 27001:2022 A.8.26'],
    rule: openapiDocumented.of({ require: 'described', minOperations: 1 }),
    sources: [{ id: 'routes-record', rule: record('routes', { minRoutes: 1 }), asks: 'beside' }],
  }),
  check(1, 'phase-1', {
    id: 'services-communicate',
    group: 'integration-testing',
    words: 'All inter-bot communication tested',
    title: 'Communication between services tested',
    owner: 'technical-lead',
    proof: 'Test results with a suite, class or file about communication, contracts or messages.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.29'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20, suites: ['*communication*', '*contract*', '*messag*'] }),
  }),
  check(1, 'phase-1', {
    id: 'workflows-validated',
    group: 'integration-testing',
    words: 'Cross-feature workflows validated',
    title: 'Workflows across features validated',
    owner: 'technical-lead',
    proof: 'Test results with a suite, class or file about workflows.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.29'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20, suites: ['*workflow*', '*journey*', '*end-to-end*', '*e2e*'] }),
  }),
  check(1, 'phase-1', {
    id: 'load-testing',
    group: 'integration-testing',
    words: 'Load testing passed (100+ concurrent tasks)',
    title: 'Load testing passed',
    owner: 'technical-lead',
    proof:
      "Result of autocannon, k6 or Artillery; busy clients and failures are recomputed from its figures, responses slower than API Gateway's limit of 29 s count as failures, and a test with autocannon's default duration of 10 s is long enough.",
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001:2022 A.8.6'],
    // autocannon's default is 10 s. Artillery measures from its first to its last request, and clocks are set: a test of 10 s may show a little less.
    rule: loadPasses.of({ minConcurrency: 100, minRequests: 500, minDurationSeconds: 9, maxErrorPct: 1, maxP99Ms: 29_000 }),
  }),
  check(1, 'phase-1', {
    id: 'data-consistent',
    group: 'integration-testing',
    words: 'Data consistency verified across all services',
    title: 'Data consistent across all services',
    owner: 'technical-lead',
    proof:
      'Record `data-check` about `consistency`: rows and checksums of the same data in two services. Each service of the profile must be a side of a comparison.',
    controls: ['SOC 2 PI1.5', 'ISO/IEC 27001:2022 A.8.29'],
    rule: record('data-check', { about: 'consistency', minCompared: 1 }),
  }),
  check(1, 'phase-1', {
    id: 'performance-baselines',
    group: 'integration-testing',
    words: 'Performance baselines established',
    title: 'Performance baselines established',
    owner: 'technical-lead',
    proof:
      'Series `baseline` of a probe under usual load; its p95, error rate and rate of requests are what the release is compared with in the deployment window and when its load rises.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001:2022 A.8.6'],
    rule: seriesCovers.of({ series: 'baseline', minDurationSeconds: 60, minPoints: 60, maxGapPct: 50, maxFailurePct: 1, maxP95Ms: 2000 }),
  }),
  check(1, 'phase-1', {
    id: 'no-regressions',
    group: 'integration-testing',
    words: 'No regressions in existing features',
    title: 'No regressions in existing features',
    owner: 'technical-lead',
    proof:
      'Test results over all suites, compared with those of the last release that became production-stable, or of a recorded baseline: each test that passed there has passed again.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.29'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20, comparedWith: 'last-stable' }),
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
    id: 'user-guide',
    group: 'documentation-completeness',
    words: 'User guide for chat interface',
    title: 'User guide',
    owner: 'product-owner',
    proof: 'Record of `holdpoint document` about `user-guide`: every link leads somewhere, and nothing is still to be written.',
    controls: ['SOC 2 CC2.3'],
    rule: record('document', { about: 'user-guide', ...guide }),
    scope: 'service',
    maxAgeSeconds: 90 * day,
  }),
  check(1, 'phase-1', {
    id: 'administrator-guide',
    group: 'documentation-completeness',
    words: 'Administrator guide for bot management',
    title: 'Administrator guide',
    owner: 'technical-lead',
    proof: 'Record of `holdpoint document` about `administrator-guide`: every link leads somewhere, and nothing is still to be written.',
    controls: ['SOC 2 CC2.2', 'ISO/IEC 27001:2022 A.5.37'],
    rule: record('document', { about: 'administrator-guide', ...guide }),
    scope: 'service',
    maxAgeSeconds: 90 * day,
  }),
  check(1, 'phase-1', {
    id: 'troubleshooting-guide',
    group: 'documentation-completeness',
    words: 'Troubleshooting guide',
    title: 'Troubleshooting guide',
    owner: 'technical-lead',
    proof: 'Record of `holdpoint document` about `troubleshooting-guide`: every link leads somewhere, and nothing is still to be written.',
    controls: ['SOC 2 CC2.2', 'ISO/IEC 27001:2022 A.5.37'],
    rule: record('document', { about: 'troubleshooting-guide', ...guide }),
    scope: 'service',
    maxAgeSeconds: 90 * day,
  }),
  check(1, 'phase-1', {
    id: 'architecture-documentation',
    group: 'documentation-completeness',
    words: 'Architecture documentation',
    title: 'Architecture documentation',
    owner: 'technical-lead',
    proof: 'Record of `holdpoint document` about `architecture`: every link leads somewhere, and nothing is still to be written.',
    controls: ['SOC 2 CC2.2', 'ISO/IEC 27001:2022 A.8.27'],
    rule: record('document', { about: 'architecture', ...guide }),
    scope: 'service',
    maxAgeSeconds: 90 * day,
  }),
  check(1, 'phase-1', {
    id: 'deployment-guide',
    group: 'documentation-completeness',
    words: 'Deployment guide',
    title: 'Deployment guide',
    owner: 'technical-lead',
    proof: 'Record of `holdpoint document` about `deployment-guide`: every link leads somewhere, and nothing is still to be written.',
    controls: ['SOC 2 CC2.2', 'ISO/IEC 27001:2022 A.5.37'],
    rule: record('document', { about: 'deployment-guide', ...guide }),
    scope: 'service',
    maxAgeSeconds: 90 * day,
  }),
  ...securityReview,
];
