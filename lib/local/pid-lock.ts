import { LocalFault } from './local-fault.ts';
import { readJson, remove, writeJson } from './paths.ts';
import { isRunning, type ProcessRecord, processRecordSchema, recordOf } from './processes.ts';

/** Whether another running process holds the lock. */
export const isHeldElsewhere = (file: string): boolean => holderOf(file) !== undefined;

const holderOf = (file: string): ProcessRecord | undefined => {
  const holder = readJson(file, processRecordSchema);
  return holder !== undefined && holder.pid !== process.pid && isRunning(holder) ? holder : undefined;
};

/**
 * Writes this process into the lock file and returns the function that releases the lock. Throws `busy` while another running process
 * holds it; a lock that an ended process left behind is taken over.
 */
export const acquireLock = (file: string, work: string): (() => void) => {
  const holder = holderOf(file);
  if (holder !== undefined)
    throw new LocalFault(
      'busy',
      `${work} is already running here (process ${holder.pid}); wait until it ends or stop it with Ctrl-C, then start again.`,
    );
  const own = recordOf(process.pid);
  if (own === undefined) throw new Error('the system does not say when this process started');
  writeJson(file, own);
  return () => remove(file);
};
