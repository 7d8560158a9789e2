import { signerRoles } from '../../roles.ts';
import { junitPasses } from '../../rules/junit-passes.ts';
import { loadPasses } from '../../rules/load-passes.ts';
import { seriesCovers } from '../../rules/series-covers.ts';
import { attestedBy, check, signature } from '../builders.ts';
import type { GateDefinition, Item } from '../definition.ts';

const day = 86_400;

export const phase3Gate: GateDefinition = {
  role: 'evidence',
  id: 'phase-3',
  title: 'Pre-Deployment Testing',
  deadlineSeconds: 14 * day,
  onDeadline: 'expired',
};

export const phase3: readonly Item[] = [
  check(3, 'phase-3', {
    id: 'integration-suite',
    group: 'staging-environment-testing',
    words: 'Run full integration test suite',
    title: 'Full integration test suite',
    owner: 'technical-lead',
    proof: 'JUnit report; every suite counts.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.29'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20 }),
  }),
  check(3, 'phase-3', {
    id: 'load-tests-peak',
    group: 'staging-environment-testing',
    words: 'Run load tests (expected peak load + 50%)',
    title: 'Load tests at expected peak + 50%',
    owner: 'technical-lead',
    proof: 'Result of autocannon, k6 or Artillery at 150 clients, at least half of them busy on average; the expected peak is 100.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001 A.8.6'],
    rule: loadPasses.of({ minConcurrency: 150, minRequests: 500, minDurationSeconds: 5, maxErrorPct: 1, maxP99Ms: 29_000 }),
  }),
  check(3, 'phase-3', {
    id: 'soak-24h',
    group: 'staging-environment-testing',
    words: 'Run long-duration stability tests (24h+)',
    title: 'Long-duration stability tests (24h+)',
    owner: 'operations-lead',
    proof: 'Series `soak` of a probe of the very artifact; duration, gaps and failures are computed from its points.',
    controls: ['SOC 2 A1.1'],
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
  check(
    3,
    'phase-3',
    attestedBy('operations-lead', {
      id: 'operations-trained',
      group: 'team-readiness',
      words: 'Operations team trained on monitoring',
      title: 'Operations team trained on monitoring',
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
      title: 'Incident response plan documented',
      controls: ['SOC 2 CC7.4', 'ISO/IEC 27001 A.5.24'],
    }),
  ),
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
    words: `Go / no-go: ${role}`,
    title: `Go / no-go: ${role.replace('-', ' ')}`,
    role,
    source: 'holdpoint',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.32', 'ISO/IEC 27001 A.5.3'],
  }),
);
