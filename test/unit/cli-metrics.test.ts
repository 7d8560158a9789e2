import { expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { metricsOf } from '../../lib/query/metrics.ts';
import { summaryOf } from '../pages/metrics-scenarios.ts';
import { json, terminal } from './terminal.ts';

const now = new Date('2026-03-30T08:00:00.000Z');
const runs = [5, 12].map((days) => summaryOf({ startedAt: new Date(now.getTime() - days * 86_400_000) }));
const figures = metricsOf(runs, { now, weeks: 4 });
// As the server answers: with the titles of the gates.
const shown = {
  ...figures,
  groups: figures.groups.map((group) => ({ ...group, waits: group.waits.map((wait) => ({ ...wait, title: 'Go / no-go' })) })),
};

const said = async (args: readonly string[], answer: object = shown) => {
  const { io, said: printed } = terminal(() => json(answer));
  const code = await run(['metrics', ...args], io);
  return { code, urls: printed.asked.map(({ url }) => url), out: printed.out, err: printed.err };
};

test('holdpoint metrics prints each figure with the number of releases', async () => {
  const { code, urls, out } = await said(['--service', 'shop', '--weeks', '4']);
  expect([code, urls]).toEqual([0, ['https://holdpoint.test/v1/metrics?weeks=4&service=shop']]);
  expect(out).toContain('shop production, last 4 weeks');
  expect(out).toContain('deployments       2');
  expect(out).toContain('lead time         24 h (median of 2) (from the start of the run)');
  expect(out).toContain('change failures   0 % (0 of 2)');
  expect(out).toContain('time to restore   none yet');
  expect(out).toContain('waited at Go / no-go: 1.5 h (median of 2)');
});

test('holdpoint metrics asks for twelve weeks of every service, and prints JSON', async () => {
  const { urls, out } = await said(['--json']);
  expect(urls).toEqual(['https://holdpoint.test/v1/metrics?weeks=12']);
  expect(JSON.parse(out)).toMatchObject({ groups: [{ service: 'shop', deployments: 2 }] });
  const none = await said([], metricsOf([], { now, weeks: 12 }, true));
  expect(none.out).toContain('No release in the last 12 weeks.');
  expect(none.out).toContain('only those are counted');
});

test.each([
  ['--weeks', '0'],
  ['--weeks', '53'],
  ['--weeks', 'four'],
])('%s %s is wrong usage', async (...args) => {
  const { code, err, urls } = await said(args);
  expect([code, urls]).toEqual([2, []]);
  expect(err).toContain('expected a whole number from 1 to 52');
});
