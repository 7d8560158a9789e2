import { expect, test } from 'vitest';
import { triggerWords } from '../../lib/query/trigger-words.ts';

test.each([
  [null, null, 'measured'],
  [null, 'a'.repeat(64), 'declared with AWS credentials alone'],
  ['p-operations1', 'a'.repeat(64), 'declared by Ole'],
])('a trigger by %s with the reason %s was %s', (by, reason, words) => {
  expect(triggerWords({ by, reason }, () => 'Ole')).toBe(words);
});
