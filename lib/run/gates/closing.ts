import { onDemand } from '../../on-demand.ts';

const loadCloseRun = onDemand(() => import('./close-run.ts'));

/** What closes a run, loaded when one ends: most looks end none. */
type Closing = Awaited<ReturnType<typeof loadCloseRun>>;

export const closeRun = async (...given: Parameters<Closing['closeRun']>): ReturnType<Closing['closeRun']> =>
  (await loadCloseRun()).closeRun(...given);

export const recordOrphanLanes = async (...given: Parameters<Closing['recordOrphanLanes']>): ReturnType<Closing['recordOrphanLanes']> =>
  (await loadCloseRun()).recordOrphanLanes(...given);
