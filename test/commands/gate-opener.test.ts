import { expect, test } from 'vitest';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { openGate } from '../../lib/run/gates/open-gate.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { signingFor } from '../fakes.ts';
import { ci, dependenciesOf, eventsOf, givenRun, junitReport, reportOfRun, twoGates } from '../given.ts';

test('a retried task brings another token for the same entry: the gate opens once, and its answer goes to the newest token', async () => {
  const deps = dependenciesOf(twoGates);
  const run = await givenRun(deps);
  const entry = deps.clock.now().toISOString();
  const tokens = ['first', 'second'].map((name) => deps.controls.workflow.issue(name));
  const opened = [];
  for (const token of tokens)
    opened.push(
      await openGate(signingFor([], deps), {
        schemaVersion: 1,
        run,
        gate: 'phase-1',
        entry,
        token,
        execution: `execution/${run}`,
        graph: deps.definitions.current().graph,
      }),
    );
  expect(opened.map(({ adopted }) => adopted)).toEqual([false, true]);
  expect((await eventsOf(deps, run)).filter((event) => event.endsWith('gate.opened'))).toHaveLength(1);
  await recordEvidence(deps, reportOfRun(run, deps, junitReport(3)), ci);
  expect((await reconcileGate(deps, { run })).did).toBe('delivered');
  expect(deps.controls.workflow.answers.map(({ token }) => token)).toEqual([tokens[1]]);
});
