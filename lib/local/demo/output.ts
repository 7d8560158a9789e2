import { type Named, withNames } from '../../cli/names.ts';
import { fitted, plain } from '../../cli/plain.ts';
import { codes, exceptionsOf, marks } from '../../cli/show-run.ts';
import { carriedInWords } from '../../query/carried.ts';
import { hasPassed } from '../../query/gate-state.ts';
import type { RollbackView } from '../../query/rollback-view.ts';
import type { Finding, GateView, RunView } from '../../query/view.ts';
import { withInstants } from '../../wording.ts';
import { rollbackLines } from './rollback-text.ts';

/** Everything that the demo prints: on stdout, or on stderr when stdout is reserved for the JSON document. */
export type Output = {
  /** Announces a part of the demo. The returned function prints its name, what it says, and its seconds. */
  part(name: string): (result?: string) => void;
  /** What is going on right now. A terminal shows it until the next output; in a log it is printed once. */
  progress(text: string): void;
  line(text: string): void;
  /** A gate with its outcome and its checks. */
  settledGate(gate: GateView, people: People): void;
  /** A gate that did not pass, with its checks and the reasons. */
  openGate(gate: GateView, people: People): void;
  /** The way back of a run: trigger, decision, steps with their proofs, budgets. `nameOf`: of a person's id. */
  rollback(view: RollbackView, nameOf: (id: string) => string): void;
  /** The outcome of a run, followed by further lines. */
  summary(view: RunView, lines: readonly string[]): void;
  /** The parts that ended until an instant in milliseconds since 1970, or all of them; parts go on beside each other. */
  parts(until?: number): readonly Part[];
  /** The seconds of every part. */
  durations(): void;
};

/** Whose names stand in place of their ids in what is printed of a gate. */
type People = Named['people'];

/** Seconds to a tenth. */
export type Part = { readonly name: string; readonly seconds: number };

/** Parts with their seconds, in one line. */
export const partsText = (parts: readonly Part[]): string => parts.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join('; ');

/** How the demo's two runs should end. */
const goodEnds: ReadonlySet<string> = new Set(['production-stable', 'rolled-back']);

const [bold, red, green, grey] = [1, 31, 32, 90];

type Printer = {
  readonly paint: (code: number, text: string) => string;
  /** Prints a line; `indent` is where its continuation starts when the terminal is too narrow. Never prints two empty lines in a row. */
  readonly write: (text: string, indent?: number) => void;
};
/** Step counters such as `12/80` help on a terminal; in a log each step would be a line. */
const isStep = (text: string): boolean => /\b\d+\/\d+\b/.test(text);

export const createOutput = (stream: NodeJS.WriteStream): Output => {
  const terminal = stream.isTTY === true && process.env.TERM !== 'dumb';
  const coloured = terminal && !process.env.NO_COLOR;
  const clearLine = terminal ? '\r\u001b[K' : '';
  const ended: (Part & { readonly at: number })[] = [];
  let lastProgress = '';
  let lastLine = '';
  let lastExceptions = '';
  let ticking: NodeJS.Timeout | undefined;
  const paint = (code: number, text: string): string => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  const write = (text: string, indent = 4): void => {
    clearInterval(ticking);
    if (text === '' && lastLine === '') return;
    lastLine = text;
    stream.write(`${clearLine}${fitted(text, terminal ? stream.columns : undefined, indent)}\n`);
  };
  const progress = (text: string): void => {
    const shown = `  … ${plain(text)}`;
    if (terminal) stream.write(`${clearLine}${shown.slice(0, (stream.columns || 120) - 1)}`);
    else if (text !== lastProgress && !isStep(text)) stream.write(`${shown}\n`);
    lastProgress = text;
  };
  const printer = { paint, write };
  const parts = (until = Number.POSITIVE_INFINITY): Part[] =>
    ended.filter(({ at }) => at <= until).map(({ name, seconds }) => ({ name, seconds }));
  return {
    progress,
    part: (name) => {
      const began = performance.now();
      progress(name);
      clearInterval(ticking);
      if (terminal) ticking = setInterval(() => progress(`${name} ${secondsSince(began, 0)}`), 1_000).unref();
      return (result = '') => {
        ended.push({ name, seconds: Math.round((performance.now() - began) / 100) / 10, at: Date.now() });
        write(`  ${name}${result === '' ? '' : `: ${plain(result)}`} ${paint(grey, `(${secondsSince(began)})`)}`);
      };
    },
    line: (text) => write(text === '' ? '' : `  ${plain(withInstants(text))}`),
    settledGate: (gate, people) => {
      const outcome = paint(hasPassed(gate) ? green : red, gate.state);
      printGate(printer, { gate, people }, `${outcome}${paint(grey, secondsOpen(gate))}`);
      write('');
    },
    openGate: (gate, people) => {
      printGate(printer, { gate, people }, paint(red, gate.state));
      for (const reason of gate.reasons) write(`    ${paint(red, '→')} ${withNames(reason, { people })}`, 6);
      write('');
    },
    summary: (view, lines) => {
      write('');
      const exceptions = exceptionsOf(view);
      const isRepeated = exceptions.join() === lastExceptions;
      lastExceptions = exceptions.join();
      for (const text of isRepeated ? ['Deviations and notes: those of the run above.'] : exceptions) write(`  ${text}`);
      write('');
      write(`  Run ${view.run}: ${paint(goodEnds.has(view.outcome) ? green : red, view.outcome)}`);
      for (const text of lines) write(`  ${text}`);
    },
    rollback: (view, nameOf) => {
      write('');
      for (const { text, ok } of rollbackLines(view, nameOf))
        write(`  ${ok === undefined ? paint(bold, plain(text)) : `  ${paint(ok ? green : red, ok ? '✓' : '✗')} ${plain(text)}`}`, 6);
      write('');
    },
    parts,
    durations: () => write(`  seconds, part by part: ${partsText(parts())}`),
  };
};

const secondsSince = (began: number, digits = 1): string => `${((performance.now() - began) / 1000).toFixed(digits)} s`;

type Shown = { readonly gate: GateView; readonly people: People };

const findingLine = ({ paint }: Printer, finding: Finding, people: People): string => {
  const mark = paint(codes[finding.verdict] ?? 0, marks[finding.verdict] ?? ' ');
  const basis = [finding.basis ?? 'no proof', carriedInWords(finding) ?? []].flat().join(', ');
  return `    ${mark} ${finding.title} ${paint(grey, `[${basis}]`)} ${paint(grey, withNames(finding.reason, { people }))}`;
};

const printGate = (printer: Printer, { gate, people }: Shown, state: string): void => {
  printer.write('');
  printer.write(`  ${printer.paint(bold, gate.title)} ${state}`);
  for (const finding of gate.checks) printer.write(findingLine(printer, finding, people), 6);
};

const secondsOpen = ({ openedAt, settledAt }: GateView): string =>
  openedAt === null || settledAt === null ? '' : ` after ${((Date.parse(settledAt) - Date.parse(openedAt)) / 1000).toFixed(1)} s`;
