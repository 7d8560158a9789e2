import type { Io } from '../../lib/cli/io.ts';

export type Asked = { readonly url: string; readonly method: string; readonly headers: Headers; readonly body: string };

/** A terminal that keeps its output, connected to a server that gives the answers of the test. */
export const terminal = (
  answer: (asked: Asked) => Response = () => new Response('{}', { status: 501 }),
  env: Record<string, string> = {},
  outside: Partial<Io> = {},
) => {
  const said = { out: '', err: '', asked: [] as Asked[], summary: '', files: new Map<string, string>() };
  const io: Io = {
    env: { HOLDPOINT_URL: 'https://holdpoint.test', HOLDPOINT_TOKEN: 'token', ...env },
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    coloured: false,
    columns: undefined,
    fetch: async (url, init) => {
      const asked = {
        url: String(url),
        method: init?.method ?? 'GET',
        headers: new Headers(init?.headers),
        body: init?.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : String(init?.body ?? ''),
      };
      said.asked.push(asked);
      return answer(asked);
    },
    readFile: async (path) => {
      if (path !== 'unit.xml') throw new Error(`no such file: ${path}`);
      return new TextEncoder().encode('<testsuite/>');
    },
    pieces: () => {
      throw new Error('nothing here is large');
    },
    writeFile: async (path, content) => {
      said.files.set(path, textOf(content));
    },
    entryOf: async () => ({ kind: 'file', bytes: 12, modifiedAt: new Date('2026-03-02T07:30:00.000Z'), version: '1' }),
    interrupted: () => new AbortController().signal,
    execute: async () => 0,
    output: async () => ({ code: 0, text: '' }),
    appendFile: async (_path, text) => {
      said.summary += text;
    },
    now: () => new Date('2026-03-02T08:00:00.000Z'),
    sleep: async () => undefined,
    local: async () => undefined,
    ...outside,
  };
  return { io, said };
};

/** What was written to a file, as text. */
export const textOf = (content: string | Uint8Array): string => (typeof content === 'string' ? content : new TextDecoder().decode(content));

export const json = (body: object, status = 200, type = 'application/json'): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': type } });
