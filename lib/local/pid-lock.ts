import { LocalFault } from './error-document.ts';
import { readJson, remove, writeJson } from './paths.ts';
import { isRunning, processRecordSchema, recordOf } from './processes.ts';

/**
 * Says in a file that this process is at work, and answers with how to take that back. While another one is, it throws `busy`; what
 * a process left that has ended since counts for nothing.
 */
export const claim = (file: string, work: string): (() => void) => {
  const other = readJson(file, processRecordSchema);
  if (other !== undefined && other.pid !== process.pid && isRunning(other))
    throw new LocalFault(
      'busy',
      `${work} is going on here already (process ${other.pid}); wait for its end or stop it with Ctrl-C, and start again.`,
    );
  const own = recordOf(process.pid);
  if (own === undefined) throw new Error('the system does not say when this process started');
  writeJson(file, own);
  return () => remove(file);
};
