import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Stage } from '../../lib/checklist/stage.ts';

/** A stage as a function finds it: the file beside the bundle, and a bucket with the people, which are missing while `people` is undefined. */
export const deployedStage = async ({ roster, ...deployed }: Stage) => {
  const bucket: { people: unknown; asked: number } = { people: roster, asked: 0 };
  const server = createServer((_request, response) => {
    bucket.asked += 1;
    if (bucket.people === undefined) response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
    else response.writeHead(200, { etag: '"1"' }).end(JSON.stringify(bucket.people));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-deployed-'));
  writeFileSync(join(folder, 'stage.json'), JSON.stringify(deployed));
  vi.stubEnv('STAGE_FILE', join(folder, 'stage.json'));
  vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'ROSTER_BUCKET']) vi.stubEnv(name, 'x');
  const close = (): void => {
    vi.unstubAllEnvs();
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  };
  return { bucket, close };
};
