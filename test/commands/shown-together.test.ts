import { expect, test } from 'vitest';
import { foldCheck } from '../../lib/evaluation/check-finding.ts';
import { record } from '../../lib/rules/record-within.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { check, checklistOf, ci, commit, dependenciesOf, gate, givenOpen, givenRun } from '../given.ts';

/** The jobs of two packages, each with the tests of its own feature. */
const features = check('features', 'phase-1', {
  rule: {
    kind: 'junit-passes/1',
    evidence: 'junit',
    minTests: 1,
    features: [
      { id: 'cart', suites: ['*cart*'] },
      { id: 'orders', paths: ['src/orders/**'] },
    ],
  },
});
/** Two records, each of the services whose data it compares. */
const consistent = check('consistent', 'phase-1', {
  rule: record('data-check', { about: 'consistency', minCompared: 1, services: ['order-api', 'billing', 'web'] }),
});
const checklist = checklistOf([gate('phase-1'), gate('phase-2')], [features, consistent, check('later', 'phase-2')]);

const junit = (suite: string, inside = ''): Uint8Array =>
  new TextEncoder().encode(`<testsuite name="${suite}"><testcase name="one">${inside}</testcase></testsuite>`);

const begin = async () => {
  const deps = dependenciesOf(checklist);
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  const madeAt = new Date(deps.clock.now().getTime() - 3_600_000).toISOString();
  const send = (source: string, bytes: Uint8Array, producerAttempt = 1, type: 'junit' | 'record' = 'junit') =>
    recordEvidence(
      deps,
      { run, type, contentType: 'application/xml', source, commit, madeAt, producerRun: source, producerAttempt, bytes },
      ci,
    );
  const finding = async (of = features) => {
    const events = await deps.trail.read(`run/${run}`, { lane: `check/phase-1/${of.id}` });
    return foldCheck({ check: of, events, now: deps.clock.now(), components: ['web'], local: false, shortened: false });
  };
  return { send, finding };
};

test('reports of two jobs show together what one does not, whichever came first', async () => {
  for (const order of [
    ['cart', 'orders'],
    ['orders', 'cart'],
  ] as const) {
    const { send, finding } = await begin();
    for (const [n, source] of order.entries()) {
      await send(source, junit(source));
      expect((await finding()).verdict).toBe(n === 0 ? 'inconclusive' : 'pass');
    }
  }
});

test('a later result of one job in which its feature fails, or has no test any more, counts', async () => {
  const { send, finding } = await begin();
  await send('cart', junit('cart'));
  await send('orders', junit('orders'));
  await send('orders', junit('orders', '<failure message="no"/>'), 2);
  expect((await finding()).verdict).toBe('fail');
  await send('orders', junit('orders'), 3);
  expect((await finding()).verdict).toBe('pass');
});

test('records about consistency show together what one does not compare', async () => {
  const { send, finding } = await begin();
  const compared = (left: string, right: string): Uint8Array =>
    new TextEncoder().encode(
      JSON.stringify({
        schema: 'holdpoint.data-check/1',
        at: '2026-03-02T06:00:00Z',
        about: 'consistency',
        tool: 'a job',
        comparisons: [{ name: 'orders', left: { of: left, rows: 2, checksum: 'x' }, right: { of: right, rows: 2, checksum: 'x' } }],
      }),
    );
  await send('orders', compared('order-api', 'billing'), 1, 'record');
  expect(await finding(consistent)).toMatchObject({ verdict: 'inconclusive', reason: expect.stringContaining('“web”') as string });
  await send('carts', compared('order-api', 'web'), 1, 'record');
  expect((await finding(consistent)).verdict).toBe('pass');
});
