import { signerRoles } from '../../roles.ts';
import { alarmsLabelled, attestedBy, criterion, gate, noOpenObservations, signature } from '../define.ts';
import type { Item } from '../definition.ts';

const hour = 3600;
const day = 24 * hour;
const observed = 'Computed from the observations that the feeds and people reported since the deployment; a silent feed proves nothing.';

export const stabilityGate = gate('stability-24h', '24-Hour Stability', {
  deadlineSeconds: 7 * day,
  onDeadline: 'page',
  window: { anchor: 'deployment.finished', seconds: 24 * hour },
  watchesObservations: true,
});

export const stability: readonly Item[] = [
  criterion('stability', 'stability-24h', {
    id: 'no-unplanned-restarts',
    group: '24-hour-stability',
    words: 'No unplanned restarts',
    title: 'Nothing restarted unplanned',
    owner: 'operations-lead',
    proof: observed,
    controls: ['SOC 2 A1.1', 'SOC 2 CC7.2'],
    rule: noOpenObservations({ kinds: ['restart'] }),
  }),
  criterion('stability', 'stability-24h', {
    id: 'performance-stable',
    group: '24-hour-stability',
    words: 'Performance stable',
    title: 'Performance stayed as it was',
    owner: 'operations-lead',
    proof: observed,
    controls: ['SOC 2 A1.1'],
    rule: noOpenObservations({ kinds: ['performance', 'error'] }),
  }),
  criterion('stability', 'stability-24h', {
    id: 'alerts-accurate',
    group: '24-hour-stability',
    words: 'Alerts accurate (no false positives)',
    title: 'Every alarm was a true one',
    owner: 'operations-lead',
    proof: 'Every alarm of the window is labelled true or false by operations.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001 A.8.16'],
    rule: alarmsLabelled({ maxFalse: 0 }),
  }),
  criterion(
    'stability',
    'stability-24h',
    attestedBy('technical-lead', {
      id: 'team-confident',
      group: '24-hour-stability',
      words: 'Team confident system is stable',
      title: 'The team trusts the system to stay up',
      controls: ['SOC 2 CC4.1'],
      after: 'deployment.finished',
    }),
  ),
];

/** `Technical Lead`, as the document writes the role `technical-lead`. */
const capitalised = (role: string): string => role.replace('-', ' ').replace(/\b[a-z]/g, (letter) => letter.toUpperCase());

export const signOffGate = gate('sign-off', 'Sign-Off', {
  deadlineSeconds: 7 * day,
  onDeadline: 'page',
  onRejected: 'incident',
  asks: [...signerRoles],
  reports: ['monitoring-4h', 'phase-5', 'deployment-success', 'stability-24h'],
});

export const signOff: readonly Item[] = signerRoles.map((role) =>
  signature('sign-off', {
    id: `sign-off-${role}`,
    group: `${role}-sign-off`,
    words: `${capitalised(role)} Sign-Off`,
    title: `Signed: ${role.replace('-', ' ')}`,
    role,
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.32'],
  }),
);

export const reviewGate = gate('review-48h', 'Post-Deployment Review (48 hours)', {
  deadlineSeconds: 14 * day,
  onDeadline: 'not-stable',
  window: { anchor: 'stable-since', seconds: 48 * hour },
  watchesObservations: true,
});

export const review: readonly Item[] = [
  criterion('review', 'review-48h', {
    id: 'systems-performing',
    group: 'post-deployment-review',
    words: 'All systems performing as expected',
    title: 'Every system does what it should',
    owner: 'operations-lead',
    proof: observed,
    controls: ['SOC 2 CC7.2'],
    rule: noOpenObservations({ kinds: ['alarm', 'performance', 'error'] }),
  }),
  criterion('review', 'review-48h', {
    id: 'no-unexpected-issues',
    group: 'post-deployment-review',
    words: 'No unexpected issues discovered',
    title: 'Nothing unexpected came up',
    owner: 'operations-lead',
    proof: observed,
    controls: ['SOC 2 CC7.3'],
    rule: noOpenObservations({ kinds: ['incident', 'data', 'other'] }),
  }),
  criterion(
    'review',
    'review-48h',
    attestedBy('operations-lead', {
      id: 'ready-to-declare',
      group: 'post-deployment-review',
      words: 'Ready to declare "production stable"',
      title: 'Ready to be called production stable',
      controls: ['SOC 2 CC8.1'],
      after: 'deployment.finished',
    }),
  ),
];
