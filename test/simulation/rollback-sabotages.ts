import { isType, type Stored } from '../../lib/audit/event.ts';
import { lanes } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import { foldRollback } from '../../lib/folds/rollback.ts';
import type { LaneStore } from '../../lib/ports.ts';
import type { Broken } from './sabotages.ts';
import { type Seen, seeingElse, writing } from './seeing.ts';

/** Ways to break the way back, each for one of its invariants. */

/** What the process reads of the lane `rollback` is something else. */
const seeing = seeingElse((range) => 'lane' in range && range.lane === lanes.rollback);

const changed = (stored: Stored, data: object): Stored =>
  ({ ...stored, event: { ...stored.event, data: { ...stored.event.data, ...data } } }) as Stored;

/** Every proof is read as a good one. */
const credulous: Seen = (lane) =>
  lane.map((stored) => (isType('rollback.step-proved')(stored) ? changed(stored, { proved: true }) : stored));

/** Every answer is read as one about the attempt that is made now, done and proved. */
const confused: Seen = (lane) => {
  const { steps } = foldRollback(lane);
  return lane.map((stored) => {
    if (!isType('rollback.step-proved')(stored)) return stored;
    const last = steps.get(stored.event.data.step)?.attempts.findLast(({ action }) => action === stored.event.data.action);
    return last === undefined ? stored : changed(stored, { attempt: last.attempt, proof: last.proofs.at(-1)?.proof ?? 1 });
  });
};

/** Once requests are stopped and that is proved, the stop is forgotten. */
const forgetful: Seen = (lane) => {
  const isReverted = lane.some((stored) => isType('rollback.step-requested')(stored) && stored.event.data.step === 'revert-version');
  if (!isReverted) return lane;
  return lane.map((stored) =>
    isType('rollback.step-requested')(stored) && stored.event.data.step === 'stop-requests'
      ? changed(stored, { actuator: 'person', action: 'undo' })
      : stored,
  );
};

const endingTwice = (store: LaneStore): LaneStore => ({
  ...store,
  insert: async (stored) => {
    const answer = await store.insert(stored);
    const { event, hash } = stored;
    if (answer === 'inserted' && event.type === 'run.closed')
      await store.insert(
        makeEvent(
          { ...event, step: 'ended again', type: 'run.ended', data: { outcome: 'incident', gate: 'phase-1' } } as never,
          { seq: event.seq + 1, prev: hash },
          new Date(event.at),
          event.mac ?? null,
        ),
      );
    return answer;
  },
});

export const rollbackSabotages: readonly Broken[] = [
  { name: 'a table that takes a second end', seed: 8, sabotage: { store: endingTwice }, breaks: ['one-end'], on: 'reports' },
  {
    name: 'a decision to continue that leads back too far',
    seed: 1,
    sabotage: {
      // Nobody decides otherwise, so that it shows soon.
      deps: (deps) => ({
        ...writing((draft) => (draft.type === 'rollback.decided' ? { ...draft, data: { ...draft.data, decision: 'continue' } } : draft))(
          deps,
        ),
        workflow: {
          ...deps.workflow,
          succeed: (token, output) => {
            const isContinue = (output as { readonly outcome?: string }).outcome === 'continued';
            return deps.workflow.succeed(token, isContinue ? { ...output, resume: 'deployment-window' } : output);
          },
        },
      }),
    },
    breaks: ['no-gate-twice'],
    on: 'way-back',
  },
  {
    name: 'a reconciler that reads no triggers',
    seed: 4,
    sabotage: { deps: seeing((lane) => lane.filter((stored) => !isType('rollback.triggered')(stored))) },
    breaks: ['no-lost-trigger'],
    on: 'way-back',
  },
  {
    name: 'a reconciler that forgets that requests are stopped',
    seed: 2,
    sabotage: { deps: seeing(forgetful) },
    breaks: ['traffic-flows'],
    on: 'way-back',
  },
  {
    name: 'a breach of a budget that is recorded as a warning',
    seed: 1,
    sabotage: {
      deps: writing((draft) => (draft.type === 'rollback.budget-breached' ? { ...draft, type: 'rollback.budget-warned' } : draft)),
    },
    breaks: ['budgets-computed'],
    on: 'way-back',
  },
  {
    name: 'a reconciler that takes every proof for a good one',
    seed: 1,
    sabotage: { deps: seeing(credulous) },
    breaks: ['steps-are-proved'],
    on: 'way-back',
  },
  {
    name: 'a reconciler that takes a late answer for one of now',
    seed: 3,
    sabotage: {
      deps: (deps) => ({
        ...seeing(confused)(deps),
        collector: {
          request: (run, task) =>
            deps.collector.request(run, task.kind === 'proof' && task.attempt > 1 ? { ...task, attempt: task.attempt - 1 } : task),
        },
      }),
    },
    breaks: ['late-changes-nothing'],
    on: 'way-back',
  },
];
