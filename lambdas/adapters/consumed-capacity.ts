import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { noUsage, type Usage } from './usage.ts';

const reads = /^(Get|BatchGet|TransactGet|Query|Scan)/;

/**
 * Asks DynamoDB what every command of the client consumed, and reports it. It never fails a command: an operation that answers no consumed
 * capacity is not reported. DynamoDB charges a write whose condition failed and does not say how much, so that write counts as a request of
 * 0 units. Retries inside the SDK count once.
 */
export const reportUsage = (client: DynamoDBClient, report: (usage: Usage) => void): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const add = reads.test(String(context.commandName)) ? readOf : writeOf;
      try {
        // Commands that do not know the member leave it out of the request.
        const done = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } as typeof args.input });
        const units = unitsIn(done.output);
        if (units !== undefined) report(add(units));
        return done;
      } catch (fault) {
        if (isLostCondition(fault)) report(writeOf(0));
        throw fault;
      }
    },
    { step: 'initialize', name: 'holdpointUsage', override: true },
  );
};

const readOf = (readUnits: number): Usage => ({ ...noUsage, readRequests: 1, readUnits });
const writeOf = (writeUnits: number): Usage => ({ ...noUsage, writeRequests: 1, writeUnits });

type Consumed = { readonly CapacityUnits?: number | undefined };

/** One record, or one for each table of a batch. */
const unitsIn = (output: object): number | undefined => {
  const { ConsumedCapacity } = output as { readonly ConsumedCapacity?: Consumed | readonly Consumed[] };
  if (ConsumedCapacity === undefined) return undefined;
  return [ConsumedCapacity].flat().reduce((total, { CapacityUnits = 0 }) => total + CapacityUnits, 0);
};

const isLostCondition = (fault: unknown): boolean =>
  fault instanceof Error && (fault.name === 'ConditionalCheckFailedException' || fault.name === 'DuplicateItemException');
