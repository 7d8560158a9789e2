import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { Outputs } from '../deploy.ts';

/** What a run cost, counted from the stage's execution history and logs. */
export type RunCost = {
  readonly transitions: number;
  readonly invocations: number;
  readonly writeUnits: number;
  readonly readUnits: number;
};

/** Every function logs one line per call with its capacity units. */
const unitsSchema = z.looseObject({ units: z.looseObject({ writeUnits: z.number(), readUnits: z.number() }) });

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
      return {
        transitions: await countTransitions(execution),
        invocations: sum(found.map(({ calls }) => calls)),
        writeUnits: sum(found.map(({ writeUnits }) => writeUnits)),
        readUnits: sum(found.map(({ readUnits }) => readUnits)),
      };
    }
    previous = current;
    await sleep(pauseMs);
  }
};

/** Counts the calls of each function in its log. */
export const countCalls = ({ outputs, since, until }: Source): Promise<Calls[]> => {
  const names = Object.entries(outputs).filter(([name]) => name.endsWith('Function') && name !== shopFunction);
  return Promise.all(names.map(([, functionName]) => callsOf(functionName, { since, until })));
};

const sum = (figures: readonly number[]): number => Math.round(figures.reduce((total, figure) => total + figure, 0) * 10) / 10;

/** `lines`: log lines with capacity units, one per call. */
type Calls = { calls: number; lines: number; writeUnits: number; readUnits: number };
/** The most events that one answer of CloudWatch Logs contains. */
const fullPage = 10_000;

const callsOf = async (functionName: string, span: Span): Promise<Calls> => {
  const found: Calls = { calls: 0, lines: 0, writeUnits: 0, readUnits: 0 };
  for (const message of await readLog(functionName, span)) {
    // Lambda itself writes this line at the end of every call.
    if (/^REPORT RequestId: /.test(message)) found.calls += 1;
    for (const line of message.split('\n')) {
      const parsed = unitsSchema.safeParse(parseJson(line));
      if (parsed.success) found.lines += 1;
      found.writeUnits += parsed.data?.units.writeUnits ?? 0;
      found.readUnits += parsed.data?.units.readUnits ?? 0;
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

/** The number of states entered, which is what Step Functions bills. */
const countTransitions = async (executionArn: string): Promise<number> => {
  const client = new SFNClient({});
  let entered = 0;
  let nextToken: string | undefined;
  do {
    const page = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
    entered += (page.events ?? []).filter((event) => event.type?.endsWith('StateEntered')).length;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return entered;
};
