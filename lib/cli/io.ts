import type * as z from 'zod';
import type { Listed } from './commands.ts';
import type { ExitCode } from './exit-codes.ts';

export type { ExitCode } from './exit-codes.ts';

/** What a path names. A symbolic link inside a folder is `other`: it is never followed. */
export type PathEntry =
  | {
      readonly kind: 'file';
      readonly bytes: number;
      readonly modifiedAt: Date;
      /** Changes whenever the file is written or replaced. */
      readonly version: string;
    }
  | { readonly kind: 'folder'; readonly names: readonly string[] }
  | { readonly kind: 'other' };

/** What the command line reads and writes. Tests give their own. */
export type Io = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal that shows colours. */
  readonly coloured: boolean;
  /** Width of the terminal in characters; undefined when stdout is not a terminal. */
  readonly columns: number | undefined;
  readonly fetch: typeof fetch;
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** The same piece by piece, for a file that is too large to be held. */
  readonly pieces: (path: string) => AsyncIterable<Uint8Array>;
  readonly writeFile: (path: string, content: string | Uint8Array) => Promise<void>;
  /** What a path names; a link counts as what it points to with `follow`, else as `other`. Rejects when there is nothing. */
  readonly entryOf: (path: string, follow: boolean) => Promise<PathEntry>;
  readonly appendFile: (path: string, text: string) => Promise<void>;
  readonly now: () => Date;
  /** Ends early, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Aborted by Ctrl-C and by a request to end. Until this is called, both end the process at once. */
  readonly interrupted: () => AbortSignal;
  /**
   * Runs a program with this process's own input and output. Returns its exit code as a shell would: 128+n after signal n, 126 when it
   * cannot be executed, 127 when it is not found.
   */
  readonly execute: (command: string, args: readonly string[]) => Promise<number>;
  /** Runs a program without input, and returns what it wrote to its output, with the same exit codes. */
  readonly output: (command: string, args: readonly string[]) => Promise<{ readonly code: number; readonly text: string }>;
  /** Address and tokens of a running local stage; undefined when none runs. Throws Usage or Unreachable only. */
  readonly local: () => Promise<{ readonly url: string; readonly tokenOf: (who: string) => Promise<string> } | undefined>;
  /** The commands of a local stage, where there is a checkout that it is built from. */
  readonly localCommands?: readonly Listed[];
};

/** The command line is wrong. The message says what is wrong; `main.ts` adds the usage of the command. */
export class Usage extends Error {
  override readonly name = 'Usage';
}

/** Something on this machine keeps a command from working. The message says what is wrong and what to do. */
export class MachineFault extends Error {
  /** Ends the type of the problem document that `--json` prints. */
  readonly type: string;
  readonly title: string;

  constructor(type: string, title: string, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.type = type;
    this.title = title;
  }
}

export type Command = {
  readonly usage: string;
  /** What an invocation is about, and what identifies it. */
  readonly binds: string;
  /** What holds for options that are left out. */
  readonly defaults: string;
  /** Complete invocations that can be copied; a test runs each of them. */
  readonly examples: readonly string[];
  /** What `--json` prints unless something is refused: a problem document is printed then. `holdpoint schema --output COMMAND` shows it. */
  readonly prints: z.ZodType;
  readonly run: (argv: readonly string[], io: Io) => Promise<ExitCode>;
};
