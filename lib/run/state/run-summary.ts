import type { Dependencies, RunSummary } from '../../ports.ts';
import type { RunContext } from './run-context.ts';

/** Updates the run's entry in the run list, a view that is derived from the trail. */
export const updateSummary = (
  deps: Pick<Dependencies, 'index' | 'clock'>,
  context: RunContext,
  at: SummaryState,
  asOf: Date = deps.clock.now(),
): Promise<void> => deps.index.put(summaryOf(context, at, asOf.toISOString()));

/** `gate`: the open gate, or the gate at which the run ended. `outcome`: how the run ended, or null. `blocked`: whether the open gate is blocked. */
export type SummaryState = { readonly gate: string; readonly outcome?: string | null; readonly blocked?: boolean };

export const summaryOf = (
  context: Pick<RunContext, 'run' | 'started'>,
  { gate, outcome = null, blocked = false }: SummaryState,
  asOf: string,
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
    asOf,
  };
};
