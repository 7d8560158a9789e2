import { signerRoles } from '../../roles.ts';
import { alarmsLabelled } from '../../rules/alarms-labelled.ts';
import { dataUnharmed } from '../../rules/data-unharmed.ts';
import { noOpenObservations } from '../../rules/no-open-observations.ts';
import { record } from '../../rules/record-within.ts';
import { seriesUnbroken } from '../../rules/series-unbroken.ts';
import { withinLastStable } from '../../rules/within-last-stable.ts';
import { attestedBy, criterion, signature } from '../builders.ts';
import type { GateDefinition, Item } from '../definition.ts';

const hour = 3600;
const day = 24 * hour;
const observed = 'Computed from the observations that the feeds and people reported since the deployment; a silent feed proves nothing.';

export const stabilityGate: GateDefinition = {
  role: 'review',
  id: 'stability-24h',
  title: '24-Hour Stability',
  deadlineSeconds: 7 * day,
  onDeadline: 'page',
  window: { anchor: 'deployment.finished', seconds: 24 * hour },
};

export const stability: readonly Item[] = [
  criterion('stability', 'stability-24h', {
    id: 'no-unplanned-restarts',
    group: '24-hour-stability',
    words: 'No unplanned restarts',
    title: 'No unplanned restarts',
    owner: 'operations-lead',
    proof: observed,
    controls: ['SOC 2 A1.1', 'SOC 2 CC7.2'],
    rule: noOpenObservations.of({ kinds: ['restart'] }),
  }),
  criterion('stability', 'stability-24h', {
    id: 'no-data-loss',
    group: '24-hour-stability',
    words: 'No data loss',
    title: 'No data loss',
    owner: 'operations-lead',
    proof: 'Reports of a checksum job since the deployment (observations of kind `data`): one at least, and none that found data harmed.',
    controls: ['SOC 2 A1.2', 'SOC 2 PI1.5'],
    rule: dataUnharmed.of({ minReports: 1 }),
    // Every minute of waiting writes more data beside the harmed ones.
    onFail: 'trigger',
  }),
  criterion('stability', 'stability-24h', {
    id: 'stability-watched',
    group: '24-hour-stability',
    words: 'Series “stability” over 24 hours',
    title: 'Watched for 24 hours',
    owner: 'operations-lead',
    proof: 'Series `stability` of a probe, made after the deployment finished; a gap extends it.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
    source: 'holdpoint',
    after: 'deployment.finished',
    rule: seriesUnbroken.of({
      series: 'stability',
      minDurationSeconds: day,
      minPoints: 1440,
      maxGapPct: 1,
      maxFailurePct: 1,
      maxP95Ms: 2000,
    }),
  }),
  criterion('stability', 'stability-24h', {
    id: 'performance-stable',
    group: '24-hour-stability',
    words: 'Performance stable',
    title: 'Performance stable',
    owner: 'operations-lead',
    proof:
      'p95 and error rate of the series `stability` over 24 hours, compared with that series of the last release that became production-stable, or with a recorded baseline; and no open observation of kind `performance` or `error`.',
    controls: ['SOC 2 A1.1'],
    rule: withinLastStable.of({
      series: 'stability',
      stableSeries: 'stability',
      figures: ['p95', 'error-rate'],
      maxWorsePct: 50,
      floorMs: 100,
      floorPct: 0.5,
      minPoints: 10,
      minDurationSeconds: day,
      kinds: ['performance', 'error'],
    }),
  }),
  criterion('stability', 'stability-24h', {
    id: 'alerts-accurate',
    group: '24-hour-stability',
    words: 'Alerts accurate (no false positives)',
    title: 'Alerts accurate',
    owner: 'operations-lead',
    proof: 'Every alarm of the window is labelled true or false by operations.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
    rule: alarmsLabelled.of({ maxFalse: 0 }),
  }),
  criterion(
    'stability',
    'stability-24h',
    attestedBy('technical-lead', {
      id: 'team-confident',
      group: '24-hour-stability',
      words: 'Team confident system is stable',
      title: 'Team confident system is stable',
      controls: ['SOC 2 CC4.1'],
      after: 'deployment.finished',
    }),
  ),
];

export const signOffGate: GateDefinition = {
  role: 'approval',
  id: 'sign-off',
  title: 'Sign-Off',
  deadlineSeconds: 7 * day,
  onDeadline: 'page',
  onRejected: 'decision',
  asks: [...signerRoles],
  distinctPeople: signerRoles.length,
  nonAuthors: 1,
  reports: ['monitoring-4h', 'phase-5', 'deployment-success', 'stability-24h'],
  rejudges: false,
};

/** `technical-lead` as the document writes it: "Technical Lead". */
const titleCase = (role: string): string =>
  role.replace(/(^|-)(\w)/g, (_all, dash: string, first: string) => `${dash === '' ? '' : ' '}${first.toUpperCase()}`);

export const signOff: readonly Item[] = signerRoles.map((role) =>
  signature('sign-off', {
    id: `sign-off-${role}`,
    group: `${role}-sign-off`,
    words: `${titleCase(role)} Sign-Off`,
    title: `${titleCase(role)} Sign-Off`,
    role,
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001:2022 A.8.32'],
  }),
);

export const reviewGate: GateDefinition = {
  role: 'review',
  id: 'review-48h',
  title: 'Post-Deployment Review (48 hours)',
  deadlineSeconds: 14 * day,
  onDeadline: 'not-stable',
  window: { anchor: 'stable-since', seconds: 48 * hour },
  // A stage or a profile may deviate in it (`deviations.ts`).
  capSeconds: 7 * day,
  onCap: 'decision',
};

export const review: readonly Item[] = [
  criterion('review', 'review-48h', {
    id: 'systems-performing',
    group: 'post-deployment-review',
    words: 'All systems performing as expected',
    title: 'All systems performing as expected',
    owner: 'operations-lead',
    proof: observed,
    controls: ['SOC 2 CC7.2'],
    rule: noOpenObservations.of({ kinds: ['alarm', 'performance', 'error'] }),
  }),
  criterion('review', 'review-48h', {
    id: 'no-unexpected-issues',
    group: 'post-deployment-review',
    words: 'No unexpected issues discovered',
    title: 'No unexpected issues discovered',
    owner: 'operations-lead',
    proof: observed,
    controls: ['SOC 2 CC7.3'],
    rule: noOpenObservations.of({ kinds: ['incident', 'data', 'security', 'other'] }),
  }),
  criterion(
    'review',
    'review-48h',
    attestedBy('product-owner', {
      id: 'user-feedback-positive',
      group: 'post-deployment-review',
      words: 'User feedback positive',
      title: 'User feedback positive',
      proof:
        'The product owner attests it in their own words, or a record `feedback` about `users`: answers of users since the deployment are good on average.',
      sources: [{ id: 'feedback-record', rule: record('feedback', { about: 'users', minAnswers: 5, minMeanPct: 70 }), asks: 'either' }],
      controls: ['SOC 2 CC2.3'],
      after: 'deployment.finished',
    }),
  ),
  criterion(
    'review',
    'review-48h',
    attestedBy('technical-lead', {
      id: 'team-confidence-high',
      group: 'post-deployment-review',
      words: 'Team confidence high',
      title: 'Team confidence high',
      controls: ['SOC 2 CC4.1'],
      after: 'deployment.finished',
    }),
  ),
  criterion(
    'review',
    'review-48h',
    attestedBy('operations-lead', {
      id: 'ready-to-declare',
      group: 'post-deployment-review',
      words: 'Ready to declare "production stable"',
      title: 'Ready to declare production stable',
      controls: ['SOC 2 CC8.1'],
      after: 'deployment.finished',
    }),
  ),
];
