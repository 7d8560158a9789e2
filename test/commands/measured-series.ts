import { lanes } from '../../lib/audit/lane.ts';
import { seriesCovers } from '../../lib/rules/series-covers.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { check, checklistOf, ci, dependenciesOf, gate, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { series } from '../report-fixtures.ts';
import type { Story } from '../story.ts';

const rule = seriesCovers.of({ series: 'baseline', minDurationSeconds: 10, minPoints: 10, maxGapPct: 50, maxFailurePct: 1, maxP95Ms: 100 });

/** A run whose first gate waits for a baseline. */
export const unmeasured = async (): Promise<Story> => {
  const deps = dependenciesOf(
    checklistOf([gate('phase-1'), gate('phase-2')], [check('baseline', 'phase-1', { rule }), check('later', 'phase-2')]),
  );
  return { deps, ...(await atFirstGate(deps)) };
};

/** Two points a second. */
export const baselineReport = ({ deps, run }: Pick<Story, 'deps' | 'run'>, seconds: number) => {
  const bytes = series('baseline', deps.clock.now().getTime() - seconds * 1000, seconds, 21);
  return { ...reportOfRun(run, deps, bytes), type: 'series', contentType: 'application/json' };
};

/** The case of a writer that leaves figures in the trail. */
export const measuredSeries = {
  name: 'a series, whose figures are measured',
  given: unmeasured,
  command: (story: Story) => recordEvidence(story.deps, baselineReport(story, 20), ci),
  event: 'evidence.recorded',
  follows: async ({ deps, run, machine }: Story): Promise<boolean> =>
    (await deps.trail.read(`run/${run}`, { lane: lanes.measurement })).length === 1 && machine.at() === 'phase-2',
};
