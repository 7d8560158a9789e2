import { gateOf } from '../../lib/checklist/definition.ts';
import { needsPeople } from '../../lib/folds/rollback-progress.ts';
import { type Act, request } from './clients.ts';
import { anew, person } from './people.ts';
import { decideData, decideRollback, handleStep, measureTrigger } from './rollback-commands.ts';
import { rollbackNow } from './rollback-functions.ts';

/** What people do on the way back, sensibly or at the wrong moment; and silence. */
export const nothing: Act = async () => undefined;

export const decideTrigger: Act = async (world, run) => {
  const decision = world.draws.pick(['roll-back', 'roll-back', 'continue'] as const);
  const input = { run, decision, reason: 'We have looked at it together.' };
  await request(world, 'people', `decide ${decision}`, (deps) => decideRollback(deps, input, person(world, 'operations-lead')));
};

export const decideDataOne: Act = async (world, run) => {
  const choice = world.draws.pick(['restore', 'keep'] as const);
  const input = { run, choice, reason: 'We have looked at the backup.' };
  await request(world, 'people', `data ${choice}`, (deps) => decideData(deps, input, person(world, 'operations-lead')));
};

/** Who is asked answers; now and then somebody answers who was not asked. */
export const handleOne =
  (gate: string): Act =>
  async (world, run) => {
    const { draws, timeline } = world;
    const rollback = rollbackNow(world, run);
    const own = gateOf(world.checklist, gate)?.step ?? 'monitor-stability';
    const step = gate === 'verify-health' || draws.chance(0.2) ? draws.pick(['stop-requests', own]) : own;
    const isAsked = needsPeople(rollback, own, new Date(timeline.now())) !== undefined;
    if (!isAsked && !draws.chance(0.1)) return;
    const choice = draws.pick(['retry', 'retry', 'by-hand', 'by-hand', 'end'] as const);
    const evidence = draws.chance(0.7) ? ['0123456789abcdef'] : [];
    const input = { run, step, choice, reason: 'We have looked at it together.', evidence, request: anew(world) };
    await request(world, 'people', `${choice} ${step}`, (deps) => handleStep(deps, input, person(world, 'operations-lead')));
  };

/** A probe or an alarm: the reconciler records what was measured. */
export const measureOne: Act = async (world, run) => {
  const triggers = world.checklist.items.filter(({ kind }) => kind === 'trigger');
  if (triggers.length === 0) return;
  const input = { run, trigger: world.draws.pick(triggers).id, detail: `measured ${new Date(world.timeline.now()).toISOString()}` };
  const ended = await world.invoke('event-reconciler', `measure ${input.trigger}`, ['reconciler'], (deps) => measureTrigger(deps, input));
  if ('ok' in ended && ended.ok.ok !== undefined) world.say('measured', input.trigger);
};
