import { gateOfRole, gatesOf } from '../../checklist/definition.ts';
import { isWatched } from '../../checklist/targets.ts';
import type { Dependencies, RunSummary } from '../../ports.ts';
import { readHasPassed, readIsAfterT0 } from '../state/gate-inputs.ts';
import { type RunContext, readContext } from '../state/run-context.ts';
import { type CollectDependencies, watchRun } from './collect.ts';
import type { KnownLooks } from './collect-probes.ts';

/** The runs of which nothing is read before an instant, in milliseconds. A process keeps them. */
export type Resting = Map<string, number>;
export type WatchDependencies = CollectDependencies &
  Pick<Dependencies, 'index'> & { readonly resting: Resting; readonly looks: KnownLooks };

/** How long nothing is read of a run behind its monitoring. It stays there for days, and only a decision of people leads back. */
const restMs = 10 * 60_000;

/**
 * The look of every minute: makes the probes of every open run from T0 until its monitoring has passed, and reads its metrics every five minutes. A run that fails keeps no other from being watched; the first fault is thrown at the end.
 */
export const watchRuns = async (deps: WatchDependencies): Promise<{ readonly watched: readonly string[] }> => {
  const began = deps.clock.now();
  for (const [run, until] of deps.resting) if (until <= began.getTime()) deps.resting.delete(run);
  const watched: string[] = [];
  const faults: unknown[] = [];
  const places = Object.entries(deps.stage.targets).flatMap(([service, environments]) =>
    Object.entries(environments).flatMap(([environment, targets]) => (isWatched(targets) ? [{ service, environment }] : [])),
  );
  for (const { service, environment } of places) {
    const runs = await deps.index.open(service, environment, 'may-lag', deps.resting);
    await Promise.all(
      runs.map(async (summary) => {
        const { run } = summary;
        try {
          const where = await placeOf(deps, summary);
          if (where === 'behind') deps.resting.set(run, began.getTime() + restMs);
          if (where !== 'between') return;
          const context = await watchedContext(deps, run);
          if (context === undefined) return;
          await watchRun(deps, context, began);
          watched.push(run);
        } catch (fault) {
          faults.push(fault);
        }
      }),
    );
  }
  for (const run of deps.looks.keys()) if (!watched.includes(run)) deps.looks.delete(run);
  if (faults.length > 0) throw faults[0];
  return { watched };
};

/**
 * Whether the run list has the run at a gate up to T0 or behind the monitoring: then nothing of it is read, because runs wait there for days.
 * The list is no truth and a moment late: it may only make the watch begin or end one look later, or ten minutes after the run came back.
 */
const placeOf = async (deps: WatchDependencies, { gate, definition }: RunSummary): Promise<'before' | 'between' | 'behind'> => {
  const checklist = await deps.definitions.read(definition);
  if (checklist === undefined) return 'between';
  const gates = checklist.gates.map(({ id }): string => id);
  const place = gates.indexOf(gate);
  const t0 = gates.indexOf(gateOfRole(checklist, 't0')?.id ?? '');
  const monitoring = checklist.gates.findLastIndex(({ role }) => role === 'monitoring');
  if (place >= 0 && place <= t0) return 'before';
  return monitoring >= 0 && place > monitoring ? 'behind' : 'between';
};

/** Short queries: the run's own lane, and those of the two gates. */
const watchedContext = async (deps: WatchDependencies, run: string): Promise<RunContext | undefined> => {
  const found = await readContext(deps, run);
  if (found.refused?.type === 'definition-unknown') throw new Error(found.refused.detail);
  if (found.refused || found.ok.ended !== undefined) return undefined;
  // At a run of which a look is known this process has looked a minute ago, and no run comes back from behind T0.
  if (!deps.looks.has(run) && !(await readIsAfterT0(deps, found.ok))) return undefined;
  // Whether the gate that watches the release for a while has passed.
  const monitoring = gatesOf(found.ok.checklist).findLast(({ role }) => role === 'monitoring');
  return monitoring !== undefined && (await readHasPassed(deps, found.ok, monitoring.id)) ? undefined : found.ok;
};
