import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Io } from '../../cli/io.ts';

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['explorer'],
  linux: ['xdg-open'],
};

/** A person watches, and this machine can show a page. */
const canShow = ({ env, columns }: Pick<Io, 'env' | 'columns'>, platform: NodeJS.Platform): boolean => {
  if (columns === undefined || (env.CI ?? '') !== '') return false;
  return platform !== 'linux' || [env.DISPLAY, env.WAYLAND_DISPLAY].some((display) => (display ?? '') !== '');
};

/**
 * Opens the address in the browser of this machine, through a file in `folder` that only its owner can read: other users see the arguments of
 * a program, and the address signs in. False: there is nobody who watches, or no browser.
 */
export const openPages = async (
  io: Pick<Io, 'env' | 'columns' | 'output'>,
  { address, folder, platform = process.platform }: { readonly address: URL; readonly folder: string; readonly platform?: NodeJS.Platform },
): Promise<boolean> => {
  const opener = openers[platform];
  if (opener === undefined || !canShow(io, platform)) return false;
  const file = join(folder, 'pages.html');
  // An address of URL has no sign that would end an attribute.
  writeFileSync(file, `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${address.href}">\n`, {
    mode: 0o600,
  });
  const [program, ...options] = opener;
  const { code } = await io.output(program, [...options, file]);
  // The Explorer answers 1 when it has opened something.
  return code === 0 || platform === 'win32';
};
