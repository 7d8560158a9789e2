import { expect, test } from 'vitest';
import { frequency } from '../../lib/console/metrics-page.ts';

test.each([
  [0, 12, 'none'],
  [15, 12, '1.25 a week'],
  [3, 52, 'one in 17.3 weeks'],
  [51, 52, 'one in 1.02 weeks'],
  [999, 1000, 'one in 1 week'],
])('%i deployments in %i weeks are %s', (deployments, weeks, words) => {
  expect(frequency(deployments, weeks)).toBe(words);
});
