import { createServer } from 'node:net';
import * as z from 'zod';
import { type Places, readJson, writeJson } from './paths.ts';

const port = z.int().min(1024).max(65_535);
export const portsSchema = z.object({ emulator: port, front: port, provider: port });
/** Chosen at the first start and kept: links in mails, the issuer's name and the page's address all hold them. */
export type Ports = z.infer<typeof portsSchema>;

const wanted: Ports = { emulator: 4620, front: 4630, provider: 4640 };

/** Whether a server of ours could listen there, and would be the one that answers: `localhost` may mean either address. */
export const isFree = async (candidate: number): Promise<boolean> =>
  (await isFreeAt(candidate, '127.0.0.1')) && (await isFreeAt(candidate, '::1'));

const isFreeAt = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    // A machine without the newer addresses has nobody there.
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

const anyFree = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('the system gave no port')),
      );
    });
  });

/** The wanted port or, when it is taken, any free one. */
export const freePort = async (candidate?: number): Promise<number> =>
  candidate !== undefined && (await isFree(candidate)) ? candidate : anyFree();

/** The ports of this installation; chosen now when there are none yet. */
export const portsOf = async (places: Places): Promise<Ports> => {
  const kept = readJson(places.ports, portsSchema);
  if (kept !== undefined) return kept;
  const chosen = {
    emulator: await freePort(wanted.emulator),
    front: await freePort(wanted.front),
    provider: await freePort(wanted.provider),
  };
  writeJson(places.ports, chosen, 0o644);
  return chosen;
};
