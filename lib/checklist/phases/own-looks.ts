import { alarmsHeard } from '../../rules/alarms-heard.ts';
import { alarmsReady } from '../../rules/alarms-ready.ts';
import { metricAgrees } from '../../rules/metric-agrees.ts';
import { probesPass } from '../../rules/probes-pass.ts';
import { restartsHeard } from '../../rules/restarts-heard.ts';
import { check, criterion } from '../builders.ts';
import type { Item } from '../definition.ts';

const day = 86_400;

/**
 * Checks for which Holdpoint looks itself, so that nobody types a figure. They apply where the stage file names probes, alarms, metrics
 * or resources of the environment.
 */
export const lookBeforeT0: Item = check(4, 't-minus-2h', {
  id: 'alarms-ready',
  group: 'pre-deployment',
  source: 'holdpoint',
  words: 'Alarms ready',
  title: 'Alarms ready',
  owner: 'operations-lead',
  proof: 'Holdpoint reads the alarms of the stage file: each exists, has an action, is enabled, has data and is not red.',
  controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
  // At T0 it must not be older.
  maxAgeSeconds: 900,
  needs: 'alarms',
  rule: alarmsReady.of({ maxUnknownSeconds: 7 * day }),
});

export const lookAfterDeployment: Item = check(4, 'deployment-window', {
  id: 'probes-answered',
  group: 'deployment-window',
  source: 'holdpoint',
  words: 'Probes answered as expected',
  title: 'Probes answered as expected',
  owner: 'operations-lead',
  proof: 'Holdpoint asks every probe of the stage file itself after the deployment finished, several times in a row.',
  controls: ['SOC 2 A1.1', 'SOC 2 CC7.2'],
  after: 'deployment.finished',
  needs: 'probes',
  rule: probesPass.of({ set: 'probes', probes: 'all' }),
});

/** A probe is fed; what CloudWatch has is read. The difference shows a probe that looks away. */
const figuresAgree = (review: '24h' | '48h', group: string): Parameters<typeof criterion>[2] => ({
  id: `figures-agree-${review}`,
  group,
  source: 'holdpoint',
  words: 'What was measured agrees with CloudWatch',
  title: `Figures agree with CloudWatch (${review})`,
  owner: 'operations-lead',
  proof:
    'Holdpoint reads the metrics of the stage file since the deployment when the window is over, and compares them with the series `stability`.',
  controls: ['SOC 2 A1.1', 'SOC 2 CC7.2'],
  after: 'deployment.finished',
  needs: 'metrics',
  rule: metricAgrees.of({
    series: `read-${review}`,
    fed: 'stability',
    maxApartPct: 50,
    floorMs: 100,
    floorPct: 0.5,
    floorPerMinute: 10,
    minPoints: 10,
    maxMissingPct: 50,
  }),
});

/** Both reviews look, each when its own window is over: a feed that dies after the first one must not look like calm. */
const alarmsWereHeard = (review: '24h' | '48h', id: string, group: string): Parameters<typeof criterion>[2] => ({
  id,
  group,
  source: 'holdpoint',
  words: 'Every alarm was heard',
  title: `Every alarm was heard (${review})`,
  owner: 'operations-lead',
  proof:
    "Holdpoint reads CloudWatch's history of the alarms since the deployment when the window is over, and compares it with what the feeds delivered.",
  controls: ['SOC 2 CC7.2', 'ISO/IEC 27001:2022 A.8.16'],
  after: 'deployment.finished',
  needs: 'alarms',
  rule: alarmsHeard.of({}),
});

const restartsWereHeard = (review: '24h' | '48h', id: string, group: string): Parameters<typeof criterion>[2] => ({
  id,
  group,
  source: 'holdpoint',
  words: 'Every restart was heard',
  title: `Every restart was heard (${review})`,
  owner: 'operations-lead',
  proof:
    'Holdpoint reads what AWS keeps about restarts since the deployment when the window is over, and compares it with what the feeds delivered.',
  controls: ['SOC 2 A1.1', 'SOC 2 CC7.2'],
  after: 'deployment.finished',
  needs: 'restarts',
  rule: restartsHeard.of({}),
});

const ofStability = '24-hour-stability';
const ofReview = 'post-deployment-review';

export const looksAtStability: readonly Item[] = [
  criterion('stability', 'stability-24h', alarmsWereHeard('24h', 'alarms-heard', ofStability)),
  criterion('stability', 'stability-24h', restartsWereHeard('24h', 'restarts-heard', ofStability)),
  criterion('stability', 'stability-24h', figuresAgree('24h', ofStability)),
];

export const looksAtReview: readonly Item[] = [
  criterion('review', 'review-48h', alarmsWereHeard('48h', 'alarms-heard-48h', ofReview)),
  criterion('review', 'review-48h', restartsWereHeard('48h', 'restarts-heard-48h', ofReview)),
  criterion('review', 'review-48h', figuresAgree('48h', ofReview)),
];
