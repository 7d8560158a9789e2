import { expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { Checklist } from '../../lib/checklist/definition.ts';
import { listing } from '../../lib/checklist/listing.ts';
import { run } from '../../lib/cli/main.ts';
import { json, terminal } from './terminal.ts';

/** What the command prints of one check, as one line. */
const shownOf = (out: string, check: string): string =>
  (out.split(/\n(?= {2}\S)|\n\n/).find((block) => block.startsWith(`  ${check}:`)) ?? '').replace(/\s+/g, ' ').trim();

test.each([
  [
    'load-tests-peak',
    [
      'thresholds concurrency at least 150, requests at least 500, duration at least 5 s, error at most 1 %, p99 at most 29000 ms',
      'evidence load: Result of a load test by autocannon, k6 or Artillery as JSON (load.json,',
      'owner technical-lead',
      'may be waived',
      'maximum age as long as the run',
    ],
  ],
  ['soak-24h', ['series soak, duration at least 86400 s', 'gap at most 1 %', 'evidence series: Points of a probe over time']],
  ['coverage-per-feature', ['metric lines, covered at least 70 %']],
  ['go-product-owner', ['proof The product-owner signs', 'may not be waived']],
  ['migration-scripts-tested', ['may be waived, may be declared not applicable']],
  ['smoke-tests-run', ['made after deployment.finished']],
])('%s is shown with all that a sender needs', async (check, parts) => {
  const { io, said } = terminal();
  expect(await run(['checks'], { ...io, env: {} })).toBe(0);
  for (const part of parts) expect(shownOf(said.out, check)).toContain(part);
});

test('no check is shown without its proof, owner, age and exceptions, and no threshold is left out', async () => {
  const { io, said } = terminal();
  await run(['checks'], { ...io, env: {} });
  for (const { id, rule } of baseChecklist.items) {
    expect(shownOf(said.out, id)).toMatch(/proof .*maximum age .*owner .*exceptions may/);
    for (const value of Object.values(rule ?? {}).filter((one) => typeof one === 'number'))
      expect(shownOf(said.out, id)).toContain(` ${value}`);
  }
  expect(said.out.split('\n')[0]).toContain('the definition that Holdpoint ships');
});

test('the definition is that of the server when there is one, with its deviations', async () => {
  const deviation = {
    check: 'soak-24h',
    parameter: 'minPoints',
    document: 1440,
    here: 30,
    reason: 'A laptop is not watched for a day.',
    approver: 'operations-lead',
  } as const;
  const checklist: Checklist = { ...baseChecklist, version: '9.9.9', deviations: [deviation] };
  const { io, said } = terminal(() => json(listing(checklist)));
  expect(await run(['checks'], io)).toBe(0);
  expect(said.asked.map(({ url }) => url)).toEqual(['https://holdpoint.test/v1/checklist']);
  expect(said.out.split('\n')[0]).toMatch(/9\.9\.9 .*from https:\/\/holdpoint\.test$/);
  expect(shownOf(said.out, 'soak-24h')).toContain(
    'deviation minPoints 30 instead of 1440. A laptop is not watched for a day. Accepted by operations-lead.',
  );
});

test('a server that refuses is an error, never the built-in definition', async () => {
  const { io, said } = terminal(() => new Response('no', { status: 500 }));
  expect(await run(['checks'], io)).toBe(3);
  expect(said.out).toBe('');
});

test('there is one command for the checklist', async () => {
  const { io } = terminal();
  expect(await run(['checklist'], io)).toBe(2);
});
