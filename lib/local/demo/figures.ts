import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';

/** What the run cost, counted from what the stage itself wrote down. */
export type Figures = {
  readonly transitions: number;
  readonly invocations: number;
  readonly writeUnits: number;
  readonly readUnits: number;
};

/** Every function logs its capacity units once a call. On a local stage they are estimated (lib/local/estimated-usage.ts). */
const unitsSchema = z.looseObject({ units: z.looseObject({ writeUnits: z.number(), readUnits: z.number() }) });

type Counted = { readonly functions: Readonly<Record<string, string>>; readonly since: Date };

/** Counted until two counts in a row are the same, at most so often and with such pauses: a log line comes after its call. */
const tries = { most: 10, pauseMs: 500 } as const;

export const countFigures = async (
  { execution, functions, since }: Counted & { readonly execution: string },
  pauseMs: number = tries.pauseMs,
): Promise<Figures> => {
  const counted = Object.fromEntries(Object.entries(functions).filter(([name]) => name !== 'event-sweep'));
  let before = '';
  for (let turn = 1; ; turn += 1) {
    const found = await callsIn({ functions: counted, since });
    const now = JSON.stringify(found);
    if (now === before || turn === tries.most) {
      if (sum(found.map(({ calls }) => calls)) > 0 && found.every(({ lines }) => lines === 0))
        throw new Error("none of the functions' log lines says what its call cost, so the figures cannot be counted");
      return {
        transitions: await transitionsOf(execution),
        invocations: sum(found.map(({ calls }) => calls)),
        writeUnits: sum(found.map(({ writeUnits }) => writeUnits)),
        readUnits: sum(found.map(({ readUnits }) => readUnits)),
      };
    }
    before = now;
    await sleep(pauseMs);
  }
};

/** The calls of each function, from its log. */
export const callsIn = ({ functions, since }: Counted): Promise<Calls[]> =>
  Promise.all(Object.values(functions).map((functionName) => callsOf(functionName, since)));

const sum = (figures: readonly number[]): number => Math.round(figures.reduce((total, figure) => total + figure, 0) * 10) / 10;

/** `lines`: what the function itself wrote about its calls, one line a call. */
type Calls = { calls: number; lines: number; writeUnits: number; readUnits: number };
/** The most lines that one answer of CloudWatch Logs holds. */
const fullPage = 10_000;

const callsOf = async (functionName: string, since: Date): Promise<Calls> => {
  const logs = new CloudWatchLogsClient({});
  const { LoggingConfig } = await new LambdaClient({}).send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  const logGroupName = LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
  const found: Calls = { calls: 0, lines: 0, writeUnits: 0, readUnits: 0 };
  let nextToken: string | undefined;
  do {
    const page = await logs
      .send(new FilterLogEventsCommand({ logGroupName, startTime: since.getTime(), nextToken }))
      .catch((fault: unknown) => {
        // A function that nobody has called yet has no log group.
        if (fault instanceof Error && fault.name === 'ResourceNotFoundException') return undefined;
        throw fault;
      });
    for (const { message = '' } of page?.events ?? []) {
      // Lambda's own closing line of every call.
      if (/^REPORT RequestId: /.test(message)) found.calls += 1;
      for (const line of message.split('\n')) {
        const parsed = unitsSchema.safeParse(jsonOf(line));
        if (parsed.success) found.lines += 1;
        found.writeUnits += parsed.data?.units.writeUnits ?? 0;
        found.readUnits += parsed.data?.units.readUnits ?? 0;
      }
    }
    nextToken = page?.nextToken;
    // The emulator cuts a long answer off without saying so. A figure that may be too small is none.
    if (nextToken === undefined && (page?.events?.length ?? 0) >= fullPage)
      throw new Error(`${logGroupName} has more lines of this play than can be read at once, so its calls cannot be counted`);
  } while (nextToken !== undefined);
  return found;
};

const jsonOf = (line: string): unknown => {
  try {
    return JSON.parse(line.slice(Math.max(0, line.indexOf('{'))));
  } catch {
    return undefined;
  }
};

/** States entered, from the execution's history: what Step Functions bills. */
const transitionsOf = async (executionArn: string): Promise<number> => {
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
