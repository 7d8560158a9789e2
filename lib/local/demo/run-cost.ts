import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { type BilledRequest, billedRequests } from '../../../lambdas/adapters/billed-requests.ts';
import type { Outputs } from '../deploy.ts';
import { type Billed, type BilledCounts, type Cost, costOf } from '../prices.ts';

/** What a run cost, counted from the stage's execution history and logs. */
export type RunCost = {
  readonly transitions: number;
  readonly invocations: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Everything that AWS would bill for it besides its mails. The seconds are those of functions on this machine and no durations on AWS. */
  readonly billed: Omit<BilledCounts, 'mails'>;
};

/** What the run would cost on AWS by its list prices. */
export const costOfRun = ({ billed }: Pick<RunCost, 'billed'>, mails: number): Cost => costOf({ ...billed, mails });

/** Every function logs one line per call with its capacity units. */
const unitsSchema = z.looseObject({
  units: z.looseObject({ writeUnits: z.number(), readUnits: z.number() }),
  requests: z.record(z.string(), z.number()).default({}),
});
/** Lambda itself writes this line at the end of every call. */
const reportLine = /^REPORT RequestId: .*?Billed Duration: (\d+(?:\.\d+)?) ms.*?Memory Size: (\d+) MB/;
/** What CloudWatch Logs bills for each event beside its text, in bytes. */
const bytesPerEvent = 26;

type Source = {
  /** Outputs whose names end in `Function` name the functions; other outputs do not matter. */
  readonly outputs: Outputs;
  readonly since: Date;
  /** Log lines from this instant on do not count. */
  readonly until?: Date | undefined;
};

/** The application that the demo releases. */
export const shopFunction = 'ShopFunction';
/** It runs every minute whether there is a run or not. */
const sweepFunction = 'EventSweepFunction';

/** Log lines appear after their call, so they are counted until two counts are equal, or this many times. */
const attempts = { max: 10, pauseMs: 500 } as const;

export const countRunCost = async (
  { execution, outputs, since, until }: Source & { readonly execution: string },
  pauseMs: number = attempts.pauseMs,
): Promise<RunCost> => {
  const { [sweepFunction]: _sweep, ...others } = outputs;
  let previous = '';
  for (let attempt = 1; ; attempt += 1) {
    const found = await countCalls({ outputs: others, since, until });
    const current = JSON.stringify(found);
    if (current === previous || attempt === attempts.max) {
      if (sum(found.map(({ calls }) => calls)) > 0 && found.every(({ lines }) => lines === 0))
        throw new Error('the cost of the run cannot be counted, because no log line of the functions contains capacity units');
      return runCostOf(found, await countTransitions(execution));
    }
    previous = current;
    await sleep(pauseMs);
  }
};

const runCostOf = (found: readonly Calls[], { transitions, bytes }: Transitions): RunCost => {
  const all = (figure: (one: Calls) => number): number => sum(found.map(figure));
  const figures = {
    transitions,
    invocations: all(({ calls }) => calls),
    writeUnits: all(by('writeUnits')),
    readUnits: all(by('readUnits')),
  };
  const requests = Object.fromEntries(billedRequests.map((name) => [name, all(by(name))])) as Record<
    (typeof billedRequests)[number],
    number
  >;
  return {
    ...figures,
    billed: {
      ...figures,
      ...requests,
      // Unrounded, because most calls take some hundredths of a second.
      gigabyteSeconds: found.reduce((total, { gigabyteSeconds }) => total + gigabyteSeconds, 0),
      apiRequests: all(({ output, calls }) => (isApi(output) ? calls : 0)),
      logBytes: all(by('logBytes')) + bytes,
    },
  };
};

type Counted = Exclude<Billed, 'transitions' | 'invocations' | 'apiRequests' | 'mails'>;
const by =
  (name: Counted) =>
  (calls: Calls): number =>
    calls[name];

/** The functions behind the HTTP API. The authorizer answers the API and is no request of its own. */
const isApi = (output: string): boolean => output.startsWith('Api') && output !== 'ApiAuthorizerFunction';

/** Counts the calls of each function in its log. */
export const countCalls = ({ outputs, since, until }: Source): Promise<Calls[]> => {
  const names = Object.entries(outputs).filter(([name]) => name.endsWith('Function') && name !== shopFunction);
  return Promise.all(names.map(([output, functionName]) => callsOf({ output, functionName }, { since, until })));
};

const sum = (figures: readonly number[]): number => Math.round(figures.reduce((total, figure) => total + figure, 0) * 10) / 10;

/** `output` names the function; `lines`: log lines with capacity units, one per call. */
type Calls = { readonly output: string; calls: number; lines: number } & Record<Counted, number>;
/** The most events that one answer of CloudWatch Logs contains. */
const fullPage = 10_000;

const callsOf = async (
  { output, functionName }: { readonly output: string; readonly functionName: string },
  span: Span,
): Promise<Calls> => {
  const none = Object.fromEntries(billedRequests.map((name) => [name, 0])) as Record<BilledRequest, number>;
  const found: Calls = { output, calls: 0, lines: 0, writeUnits: 0, readUnits: 0, gigabyteSeconds: 0, logBytes: 0, ...none };
  for (const message of await readLog(functionName, span)) {
    found.logBytes += Buffer.byteLength(message) + bytesPerEvent;
    if (/^REPORT RequestId: /.test(message)) {
      const [, milliseconds, mebibytes] = reportLine.exec(message) ?? [];
      if (milliseconds === undefined || mebibytes === undefined)
        throw new Error(
          `the cost of the run cannot be counted, because ${functionName} logged no billed duration: ${message.slice(0, 200)}`,
        );
      found.calls += 1;
      found.gigabyteSeconds += ((Number(milliseconds) / 1000) * Number(mebibytes)) / 1024;
    }
    for (const line of message.split('\n')) {
      const parsed = unitsSchema.safeParse(parseJson(line)).data;
      if (parsed === undefined) continue;
      found.lines += 1;
      found.writeUnits += parsed.units.writeUnits;
      found.readUnits += parsed.units.readUnits;
      for (const [name, count] of Object.entries(parsed.requests)) {
        if (!isBilledRequest(name))
          throw new Error(`the cost of the run cannot be counted, because ${functionName} logged requests without a price: ${name}`);
        found[name] += count;
      }
    }
  }
  return found;
};

const requestSchema = z.looseObject({ service: z.literal('shop'), message: z.literal('request'), status: z.number() });

/** Counts the requests in the log of the shop. */
export const countRequests = async (functionName: string, since: Date): Promise<{ readonly requests: number; readonly failed: number }> => {
  const lines = (await readLog(functionName, { since })).flatMap((message) => message.split('\n'));
  const requests = lines.map((line) => requestSchema.safeParse(parseJson(line)).data).filter((one) => one !== undefined);
  return { requests: requests.length, failed: requests.filter(({ status }) => status >= 500).length };
};

const isBilledRequest = (name: string): name is BilledRequest => billedRequests.some((one) => one === name);

type Span = Pick<Source, 'since' | 'until'>;

const readLog = async (functionName: string, { since, until }: Span): Promise<readonly string[]> => {
  const logs = new CloudWatchLogsClient({});
  const { LoggingConfig } = await new LambdaClient({}).send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  const logGroupName = LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
  const messages: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs
      .send(new FilterLogEventsCommand({ logGroupName, startTime: since.getTime(), endTime: until?.getTime(), nextToken }))
      .catch((error: unknown) => {
        // A function that was never called has no log group.
        if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
        throw error;
      });
    messages.push(...(page?.events ?? []).map(({ message = '' }) => message));
    nextToken = page?.nextToken;
    // The emulator truncates a long answer silently, and then the count would be too small.
    if (nextToken === undefined && (page?.events?.length ?? 0) >= fullPage)
      throw new Error(`the calls of this demo cannot be counted, because ${logGroupName} has more log lines than one answer contains`);
  } while (nextToken !== undefined);
  return messages;
};

const parseJson = (line: string): unknown => {
  try {
    return JSON.parse(line.slice(Math.max(0, line.indexOf('{'))));
  } catch {
    return undefined;
  }
};

type Transitions = { readonly transitions: number; readonly bytes: number };

/** The number of states entered, which is what Step Functions bills, and the bytes of all events, which it writes to the log. */
const countTransitions = async (executionArn: string): Promise<Transitions> => {
  const client = new SFNClient({});
  let transitions = 0;
  let bytes = 0;
  let nextToken: string | undefined;
  do {
    const page = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
    const events = page.events ?? [];
    transitions += events.filter((event) => event.type?.endsWith('StateEntered')).length;
    bytes += events.reduce((total, event) => total + Buffer.byteLength(JSON.stringify(event)) + bytesPerEvent, 0);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return { transitions, bytes };
};
