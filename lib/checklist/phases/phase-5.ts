import { checksSatisfied } from '../../rules/checks-satisfied.ts';
import { junitPasses } from '../../rules/junit-passes.ts';
import { alarmsCascade } from '../../rules/triggers/alarms-cascade.ts';
import { performanceWorse } from '../../rules/triggers/performance-worse.ts';
import { probeFails } from '../../rules/triggers/probe-fails.ts';
import { reportedTrigger } from '../../rules/triggers/reported.ts';
import { attestedBy, check, criterion, trigger } from '../builders.ts';
import type { GateDefinition, Item } from '../definition.ts';

const day = 86_400;

export const phase5Gate: GateDefinition = {
  role: 'evidence',
  id: 'phase-5',
  title: 'Post-Deployment Validation',
  deadlineSeconds: 7 * day,
  onDeadline: 'page',
};

export const phase5: readonly Item[] = [
  check(5, 'phase-5', {
    id: 'endpoints-responding',
    group: 'functional-validation',
    words: 'All endpoints responding correctly',
    title: 'All endpoints responding',
    owner: 'technical-lead',
    proof: 'JUnit report, made after the deployment finished.',
    controls: ['SOC 2 CC8.1'],
    after: 'deployment.finished',
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20 }),
  }),
  check(
    5,
    'phase-5',
    attestedBy('operations-lead', {
      id: 'logs-aggregating',
      group: 'operational-validation',
      words: 'Logs aggregating correctly',
      title: 'Logs aggregating correctly',
      controls: ['SOC 2 CC7.2', 'ISO/IEC 27001 A.8.15'],
      after: 'deployment.finished',
    }),
  ),
  check(
    5,
    'phase-5',
    attestedBy('product-owner', {
      id: 'key-users-testing',
      group: 'user-acceptance',
      words: 'Key users testing features',
      title: 'Key users testing features',
      controls: ['SOC 2 CC2.3', 'ISO/IEC 27001 A.8.29'],
      after: 'deployment.finished',
    }),
  ),
  check(
    5,
    'phase-5',
    attestedBy('product-owner', {
      id: 'feedback-collected',
      group: 'user-acceptance',
      words: 'Feedback collected and reviewed',
      title: 'Feedback collected and reviewed',
      controls: ['SOC 2 CC2.3'],
      after: 'deployment.finished',
    }),
  ),
];

/** What opens the decision about a rollback after T0: measured, or declared by a person. */
export const triggers: readonly Item[] = [
  trigger('critical-feature-not-working', 'Critical feature not working', {
    proof:
      'A critical probe fails as often in a row as the stage file says (three times by default), or a person declares it with a reason.',
    rule: probeFails.of({ looksInARow: 1 }),
  }),
  trigger('data-corruption-detected', 'Data corruption detected', {
    proof: 'A checksum job reports harmed data (an observation of kind `data`), or a person declares it with a reason.',
    rule: reportedTrigger.of({ kinds: ['data'] }),
  }),
  trigger('performance-severely-degraded', 'Performance severely degraded (> 50%)', {
    proof:
      "p95 or error rate more than 50 % worse than the run's own baseline in two windows in a row, or a person declares it with a reason.",
    rule: performanceWorse.of({ maxWorsePct: 50, windowsInARow: 2, minPoints: 10, floorMs: 100, floorPct: 1 }),
  }),
  trigger('security-vulnerability-discovered', 'Security vulnerability discovered', {
    proof: 'A scanner reports a vulnerability (an observation of kind `security`), or a person declares it with a reason.',
    rule: reportedTrigger.of({ kinds: ['security'] }),
  }),
  trigger('multiple-cascading-errors', 'Multiple cascading errors', {
    proof: 'Three different alarms go red within five minutes, or a person declares it with a reason.',
    rule: alarmsCascade.of({ minAlarms: 3, withinSeconds: 300 }),
  }),
];

export const deploymentSuccessGate: GateDefinition = {
  role: 'evidence',
  id: 'deployment-success',
  title: 'Deployment Success',
  deadlineSeconds: 7 * day,
  onDeadline: 'page',
};

export const deploymentSuccess: readonly Item[] = [
  criterion('success', 'deployment-success', {
    id: 'features-operational',
    group: 'deployment-success',
    words: 'All 11 features operational in production',
    title: 'All features operational in production',
    owner: 'technical-lead',
    proof: 'Computed from the checks that deploy, smoke-test and probe the release.',
    controls: ['SOC 2 CC8.1'],
    rule: checksSatisfied.of({ checks: ['code-deployed', 'smoke-tests-run', 'endpoints-responding'] }),
    waivable: false,
  }),
  criterion(
    'success',
    'deployment-success',
    attestedBy('operations-lead', {
      id: 'team-comfortable',
      group: 'deployment-success',
      words: 'Team comfortable with system',
      title: 'Team comfortable with system',
      controls: ['SOC 2 CC1.4'],
      after: 'deployment.finished',
    }),
  ),
  criterion(
    'success',
    'deployment-success',
    attestedBy('product-owner', {
      id: 'users-positive',
      group: 'deployment-success',
      words: 'Users reporting positive feedback',
      title: 'Users reporting positive feedback',
      controls: ['SOC 2 CC2.3'],
      after: 'deployment.finished',
    }),
  ),
];
