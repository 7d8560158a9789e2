import type { Io } from './io.ts';
import { plain } from './plain.ts';

/** What is shown while a report is uploaded. */
export type Progress = {
  /** The bytes are sent from the first one, maybe again. */
  begin(): void;
  sent(bytes: number): void;
  again(why: string, seconds: number): void;
  waiting(): void;
  /** Leaves nothing on the line. */
  end(): void;
};

const quiet: Progress = {
  begin: () => undefined,
  sent: () => undefined,
  again: () => undefined,
  waiting: () => undefined,
  end: () => undefined,
};

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** Beside the result, on stderr: on a terminal one line that changes, in the log of a CI job a line for each quarter. */
export const progressOf = (io: Io, given: { readonly file: string; readonly size: number; readonly quiet: boolean }): Progress => {
  if (given.quiet) return quiet;
  const name = plain(given.file);
  const size = Math.max(1, given.size);
  return io.columns === undefined ? inLog(io, name, size) : onTerminal(io, name, size, io.columns);
};

const inLog = (io: Io, name: string, size: number): Progress => {
  let [sent, quarter] = [0, 0];
  return {
    ...quiet,
    begin: () => {
      [sent, quarter] = [0, 0];
      io.err(`${name}: uploading ${megabytes(size)}\n`);
    },
    sent: (bytes) => {
      sent += bytes;
      const reached = Math.min(4, Math.floor((sent * 4) / size));
      if (reached > quarter && reached < 4) io.err(`${name}: ${reached * 25} % uploaded\n`);
      quarter = Math.max(quarter, reached);
    },
    again: (why, seconds) => io.err(`${name}: ${plain(why)}; trying again in ${seconds} s\n`),
    waiting: () => io.err(`${name}: uploaded; waiting until it is judged\n`),
  };
};

const onTerminal = (io: Io, name: string, size: number, columns: number): Progress => {
  let [sent, shown] = [0, ''];
  const show = (text: string): void => {
    const line = text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
    if (line === shown) return;
    shown = line;
    // Back to the first column, and clear what stood there.
    io.err(`\r\u001b[K${line}`);
  };
  return {
    begin: () => {
      sent = 0;
      show(`${name}: 0 % of ${megabytes(size)} uploaded`);
    },
    sent: (bytes) => {
      sent += bytes;
      show(`${name}: ${Math.min(100, Math.floor((sent * 100) / size))} % of ${megabytes(size)} uploaded`);
    },
    again: (why, seconds) => show(`${name}: ${plain(why)}; trying again in ${seconds} s`),
    waiting: () => show(`${name}: uploaded; waiting until it is judged`),
    end: () => {
      if (shown !== '') io.err('\r\u001b[K');
      shown = '';
    },
  };
};
