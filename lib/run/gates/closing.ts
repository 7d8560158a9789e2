/** What closes a run, loaded when one ends: most looks end none. */
type Closing = typeof import('./close-run.ts');

export const closeRun = async (...given: Parameters<Closing['closeRun']>): ReturnType<Closing['closeRun']> =>
  (await import('./close-run.ts')).closeRun(...given);

export const recordOrphanLanes = async (...given: Parameters<Closing['recordOrphanLanes']>): ReturnType<Closing['recordOrphanLanes']> =>
  (await import('./close-run.ts')).recordOrphanLanes(...given);
