import { signerRoles } from '../../roles.ts';
import { junitPasses } from '../../rules/junit-passes.ts';
import { loadPasses } from '../../rules/load-passes.ts';
import { record } from '../../rules/record-within.ts';
import { seriesCovers } from '../../rules/series-covers.ts';
import { attestedBy, check, signature } from '../builders.ts';
import type { GateDefinition, Item } from '../definition.ts';

const day = 86_400;

const plan = { minWords: 50, minHeadings: 1, maxUnchangedDays: 365 };

export const phase3Gate: GateDefinition = {
  role: 'evidence',
  id: 'phase-3',
  title: 'Pre-Deployment Testing',
  deadlineSeconds: 14 * day,
  onDeadline: 'expired',
};

export const phase3: readonly Item[] = [
  check(3, 'phase-3', {
    id: 'deployed-to-staging',
    group: 'staging-environment-testing',
    words: 'Deploy to staging environment',
    title: 'Deployed to staging',
    owner: 'technical-lead',
    proof: 'Record `read-back`: the very artifact runs in staging, as the platform tells it.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.31'],
    rule: record('read-back', { environment: 'staging', minRunning: 1 }),
    scope: 'artifact',
  }),
  check(3, 'phase-3', {
    id: 'integration-suite',
    group: 'staging-environment-testing',
    words: 'Run full integration test suite',
    title: 'Full integration test suite',
    owner: 'technical-lead',
    proof: 'Test results; every suite counts.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.29'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20 }),
  }),
  check(3, 'phase-3', {
    id: 'smoke-tests-staging',
    group: 'staging-environment-testing',
    words: 'Run smoke tests (critical workflows)',
    title: 'Smoke tests in staging',
    owner: 'technical-lead',
    proof: 'Test results with a suite, class or file about smoke tests.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.29'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20, suites: ['*smoke*'] }),
  }),
  check(3, 'phase-3', {
    id: 'load-tests-peak',
    group: 'staging-environment-testing',
    words: 'Run load tests (expected peak load + 50%)',
    title: 'Load tests at expected peak + 50%',
    owner: 'technical-lead',
    proof: 'Result of autocannon, k6 or Artillery at 150 clients, at least half of them busy on average; the expected peak is 100.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001:2022 A.8.6'],
    rule: loadPasses.of({ minConcurrency: 150, minRequests: 500, minDurationSeconds: 5, maxErrorPct: 1, maxP99Ms: 29_000 }),
  }),
  check(3, 'phase-3', {
    id: 'soak-24h',
    group: 'staging-environment-testing',
    words: 'Run long-duration stability tests (24h+)',
    title: 'Long-duration stability tests (24h+)',
    owner: 'operations-lead',
    proof: 'Series `soak` of a probe of the very artifact; duration, gaps and failures are computed from its points.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001:2022 A.8.6'],
    scope: 'artifact',
    // A probe of last year says nothing about the staging environment of today.
    maxAgeSeconds: 30 * day,
    rule: seriesCovers.of({
      series: 'soak',
      minDurationSeconds: day,
      minPoints: 1440,
      maxGapPct: 1,
      maxFailurePct: 0.1,
      maxP95Ms: 2000,
    }),
  }),
  check(3, 'phase-3', {
    id: 'alerting-in-staging',
    group: 'staging-environment-testing',
    words: 'Verify monitoring/alerting in staging',
    title: 'Alerting verified in staging',
    owner: 'operations-lead',
    proof: 'Record `delivery` about `alert`: an alert that was provoked in staging arrived.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
    rule: record('delivery', { about: 'alert', environment: 'staging', minReceived: 1, maxSeconds: 600 }),
    maxAgeSeconds: 30 * day,
  }),
  check(3, 'phase-3', {
    id: 'data-volume-like-production',
    group: 'production-simulation',
    words: 'Production-like data volume',
    title: 'Data volume as in production',
    owner: 'operations-lead',
    proof: 'Record `comparison` about `data-volume`: rows or bytes of staging and production, each from a query.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001:2022 A.8.6', 'ISO/IEC 27001:2022 A.8.31'],
    rule: record('comparison', { about: 'data-volume', minSharePct: 80 }),
    maxAgeSeconds: 30 * day,
  }),
  check(3, 'phase-3', {
    id: 'network-like-production',
    group: 'production-simulation',
    words: 'Production-like network conditions',
    title: 'Network conditions as in production',
    owner: 'operations-lead',
    proof: 'Record `comparison` about `network`: latency and bandwidth of staging and production, each from a query.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001:2022 A.8.6', 'ISO/IEC 27001:2022 A.8.31'],
    rule: record('comparison', { about: 'network', minSharePct: 50, maxSharePct: 200 }),
    maxAgeSeconds: 30 * day,
  }),
  check(3, 'phase-3', {
    id: 'users-like-production',
    group: 'production-simulation',
    words: 'Production-like concurrent users',
    title: 'Concurrent users as in production',
    owner: 'operations-lead',
    proof: 'Record `comparison` about `concurrent-users`: concurrent users of staging and production, each from a query.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001:2022 A.8.6', 'ISO/IEC 27001:2022 A.8.31'],
    rule: record('comparison', { about: 'concurrent-users', minSharePct: 80 }),
    maxAgeSeconds: 30 * day,
  }),
  check(3, 'phase-3', {
    id: 'monitoring-tools-enabled',
    group: 'production-simulation',
    words: 'All monitoring tools enabled',
    title: 'All monitoring tools enabled',
    owner: 'operations-lead',
    proof: 'Record `heartbeat`: each tool of monitoring received something from staging within the hour before the record was made.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
    rule: record('heartbeat', { environment: 'staging', minTools: 1, maxSilentSeconds: 3600 }),
    // A tool that was fed last week may be switched off today.
    maxAgeSeconds: 7 * day,
  }),
  check(3, 'phase-3', {
    id: 'alert-thresholds-validated',
    group: 'production-simulation',
    words: 'Alert thresholds validated',
    title: 'Alert thresholds validated',
    owner: 'operations-lead',
    proof: 'Record `alarm-test`: each configured alarm was driven over its threshold, went off and came back.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
    rule: record('alarm-test', { environment: 'staging', minAlarms: 1 }),
    maxAgeSeconds: 90 * day,
  }),
  check(
    3,
    'phase-3',
    attestedBy('operations-lead', {
      id: 'operations-trained',
      group: 'team-readiness',
      words: 'Operations team trained on monitoring',
      title: 'Operations team trained on monitoring',
      controls: ['SOC 2 CC1.4', 'ISO/IEC 27001:2022 A.6.3'],
    }),
  ),
  check(
    3,
    'phase-3',
    attestedBy('product-owner', {
      id: 'support-trained',
      group: 'team-readiness',
      words: 'Support team trained on troubleshooting',
      title: 'Support team trained on troubleshooting',
      controls: ['SOC 2 CC1.4', 'ISO/IEC 27001:2022 A.6.3'],
    }),
  ),
  check(3, 'phase-3', {
    id: 'incident-response-documented',
    group: 'team-readiness',
    words: 'Incident response plan documented',
    title: 'Incident response plan documented',
    owner: 'operations-lead',
    proof: 'Record of `holdpoint document` about `incident-response-plan`: every link leads somewhere, and nothing is still to be written.',
    controls: ['SOC 2 CC7.4', 'ISO/IEC 27001:2022 A.5.24'],
    rule: record('document', { about: 'incident-response-plan', ...plan }),
  }),
  check(3, 'phase-3', {
    id: 'escalation-clear',
    group: 'team-readiness',
    words: 'Escalation procedures clear',
    title: 'Escalation procedures clear',
    owner: 'operations-lead',
    proof: 'Record of `holdpoint document` about `escalation-procedures`: every link leads somewhere, and nothing is still to be written.',
    controls: ['SOC 2 CC7.4', 'ISO/IEC 27001:2022 A.5.24', 'ISO/IEC 27001:2022 A.5.26'],
    rule: record('document', { about: 'escalation-procedures', ...plan }),
  }),
  check(3, 'phase-3', {
    id: 'communication-planned',
    group: 'team-readiness',
    words: 'Communication plan for users',
    title: 'Communication plan for users',
    owner: 'product-owner',
    proof: 'Record of `holdpoint document` about `communication-plan`: every link leads somewhere, and nothing is still to be written.',
    controls: ['SOC 2 CC2.3', 'ISO/IEC 27001:2022 A.5.24'],
    rule: record('document', { about: 'communication-plan', ...plan }),
  }),
];

export const goNoGoGate: GateDefinition = {
  role: 'approval',
  id: 'go-no-go',
  title: 'Go / no-go',
  deadlineSeconds: 7 * day,
  onDeadline: 'expired',
  onRejected: 'rejected',
  asks: [...signerRoles],
  reports: ['phase-1', 'phase-2', 'phase-3'],
  rejudges: true,
};

export const goNoGo: readonly Item[] = signerRoles.map((role) =>
  signature('go-no-go', {
    id: `go-${role}`,
    group: 'go-no-go',
    words: `Go / no-go: ${role.replace('-', ' ')}`,
    title: `Go / no-go: ${role.replace('-', ' ')}`,
    role,
    source: 'holdpoint',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.32', 'ISO/IEC 27001:2022 A.5.3'],
  }),
);
