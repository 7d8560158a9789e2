import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export type Workshop = {
  /** The checkout. */
  readonly root: string;
  /** Where reports and logs of this play go. */
  readonly folder: string;
  /** Where the emulator listens, for the integration tests. */
  readonly endpoint: string;
  /** Aborted when the play is over, however it ended: nothing that it started outlives it. */
  readonly signal: AbortSignal;
};

export const workshopOf = (root: string, endpoint: string, signal: AbortSignal): Workshop => {
  const folder = join(root, '.local', 'play');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return { root, folder, endpoint, signal };
};
