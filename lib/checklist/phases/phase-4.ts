import { attestedBy, check, deployed, gate, junitPasses, noticeSent, seriesCovers } from '../define.ts';
import type { Item } from '../definition.ts';

const hour = 3600;
const day = 24 * hour;

export const preDeploymentGate = gate('t-minus-2h', 'Pre-Deployment (T-2 hours)', {
  // A planned T0 may lie as far ahead as a run may plan (`lib/run/commands/start-run.ts`).
  deadlineSeconds: 30 * day,
  leadSeconds: 2 * hour,
  rejudges: true,
});

export const preDeployment: readonly Item[] = [
  check(
    4,
    't-minus-2h',
    attestedBy('technical-lead', {
      id: 'final-code-review',
      group: 'pre-deployment',
      words: 'Final code review of all changes',
      title: 'Every change was reviewed',
      controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.28'],
    }),
  ),
  check(
    4,
    't-minus-2h',
    attestedBy('operations-lead', {
      id: 'backup-of-production',
      group: 'pre-deployment',
      words: 'Backup of current production system',
      title: 'Production is backed up',
      controls: ['SOC 2 A1.2', 'ISO/IEC 27001 A.8.13'],
    }),
  ),
  check(4, 't-minus-2h', {
    id: 'notification-sent',
    group: 'pre-deployment',
    words: 'Notification sent to stakeholders',
    title: 'Stakeholders are told',
    owner: 'operations-lead',
    proof: 'Holdpoint sends the notice itself and records that the mail system accepted it.',
    controls: ['SOC 2 CC2.2'],
    rule: noticeSent({ notice: 'deployment-announced' }),
  }),
  check(
    4,
    't-minus-2h',
    attestedBy('operations-lead', {
      id: 'rollback-plan-reviewed',
      group: 'pre-deployment',
      words: 'Rollback plan reviewed with team',
      title: 'The team went through the way back',
      controls: ['SOC 2 A1.3', 'ISO/IEC 27001 A.8.32'],
    }),
  ),
];

export const deploymentWindowGate = gate('deployment-window', 'Deployment Window (T-0 to T+1h)', {
  deadlineSeconds: hour,
  onDeadline: 'not-deployed',
  needs: 'deployment.finished',
});

export const deploymentWindow: readonly Item[] = [
  check(4, 'deployment-window', {
    id: 'code-deployed',
    group: 'deployment-window',
    words: 'Code deployed to production',
    title: 'What was proved is what runs',
    owner: 'technical-lead',
    proof: "CI reports the end of every component's deployment with the digest that it read back; it must be the run's.",
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.32'],
    rule: deployed,
    waivable: false,
  }),
  check(4, 'deployment-window', {
    id: 'health-checks-passing',
    group: 'deployment-window',
    words: 'Health checks passing',
    title: 'The deployed service answers its health checks',
    owner: 'operations-lead',
    proof: 'Series `health` of a probe over a minute at least, made after the deployment finished.',
    controls: ['SOC 2 A1.1', 'SOC 2 CC7.2'],
    after: 'deployment.finished',
    rule: seriesCovers({
      evidence: 'series',
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
    title: 'The critical workflows work in production',
    owner: 'technical-lead',
    proof: 'JUnit report, made after the deployment finished.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.29'],
    after: 'deployment.finished',
    rule: junitPasses({ evidence: 'junit', minTests: 1, maxSkippedPct: 20 }),
  }),
];

export const postDeploymentGate = gate('monitoring-4h', 'Post-Deployment (T+1h to T+4h)', {
  deadlineSeconds: 4 * day,
  onDeadline: 'page',
  window: { anchor: 'deployment.finished', seconds: 4 * hour },
});

const monitoring = seriesCovers({
  evidence: 'series',
  series: 'monitoring',
  minDurationSeconds: 4 * hour,
  minPoints: 240,
  maxGapPct: 5,
  maxFailurePct: 1,
  maxP95Ms: 2000,
});

export const postDeployment: readonly Item[] = [
  check(4, 'monitoring-4h', {
    id: 'continued-monitoring',
    group: 'post-deployment',
    words: 'Continued monitoring for 4 hours',
    title: 'Watched without a gap for four hours',
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
      title: 'Somebody listens to the users',
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
      title: 'The logs are complete and can be read',
      controls: ['SOC 2 CC7.2', 'ISO/IEC 27001 A.8.15'],
      after: 'deployment.finished',
    }),
  ),
];
