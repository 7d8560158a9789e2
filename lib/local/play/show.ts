import type { Finding, GateView, RunView } from '../../query/view.ts';

/** Everything that the player prints, on stderr when stdout is to hold one JSON document. */
export type Show = {
  /** A part begins; the returned function ends it with its seconds. */
  part(name: string): (said?: string) => number;
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

export const createShow = (stream: NodeJS.WriteStream): Show => {
  const coloured = stream.isTTY === true && process.env.NO_COLOR === undefined;
  const paint = (code: number, text: string): string => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  const write = (text: string): void => {
    stream.write(`${text}\n`);
  };
  const lineOf = (finding: Finding): string => {
    const mark = paint(colours[finding.verdict] ?? 0, marks[finding.verdict] ?? ' ');
    return `    ${mark} ${finding.title} ${paint(90, `[${finding.basis ?? 'no proof'}]`)} ${paint(90, finding.reason)}`;
  };
  return {
    part: (name) => {
      const began = Date.now();
      if (coloured) stream.write(`  … ${name}`);
      return (said = '') => {
        const seconds = (Date.now() - began) / 1000;
        write(`${coloured ? '\r\u001b[K' : ''}  ${name}${said === '' ? '' : `: ${said}`} ${paint(90, `${seconds.toFixed(1)} s`)}`);
        return seconds;
      };
    },
    line: (text) => write(`  ${text}`),
    gate: (gate) => {
      const seconds =
        gate.openedAt === null || gate.settledAt === null
          ? ''
          : ` after ${((Date.parse(gate.settledAt) - Date.parse(gate.openedAt)) / 1000).toFixed(1)} s`;
      write(`\n  ${paint(1, gate.title)} ${paint(gate.outcome === 'released' ? 32 : 31, gate.outcome ?? gate.state)}${paint(90, seconds)}`);
      for (const finding of gate.lines) write(lineOf(finding));
    },
    held: (gate) => {
      write(`\n  ${paint(1, gate.title)} ${paint(31, 'held')}`);
      for (const finding of gate.lines) write(lineOf(finding));
      for (const reason of gate.reasons) write(`    ${paint(31, '→')} ${reason}`);
    },
    end: (view, figures) => {
      write('');
      for (const deviation of view.deviations)
        write(
          `  Deviation: ${deviation.line}, ${deviation.parameter} is ${deviation.here}, the document asks ${deviation.document}. ${deviation.reason} (accepted: ${deviation.approver})`,
        );
      for (const note of view.notes) write(`  Note: ${note}`);
      write(`\n  Run ${view.run}: ${paint(view.outcome === 'production-stable' ? 32 : 31, view.outcome)}\n  ${figures}`);
    },
  };
};
