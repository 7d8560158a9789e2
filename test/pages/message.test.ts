import { expect, test } from 'vitest';
import { problemType } from '../../lib/api/problem.ts';
import { problemPage } from '../../lib/console/message.ts';
import { textOf } from './page-text.ts';

const next = { href: '/runs', text: 'Go to the list of runs' };
const problem = { title: 'Route not found', status: 404, detail: 'No route has this path.', instance: 'urn:x', fix: 'Check the path.' };

test('an address without a page says so in words of people, and not of programs', async () => {
  const shown = String(await problemPage({ ...problem, type: problemType('route-unknown'), got: '/nowhere<b>' }, 'Petra', next));
  const text = textOf({ html: shown });
  expect(text).toContain('Page not found');
  expect(text).toContain('Holdpoint has no page at /nowhere<b>');
  expect(text).toContain('Go to the list of runs');
  expect(text).not.toMatch(/route|Got:/i);
  expect(shown).not.toContain('<b>');
});

test('any other refusal says what was wrong, what was got and expected, and what to do', async () => {
  const other = { ...problem, type: problemType('run-unknown'), title: 'Run not found', got: 'a', expected: 'b' };
  expect(textOf({ html: String(await problemPage(other, null, next)) })).toContain(
    'Run not found No route has this path. Got: a Expected: b Check the path.',
  );
});
