import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../lib/local/tcp-ports.ts';

test('another port than the taken one lies below the ports that systems give to outgoing connections', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const found = await freePort(address.port);
  expect(found).toBeGreaterThanOrEqual(20_000);
  expect(found).toBeLessThan(32_000);
});
