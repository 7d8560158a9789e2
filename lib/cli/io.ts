/** The outside of the command line: what it reads, where it writes. A test gives its own. */
export type Io = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal that shows colours. */
  readonly coloured: boolean;
  /** How wide that terminal is; undefined when stdout is none. */
  readonly columns: number | undefined;
  readonly fetch: typeof fetch;
  readonly readFile: (path: string) => Promise<Uint8Array>;
  readonly appendFile: (path: string, text: string) => Promise<void>;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** What a running local stage offers: its address and tokens; undefined when none runs. Throws Usage or Unreachable only. */
  readonly local: () => Promise<{ readonly url: string; readonly tokenOf: (who: string) => Promise<string> } | undefined>;
};

/** 0: released or done; 1: held, failed or refused; 2: wrong usage; 3: unreachable. */
export type ExitCode = 0 | 1 | 2 | 3;

/** The command line was not understood: what was wrong, and where help is. */
export class Usage extends Error {
  override readonly name = 'Usage';
}

export type Command = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly usage: string;
  readonly run: (argv: readonly string[], io: Io) => Promise<ExitCode>;
};
