import * as z from 'zod';
import { type Aggregate, badOf, membersOf, moment, partsThatDiffer, type ReadAggregate } from './load-artillery-1.ts';
import { count, duration } from './load-figures.ts';
import { firstIssue } from './unreadable.ts';

const trend = z.looseObject({ count: count.nullish(), mean: duration.nullish() });
/** Those that are read. A test counts whatever else it likes, also parts and negative numbers. */
const isRead = (name: string): boolean => /^(?:http\.(?:requests|responses|codes\.)|vusers\.|errors\.|plugins\.expect\.)/.test(name);
const counters = membersOf(z.unknown()).transform((all, context): [string, number][] =>
  all.flatMap(([name, value]): [string, number][] => {
    if (!isRead(name)) return [];
    const read = count.safeParse(value);
    if (!read.success) context.addIssue({ code: 'custom', message: `expected a count`, path: [name] });
    return [[name, read.data ?? 0]];
  }),
);
const schema = z.looseObject({
  aggregate: z.looseObject({
    counters,
    firstMetricAt: moment.nullish(),
    lastMetricAt: moment.nullish(),
    firstCounterAt: moment.nullish(),
    lastCounterAt: moment.nullish(),
    summaries: z.looseObject({ 'http.response_time': trend.nullish(), 'vusers.session_length': trend.nullish() }).default({}),
  }),
  intermediate: z.array(z.looseObject({ counters, period: z.union([z.string(), moment]).nullish() })).default([]),
});
type Report = z.infer<typeof schema>;
type Counters = readonly (readonly [string, number])[];

const of = (all: Counters, name: string): number => all.find(([one]) => one === name)?.[1] ?? 0;

/** The counters that stand below this name, by what follows it. */
const below = (all: Counters, prefix: string): Counters =>
  all.flatMap(([name, one]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), one] as const] : []));

const sum = (all: Counters): number => all.reduce((total, [, one]) => total + one, 0);

/** What the periods must add up to, by what people call it. */
const whole: Readonly<Record<string, (all: Counters) => number>> = {
  ...Object.fromEntries(
    ['http.requests', 'http.responses', 'vusers.created', 'vusers.completed', 'vusers.failed', 'plugins.expect.failed'].map((name) => [
      name,
      (all: Counters) => of(all, name),
    ]),
  ),
  errors: (all) => sum(below(all, 'errors.')),
  'responses that are neither 2xx nor 3xx': (all) => sum(badOf(below(all, 'http.codes.'))),
};

/** Reads a report of Artillery 2: counters and summaries by name. */
export const aggregateOf2 = (value: unknown): ReadAggregate => {
  const read = schema.safeParse(value);
  if (!read.success) return { refused: firstIssue(read.error) };
  const { aggregate, intermediate } = read.data;
  const { counters: all, summaries } = aggregate;
  const codes = below(all, 'http.codes.');
  const [errors, answered, responses] = [sum(below(all, 'errors.')), sum(codes), of(all, 'http.responses')];
  const requests = Math.max(of(all, 'http.requests'), responses, answered);
  const sessions = summaries['vusers.session_length'];
  const times = quantilesOf(summaries['http.response_time'] ?? {});
  if (times.refused !== undefined) return times;
  const ended = of(all, 'vusers.completed') + of(all, 'vusers.failed');
  return {
    ok: {
      requests,
      responses,
      answered,
      badResponses: sum(badOf(codes)),
      errors,
      unanswered: Math.max(0, requests - answered),
      checks: of(all, 'plugins.expect.ok') + of(all, 'plugins.expect.failed'),
      failedChecks: of(all, 'plugins.expect.failed'),
      users: {
        created: of(all, 'vusers.created'),
        completed: of(all, 'vusers.completed'),
        failed: of(all, 'vusers.failed'),
        skipped: of(all, 'vusers.skipped'),
        timed: Math.min(sessions?.count ?? 0, ended),
        meanMs: sessions?.mean ?? undefined,
      },
      atOnce: mostAtOnce(intermediate),
      seconds: secondsOf(aggregate),
      endedAt: aggregate.lastMetricAt ?? aggregate.lastCounterAt ?? undefined,
      quantiles: times.ok,
      mean: summaries['http.response_time']?.mean ?? undefined,
      contradictions: Object.entries(whole).flatMap(([name, figure]) =>
        partsThatDiffer(
          name,
          figure(all),
          intermediate.map((part) => figure(part.counters)),
        ),
      ),
    },
  };
};

/** `p999` is the percentile 99.9. A figure that is there and is no time must not be left out in silence. */
const quantilesOf = (
  values: Readonly<Record<string, unknown>>,
): { ok: Aggregate['quantiles']; refused?: never } | { refused: string; ok?: never } => {
  const ranks: Readonly<Record<string, number>> = { min: 0, p50: 50, median: 50, p75: 75, p90: 90, p95: 95, p99: 99, p999: 99.9, max: 100 };
  const found = Object.entries(ranks).flatMap(([name, rank]) => (values[name] == null ? [] : [{ rank, name, value: values[name] }]));
  const read = z.array(z.object({ rank: z.number(), name: z.string(), value: duration })).safeParse(found);
  return read.success ? { ok: read.data } : { refused: `aggregate.summaries.http.response_time: ${firstIssue(read.error)}` };
};

const secondsOf = ({ firstMetricAt, firstCounterAt, lastMetricAt, lastCounterAt }: Report['aggregate']): number | undefined => {
  const [from, to] = [firstMetricAt ?? firstCounterAt, lastMetricAt ?? lastCounterAt];
  return from == null || to == null ? undefined : Math.min(Math.max(0, to - from) / 1000, 2_678_400);
};

/** The users that were under way at the end of a period: created so far and not ended. */
const mostAtOnce = (periods: Report['intermediate']): number => {
  let [now, most] = [0, 0];
  for (const { counters: all } of periods) {
    now += of(all, 'vusers.created') - of(all, 'vusers.completed') - of(all, 'vusers.failed');
    most = Math.max(most, now);
  }
  return most;
};
