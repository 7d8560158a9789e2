import { changesExplained } from '../../rules/changes-explained.ts';
import { deployed } from '../../rules/deployed.ts';
import { drillRecent } from '../../rules/drill-recent.ts';
import { junitPasses } from '../../rules/junit-passes.ts';
import { noAlarmRed } from '../../rules/no-alarm-red.ts';
import { noticeSent } from '../../rules/notice-sent.ts';
import { record } from '../../rules/record-within.ts';
import { rollbackTarget } from '../../rules/rollback-target.ts';
import { seriesCovers } from '../../rules/series-covers.ts';
import { startedInOrder } from '../../rules/started-in-order.ts';
import { withinBaseline } from '../../rules/within-baseline.ts';
import { attestedBy, check } from '../builders.ts';
import { backupCheck, type GateDefinition, type Item } from '../definition.ts';
import { lookBeforeT0 } from './own-looks.ts';

const hour = 3600;
const day = 24 * hour;

export const preDeploymentGate: GateDefinition = {
  role: 't0',
  id: 't-minus-2h',
  title: 'Pre-Deployment (T-2 hours)',
  // A run may plan its T0 this far ahead (`lib/run/commands/start-run.ts`).
  deadlineSeconds: 30 * day,
  leadSeconds: 2 * hour,
};

/** Checks of Holdpoint's own, beside those of the document. */
const ours = (said: Pick<Item, 'id' | 'title' | 'proof' | 'controls' | 'rule'> & Partial<Pick<Item, 'waivable'>>): Item =>
  check(4, 't-minus-2h', { ...said, group: 'pre-deployment', words: said.title, owner: 'operations-lead', source: 'holdpoint' });

export const preDeployment: readonly Item[] = [
  check(4, 't-minus-2h', {
    id: 'final-code-review',
    group: 'pre-deployment',
    words: 'Final code review of all changes',
    title: 'Final code review of all changes',
    owner: 'technical-lead',
    proof:
      'Record `reviews`: every commit since the live version was approved, as it is, by somebody who did not write it. It must begin behind the commit of the version that is live.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.28', 'NIST SSDF PW.7'],
    rule: record('reviews', { minCommits: 1, base: 'live' }),
  }),
  check(4, 't-minus-2h', {
    id: backupCheck,
    group: 'pre-deployment',
    words: 'Backup of current production system',
    title: 'Backup of production system',
    owner: 'operations-lead',
    proof: 'Record `backup` about `before-deployment`: the recovery point of production is at most four hours old.',
    controls: ['SOC 2 A1.2', 'ISO/IEC 27001:2022 A.8.13'],
    rule: record('backup', { about: 'before-deployment', environment: 'production' }),
    maxAgeSeconds: 4 * hour,
  }),

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
      id: 'team-assembled',
      group: 'pre-deployment',
      words: 'Team assembled (Dev, Ops, QA)',
      title: 'Team assembled',
      proof:
        'The operations lead attests it in their own words, or a record `schedule` about `deployment-team`: somebody of each role is on duty from T0 until the monitoring ends.',
      sources: [
        {
          id: 'schedule-record',
          // Made within two hours before T0: it begins by then, and goes on for the four hours behind it.
          rule: record('schedule', {
            about: 'deployment-team',
            minRoles: 3,
            maxStartsInHours: 2,
            minHoursAhead: 6,
            maxUncoveredMinutes: 0,
          }),
          asks: 'either',
          maxAgeSeconds: 2 * 3600,
        },
      ],
      controls: ['SOC 2 CC1.3', 'ISO/IEC 27001:2022 A.5.2'],
    }),
  ),
  check(
    4,
    't-minus-2h',
    attestedBy('operations-lead', {
      id: 'rollback-plan-reviewed',
      group: 'pre-deployment',
      words: 'Rollback plan reviewed with team',
      title: 'Rollback plan reviewed with the team',
      controls: ['SOC 2 CC7.5', 'ISO/IEC 27001:2022 A.8.32'],
    }),
  ),
  check(
    4,
    't-minus-2h',
    attestedBy('operations-lead', {
      id: 'dashboards-open',
      group: 'pre-deployment',
      words: 'Monitoring dashboards open and ready',
      title: 'Monitoring dashboards open',
      controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
    }),
  ),
  ours({
    id: 'rollback-target-known',
    title: 'Version to go back to',
    proof: 'Holdpoint knows the version to which a rollback leads, and fixes it in the run before T0.',
    controls: ['SOC 2 CC7.5', 'ISO/IEC 27001:2022 A.8.32'],
    rule: rollbackTarget.of({}),
    // Two people may accept instead that a rollback takes the service away.
    waivable: false,
  }),
  ours({
    id: 'rollback-rehearsed',
    title: 'Rollback rehearsed',
    proof: 'The newest drill of the service is at most 90 days old, was verified and met every budget.',
    controls: ['SOC 2 A1.3', 'ISO/IEC 27001:2022 A.5.30'],
    rule: drillRecent.of({ maxAgeDays: 90 }),
  }),
  ours({
    id: 'no-alarm-before-deployment',
    title: 'No alarm is red',
    proof:
      'The states that Holdpoint reads of the alarms of the stage file, and those that the feed and people report, up to T0. With none of them it is inconclusive.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
    rule: noAlarmRed.of({ look: lookBeforeT0.id }),
  }),
  ours({
    id: 'changes-explained',
    title: 'Every other change explained',
    proof: 'A person has explained each deployment that the feed saw in the environment without a released run.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.32'],
    rule: changesExplained.of({}),
    // An explanation costs as much as a waiver.
    waivable: false,
  }),
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
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.32'],
    rule: deployed.of({}),
    waivable: false,
  }),
  check(4, 'deployment-window', {
    id: 'services-started-in-order',
    group: 'deployment-window',
    words: 'Services started in correct order',
    title: 'Services started in correct order',
    owner: 'technical-lead',
    proof:
      "The times at which the platforms say that each new version became live, and the order of CI's deployment reports, compared with the start order that the stage had when the run started. Without those times CI's reports decide alone.",
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.32'],
    rule: startedInOrder.of({}),
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
    proof: 'Test results with a suite, class or file about smoke tests, made after the deployment finished.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.29'],
    after: 'deployment.finished',
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20, suites: ['*smoke*'] }),
  }),
  check(4, 'deployment-window', {
    id: 'performance-normal',
    group: 'deployment-window',
    words: 'Performance metrics in normal range',
    title: 'Performance metrics in normal range',
    owner: 'operations-lead',
    proof: "The p95 of the series `health` since the deployment, compared with the run's own baseline.",
    controls: ['SOC 2 A1.1', 'SOC 2 CC7.2'],
    rule: withinBaseline.of({ series: 'health', figure: 'p95', maxWorsePct: 50, floorMs: 100, minPoints: 10 }),
  }),
  check(4, 'deployment-window', {
    id: 'no-error-spikes',
    group: 'deployment-window',
    words: 'No error spikes in logs',
    title: 'No error spikes in logs',
    owner: 'operations-lead',
    proof:
      "The error rate of the series `health`, compared with the run's own baseline; and no open observation of kind `error`, as which alarms on logs arrive.",
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.15'],
    rule: withinBaseline.of({ series: 'health', figure: 'error-rate', maxWorsePct: 50, floorPct: 0.5, minPoints: 10, kinds: ['error'] }),
  }),
];
