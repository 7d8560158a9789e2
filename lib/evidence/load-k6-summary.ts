import * as z from 'zod';
import { counted } from '../wording.ts';
import { type Contradiction, contradiction } from './account.ts';
import { count, duration } from './load-figures.ts';
import { spanOf } from './report-time.ts';
import { firstIssue, notVersion } from './unreadable.ts';

export type Checks = { readonly total: number; readonly failed: number };

/** A summary of k6 in one form, whichever of its three forms it had. */
export type Summary = {
  /** The figures of each metric by its name, with rates as `passes` and `fails`. */
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly ms: number | undefined;
  /** Only the new form says when it was made. */
  readonly madeIn?: ReturnType<typeof spanOf>;
  /** The sum of the single checks. */
  readonly checks: Checks;
  readonly signs: readonly string[];
  readonly contradictions: readonly Contradiction[];
};

type Read<T> = { ok: T; refused?: never } | { refused: string; ok?: never };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Old summaries have `metrics`, new ones have `results.metrics`. */
export const isK6 = (value: unknown): boolean =>
  isRecord(value) && ('metrics' in value || (isRecord(value.results) && !('connections' in value)));

/**
 * `--summary-export` has a metric's figures directly in the metric, `handleSummary` wraps them in `values`. The new summary
 * (`--new-machine-readable-summary`, schemas in github.com/grafana/k6-summary) has a list of metrics below `results`.
 */
export const summaryOf = (value: unknown): Read<Summary> => (isRecord(value) && 'metrics' in value ? oldSummary(value) : newSummary(value));

const old = z.looseObject({
  state: z.looseObject({ testRunDurationMs: duration.optional() }).optional(),
  metrics: z.record(z.string(), z.looseObject({})),
});

const oldSummary = (value: unknown): Read<Summary> => {
  const read = old.safeParse(value);
  if (!read.success) return { refused: firstIssue(read.error) };
  const { state, metrics, root_group } = read.data;
  const { contradictions, ...checks } = checksOf(root_group);
  return {
    ok: {
      metrics: Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, 'values' in metric ? metric.values : metric])),
      ms: state?.testRunDurationMs,
      checks,
      signs: Object.entries(metrics).flatMap(([name, { thresholds }]) => breached(name, thresholds)),
      contradictions,
    },
  };
};

const named = z.looseObject({ name: z.string(), values: z.looseObject({}) });
const aVersion = notVersion('a version such as "1.0.0"');
const current = z.looseObject({
  /** Of the summary's form. A later minor version may add members; another major version may mean something else by them. */
  version: z
    .string(aVersion)
    .regex(/^1(\.\d{1,4}){0,2}$/, aVersion)
    .optional(),
  config: z.looseObject({ duration: duration.optional() }).optional(),
  /** The published schemas spell the time in two ways. */
  metadata: z.looseObject({ generated_at: z.unknown().optional(), generatedAt: z.unknown().optional() }).optional(),
  results: z.looseObject({
    metrics: z.array(named),
    checks: z.looseObject({ metrics: z.array(named).nullish(), results: z.unknown().optional() }).nullish(),
    passed: z.unknown().optional(),
    thresholds: z.unknown().optional(),
  }),
});

const newSummary = (value: unknown): Read<Summary> => {
  const read = current.safeParse(value);
  if (!read.success) return { refused: firstIssue(read.error) };
  const { config, metadata, results } = read.data;
  const listed = [...results.metrics, ...(results.checks?.metrics ?? [])];
  const names = new Set<string>();
  const twice = listed.find(({ name }) => names.size === names.add(name).size);
  const { contradictions, ...checks } = checksOf({ checks: results.checks?.results ?? [] });
  const metrics: Record<string, unknown> = Object.fromEntries(listed.map(({ name, values }) => [name, ratesAsCounts(values)]));
  const failedChecks = rateSchema.safeParse(metrics.checks_failed);
  return {
    ok: {
      metrics,
      madeIn: spanOf(metadata?.generated_at ?? metadata?.generatedAt),
      ms: config?.duration === undefined ? undefined : config.duration * 1000,
      checks: failedChecks.success ? worse(checks, failedChecks.data) : checks,
      signs: [
        ...(results.passed === undefined || results.passed === true ? [] : ['the test did not pass']),
        ...breached('the test', results.thresholds),
        ...listed.flatMap(({ name, thresholds }) => breached(name, thresholds)),
      ],
      contradictions: [
        ...contradictions,
        ...(twice === undefined
          ? []
          : [contradiction(`${twice.name} is there twice`, 1, listed.filter(({ name }) => name === twice.name).length)]),
      ],
    },
  };
};

/** The new summary counts `matches` of `total`. */
const ratesAsCounts = (values: Record<string, unknown>): Record<string, unknown> =>
  typeof values.matches === 'number' && typeof values.total === 'number'
    ? { passes: values.matches, fails: values.total - values.matches, rate: values.rate }
    : values;

const rateSchema = z.looseObject({ passes: count, fails: count });
/** The rate of failed checks "passes" when a check fails. */
const worse = ({ total, failed }: Checks, { passes, fails }: z.infer<typeof rateSchema>): Checks => ({
  total: Math.max(total, passes + fails),
  failed: Math.max(failed, passes),
});

/**
 * The thresholds that are not known to hold. `--summary-export` writes `false` for one that holds (it was not breached), `handleSummary`
 * writes `{ "ok": true }`. Anything else is breached.
 */
const breached = (metric: string, thresholds: unknown): string[] => {
  if (thresholds === undefined) return [];
  if (typeof thresholds !== 'object' || thresholds === null) return [`the thresholds of ${metric} cannot be read`];
  return Object.entries(thresholds).flatMap(([name, state]: [string, unknown]) =>
    state === false || (isRecord(state) && state.ok === true) ? [] : [`${metric} breaches the threshold ${name}`],
  );
};

const single = z.looseObject({ passes: count, fails: count });

/** Adds up the single checks of a group and of the groups within it. k6 writes both as lists or by name. */
const checksOf = (root: unknown): Checks & { readonly contradictions: Contradiction[] } => {
  let [total, failed, unread] = [0, 0, 0];
  const left: unknown[] = [root];
  for (let group = left.pop(); group !== undefined; group = left.pop()) {
    if (!isRecord(group)) continue;
    for (const check of membersOf(group.checks)) {
      const { success, data } = single.safeParse(check);
      if (success) [total, failed] = [total + data.passes + data.fails, failed + data.fails];
      else unread += 1;
    }
    left.push(...membersOf(group.groups));
  }
  return { total, failed, contradictions: unread === 0 ? [] : [contradiction(`${counted(unread, 'check')} without counts`, null, unread)] };
};

const membersOf = (value: unknown): unknown[] => (typeof value === 'object' && value !== null ? Object.values(value) : []);
