import { expect, test } from 'vitest';
import { foreignBriefly } from '../../lib/console/said.ts';

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
