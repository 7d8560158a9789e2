import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessResult, runProcess } from '../run-process.ts';

export type Workspace = {
  /** The checkout. */
  readonly root: string;
  /** Reports and logs of this demo. */
  readonly folder: string;
  /** The emulator's address, for the integration tests. */
  readonly endpoint: string;
  /** Aborts when the demo ends for any reason, so that nothing it started outlives it. */
  readonly signal: AbortSignal;
  /** Whether tools leave the processor to others: while they prepare a release beside the watched one. */
  readonly yields?: boolean;
};

export const createWorkspace = (root: string, endpoint: string, signal: AbortSignal): Workspace => {
  const folder = join(root, '.local', 'demo');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return { root, folder, endpoint, signal };
};

/** The command, at the lowest priority where the workspace yields. */
export const politely = ({ yields }: Workspace, command: string, args: readonly string[]): readonly [string, readonly string[]] =>
  yields === true ? ['nice', ['-n', '19', command, ...args]] : [command, args];

type ToolOptions = {
  readonly log: string;
  readonly limitMs: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** Runs a program in the checkout, or in `cwd`, until it exits, reaches its limit, or the demo ends. Its output goes to the log. */
export const runTool = (
  workspace: Workspace,
  command: string,
  args: readonly string[],
  { log, limitMs, cwd = workspace.root, env = {} }: ToolOptions,
): Promise<ProcessResult> => {
  const [program, given] = politely(workspace, command, args);
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return runProcess(program, given, {
    cwd,
    env: { ...Object.fromEntries(own), ...env },
    limitMs,
    log,
    signal: workspace.signal,
  });
};
