import { type DataOf, isType, type Stored } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { foldRollback, type Rollback } from '../../lib/folds/rollback.ts';
import type { CollectorTask, Dependencies, StepAttempt } from '../../lib/ports.ts';
import { readContext } from '../../lib/run/state/run-context.ts';
import { appendToRun, noFollowUp } from '../../lib/run/writing/append.ts';
import { copies } from './functions.ts';
import type { World } from './world.ts';

/**
 * The actuator and the collector: what they do to the simulated service, and what they say about it. They succeed, fail, get lost, answer late
 * or twice. What they see from outside is true, but they may miss it.
 */
type ProofTask = Extract<CollectorTask, { kind: 'proof' }>;
type Answer = 'rollback.step-done' | 'rollback.step-failed' | 'rollback.step-proved';

/** The service itself: what the trail only says. */
export type Service = { stopped: boolean; readonly done: Set<string> };

export const serviceOf = (world: World, run: string): Service => {
  const known = world.services.get(run) ?? { stopped: false, done: new Set<string>() };
  world.services.set(run, known);
  return known;
};

/** The lane as the table has it now. */
export const rollbackNow = ({ order }: World, run: string): Rollback =>
  foldRollback(order.filter(({ event }) => event.scope === scopes.run(run) && event.lane === lanes.rollback));

export const carryOut = (service: Service, { step, action }: Pick<StepAttempt, 'step' | 'action'>): void => {
  if (step === 'stop-requests') service.stopped = action === 'do';
  else service.done.add(step);
};

const isTrue = (service: Service, { step, action }: ProofTask): boolean => {
  if (step === 'stop-requests') return service.stopped === (action === 'do');
  if (step === 'verify-health' || step === 'monitor-stability') return !service.stopped && service.done.has('revert-version');
  return service.done.has(step);
};

export const installRollbackFunctions = (world: World): void => {
  const { deliver, draws, timeline } = world;
  world.onInsert.push((stored) => doneByHand(world, stored));
  deliver.act = (run, attempt) => {
    if (draws.chance(world.rates.lose)) return world.say('lambda', `lost a request to the actuator of ${run}`);
    for (const later of copies(world)) timeline.after(later, () => void act(world, run, attempt));
  };
  deliver.prove = (run, task) => {
    if (task.kind !== 'proof') return;
    if (draws.chance(world.rates.lose)) return world.say('lambda', `lost a request to the collector of ${run}`);
    for (const later of copies(world)) timeline.after(later, () => void prove(world, run, task));
  };
};

/** What the trail takes a person to have done by hand, the step or its inverse, was done when it was said. */
const doneByHand = (world: World, stored: Stored): void => {
  if (!isType('rollback.step-handled')(stored) || stored.event.data.choice !== 'by-hand') return;
  const run = stored.event.scope.slice('run/'.length);
  const { step } = stored.event.data;
  // A person who comes when the end is decided is told so, and does nothing.
  const isDecided = world.order.some(
    (one) => one.event.scope === stored.event.scope && isType('gate.settled')(one) && one.event.data.end !== null,
  );
  if (isDecided) return;
  const last = rollbackNow(world, run).steps.get(step)?.attempts.at(-1);
  if (last !== undefined) carryOut(serviceOf(world, run), { step, action: last.action });
};

/** A newer attempt fences an older one: the platform takes its order no more. */
const isLast = (world: World, run: string, { step, action, attempt }: StepAttempt): boolean => {
  const last = rollbackNow(world, run).steps.get(step)?.attempts.at(-1);
  return last?.action === action && last.attempt === attempt && last.answer === undefined;
};

const act = async (world: World, run: string, attempt: StepAttempt): Promise<void> => {
  const { draws, timeline } = world;
  const how = world.isQuiet ? 0 : draws.fraction();
  await timeline.sleep(draws.between(200, 30_000));
  if (how < 0.85 && isLast(world, run, attempt)) carryOut(serviceOf(world, run), attempt);
  // It does it and is not heard, does it and is heard too late, does nothing and says so, or is heard twice.
  if (how >= 0.7 && how < 0.78) return;
  if (how >= 0.78 && how < 0.85) await timeline.sleep(draws.between(100_000, 600_000));
  const type = how < 0.85 ? 'rollback.step-done' : 'rollback.step-failed';
  const step = `${attempt.step}/${attempt.attempt}/${type === 'rollback.step-done' ? 'done' : 'failed'}`;
  const data = { ...attempt, detail: type };
  await answer(world, run, { name: 'event-actuator', step, type, data });
  if (how >= 0.6 && how < 0.7) await answer(world, run, { name: 'event-actuator', step, type, data });
};

const prove = async (world: World, run: string, task: ProofTask): Promise<void> => {
  const { draws, timeline } = world;
  await timeline.sleep(draws.between(200, 60_000));
  const how = world.isQuiet ? 0 : draws.fraction();
  const proved = how < 0.85 && isTrue(serviceOf(world, run), task);
  if (how >= 0.7 && how < 0.75) return;
  if (how >= 0.75 && how < 0.8) await timeline.sleep(draws.between(200_000, 900_000));
  const { kind: _, ...proof } = task;
  await answer(world, run, {
    name: 'event-collector',
    step: `${task.step}/${task.attempt}/proved/${task.proof}`,
    type: 'rollback.step-proved',
    data: { ...proof, proved, detail: proved ? 'seen from outside' : 'not seen from outside', evidence: [] },
  });
};

type Answered<T extends Answer> = {
  readonly name: 'event-actuator' | 'event-collector';
  readonly step: string;
  readonly type: T;
  readonly data: DataOf<T>;
};

/** Lambda repeats an invocation that failed; the answer has its step's name and stands once. */
const answer = async <T extends Answer>(world: World, run: string, { name, step, type, data }: Answered<T>): Promise<void> => {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const ended = await world.invoke(name, `${name} ${step} ${attempt}`, [], (deps) => record(deps, run, { step, type, data }));
    if ('ok' in ended) return;
    await world.timeline.sleep(attempt * 60_000);
  }
};

const record = async <T extends Answer>(
  deps: Dependencies,
  run: string,
  { step, type, data }: Pick<Answered<T>, 'step' | 'type' | 'data'>,
): Promise<void> => {
  const found = await readContext(deps, run);
  if (found.refused || found.ok.ended !== undefined) return;
  const actor = { kind: 'system', id: 'simulation' };
  const draft = { scope: found.ok.scope, lane: lanes.rollback, step, type, actor, data } as never;
  await appendToRun(deps, found.ok, { draft, lane: 'unread', followUp: noFollowUp });
};
