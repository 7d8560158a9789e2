import { expect, test } from 'vitest';
import { explainedBy, foreignBriefly, said, saidBriefly } from '../../lib/console/said.ts';

const shown = async (text: string): Promise<string> => String(await foreignBriefly(text));

test('a short text of a feed stands whole, and nothing is folded', async () => {
  expect(await shown('shop-errors: OK to ALARM')).toBe('<bdi>shop-errors: OK to ALARM</bdi>');
});

test('of the name of an AWS resource its last part stands there, and the whole behind a fold', async () => {
  const arn = 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:shop-errors';
  expect(await shown(`${arn}: OK to ALARM`)).toBe(
    `<bdi>shop-errors: OK to ALARM</bdi> <details class="rest"><summary>whole text</summary><bdi>${arn}: OK to ALARM</bdi></details>`,
  );
});

test('a long text is cut for reading, kept behind a fold, and escaped in both places', async () => {
  const text = `shop-errors: OK to ALARM: Threshold Crossed: <b>${'1 datapoint, '.repeat(20)}`;
  const [beginning = '', whole = ''] = (await shown(text)).split('<details');
  expect(beginning).toMatch(/^<bdi>shop-errors: OK to ALARM: Threshold Crossed: &lt;b&gt;.*…<\/bdi> $/);
  expect(beginning.length).toBeLessThan(180);
  expect(whole).toContain(text.replace('<b>', '&lt;b&gt;'));
});

test('a text names its person once: where the words before it do, it says what it is instead', async () => {
  const words = new Map([['d', { text: 'The tests <b> follow.', salt: 's', erasedAt: null }]]);
  const shownBy = async (author: Parameters<typeof said>[2]): Promise<string[]> =>
    Promise.all([said(words, 'd', author), saidBriefly(words, 'd', author, { most: 5 })].map(async (one) => String(await one)));
  for (const text of await shownBy('Ole')) expect(text).toContain('<span class="said">Ole wrote: “<bdi>');
  for (const text of await shownBy({ as: 'Note' })) expect(text).toContain('<span class="said">Note: “<bdi>');
  expect(explainedBy('waived by Ole until Friday', 'Ole')).toEqual({ as: 'Reason' });
  expect(explainedBy('not applicable', 'Ole')).toBe('Ole');
  expect(explainedBy('not applicable', '')).toBe('');
});
