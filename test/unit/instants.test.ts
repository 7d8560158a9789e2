import { html } from 'hono/html';
import { expect, test } from 'vitest';
import { mostFocusable, withRelativeTimes } from '../../lib/console/instants.ts';
import { deadline, time } from '../../lib/console/layout.ts';

const now = new Date('2026-03-02T08:00:00.000Z');
const at = '2026-03-02T07:00:00.000Z';
const shown = async (content: ReturnType<typeof html>): Promise<string> => String(await withRelativeTimes(content, now));

test('the times that stand relative alone take the focus, and show the exact one to whoever has it', async () => {
  const text = await shown(html`<p>Started ${time(at)}.</p>`);
  expect(text).toBe(
    `<p>Started <time tabindex="0" datetime="${at}"><span class="at">2026-03-02 07:00:00 UTC</span> <span class="ago">1 h ago</span></time>.</p>`,
  );
});

test('a time that stands exact already needs no stop: a deadline, and one after a preposition', async () => {
  expect(await shown(html`<p>Due ${deadline(at)}, and until ${time(at)}.</p>`)).not.toContain('tabindex');
});

test('a page with hundreds of times has a few stops, at its head', async () => {
  const text = await shown(html`${Array.from({ length: 300 }, () => html`<p>Seen ${time(at)}.</p>`)}`);
  expect(text.match(/tabindex/g)).toHaveLength(mostFocusable);
  expect(text.lastIndexOf('tabindex')).toBeLessThan(text.length / 10);
});
