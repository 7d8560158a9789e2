import { expect, test } from 'vitest';
import { style } from '../../lib/console/style.ts';

test('every size of type on the pages is one of seven', () => {
  const [, root = ''] = /:root\{([^}]*)\}/.exec(style) ?? [];
  const scale = [...root.matchAll(/--(\w+):[\d.]+rem/g)].map(([, name = '']) => name);
  const used = [...style.matchAll(/font-size:([^;}]+)/g)].map(([, size = '']) => size);
  expect(scale).toHaveLength(7);
  // Monospaced type looks larger than the text around it, so it is set relative to that.
  for (const size of new Set(used)) expect([...scale.map((name) => `var(--${name})`), '.875em']).toContain(size);
});
