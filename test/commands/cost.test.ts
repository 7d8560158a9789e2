import { describe, expect, test } from 'vitest';
import { observe } from '../../lib/run/commands/observe.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { FakeDependencies } from '../fakes.ts';
import { ci, dependenciesOf, junitReport, reportOfRun, twoGates } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { metered } from '../metered.ts';
import { type Story, toStability } from '../story.ts';

/** What a lane holds does not decide what one more event costs.  */

const see = (deps: FakeDependencies, run: string, n: number, bad = false) =>
  observe(
    deps,
    {
      run,
      observation: `seen-${n}`,
      kind: 'other',
      bad,
      subject: 'web',
      summary: 'The service answers as it should, and nothing else was seen.',
      observedAt: deps.clock.now().toISOString(),
    },
    ci,
  );

/** The mean of the read units of some calls. */
const mean = async (calls: number, call: (n: number) => Promise<unknown>, take: () => number): Promise<number> => {
  take();
  for (let n = 0; n < calls; n += 1) await call(n);
  return take() / calls;
};

/** At this length a lane that is read whole costs many times what the first ones cost. */
const many = 5_000;
/** The reconciler looks after each piece. Behind the first hundreds a look now and then shows the same and takes less time. */
const isLookedAt = (n: number): boolean => n < 200 || n % 100 < 2;
/** Of looks that had many pieces to read the next one counts. */
const isCounted = (n: number): boolean => n < 200 || n % 100 === 1;

describe('thousands of observations of one run', () => {
  test('cost per piece, per repetition and per look what the first ones cost', async () => {
    const story: Story = await toStability();
    const { deps, take } = metered(story.deps);
    const { run } = story;
    const look = () => reconcileGate(deps, { run });
    const first = await mean(20, (n) => see(deps, run, n), take);
    const firstLook = await mean(1, look, take);
    const looks: number[] = [];
    for (let n = 20; n < many; n += 1) {
      await see(deps, run, n);
      if (!isLookedAt(n)) continue;
      const cost = await mean(1, look, take);
      if (isCounted(n)) looks.push(cost);
    }
    const last = await mean(20, (n) => see(deps, run, many + n), take);
    const again = await mean(20, (n) => see(deps, run, n), take);
    const worstLook = Math.max(...looks);
    const ratios = { last: last / first, again: again / first, look: worstLook / firstLook };
    console.info(`${many} observations: read units ${first} to ${last}, again ${again}, a look ${firstLook} to ${worstLook}`, ratios);
    for (const [what, ratio] of Object.entries(ratios)) expect(ratio, what).toBeLessThanOrEqual(2);
  }, 120_000);
});

describe('hundreds of reports of one source', () => {
  test('cost per piece what the first ones cost', async () => {
    const given = dependenciesOf(twoGates);
    const { run } = await atFirstGate(given);
    const { deps, take } = metered(given);
    const send = (attempt: number) => recordEvidence(deps, reportOfRun(run, deps, junitReport(3), { attempt }), ci);
    const first = await mean(20, (n) => send(n + 1), take);
    for (let n = 21; n < 300; n += 1) await send(n);
    const last = await mean(20, (n) => send(300 + n), take);
    expect(last / first, `${first} ${last}`).toBeLessThanOrEqual(2);
  }, 60_000);
});
