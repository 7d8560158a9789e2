import { type DataOf, isType } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import type { Live } from '../../folds/environment.ts';
import { IntegrityFault } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';

type Reader = Pick<Dependencies, 'trail'>;

/**
 * What is live, with its commit: that of its run, or the one that people named when they adopted it. `own`: the run before whose release it is;
 * null for the next release.
 */
export const versionBefore = async (deps: Reader, lane: readonly Live[], own: string | null): Promise<DataOf<'live.read'>['live']> => {
  // Accepting that a rollback takes the service away changes nothing of what is live.
  const now = lane.findLast(({ run, level }) => level !== 'withdraw' && (own === null || run !== own));
  if (now === undefined) return null;
  const { run, version } = now;
  if (run !== null) return { run, version, commit: await commitOf(deps, run) };
  // After a rollback an adopted version is live again, and the lane says from its adoption of which commit it is.
  const named = lane.findLast((one) => one.run === null && one.version === version && one.commit !== undefined);
  return { run, version, commit: named?.commit ?? null };
};

const commitOf = async (deps: Reader, run: string): Promise<string | null> => {
  try {
    const own = await deps.trail.read(scopes.run(run), { lane: lanes.run });
    return own.find(isType('run.started'))?.event.data.commit ?? null;
  } catch (fault) {
    if (fault instanceof IntegrityFault) return null;
    throw fault;
  }
};
