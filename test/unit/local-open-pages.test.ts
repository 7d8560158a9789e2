import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPages } from '../../lib/local/demo/open-pages.ts';

const address = new URL('http://localhost:4640/as/the-password');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-pages-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Machine = { readonly env?: Record<string, string>; readonly columns?: number | undefined; readonly code?: number };
const opened = async (platform: NodeJS.Platform, { env = {}, columns, code = 0 }: Machine) => {
  const run: (readonly string[])[] = [];
  const output = async (program: string, args: readonly string[]) => {
    run.push([program, ...args]);
    return { code, text: '' };
  };
  return { open: await openPages({ env, columns, output }, { address, folder, platform }), run };
};

const display = { DISPLAY: ':0' };

describe('the pages of the demo', () => {
  test.each([
    ['linux', display, 'xdg-open'],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, 'xdg-open'],
    ['darwin', {}, 'open'],
    ['win32', {}, 'explorer'],
  ] as const)('open in the browser on %s with %j, and no argument has the password', async (platform, env, program) => {
    const file = join(folder, 'pages.html');
    expect(await opened(platform, { env, columns: 80 })).toEqual({ open: true, run: [[program, file]] });
    expect(readFileSync(file, 'utf8')).toContain(`url=${address.href}"`);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each<[string, NodeJS.Platform, Machine]>([
    ['the output is no terminal', 'linux', { env: display }],
    ['CI runs it', 'linux', { env: { ...display, CI: 'true' }, columns: 80 }],
    ['there is no screen', 'linux', { env: { DISPLAY: '' }, columns: 80 }],
    ['the system has no way that is known', 'freebsd', { env: display, columns: 80 }],
  ])('stay closed when %s', async (_, platform, machine) => {
    expect(await opened(platform, machine)).toEqual({ open: false, run: [] });
  });

  test('are not said to be open when the browser was not found', async () => {
    expect(await opened('linux', { env: display, columns: 80, code: 127 })).toMatchObject({ open: false });
  });
});
