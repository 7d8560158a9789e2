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
  /** When the file was last written. */
  readonly modifiedAt: (path: string) => Promise<Date>;
  readonly appendFile: (path: string, text: string) => Promise<void>;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** Address and tokens of a running local stage; undefined when none runs. Throws Usage or Unreachable only. */
  readonly local: () => Promise<{ readonly url: string; readonly tokenOf: (who: string) => Promise<string> } | undefined>;
};

/** 0: done, or the gate passed; 1: blocked, failed or refused; 2: wrong usage; 3: Holdpoint does not answer. */
export type ExitCode = 0 | 1 | 2 | 3;

/** The command line is wrong. The message says what is wrong; `main.ts` adds the usage of the command. */
export class Usage extends Error {
  override readonly name = 'Usage';
}

export type Command = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly usage: string;
  /** Complete invocations that can be copied; a test runs each of them. */
  readonly examples: readonly string[];
  readonly run: (argv: readonly string[], io: Io) => Promise<ExitCode>;
};
