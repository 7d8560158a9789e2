import { expect } from 'vitest';
import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { holdingIn } from '../../lib/folds/environment.ts';
import { foldRollback, mayBeStopped, type Rollback } from '../../lib/folds/rollback.ts';
import { budgetsOf } from '../../lib/folds/rollback-budgets.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import { forbiddenClaims, productionScope } from '../environment.ts';
import type { Story } from '../story.ts';
import { answerFunctions } from '../way-back.ts';
import { decidesIncident, decidesTo, fulfil, gateAt, newerOf, t0Of } from './interleaving-acts.ts';

/**
 * `triggers`: how many were acknowledged. `opens`: the last one was, and nobody can have decided about it yet. `isWayBack`: the run was being taken
 * back before.
 */
export type Told = { readonly triggers: number; readonly opens?: boolean; readonly isWayBack?: boolean };

const eventsOf = ({ deps, run }: Story): Promise<readonly Stored[]> => deps.trail.read(scopes.run(run), { prefix: '' });
const rollbackIn = (events: readonly Stored[]): Rollback => foldRollback(events.filter(({ event }) => event.lane === lanes.rollback));

const settle = async (story: Story): Promise<void> => {
  for (const one of [story, newerOf(story), story]) await one?.machine.settle();
};

/** People do what they are asked: an incident goes on where it was, and what was triggered is taken back. */
const takeBack = async (story: Story): Promise<void> => {
  const { machine } = story;
  for (let turn = 0; turn < 20 && !machine.at().startsWith('end '); turn += 1) {
    await settle(story);
    const role = machine.at().startsWith('end ') ? undefined : gateAt(story, machine.at()).role;
    if (role === 'incident') expect(await decidesIncident('resume')(story)).toBe(true);
    else if (role === 'decision') expect(await decidesTo('roll-back')(story)).toBe(true);
    else if (role === 'step') await (machine.at() === 'restore-database' ? fulfil(story, machine.at()) : answerFunctions(story));
    else if (role !== undefined && role !== 'verification') return;
  }
};

/** Lets the run come to its rest, deciding for the rollback where it is asked, and looks whether everything holds. Answers where the run is. */
export const holds = async (story: Story, told: Told): Promise<string> => {
  const { deps, machine } = story;
  await settle(story);
  if (told.opens) expect(machine.at(), 'an acknowledged trigger leads to the decision').toBe('rollback-decision');
  if (told.triggers > 0) await takeBack(story);
  // What was written while the trail was closed is accounted for a while later, and who waits for the environment looks again.
  for (let minute = 0; minute < 2; minute += 1) {
    deps.controls.clock.advance(200_000);
    await sweep(deps);
    await settle(story);
  }
  const events = await eventsOf(story);
  const rollback = rollbackIn(events);
  expect(verifyScope(events, undefined, await deps.trail.read(scopes.late(story.run), { prefix: '' }))).toBeUndefined();
  expect(events.filter(isType('run.ended')).length, 'one end').toBe(machine.at().startsWith('end ') ? 1 : 0);
  expect(rollback.lane.filter(isType('rollback.triggered')).length, 'no acknowledged trigger is lost').toBeGreaterThanOrEqual(
    told.triggers,
  );
  passedOnce(story, events);
  expect(mayBeStopped(rollback), 'requests are accepted').toBe(false);
  if (machine.at() === 'end rolled-back')
    expect(budgetsOf(rollback.lane).map(({ budget, until }) => [budget, until !== null])).toEqual(
      ['decision', 'execution', 'verification', 'total'].map((budget) => [budget, true]),
    );
  await heldForAReason(story, events);
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

/**
 * From T0 on a run that goes on holds its environment. One that has ended holds it no longer, unless nobody knows what its rollback has left
 * running, and who waited at T0 has it.
 */
const heldForAReason = async (story: Story, events: readonly Stored[]): Promise<void> => {
  const { deps, run, machine } = story;
  const newer = newerOf(story);
  const lane = await deps.trail.read(productionScope, { lane: lanes.claim });
  expect(forbiddenClaims(lane)).toEqual([]);
  const holding = holdingIn(lane);
  const holder = holding.how === 'free' ? undefined : holding.run;
  const hasPassedT0 = events.some(
    (stored) => isType('gate.settled')(stored) && stored.event.data.gate === t0Of(story) && stored.event.data.outcome === 'passed',
  );
  if (machine.at() === 'end rollback-escalated') expect(holding, 'kept until somebody says what runs').toMatchObject({ how: 'kept', run });
  else if (machine.at().startsWith('end ') || !hasPassedT0)
    expect(holder, 'the environment is free, or held by the run that waited').toBe(newer?.run);
  else expect(holder, 'the run holds its environment').toBe(run);
  if (newer !== undefined) expect(newer.machine.at()).toBe(holder === newer.run ? 'deployment-window' : t0Of(story));
};
