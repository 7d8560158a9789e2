import { alarmsExercised } from '../../rules/alarms-exercised.ts';
import { loadRamps } from '../../rules/load-ramps.ts';
import { record } from '../../rules/record-within.ts';
import { seriesSteady } from '../../rules/series-steady.ts';
import { seriesUnbroken } from '../../rules/series-unbroken.ts';
import { attestedBy, check } from '../builders.ts';
import type { GateDefinition, Item } from '../definition.ts';

const hour = 3600;
const day = 24 * hour;

export const monitoringGate: GateDefinition = {
  role: 'monitoring',
  id: 'monitoring-4h',
  title: 'Post-Deployment (T+1h to T+4h)',
  deadlineSeconds: 4 * day,
  windowSeconds: 4 * hour,
};

const monitoring = seriesUnbroken.of({
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
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
    after: 'deployment.finished',
    rule: monitoring,
  }),
  check(4, 'monitoring-4h', {
    id: 'load-increased-gradually',
    group: 'post-deployment',
    words: 'Load gradually increased to normal',
    title: 'Load gradually increased to normal',
    owner: 'operations-lead',
    proof: "The rate of requests that the series `monitoring` counts, window by window, compared with the rate of the run's own baseline.",
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001:2022 A.8.6'],
    rule: loadRamps.of({ series: 'monitoring', minSharePct: 80, maxStepPct: 100 }),
  }),
  check(
    4,
    'monitoring-4h',
    attestedBy('product-owner', {
      id: 'user-feedback-monitored',
      group: 'post-deployment',
      words: 'User feedback monitored',
      title: 'User feedback monitored',
      proof:
        'The product owner attests it in their own words, or a record `feedback` about `users` with answers of users since the deployment.',
      sources: [{ id: 'feedback-record', rule: record('feedback', { about: 'users', minAnswers: 1 }), asks: 'either' }],
      controls: ['SOC 2 CC2.3'],
      after: 'deployment.finished',
    }),
  ),
  check(4, 'monitoring-4h', {
    id: 'performance-verified-stable',
    group: 'post-deployment',
    words: 'Performance verified stable',
    title: 'Performance verified stable',
    owner: 'operations-lead',
    proof: 'Series `monitoring`: the trend of its p95 from window to window (Theil-Sen) does not rise beyond the limit.',
    controls: ['SOC 2 A1.1', 'SOC 2 CC7.2'],
    after: 'deployment.finished',
    rule: seriesSteady.of({ series: 'monitoring', minWindows: 5, maxRisePct: 50, floorMs: 100, maxFailurePct: 5 }),
  }),
  check(4, 'monitoring-4h', {
    id: 'alerts-verified',
    group: 'post-deployment',
    words: 'All alerts verified working',
    title: 'All alerts verified working',
    owner: 'operations-lead',
    proof:
      'Computed from the alarms that the feed heard since the deployment: each that the stage file names went red and OK again, in an announced test for instance; without names one at least.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
    rule: alarmsExercised.of({ minAlarms: 1 }),
  }),
  check(
    4,
    'monitoring-4h',
    attestedBy('operations-lead', {
      id: 'logging-complete-accessible',
      group: 'post-deployment',
      words: 'Logging complete and accessible',
      title: 'Logging complete and accessible',
      controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.15'],
      after: 'deployment.finished',
    }),
  ),
];
