import { type Ran, run } from '../run-process.ts';
import type { Workshop } from './workspace.ts';

/** A program of this project, run in the checkout until it ends, its limit is over, or the play is. Its output goes to a log of the play. */
export const runHere = (
  shop: Workshop,
  command: string,
  args: readonly string[],
  { log, limitMs, env = {} }: { readonly log: string; readonly limitMs: number; readonly env?: Readonly<Record<string, string>> },
): Promise<Ran> => {
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return run(command, args, { cwd: shop.root, env: { ...Object.fromEntries(own), ...env }, limitMs, log, signal: shop.signal });
};
