import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach } from 'vitest';

/** A client of DynamoDB that sends nothing; each test starts without answers and without calls. */
export const mockedDynamo = () => {
  const dynamo = mockClient(DynamoDBClient);
  afterAll(() => {
    dynamo.restore();
  });
  beforeEach(() => dynamo.reset());
  return {
    dynamo,
    client: new DynamoDBClient({}),
    table: 'table-1',
    /** A condition that did not hold, and the item against which it failed. */
    lost: (Item?: object) =>
      new ConditionalCheckFailedException({ $metadata: {}, message: 'lost', ...(Item === undefined ? {} : { Item: Item as never }) }),
    /** Every command so far, by its name, with its exact input. */
    inputs: () => dynamo.calls().map((call) => [call.args[0].constructor.name, call.args[0].input]),
  };
};
