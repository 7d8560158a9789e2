import { type Outcome, ok } from '../../lib/outcome.ts';
import type { Dependencies } from '../../lib/ports.ts';
import { gateTitles } from '../../lib/query/gate-titles.ts';
import { type Metrics, metricsOf, readMetricRuns } from '../../lib/query/metrics.ts';
import { mayServe } from '../../lib/run/commands/authorize.ts';
import type { Caller } from '../../lib/run/state/caller.ts';

type MetricsQuery = { readonly service?: string | undefined; readonly weeks: number };

/** The figures about releases. A CI job sees those of its own services and environments; people of the roster see all. */
export const readMetrics = async (
  { index, clock, definitions }: Pick<Dependencies, 'index' | 'clock' | 'definitions'>,
  { service, weeks }: MetricsQuery,
  caller: Caller,
): Promise<Outcome<Metrics>> => {
  const foreign = service === undefined ? undefined : mayServe(caller, { service });
  if (foreign !== undefined) return foreign;
  const period = { now: clock.now(), weeks };
  const own = caller.kind === 'ci' ? caller.services : undefined;
  const { runs, more } = await readMetricRuns(index, period, service === undefined ? own : [service]);
  const metrics = metricsOf(
    runs.filter((run) => mayServe(caller, run) === undefined),
    period,
    more,
  );
  const titleOf = gateTitles({ definitions });
  const titled = metrics.groups.map((group) => ({ ...group, waits: group.waits.map((wait) => ({ ...wait, title: titleOf(wait.gate) })) }));
  return ok({ ...metrics, groups: titled });
};
