import { randomUUID } from 'node:crypto';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { awaited, writeRecord } from './records.ts';
import { cloudWatchOf, countMetric } from './records-cloudwatch.ts';
import type { Report } from './reports.ts';
import type { ShopAlias } from './shop-function.ts';
import type { DemoStage } from './stage.ts';

/** Records about the log of the service. */

export type LogEvent = { readonly at: Date; readonly message: string };

/** Lines appear after their call. Milliseconds. */
const arriveMs = 30_000;
const canaries = 3;
/** The emulator truncates a longer answer silently. */
const fullPage = 10_000;

export const logGroupOf = async (functionName: string): Promise<string> => {
  const { LoggingConfig } = await new LambdaClient({}).send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  return LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
};

/** The events of the service's log since an instant. */
export const readEvents = async (logGroupName: string, since: Date): Promise<readonly LogEvent[]> => {
  const logs = new CloudWatchLogsClient({});
  const events: LogEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.send(new FilterLogEventsCommand({ logGroupName, startTime: since.getTime(), nextToken }));
    for (const { timestamp, message = '' } of page.events ?? []) events.push({ at: new Date(timestamp ?? 0), message });
    nextToken = page.nextToken;
    if (nextToken === undefined && (page.events?.length ?? 0) >= fullPage)
      throw new Error(`the lines of ${logGroupName} cannot be counted, because it has more than one answer contains`);
  } while (nextToken !== undefined);
  return events;
};

const lineSchema = z.looseObject({
  time: z.string(),
  service: z.literal('shop'),
  message: z.literal('request'),
  requestId: z.string().nullable(),
  status: z.number(),
  qualifier: z.string(),
  latencyMs: z.number(),
  /** Older lines have none. */
  memoryMb: z.number().optional(),
});
export type RequestLine = z.infer<typeof lineSchema>;

/** The lines of the service about requests, of which an event may have several. */
export const requestLines = (events: readonly LogEvent[]): readonly RequestLine[] =>
  events.flatMap(({ message }) =>
    message.split('\n').flatMap((line) => {
      try {
        return lineSchema.safeParse(JSON.parse(line.slice(Math.max(0, line.indexOf('{'))))).data ?? [];
      } catch {
        return [];
      }
    }),
  );

type Canary = { readonly id: string; readonly sentAt: Date; readonly receivedAt: Date | null };

/** Asks the service for its health with a request id of its own, which its log line then has. */
const sendCanary = async ({ shop }: DemoStage, alias: ShopAlias, requestId: string): Promise<Date> => {
  const sentAt = new Date();
  const event = { rawPath: '/health', headers: {}, requestContext: { requestId, http: { method: 'GET' } } };
  const command = new InvokeCommand({ FunctionName: shop.function.functionName, Qualifier: alias, Payload: JSON.stringify(event) });
  await new LambdaClient({}).send(command);
  return sentAt;
};

/** Writes lines on purpose and looks for each where logs are searched. */
const writeCanaries = async (stage: DemoStage, alias: ShopAlias, logGroup: string): Promise<readonly Canary[]> => {
  const found: Canary[] = [];
  for (let sent = 0; sent < canaries; sent += 1) {
    const id = `canary-${randomUUID()}`;
    const sentAt = await sendCanary(stage, alias, id);
    const receivedAt = await awaited(stage.workspace, {
      limitMs: arriveMs,
      look: async () => {
        const lines = requestLines(await readEvents(logGroup, sentAt));
        return lines.some(({ requestId }) => requestId === id) ? new Date() : undefined;
      },
    });
    found.push({ id, sentAt, receivedAt: receivedAt ?? null });
  }
  return found;
};

const tool = 'lambda Invoke; logs FilterLogEvents';

/** Two records: that canary lines arrived in the log of production, and that a query finds every one of them. */
export const logRecords = async (stage: DemoStage): Promise<Report[]> => {
  const logGroup = await logGroupOf(stage.shop.function.functionName);
  const written = await writeCanaries(stage, 'live', logGroup);
  const since = written[0]?.sentAt ?? new Date();
  const asked = performance.now();
  const ids = new Set(requestLines(await readEvents(logGroup, since)).map(({ requestId }) => requestId));
  const seconds = (performance.now() - asked) / 1000;
  const deliveries = written.map(({ id, sentAt, receivedAt }) => ({
    id,
    from: 'GET /health through the alias live',
    to: `log group ${logGroup}`,
    sentAt: sentAt.toISOString(),
    receivedAt: receivedAt?.toISOString() ?? null,
  }));
  const query = {
    query: `requestId = canary-*, since ${since.toISOString()}`,
    of: `log group ${logGroup}`,
    seconds,
    rows: written.filter(({ id }) => ids.has(id)).length,
    expectedRows: written.length,
  };
  const environment = 'production';
  return [
    writeRecord(stage.workspace, { record: 'delivery', about: 'log', environment, tool, content: { deliveries } }),
    writeRecord(stage.workspace, { record: 'query', about: 'logs', environment, tool, content: { queries: [query] } }),
  ];
};

/** When the metrics and the log received something of the staging alias last: requests of the record's own come first, and only they count. */
export const heartbeatRecord = async (stage: DemoStage): Promise<Report> => {
  const from = new Date();
  const logGroup = await logGroupOf(stage.shop.function.functionName);
  await writeCanaries(stage, 'staging', logGroup);
  const lines = requestLines(await readEvents(logGroup, from)).filter(({ qualifier }) => qualifier === 'staging');
  const series = { namespace: stage.shop.variables.SHOP_NAMESPACE ?? '', metric: 'Latency', alias: 'staging' };
  const metric = await countMetric(cloudWatchOf(stage.workspace), series, { from, until: new Date(Date.now() + 1_000) });
  const tools = [
    {
      name: `logs: ${logGroup}`,
      lastReceivedAt:
        lines
          .map(({ time }) => time)
          .toSorted()
          .at(-1) ?? null,
    },
    { name: `metrics: ${series.namespace} Latency of the alias staging`, lastReceivedAt: metric.last },
  ];
  return writeRecord(stage.workspace, {
    record: 'heartbeat',
    environment: 'staging',
    tool: 'logs FilterLogEvents; cloudwatch GetMetricStatistics',
    content: { tools },
  });
};

/** A window that is over: measurements and lines of its requests have arrived. */
const settledMs = 3_000;

type Window = { readonly since: Date; readonly until: Date };

/** The whole seconds within, because CloudWatch counts by them. */
const wholeSeconds = ({ since, until }: Window): Window => ({
  since: new Date(Math.ceil(since.getTime() / 1000) * 1000),
  until: new Date(Math.floor(until.getTime() / 1000) * 1000),
});

/**
 * The qualifiers of production's requests: the alias, and its version, which the local API Gateway names in place of the alias. Staging must
 * run another version meanwhile, or nothing.
 */
export const liveQualifiers = async ({ shop }: DemoStage): Promise<readonly string[]> => [
  'live',
  (await shop.function.read('live')).version,
];

/** What CloudWatch shows of the requests through `live` since an instant, beside a count of the log. Their edges may differ by one request. */
export const dashboardRecord = async (stage: DemoStage, live: Window): Promise<Report> => {
  const { since, until } = wholeSeconds(live);
  const qualifiers = await liveQualifiers(stage);
  await new Promise((resolve) => setTimeout(resolve, settledMs));
  const logGroup = await logGroupOf(stage.shop.function.functionName);
  const lines = requestLines(await readEvents(logGroup, since)).filter(
    ({ time, qualifier }) => qualifiers.includes(qualifier) && Date.parse(time) >= since.getTime() && Date.parse(time) < until.getTime(),
  );
  const namespace = stage.shop.variables.SHOP_NAMESPACE ?? '';
  const call = cloudWatchOf(stage.workspace);
  const counts = qualifiers.map((alias) => countMetric(call, { namespace, metric: 'Latency', alias }, { from: since, until }));
  const samples = (await Promise.all(counts)).reduce((sum, one) => sum + one.samples, 0);
  return writeRecord(stage.workspace, {
    record: 'dashboard',
    environment: 'production',
    tool: 'cloudwatch GetMetricStatistics; logs FilterLogEvents',
    content: {
      dashboard: `CloudWatch namespace ${namespace}`,
      panels: [
        {
          name: 'Requests through live',
          // A metric that nothing was measured for shows no value.
          shown: samples === 0 ? null : samples,
          queried: lines.length,
          query: `lines of ${logGroup} with qualifier = ${qualifiers.join(' or ')}, ${since.toISOString()} to ${until.toISOString()}`,
        },
      ],
    },
  });
};
