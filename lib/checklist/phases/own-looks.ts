import { alarmsHeard } from '../../rules/alarms-heard.ts';
import { alarmsReady } from '../../rules/alarms-ready.ts';
import { probesPass } from '../../rules/probes-pass.ts';
import { check, criterion } from '../builders.ts';
import type { Item } from '../definition.ts';

const day = 86_400;

/**
 * Checks for which Holdpoint looks itself, so that nobody types a figure. They apply where the stage file names probes or alarms of the
 * environment.
 */
export const lookBeforeT0: Item = check(4, 't-minus-2h', {
  id: 'alarms-ready',
  group: 'pre-deployment',
  source: 'holdpoint',
  words: 'Alarms ready',
  title: 'Alarms ready',
  owner: 'operations-lead',
  proof: 'Holdpoint reads the alarms of the stage file: each exists, has an action, is enabled, has data and is not red.',
  controls: ['SOC 2 CC7.2', 'ISO/IEC 27001 A.8.16'],
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

export const lookAtReview: Item = criterion('stability', 'stability-24h', {
  id: 'alarms-heard',
  group: '24-hour-stability',
  source: 'holdpoint',
  words: 'Every alarm was heard',
  title: 'Every alarm was heard',
  owner: 'operations-lead',
  proof: "Holdpoint reads CloudWatch's history of the alarms when the window is over, and compares it with what the feeds delivered.",
  controls: ['SOC 2 CC7.2', 'ISO/IEC 27001 A.8.16'],
  after: 'deployment.finished',
  needs: 'alarms',
  rule: alarmsHeard.of({}),
});
