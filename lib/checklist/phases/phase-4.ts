import { deployed } from '../../rules/deployed.ts';
import { junitPasses } from '../../rules/junit-passes.ts';
import { noticeSent } from '../../rules/notice-sent.ts';
import { seriesCovers } from '../../rules/series-covers.ts';
import { attestedBy, check } from '../builders.ts';
import type { GateDefinition, Item } from '../definition.ts';

const hour = 3600;
const day = 24 * hour;

/** The backup that a rollback can restore. */
export const backupCheck = 'backup-of-production';

export const preDeploymentGate: GateDefinition = {
  role: 't0',
  id: 't-minus-2h',
  title: 'Pre-Deployment (T-2 hours)',
  // A run may plan its T0 this far ahead (`lib/run/commands/start-run.ts`).
  deadlineSeconds: 30 * day,
  leadSeconds: 2 * hour,
};

export const preDeployment: readonly Item[] = [
  check(
    4,
    't-minus-2h',
    attestedBy('technical-lead', {
      id: 'final-code-review',
      group: 'pre-deployment',
      words: 'Final code review of all changes',
      title: 'Final code review of all changes',
      controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.28'],
    }),
  ),
  check(
    4,
    't-minus-2h',
    attestedBy('operations-lead', {
      id: backupCheck,
      group: 'pre-deployment',
      words: 'Backup of current production system',
      title: 'Backup of production system',
      controls: ['SOC 2 A1.2', 'ISO/IEC 27001 A.8.13'],
    }),
  ),
  check(4, 't-minus-2h', {
    id: 'notification-sent',
    group: 'pre-deployment',
    words: 'Notification sent to stakeholders',
    title: 'Notification sent to stakeholders',
    owner: 'operations-lead',
    proof: 'Holdpoint sends the notice itself and records that the mail system accepted it.',
    controls: ['SOC 2 CC2.2'],
    rule: noticeSent.of({ notice: 'deployment-announced' }),
  }),
  check(
    4,
    't-minus-2h',
    attestedBy('operations-lead', {
      id: 'rollback-plan-reviewed',
      group: 'pre-deployment',
      words: 'Rollback plan reviewed with team',
      title: 'Rollback plan reviewed',
      controls: ['SOC 2 A1.3', 'ISO/IEC 27001 A.8.32'],
    }),
  ),
];

export const deploymentWindowGate: GateDefinition = {
  role: 'deployment',
  id: 'deployment-window',
  title: 'Deployment Window (T-0 to T+1h)',
  deadlineSeconds: hour,
};

export const deploymentWindow: readonly Item[] = [
  check(4, 'deployment-window', {
    id: 'code-deployed',
    group: 'deployment-window',
    words: 'Code deployed to production',
    title: 'Code deployed to production',
    owner: 'technical-lead',
    proof: "CI reports the end of every component's deployment with the digest that it read back; it must be the run's.",
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.32'],
    rule: deployed.of({}),
    waivable: false,
  }),
  check(4, 'deployment-window', {
    id: 'health-checks-passing',
    group: 'deployment-window',
    words: 'Health checks passing',
    title: 'Health checks passing',
    owner: 'operations-lead',
    proof: 'Series `health` of a probe over a minute at least, made after the deployment finished.',
    controls: ['SOC 2 A1.1', 'SOC 2 CC7.2'],
    after: 'deployment.finished',
    rule: seriesCovers.of({
      series: 'health',
      minDurationSeconds: 60,
      minPoints: 10,
      // Half a minute: the longest interval at which probes are usually asked.
      maxGapPct: 50,
      maxFailurePct: 0,
      maxP95Ms: 2000,
    }),
  }),
  check(4, 'deployment-window', {
    id: 'smoke-tests-run',
    group: 'deployment-window',
    words: 'Smoke tests run (critical workflows)',
    title: 'Smoke tests run',
    owner: 'technical-lead',
    proof: 'JUnit report, made after the deployment finished.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.29'],
    after: 'deployment.finished',
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20 }),
  }),
];

export const monitoringGate: GateDefinition = {
  role: 'monitoring',
  id: 'monitoring-4h',
  title: 'Post-Deployment (T+1h to T+4h)',
  deadlineSeconds: 4 * day,
  windowSeconds: 4 * hour,
};

const monitoring = seriesCovers.of({
  series: 'monitoring',
  minDurationSeconds: 4 * hour,
  minPoints: 240,
  maxGapPct: 5,
  maxFailurePct: 1,
  maxP95Ms: 2000,
});

export const monitoringPhase: readonly Item[] = [
  check(4, 'monitoring-4h', {
    id: 'continued-monitoring',
    group: 'post-deployment',
    words: 'Continued monitoring for 4 hours',
    title: 'Continued monitoring for 4 hours',
    owner: 'operations-lead',
    proof: 'Series `monitoring` of a probe, made after the deployment finished; a gap extends it.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001 A.8.16'],
    after: 'deployment.finished',
    rule: monitoring,
  }),
  check(
    4,
    'monitoring-4h',
    attestedBy('product-owner', {
      id: 'user-feedback-monitored',
      group: 'post-deployment',
      words: 'User feedback monitored',
      title: 'User feedback monitored',
      controls: ['SOC 2 CC2.3'],
      after: 'deployment.finished',
    }),
  ),
  check(
    4,
    'monitoring-4h',
    attestedBy('operations-lead', {
      id: 'logging-complete-accessible',
      group: 'post-deployment',
      words: 'Logging complete and accessible',
      title: 'Logging complete and accessible',
      controls: ['SOC 2 CC7.2', 'ISO/IEC 27001 A.8.15'],
      after: 'deployment.finished',
    }),
  ),
];
