import { gatesOf } from '../../checklist/definition.ts';
import { usualProbes } from '../../checklist/targets.ts';
import type { Dependencies } from '../../ports.ts';
import { readHasPassed, readIsAfterT0 } from '../state/gate-inputs.ts';
import { readContext } from '../state/run-context.ts';
import { type CollectDependencies, collect } from './collect.ts';

export type WatchDependencies = CollectDependencies & Pick<Dependencies, 'index'>;

/**
 * The look of every minute: makes the probes of every open run from T0 until its monitoring has passed. A run that fails keeps no other from being watched; the first fault is thrown at the end.
 */
export const watchRuns = async (deps: WatchDependencies): Promise<{ readonly watched: readonly string[] }> => {
  const watched: string[] = [];
  const faults: unknown[] = [];
  const places = Object.entries(deps.stage.targets).flatMap(([service, environments]) =>
    Object.entries(environments).flatMap(([environment, targets]) => (usualProbes(targets).length === 0 ? [] : [{ service, environment }])),
  );
  for (const { service, environment } of places) {
    const runs = await deps.index.open(service, environment);
    await Promise.all(
      runs.map(async ({ run }) => {
        try {
          if (!(await isWatched(deps, run))) return;
          await collect(deps, run, { kind: 'watch' });
          watched.push(run);
        } catch (fault) {
          faults.push(fault);
        }
      }),
    );
  }
  if (faults.length > 0) throw faults[0];
  return { watched };
};

/** Short queries: the run's own lane, and those of the two gates. */
const isWatched = async (deps: WatchDependencies, run: string): Promise<boolean> => {
  const found = await readContext(deps, run);
  if (found.refused?.type === 'definition-unknown') throw new Error(found.refused.detail);
  if (found.refused || found.ok.ended !== undefined) return false;
  if (!(await readIsAfterT0(deps, found.ok))) return false;
  // Whether the gate that watches the release for a while has passed.
  const monitoring = gatesOf(found.ok.checklist).findLast(({ role }) => role === 'monitoring');
  return monitoring === undefined || !(await readHasPassed(deps, found.ok, monitoring.id));
};
