import type { Dependencies, RunSummary } from '../../ports.ts';
import type { Gates } from './gate-entries.ts';
import { milestonesOf } from './milestones.ts';
import type { RunContext } from './run-context.ts';

/** The reading that a summary is folded from: when it began, and how many events of the gates it saw. */
export type Reading = { readonly asOf: Date; readonly seen: number; readonly gates?: Gates };

export const readingOf = (gates: Gates, asOf: Date): Reading => ({
  asOf,
  gates,
  seen: [...gates.lanes.values()].reduce((sum, lane) => sum + lane.length, 0),
});

/** `gate`: the open gate, or the gate at which the run ended. `outcome`: how the run ended, or null. `blocked`: whether the open gate is blocked. */
export type SummaryState = {
  readonly gate: string;
  readonly outcome?: string | null;
  readonly blocked?: boolean;
  /** What the open gate waits for; left out where none is open. */
  readonly waits?: RunSummary['waits'];
  readonly endedAt?: string | undefined;
};
type Listed = Pick<RunContext, 'run' | 'started'> & Partial<Pick<RunContext, 'checklist'>>;

/** Updates the run's entry in the run list, a view that is derived from the trail. */
export const updateSummary = (deps: Pick<Dependencies, 'index'>, context: Listed, state: SummaryState, reading: Reading): Promise<void> =>
  deps.index.put(summaryOf(context, state, reading));

export const summaryOf = (
  context: Listed,
  { gate, outcome = null, blocked = false, waits = null, endedAt }: SummaryState,
  { asOf, seen, gates }: Reading,
): RunSummary => {
  const { service, environment, version, commit, definition } = context.started.event.data;
  return {
    run: context.run,
    service,
    environment,
    version,
    commit,
    startedAt: context.started.event.at,
    definition,
    gate,
    outcome,
    blocked,
    waits,
    asOf: asOf.toISOString(),
    seen,
    ...(context.checklist === undefined || gates === undefined
      ? {}
      : { milestones: milestonesOf(context.checklist, gates, endedAt ?? null) }),
  };
};
