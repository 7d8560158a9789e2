import { record } from '../../rules/record-within.ts';
import { attestedBy } from '../builders.ts';

/** What users say after the deployment: people attest it, and an export of answers is a record. */

export const feedbackCollected = attestedBy('product-owner', {
  id: 'feedback-collected',
  group: 'user-acceptance',
  words: 'Feedback collected and reviewed',
  title: 'Feedback collected and reviewed',
  proof:
    'The product owner attests it in their own words. A record `feedback` about `users` with answers of users is judged where it is sent.',
  sources: [{ id: 'feedback-record', rule: record('feedback', { about: 'users', minAnswers: 1 }), asks: 'beside' }],
  controls: ['SOC 2 CC2.3'],
  after: 'deployment.finished',
});

export const usersPositive = attestedBy('product-owner', {
  id: 'users-positive',
  group: 'deployment-success',
  words: 'Users reporting positive feedback',
  title: 'Users reporting positive feedback',
  proof:
    'The product owner attests it in their own words, or a record `feedback` about `users`: answers of users since the deployment are good on average.',
  sources: [{ id: 'feedback-record', rule: record('feedback', { about: 'users', minAnswers: 5, minMeanPct: 70 }), asks: 'either' }],
  controls: ['SOC 2 CC2.3'],
  after: 'deployment.finished',
});
