import type { Dependencies, RunSummary } from '../../ports.ts';
import type { RunContext } from './run-context.ts';

/** Keeps the derived check of the run list; the trail is the truth, and `holdpoint` can rebuild this from it. */
export const updateSummary = (
  deps: Pick<Dependencies, 'index' | 'clock'>,
  context: RunContext,
  at: SummaryState,
  asOf: Date = deps.clock.now(),
): Promise<void> => deps.index.put(summaryOf(context, at, asOf.toISOString()));

/** The gate that is open or at which the path ended; the end, if it has; whether something says no. */
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
