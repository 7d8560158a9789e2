import { expect, test } from 'vitest';
import { foldCheck } from '../../lib/evaluation/check-finding.ts';
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
const checklist = checklistOf([gate('phase-1'), gate('phase-2')], [features, check('later', 'phase-2')]);

const junit = (suite: string, inside = ''): Uint8Array =>
  new TextEncoder().encode(`<testsuite name="${suite}"><testcase name="one">${inside}</testcase></testsuite>`);

const begin = async () => {
  const deps = dependenciesOf(checklist);
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  const madeAt = new Date(deps.clock.now().getTime() - 3_600_000).toISOString();
  const send = (source: string, bytes: Uint8Array, producerAttempt = 1) =>
    recordEvidence(
      deps,
      { run, type: 'junit', contentType: 'application/xml', source, commit, madeAt, producerRun: source, producerAttempt, bytes },
      ci,
    );
  const finding = async () => {
    const events = await deps.trail.read(`run/${run}`, { lane: 'check/phase-1/features' });
    return foldCheck({ check: features, events, now: deps.clock.now(), components: ['web'], local: false, shortened: false });
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
