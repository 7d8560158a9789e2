import { type End, ends } from '../audit/events/run.ts';
import type { RunSummary } from '../ports.ts';

type Listed = Pick<RunSummary, 'outcome' | 'blocked'>;

/** How a list of runs can be narrowed, beside the outcome of a run that has ended. */
const open = {
  open: ({ outcome }: Listed): boolean => outcome === null,
  blocked: ({ outcome, blocked }: Listed): boolean => outcome === null && blocked,
  running: ({ outcome, blocked }: Listed): boolean => outcome === null && !blocked,
  ended: ({ outcome }: Listed): boolean => outcome !== null,
} as const;

export type RunState = keyof typeof open | End;
export const groupStates = Object.keys(open) as readonly (keyof typeof open)[];
export const runStates: readonly [RunState, ...RunState[]] = ['open', ...groupStates.slice(1), ...ends];

export const isRunState = (name: string): name is RunState => runStates.some((state) => state === name);

/** Whether a run of the list is in this state. */
export const isInState = (state: RunState, run: Listed): boolean =>
  Object.hasOwn(open, state) ? open[state as keyof typeof open](run) : run.outcome === state;
