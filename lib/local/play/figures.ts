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

/** Every function writes one line a call with its capacity units, computed from item bytes by AWS's rounding. */
const unitsSchema = z.looseObject({ units: z.looseObject({ writeUnits: z.number(), readUnits: z.number() }) });

export const countFigures = async (options: {
  readonly execution: string;
  readonly functions: Readonly<Record<string, string>>;
  readonly since: Date;
}): Promise<Figures> => {
  const counted = Object.entries(options.functions).filter(([name]) => name !== 'event-pulse');
  const found = await Promise.all(counted.map(([, functionName]) => callsOf(functionName, options.since)));
  return {
    transitions: await transitionsOf(options.execution),
    invocations: sum(found.map(({ calls }) => calls)),
    writeUnits: sum(found.map(({ writeUnits }) => writeUnits)),
    readUnits: sum(found.map(({ readUnits }) => readUnits)),
  };
};

const sum = (figures: readonly number[]): number => Math.round(figures.reduce((total, figure) => total + figure, 0) * 10) / 10;

type Calls = { calls: number; writeUnits: number; readUnits: number };

const callsOf = async (functionName: string, since: Date): Promise<Calls> => {
  const logs = new CloudWatchLogsClient({});
  const { LoggingConfig } = await new LambdaClient({}).send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  const logGroupName = LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
  const found: Calls = { calls: 0, writeUnits: 0, readUnits: 0 };
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
        found.writeUnits += parsed.data?.units.writeUnits ?? 0;
        found.readUnits += parsed.data?.units.readUnits ?? 0;
      }
    }
    nextToken = page?.nextToken;
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
