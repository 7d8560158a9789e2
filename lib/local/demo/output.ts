import { fitted, plain } from '../../cli/plain.ts';
import { codes, exceptionsOf, marks } from '../../cli/show-run.ts';
import type { Finding, GateView, RunView } from '../../query/view.ts';

/** Everything that the player prints, on stderr when stdout is to hold one JSON document. */
export type Show = {
  /** A part begins; the returned function ends it with its seconds. */
  part(name: string): (said?: string) => void;
  /** What goes on right now: on a terminal one line that the next output replaces, elsewhere a line when it says something new. */
  progress(text: string): void;
  line(text: string): void;
  gate(gate: GateView): void;
  held(gate: GateView): void;
  end(view: RunView, figures: string, trail: string): void;
};

const [bold, red, green, grey] = [1, 31, 32, 90];

/** `write`: a line, with the place under which it goes on when the terminal is too narrow. */
type Paper = { readonly paint: (code: number, text: string) => string; readonly write: (text: string, hang?: number) => void };
/** How far a bar has come is for eyes: in a log every step would be a line. */
const isStep = (text: string): boolean => /\b\d+\/\d+\b/.test(text);

export const createShow = (stream: NodeJS.WriteStream): Show => {
  const live = stream.isTTY === true && process.env.TERM !== 'dumb';
  const coloured = live && !process.env.NO_COLOR;
  const clear = live ? '\r\u001b[K' : '';
  const took: string[] = [];
  let said = '';
  let ticking: NodeJS.Timeout | undefined;
  const paint = (code: number, text: string): string => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  const write = (text: string, hang = 4): void => {
    clearInterval(ticking);
    stream.write(`${clear}${fitted(text, live ? stream.columns : undefined, hang)}\n`);
  };
  const progress = (text: string): void => {
    const shown = `  … ${plain(text)}`;
    if (live) stream.write(`${clear}${shown.slice(0, (stream.columns || 120) - 1)}`);
    else if (text !== said && !isStep(text)) stream.write(`${shown}\n`);
    said = text;
  };
  const paper = { paint, write };
  return {
    progress,
    part: (name) => {
      const began = performance.now();
      progress(name);
      clearInterval(ticking);
      if (live) ticking = setInterval(() => progress(`${name} ${seconds(began, 0)}`), 1_000).unref();
      return (what = '') => {
        took.push(`${name} ${seconds(began)}`);
        write(`  ${name}${what === '' ? '' : `: ${plain(what)}`} ${paint(grey, seconds(began))}`);
      };
    },
    line: (text) => write(text === '' ? '' : `  ${plain(text)}`),
    gate: (gate) => showGate(paper, gate),
    held: (gate) => {
      write('');
      write(`  ${paint(bold, gate.title)} ${paint(red, gate.state)}`);
      for (const finding of gate.checks) write(lineOf(paper, finding), 6);
      for (const reason of gate.reasons) write(`    ${paint(red, '→')} ${plain(reason)}`, 6);
    },
    end: (view, figures, trail) => {
      write('');
      for (const text of exceptionsOf(view)) write(`  ${text}`);
      write('');
      write(`  Run ${view.run}: ${paint(view.outcome === 'production-stable' ? green : red, view.outcome)}`);
      for (const text of [...figures.split('\n'), trail, `seconds, part by part: ${took.join('; ')}`]) write(`  ${text.trim()}`);
    },
  };
};

const seconds = (began: number, digits = 1): string => `${((performance.now() - began) / 1000).toFixed(digits)} s`;

const lineOf = ({ paint }: Paper, finding: Finding): string => {
  const mark = paint(codes[finding.verdict] ?? 0, marks[finding.verdict] ?? ' ');
  return `    ${mark} ${finding.title} ${paint(grey, `[${finding.basis ?? 'no proof'}]`)} ${paint(grey, plain(finding.reason))}`;
};

const showGate = (paper: Paper, gate: GateView): void => {
  const { paint, write } = paper;
  const took =
    gate.openedAt === null || gate.settledAt === null
      ? ''
      : ` after ${((Date.parse(gate.settledAt) - Date.parse(gate.openedAt)) / 1000).toFixed(1)} s`;
  write('');
  write(`  ${paint(bold, gate.title)} ${paint(gate.state === 'passed' ? green : red, gate.state)}${paint(grey, took)}`);
  for (const finding of gate.checks) write(lineOf(paper, finding), 6);
};
