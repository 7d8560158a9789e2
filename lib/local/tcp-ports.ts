import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import * as z from 'zod';
import { LocalFault } from './local-fault.ts';
import { type LocalPaths, readJson, writeJson } from './paths.ts';

const port = z.int().min(1024).max(65_535);
export const portsSchema = z.object({ emulator: port, proxy: port, provider: port });
/** Chosen at the first start and kept, because links in mails, the issuer's name and the page's address contain them. */
export type Ports = z.infer<typeof portsSchema>;

const preferred = { proxy: 4630, provider: 4640 } as const;
/** Below the ports that systems give to outgoing connections. */
const randomPort = (): number => randomInt(20_000, 32_000);

/** How messages name the program that needs a port. */
const users: Readonly<Record<keyof Ports, string>> = {
  emulator: 'the local AWS',
  proxy: 'the local pages and API',
  provider: 'the local sign-in',
};

/** Whether a server can listen on the port, on IPv4 and on IPv6: `localhost` may resolve to either. */
export const isFree = async (candidate: number): Promise<boolean> =>
  (await isFreeAt(candidate, '127.0.0.1')) && (await isFreeAt(candidate, '::1'));

const isFreeAt = (candidate: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    // On a machine without IPv6 nothing can occupy the port there.
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'));
    server.listen({ port: candidate, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Throws `port-taken` when another program uses the port. */
export const requireFreePort = async (paths: LocalPaths, user: keyof Ports, wanted: number): Promise<void> => {
  if (await isFree(wanted)) return;
  throw new LocalFault(
    'port-taken',
    `Port ${wanted}, which ${users[user]} uses, is taken by another program; stop that program, or delete ${paths.ports} so that other ports are chosen, and start again.`,
  );
};

/** The candidate when it is free, otherwise another one that is, below the ports of outgoing connections: one of them could take it any time. */
export const freePort = async (candidate: number = randomPort()): Promise<number> =>
  (await isFree(candidate)) ? candidate : freePort(randomPort());

/** The ports of this installation; chosen and written down at the first call. */
export const portsOf = async (paths: LocalPaths): Promise<Ports> => {
  const kept = readJson(paths.ports, portsSchema);
  if (kept !== undefined) return kept;
  const chosen = {
    // Nobody needs to remember it.
    emulator: await freePort(),
    proxy: await freePort(preferred.proxy),
    provider: await freePort(preferred.provider),
  };
  writeJson(paths.ports, chosen, 0o644);
  return chosen;
};
