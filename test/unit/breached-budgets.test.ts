import { expect, test } from 'vitest';
import { runExceptions } from '../../lib/console/report-exceptions.ts';
import type { ApprovalPage } from '../../lib/run/commands/show-approval.ts';
import type { GateInputs } from '../../lib/run/state/gate-inputs.ts';
import { exceptionsOf } from '../../lib/run/state/run-exceptions.ts';
import { stored } from '../lane-events.ts';

/** A decision that came too late stays in every report that people sign, also when it was to continue. */
const rollback = [
  stored('rollback', 'rollback.budget-breached', 6, { budget: 'decision', round: 1, limitSeconds: 300, since: '2026-03-02T10:00:00.000Z' }),
  stored('rollback', 'rollback.decided', 7, { round: 1, decision: 'continue', how: 'person', by: 'p-operations1', reason: null }),
];
const inputs = (lane: typeof rollback) =>
  ({
    gates: { entries: [] },
    observation: [],
    rollback: lane,
    context: { checklist: { items: [] }, own: [], overridden: [] },
  }) as unknown as GateInputs;
const gate = { id: 'sign-off', reports: [] } as unknown as Parameters<typeof exceptionsOf>[1];
const shown = async (lane: typeof rollback): Promise<string> => {
  const page = {
    exceptions: exceptionsOf(inputs(lane), gate),
    words: new Map(),
    gates: [],
    run: 'r',
    deviations: [],
    disclosures: [],
  } as unknown as ApprovalPage;
  return String(await runExceptions(page, (id) => id, 1000));
};

test('a breached budget is among the exceptions of what people sign', async () => {
  expect(exceptionsOf(inputs(rollback), gate).breaches).toEqual([
    { budget: 'decision', round: 1, limitSeconds: 300, at: '2026-03-02T10:06:00.000Z' },
  ]);
  expect(await shown(rollback)).toContain('The rollback missed its time target for the decision: 300 seconds were over on');
  expect(await shown([])).not.toContain('time target');
});
