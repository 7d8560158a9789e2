import type { RunSummary, World } from '../../ports.ts';
import type { RunHead } from './run-context.ts';

/** Keeps the derived line of the run list; the trail is the truth, and `holdpoint` can rebuild this from it. */
export const summarise = (
  world: Pick<World, 'index' | 'clock'>,
  head: RunHead,
  at: Standing,
  asOf: Date = world.clock.now(),
): Promise<void> => world.index.put(summaryOf(head, at, asOf.toISOString()));

/** The gate that is open or at which the path ended; the end, if it has; whether something says no. */
export type Standing = { readonly gate: string; readonly outcome?: string | null; readonly held?: boolean };

export const summaryOf = (
  head: Pick<RunHead, 'run' | 'started' | 'opener'>,
  { gate, outcome = null, held = false }: Standing,
  asOf: string,
): RunSummary => {
  const { service, environment, version, commit, definition } = head.started.event.data;
  return {
    run: head.run,
    service,
    environment,
    version,
    commit,
    startedAt: head.started.event.at,
    definition,
    gate,
    outcome,
    held,
    opener: head.opener,
    asOf,
  };
};
