import { attestedBy, check, gate, junitPasses, loadPasses, seriesCovers, signature } from '../define.ts';
import type { Item } from '../definition.ts';

const day = 86_400;

export const phase3Gate = gate('phase-3', 'Pre-Deployment Testing', {});

export const phase3: readonly Item[] = [
  check(3, 'phase-3', {
    id: 'integration-suite',
    group: 'staging-environment-testing',
    words: 'Run full integration test suite',
    title: 'The integration tests pass',
    owner: 'technical-lead',
    proof: 'JUnit report; without a profile every suite counts.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.29'],
    rule: junitPasses({ evidence: 'junit', minTests: 1, maxSkippedPct: 20 }),
  }),
  check(3, 'phase-3', {
    id: 'load-tests-peak',
    group: 'staging-environment-testing',
    words: 'Run load tests (expected peak load + 50%)',
    title: 'Holds the expected peak and half as much again',
    owner: 'technical-lead',
    proof: 'Result of autocannon or k6 at 150 clients; without a profile the expected peak is 100.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001 A.8.6'],
    rule: loadPasses({ evidence: 'load', minConcurrency: 150, minRequests: 500, minDurationSeconds: 5, maxErrorPct: 1, maxP99Ms: 29_000 }),
  }),
  check(3, 'phase-3', {
    id: 'soak-24h',
    group: 'staging-environment-testing',
    words: 'Run long-duration stability tests (24h+)',
    title: 'Runs stably for 24 hours',
    owner: 'operations-lead',
    proof: 'Series `soak` of a probe of the very artifact; duration, gaps and failures are computed from its points.',
    controls: ['SOC 2 A1.1'],
    scope: 'artifact',
    rule: seriesCovers({
      evidence: 'series',
      series: 'soak',
      minDurationSeconds: day,
      minPoints: 1440,
      maxGapPct: 1,
      maxFailurePct: 0.1,
      maxP95Ms: 2000,
    }),
  }),
  check(
    3,
    'phase-3',
    attestedBy('operations-lead', {
      id: 'operations-trained',
      group: 'team-readiness',
      words: 'Operations team trained on monitoring',
      title: 'Operations can read the monitoring',
      controls: ['SOC 2 CC1.4', 'ISO/IEC 27001 A.6.3'],
    }),
  ),
  check(
    3,
    'phase-3',
    attestedBy('operations-lead', {
      id: 'incident-response-documented',
      group: 'team-readiness',
      words: 'Incident response plan documented',
      title: 'The incident response plan is written',
      controls: ['SOC 2 CC7.4', 'ISO/IEC 27001 A.5.24'],
    }),
  ),
];

const three = ['technical-lead', 'operations-lead', 'product-owner'] as const;

export const goNoGoGate = gate('go-no-go', 'Go / no-go', {
  deadlineSeconds: 7 * day,
  asks: [...three],
  reports: ['phase-1', 'phase-2', 'phase-3'],
  rejudges: true,
});

export const goNoGo: readonly Item[] = three.map((role) =>
  signature('go-no-go', {
    id: `go-${role}`,
    group: 'go-no-go',
    words: `Go / no-go: ${role}`,
    title: `Go: ${role.replace('-', ' ')}`,
    role,
    source: 'holdpoint',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.32', 'ISO/IEC 27001 A.5.3'],
  }),
);
