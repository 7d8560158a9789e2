import { expect } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { holdingIn } from '../../lib/folds/environment.ts';
import { foldRollback, mayBeStopped } from '../../lib/folds/rollback.ts';
import { budgetsOf } from '../../lib/folds/rollback-budgets.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import { forbiddenClaims, productionScope } from '../environment.ts';
import type { Story } from '../story.ts';
import { answerFunctions, decideAs } from '../way-back.ts';

/** `newer`: another run of the same service and environment that has come to T0, or waits there. */
export type Told = { readonly triggered: boolean; readonly newer?: Story | undefined };

const eventsOf = ({ deps, run }: Story): Promise<readonly Stored[]> => deps.trail.read(scopes.run(run), { prefix: '' });

const settle = async (story: Story, { newer }: Told): Promise<void> => {
  for (const one of [story, newer, story]) await one?.machine.settle();
};

/** Lets the run come to its rest, deciding for the rollback where it is asked, and looks whether everything holds. Answers where the run is. */
export const holds = async (story: Story, told: Told): Promise<string> => {
  const { deps, machine } = story;
  await settle(story, told);
  if (told.triggered) expect(machine.at(), 'an acknowledged trigger leads to the decision').toBe('rollback-decision');
  if (machine.at() === 'rollback-decision') {
    await decideAs(story, 'roll-back');
    await answerFunctions(story);
    expect(machine.at()).toBe('end rolled-back');
  }
  // What was written while the trail was closed is accounted for a while later, and who waits for the environment looks again.
  for (let minute = 0; minute < 2; minute += 1) {
    deps.controls.clock.advance(200_000);
    await sweep(deps);
    await settle(story, told);
  }
  const events = await eventsOf(story);
  expect(verifyScope(events, undefined, await deps.trail.read(scopes.late(story.run), { prefix: '' }))).toBeUndefined();
  expect(events.filter(isType('run.ended')).length, 'one end').toBe(machine.at().startsWith('end ') ? 1 : 0);
  passedOnce(story, events);
  const rollback = foldRollback(events.filter(({ event }) => event.lane === lanes.rollback));
  expect(mayBeStopped(rollback), 'requests are accepted').toBe(false);
  if (told.triggered)
    expect(budgetsOf(rollback.lane).map(({ budget, until }) => [budget, until !== null])).toEqual(
      ['decision', 'execution', 'verification', 'total'].map((budget) => [budget, true]),
    );
  await heldForAReason(story, told);
  return machine.at();
};

const passedOnce = ({ deps, run, machine }: Story, events: readonly Stored[]): void => {
  const gates = foldGates(events.filter(({ event }) => event.lane.startsWith(lanes.gates)));
  const passed = gates.entries.flatMap(({ gate: id, settlements }) =>
    settlements.filter(({ settled, delivered }) => delivered !== undefined && settled.event.data.outcome === 'passed').map(() => id),
  );
  expect(new Set(passed).size, `no gate passes twice: ${passed.join()}`).toBe(passed.length);
  const answers = deps.controls.workflow.answers.filter(({ token }) => token.includes(run));
  expect(answers.length, 'one answer for each entry').toBe(
    gates.entries.filter(({ settlements }) => settlements.some(({ delivered }) => delivered !== undefined)).length,
  );
  if (gates.open !== undefined) expect(machine.at(), 'the machine and the trail agree').toBe(gates.open.gate);
};

/** A run that goes on holds its environment. One that has ended holds it no longer, and who waited at T0 has it. */
const heldForAReason = async ({ deps, run, machine }: Story, { newer }: Told): Promise<void> => {
  const lane = await deps.trail.read(productionScope, { lane: lanes.claim });
  expect(forbiddenClaims(lane)).toEqual([]);
  const holding = holdingIn(lane);
  const holder = holding.how === 'free' ? undefined : holding.run;
  if (machine.at().startsWith('end ')) expect(holder, 'the environment is free, or held by the run that waited').toBe(newer?.run);
  else expect(holder, 'the run holds its environment').toBe(run);
  if (newer !== undefined) expect(newer.machine.at()).toBe(holder === newer.run ? 'deployment-window' : 't-minus-2h');
};
