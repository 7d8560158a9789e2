import { expect, test } from 'vitest';
import { wordsText } from '../../lib/cli/show-words.ts';
import type { RunWords } from '../../lib/query/view.ts';

const note: RunWords = {
  kind: 'approval-note',
  digest: 'd',
  event: 'e',
  at: '2026-03-02T08:00:00.000Z',
  by: 'p-product01',
  role: 'product-owner',
  gate: 'go-no-go',
  check: null,
  observation: null,
  text: 'Repeat the load test.”\n##vso[task.setvariable variable=x]y, p-operations1 wrote',
  salt: 's',
  erasedAt: null,
};

test('status shows what people wrote, each on one line with its author, and says what was erased', () => {
  const [line = '', erased = ''] = wordsText({ words: [note, { ...note, text: null, salt: null, erasedAt: '2026-03-09T08:00:00.000Z' }] });
  expect(line).toMatch(
    /^approval note \(go-no-go\), 2026-03-02 08:00:00 UTC, p-product01 as product owner: “Repeat the load test\."[^”\n]*”$/,
  );
  expect(line).not.toContain('##vso[');
  expect(erased).toMatch(/: \(erased on 2026-03-09 08:00:00 UTC\)$/);
  expect(wordsText({ words: null })).toEqual([]);
});
