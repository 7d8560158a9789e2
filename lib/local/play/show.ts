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
  end(view: RunView, figures: string): void;
};

const marks: Readonly<Record<string, string>> = {
  pass: '✓',
  waived: '~',
  'not-applicable': '–',
  fail: '✗',
  error: '✗',
  inconclusive: '?',
  missing: '·',
};
const colours: Readonly<Record<string, number>> = {
  pass: 32,
  waived: 33,
  'not-applicable': 90,
  fail: 31,
  error: 31,
  inconclusive: 33,
  missing: 90,
};
const [bold, red, green, grey] = [1, 31, 32, 90];

type Paper = { readonly paint: (code: number, text: string) => string; readonly write: (text: string) => void };

export const createShow = (stream: NodeJS.WriteStream): Show => {
  const live = stream.isTTY === true;
  const coloured = live && process.env.NO_COLOR === undefined;
  const clear = live ? '\r\u001b[K' : '';
  const took: string[] = [];
  let said = '';
  const paint = (code: number, text: string): string => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  const write = (text: string): void => {
    stream.write(`${clear}${text}\n`);
  };
  const progress = (text: string): void => {
    if (text !== said) stream.write(live ? `${clear}  … ${text}`.slice(0, (stream.columns || 120) + clear.length) : `  … ${text}\n`);
    said = text;
  };
  const paper = { paint, write };
  return {
    progress,
    part: (name) => {
      const began = performance.now();
      progress(name);
      return (what = '') => {
        const seconds = ((performance.now() - began) / 1000).toFixed(1);
        took.push(`${name} ${seconds}`);
        write(`  ${name}${what === '' ? '' : `: ${what}`} ${paint(grey, `${seconds} s`)}`);
      };
    },
    line: (text) => write(`  ${text}`),
    gate: (gate) => showGate(paper, gate),
    held: (gate) => {
      write(`\n  ${paint(bold, gate.title)} ${paint(red, gate.state)}`);
      for (const finding of gate.lines) write(lineOf(paper, finding));
      for (const reason of gate.reasons) write(`    ${paint(red, '→')} ${reason}`);
    },
    end: (view, figures) => {
      showReport(paper, view);
      write(`\n  Run ${view.run}: ${paint(view.outcome === 'production-stable' ? green : red, view.outcome)}\n  ${figures}`);
      write(`  seconds: ${took.join(', ')}`);
    },
  };
};

const lineOf = ({ paint }: Paper, finding: Finding): string => {
  const mark = paint(colours[finding.verdict] ?? 0, marks[finding.verdict] ?? ' ');
  return `    ${mark} ${finding.title} ${paint(grey, `[${finding.basis ?? 'no proof'}]`)} ${paint(grey, finding.reason)}`;
};

const showGate = (paper: Paper, gate: GateView): void => {
  const { paint, write } = paper;
  const seconds =
    gate.openedAt === null || gate.settledAt === null
      ? ''
      : ` after ${((Date.parse(gate.settledAt) - Date.parse(gate.openedAt)) / 1000).toFixed(1)} s`;
  write(
    `\n  ${paint(bold, gate.title)} ${paint(gate.outcome === 'released' ? green : red, gate.outcome ?? gate.state)}${paint(grey, seconds)}`,
  );
  for (const finding of gate.lines) write(lineOf(paper, finding));
};

/** What is not as the document asks, and what else a reader of the report should know. */
const showReport = ({ write }: Paper, view: RunView): void => {
  write('');
  const lines = [...new Set(view.deviations.map(({ line }) => line))];
  for (const line of lines) {
    const deviations = view.deviations.filter((one) => one.line === line);
    const figures = deviations.map(({ parameter, here, document }) => `${parameter} ${here} instead of ${document}`);
    const why = [...new Set(deviations.map(({ reason, approver }) => `${reason} Accepted by ${approver}.`))];
    write(`  Deviation: ${line}: ${figures.join(', ')}. ${why.join(' ')}`);
  }
  for (const note of view.notes) write(`  Note: ${note}`);
};
