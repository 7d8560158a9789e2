import * as z from 'zod';
import type { AwsPlace } from '../../lib/checklist/targets.ts';
import type { Alarm, CloudWatchReader, Failed, MetricQuery, ReadPoints, StateChange } from '../../lib/collectors/ports.ts';
import { alarmStates } from '../../lib/fields.ts';
import { type AwsCall, parsed } from './aws-call.ts';

/** AWS writes instants as seconds since 1970, other servers as ISO 8601. */
const instant = z
  .union([z.number().transform((seconds) => seconds * 1000), z.string().transform((text) => Date.parse(text))])
  .pipe(z.number());
const state = z.enum(alarmStates);
const token = z.string().nullish();

const alarmSchema = z.object({
  AlarmName: z.string(),
  StateValue: state,
  StateUpdatedTimestamp: instant.nullish(),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: z.array(z.string()).default([]),
});
const alarmsSchema = z.object({
  MetricAlarms: z.array(alarmSchema).default([]),
  CompositeAlarms: z.array(alarmSchema).default([]),
  NextToken: token,
});
const historySchema = z.object({
  AlarmHistoryItems: z.array(z.object({ Timestamp: instant, HistoryData: z.string() })).default([]),
  NextToken: token,
});
const changeSchema = z.object({ newState: z.object({ stateValue: state }) });
const pointsSchema = z.object({
  MetricDataResults: z
    .array(
      z.object({
        Id: z.string(),
        StatusCode: z.string().default('Complete'),
        Timestamps: z.array(instant).default([]),
        Values: z.array(z.number()).default([]),
      }),
    )
    .default([]),
  NextToken: token,
});

const alarmTypes = ['MetricAlarm', 'CompositeAlarm'];
/** Of one call. */
const mostNames = 100;
const mostPages = 100;
/** Of one call; CloudWatch takes 500. */
const mostQueries = 100;

/** CloudWatch by its JSON protocol. */
export const createCloudWatchReader = (call: AwsCall): CloudWatchReader => ({
  alarms: async (place, names) => {
    const alarms: Alarm[] = [];
    for (let first = 0; first < names.length; first += mostNames) {
      const asked = { AlarmNames: names.slice(first, first + mostNames), AlarmTypes: alarmTypes, MaxRecords: mostNames };
      const read = await pagesOf(call, place, { operation: 'DescribeAlarms', schema: alarmsSchema }, asked);
      if ('failed' in read) return { failed: read.failed };
      for (const page of read.pages) alarms.push(...[...page.MetricAlarms, ...page.CompositeAlarms].map(alarmOf));
    }
    return { alarms };
  },
  history: async (place, alarm, since) => {
    const asked = {
      AlarmName: alarm,
      AlarmTypes: alarmTypes,
      HistoryItemType: 'StateUpdate',
      StartDate: Date.parse(since) / 1000,
      ScanBy: 'TimestampAscending',
      MaxRecords: mostNames,
    };
    const read = await pagesOf(call, place, { operation: 'DescribeAlarmHistory', schema: historySchema }, asked);
    if ('failed' in read) return { failed: read.failed };
    const changes = read.pages
      .flatMap((page) => page.AlarmHistoryItems)
      .map(({ Timestamp, HistoryData }) => changeOf(Timestamp, HistoryData));
    const known = changes.filter((change) => change !== undefined);
    return known.length === changes.length ? { changes: known } : { failed: 'monitoring answered a history that cannot be read' };
  },
  points: (place, queries) => readPoints(call, place, queries),
});

const alarmOf = (read: z.infer<typeof alarmSchema>): Alarm => ({
  name: read.AlarmName,
  state: read.StateValue,
  stateSince: read.StateUpdatedTimestamp == null ? null : new Date(read.StateUpdatedTimestamp).toISOString(),
  actionsEnabled: read.ActionsEnabled,
  actions: read.AlarmActions.length,
});

const changeOf = (at: number, data: string): StateChange | undefined => {
  try {
    const read = changeSchema.safeParse(JSON.parse(data));
    return read.success ? { at: new Date(at).toISOString(), to: read.data.newState.stateValue } : undefined;
  } catch {
    return undefined;
  }
};

const readPoints = async (call: AwsCall, place: AwsPlace, queries: readonly MetricQuery[]): Promise<readonly ReadPoints[]> => {
  const read: ReadPoints[] = [];
  for (let first = 0; first < queries.length; first += mostQueries)
    read.push(...(await readTogether(call, place, queries.slice(first, first + mostQueries))));
  return read;
};

/** CloudWatch refuses a request as a whole for one query that it does not take. Another refusal, of the role say, is about each of them. */
const aboutQuery = /^(Validation|InvalidParameter|InvalidFormat|Missing(Required)?Parameter)/;

/** One request has one time for all figures, so what a figure did not ask for is left out afterwards. */
const readTogether = async (call: AwsCall, place: AwsPlace, queries: readonly MetricQuery[]): Promise<readonly ReadPoints[]> => {
  const asked = {
    MetricDataQueries: queries.map(({ namespace, metric, dimensions, statistic, period }, n) => ({
      Id: `figure${n}`,
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: metric,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: period,
        Stat: statistic,
      },
      ReturnData: true,
    })),
    StartTime: Math.min(...queries.map(({ from }) => from)) / 1000,
    EndTime: Math.max(...queries.map(({ until }) => until)) / 1000,
    ScanBy: 'TimestampAscending',
  };
  const read = await pagesOf(call, place, { operation: 'GetMetricData', schema: pointsSchema }, asked);
  if ('failed' in read) {
    if (queries.length === 1 || !aboutQuery.test(read.code)) return queries.map(() => ({ failed: read.failed }));
    const singly: ReadPoints[] = [];
    for (const query of queries) singly.push(...(await readTogether(call, place, [query])));
    return singly;
  }
  const results = read.pages.flatMap((page) => page.MetricDataResults);
  return queries.map((query, n) =>
    pointsIn(
      results.filter(({ Id }) => Id === `figure${n}`),
      query,
    ),
  );
};

const pointsIn = (own: z.infer<typeof pointsSchema>['MetricDataResults'], { from, until }: MetricQuery): ReadPoints => {
  // While pages follow, the result is partial; the last word is that of the last page.
  const status = own.at(-1)?.StatusCode;
  if (status === undefined) return { failed: 'monitoring answered without one of the metrics' };
  if (status !== 'Complete') return { failed: `monitoring answered the metric with ${status.slice(0, 40)}` };
  const all = own.flatMap(({ Timestamps, Values }) =>
    Timestamps.flatMap((at, place) => {
      const value = Values[place];
      return value === undefined ? [] : [[at, value] as const];
    }),
  );
  return { points: all.filter(([at]) => at >= from && at < until).toSorted(([a], [b]) => a - b) };
};

type Asked<S> = { readonly operation: string; readonly schema: S };

/** Every page of an answer. One with more pages than anybody needs is a failure: a part is not the whole. `code`: AWS's own, else empty. */
const pagesOf = async <S extends z.ZodType<{ NextToken?: string | null | undefined }>>(
  call: AwsCall,
  place: AwsPlace,
  { operation, schema }: Asked<S>,
  asked: object,
): Promise<{ readonly pages: readonly z.infer<S>[] } | (Failed & { readonly code: string })> => {
  const pages: z.infer<S>[] = [];
  let next: string | null | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const input = { ...asked, ...(next == null ? {} : { NextToken: next }) };
    const answer = await call(place, { service: 'monitoring', operation, input });
    if ('failed' in answer) return { failed: answer.failed, code: answer.code };
    const read = parsed(schema, answer.text);
    if (read === undefined) return { failed: `monitoring answered ${operation} in a form that is not known`, code: '' };
    pages.push(read);
    next = read.NextToken;
    if (next == null) return { pages };
  }
  return { failed: `monitoring answered ${operation} with more than ${mostPages} pages`, code: '' };
};
