import * as z from 'zod';
import type { Immutable } from '../fields.ts';
import type { RunIndex, RunSummary } from '../ports.ts';

/**
 * Figures about releases: the four of DORA (dora.dev), as far as Holdpoint records what they need, and two of its own. They are derived from
 * the list of runs. Every figure says of how many releases it is.
 */

/** So many runs are read at most, the newest. */
export const mostRuns = 500;

const span = z
  .object({ seconds: z.number().meta({ description: 'Median.' }), of: z.int().meta({ description: 'Of so many releases.' }) })
  .nullable();
const metricsGroupSchema = z.object({
  service: z.string(),
  environment: z.string(),
  deployments: z.int(),
  weekly: z
    .array(z.object({ from: z.string(), deployments: z.int(), failed: z.int() }))
    .meta({ description: 'Week by week, oldest first; the last one ends now.' }),
  leadTime: span.meta({ description: 'From the start of the run to the finished deployment. When the commits were made is not recorded.' }),
  changeFailure: z.object({ failed: z.int(), decided: z.int(), open: z.int() }),
  restore: span,
  goTime: span,
  waits: z.array(z.object({ gate: z.string(), title: z.string().exactOptional(), seconds: z.number(), of: z.int() })),
});
export const metricsSchema = z.object({
  weeks: z.int(),
  from: z.string(),
  to: z.string(),
  groups: z.array(metricsGroupSchema),
  runsRead: z.int(),
  more: z.boolean().meta({ description: `Whether there are more runs than the ${mostRuns} newest, which are not counted.` }),
  withoutMilestones: z.int().meta({ description: 'Runs that were listed by an older version and say nothing about their times.' }),
});
export type Metrics = Immutable<z.infer<typeof metricsSchema>>;
export type MetricsGroup = Metrics['groups'][number];

const pageSize = 100;
const weekMs = 7 * 86_400_000;
/** A run that was started so long before the period may still be deployed in it. */
const longestRunMs = 31 * 86_400_000;

export type MetricsPeriod = { readonly now: Date; readonly weeks: number };

/** The runs that can belong to a period, newest first; `services`: of these alone. */
export const readMetricRuns = async (
  index: Pick<RunIndex, 'list'>,
  { now, weeks }: MetricsPeriod,
  services: readonly string[] | undefined,
): Promise<{ readonly runs: readonly RunSummary[]; readonly more: boolean }> => {
  const since = new Date(now.getTime() - weeks * weekMs - longestRunMs).toISOString();
  const lists = services === undefined ? [{}] : services.map((service) => ({ service }));
  const runs: RunSummary[] = [];
  for (const filter of lists) {
    let after: string | undefined;
    do {
      if (runs.length >= mostRuns) return { runs: runs.slice(0, mostRuns), more: true };
      const page = await index.list({ ...filter, limit: pageSize, ...(after === undefined ? {} : { after }) });
      const fitting = page.runs.filter(({ startedAt }) => startedAt >= since);
      runs.push(...fitting);
      after = fitting.length < page.runs.length ? undefined : page.next;
    } while (after !== undefined);
  }
  return { runs: runs.slice(0, mostRuns), more: runs.length > mostRuns };
};

/** The release was in production, and it had to be taken back or could not be judged good. */
const failures = ['rolled-back', 'rolled-back-unverified', 'rollback-escalated', 'not-stable', 'incident'];

type Released = RunSummary & { readonly milestones: NonNullable<RunSummary['milestones']>; readonly at: string };

/** A release that came behind T0 and was finished, or had to be taken back before; at that time. */
const releasedIn = (run: RunSummary): readonly Released[] => {
  const { milestones } = run;
  if (milestones === undefined || milestones.t0At === null) return [];
  const at = milestones.deployedAt ?? milestones.rollbackAt;
  return at === null ? [] : [{ ...run, milestones, at }];
};

const medianOf = (seconds: readonly number[]): { readonly seconds: number; readonly of: number } | null => {
  const sorted = seconds.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return { seconds: sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2, of: sorted.length };
};

const between = (from: string, to: string | null): readonly number[] =>
  to === null ? [] : [Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000)];

/** Pure: the same runs at the same instant give the same figures. */
export const metricsOf = (runs: readonly RunSummary[], { now, weeks }: MetricsPeriod, more = false): Metrics => {
  const from = new Date(now.getTime() - weeks * weekMs).toISOString();
  const to = now.toISOString();
  const released = runs.flatMap(releasedIn).filter(({ at }) => at >= from && at <= to);
  const decided = runs.filter(({ milestones }) => milestones?.goAt != null && milestones.goAt >= from && milestones.goAt <= to);
  const keys = [...new Set([...released, ...decided].map(({ service, environment }) => JSON.stringify([service, environment])))].sort();
  return {
    weeks,
    from,
    to,
    groups: keys.map((key) => {
      const [service = '', environment = ''] = JSON.parse(key) as string[];
      const isOwn = (run: RunSummary): boolean => run.service === service && run.environment === environment;
      return groupOf({ service, environment }, released.filter(isOwn), decided.filter(isOwn), { now, weeks });
    }),
    runsRead: runs.length,
    more,
    withoutMilestones: runs.filter(({ milestones, startedAt }) => milestones === undefined && startedAt >= from).length,
  };
};

const groupOf = (
  place: Pick<MetricsGroup, 'service' | 'environment'>,
  released: readonly Released[],
  decided: readonly RunSummary[],
  { now, weeks }: MetricsPeriod,
): MetricsGroup => {
  const isFailed = ({ outcome }: RunSummary): boolean => outcome !== null && failures.includes(outcome);
  const ended = released.filter(({ outcome }) => outcome !== null);
  const restored = released.filter(({ outcome }) => outcome === 'rolled-back');
  const asked = decided.flatMap(({ milestones }) => milestones?.asked ?? []);
  return {
    ...place,
    deployments: released.length,
    weekly: Array.from({ length: weeks }, (_, place) => {
      const start = now.getTime() - (weeks - place) * weekMs;
      const own = released.filter(({ at }) => Date.parse(at) > start && Date.parse(at) <= start + weekMs);
      return { from: new Date(start).toISOString(), deployments: own.length, failed: own.filter(isFailed).length };
    }),
    leadTime: medianOf(released.flatMap(({ startedAt, milestones }) => between(startedAt, milestones.deployedAt))),
    changeFailure: { failed: released.filter(isFailed).length, decided: ended.length, open: released.length - ended.length },
    restore: medianOf(
      restored.flatMap(({ milestones: { rollbackAt, endedAt } }) => (rollbackAt === null ? [] : between(rollbackAt, endedAt))),
    ),
    goTime: medianOf(decided.flatMap(({ startedAt, milestones }) => between(startedAt, milestones?.goAt ?? null))),
    waits: [...new Set(asked.map(({ gate }) => gate))].flatMap((gate) => {
      const median = medianOf(asked.filter((one) => one.gate === gate).map(({ seconds }) => seconds));
      return median === null ? [] : [{ gate, ...median }];
    }),
  };
};
