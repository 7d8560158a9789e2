import { describe, expect, test } from 'vitest';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { readGateInputs, readGates } from '../../lib/run/state/gate-inputs.ts';
import { crowdedChecklist, crowdedGate } from '../crowded-gate.ts';
import { ci, contextOf, dependenciesOf, junitReport, reportOfRun, twoGates } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { metered } from '../metered.ts';
import { mean, observationCosts } from '../observation-costs.ts';

/** What a lane holds does not decide what one more event costs. `npm run bench` prints the figures. */

describe('thousands of observations of one run', () => {
  test('cost per piece, per repetition and per look what the first ones cost', async () => {
    const { first, last, again, firstLook, worstLook } = await observationCosts(5_000);
    const ratios = { last: last / first, again: again / first, look: worstLook / firstLook };
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

describe('a gate of 24 checks, each judged twice', () => {
  test.each(['pass', 'fail'] as const)(
    'costs at most 12 read units to judge and 30 to pass, when each first judgement is a %s',
    async (first) => {
      const given = dependenciesOf(crowdedChecklist);
      const { run } = await crowdedGate(given, first);
      const { deps, take } = metered(given);
      const context = await contextOf(deps, run);
      const gates = await readGates(deps, context);
      take();
      await readGateInputs(deps, context, gates, 'phase-1');
      expect(take()).toBeLessThanOrEqual(12);
      expect((await reconcileGate(deps, { run })).did).toBe('delivered');
      expect(take()).toBeLessThanOrEqual(30);
    },
  );
});
