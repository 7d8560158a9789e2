import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { countCommands, createRequestCounts } from '../../lambdas/adapters/billed-requests.ts';

test('counts the requests of one invocation, and starts anew with the next one', () => {
  const counts = createRequestCounts();
  counts.add('keyRequests');
  counts.add('keyRequests');
  counts.add('objectsRead');
  expect(counts.take()).toMatchObject({ keyRequests: 2, objectsRead: 1, objectsWritten: 0, pages: 0 });
  expect(Object.values(counts.take()).every((count) => count === 0)).toBe(true);
});

test('a client reports every command, also one that fails', async () => {
  let sent = 0;
  const client = countCommands(
    new EventBridgeClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler: { handle: async () => Promise.reject(new Error('the bus does not answer')) },
    }),
    () => {
      sent += 1;
    },
  );
  const command = () => new PutEventsCommand({ Entries: [] });
  await expect(client.send(command())).rejects.toThrow('the bus does not answer');
  await expect(client.send(command())).rejects.toThrow();
  expect(sent).toBe(2);
});
