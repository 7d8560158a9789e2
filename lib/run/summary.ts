import type { RunSummary, World } from '../ports.ts';
import type { RunHead } from './head.ts';

/** Keeps the derived line of the run list; the trail is the truth, and `holdpoint` can rebuild this from it. */
export const summarise = (world: Pick<World, 'index' | 'clock'>, head: RunHead, gate: string, outcome: string | null): Promise<void> =>
  world.index.put(summaryOf(head, gate, outcome, world.clock.now().toISOString()));

export const summaryOf = (
  head: Pick<RunHead, 'run' | 'started' | 'opener'>,
  gate: string,
  outcome: string | null,
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
    opener: head.opener,
    asOf,
  };
};
