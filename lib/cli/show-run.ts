import type { Finding, GateView, RunView } from '../query/view.ts';
import { fitted, plain } from './plain.ts';

/** A verdict as one sign, and a word's colour; the play prints with the same. */
export const marks: Readonly<Record<string, string>> = {
  pass: '✓',
  waived: '~',
  'not-applicable': '–',
  fail: '✗',
  error: '✗',
  inconclusive: '?',
  missing: '·',
};
export const codes: Readonly<Record<string, number>> = {
  pass: 32,
  passed: 32,
  'production-stable': 32,
  waived: 33,
  inconclusive: 33,
  waiting: 33,
  running: 33,
  'not-applicable': 90,
  missing: 90,
  fail: 31,
  error: 31,
  blocked: 31,
  rejected: 31,
  expired: 31,
  triggered: 31,
};

type Paint = (word: string, text?: string) => string;
/** `columns`: how wide the terminal is; undefined when it is none, and nothing is broken then. */
type Options = { readonly coloured: boolean; readonly columns: number | undefined; readonly all: boolean };
/** Under what a line goes on when it does not fit. */
const hangs = { head: 2, gate: 10, line: 12, reason: 14 } as const;

/** A run as a table: its head, then every gate with its lines. `all` shows the lines of gates that lie ahead, too. */
export const runText = (run: RunView, options: Options): string => {
  const paint: Paint = (word, text = word) =>
    options.coloured && codes[word] !== undefined ? `\u001b[${codes[word]}m${text}\u001b[0m` : text;
  const head = [
    `${plain(`${run.service} ${run.version} → ${run.environment}`)}   ${paint(run.outcome)}`,
    `run ${run.run}, started ${run.startedAt}, commit ${run.commit.slice(0, 12)}, ${run.definition.name} ${run.definition.version} (${run.definition.digest.slice(0, 12)})`,
  ];
  const gates = run.gates.flatMap((gate) => gateText(gate, paint, options));
  const counts = Object.entries(run.checkCounts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict === 'notApplicable' ? 'not applicable' : verdict}`);
  const narrow = (line: string): string => fitted(line, options.columns, hangs.head);
  return [
    ...head.map(narrow),
    '',
    ...gates,
    '',
    narrow(`checks of the document: ${counts.join(', ') || 'none'}; ${run.events} audit events${run.closed ? ', trail closed' : ''}`),
    ...exceptionsOf(run).map(narrow),
  ].join('\n');
};

/** What is not as the document asks, and what else a reader of the report should know: a line each. */
export const exceptionsOf = ({ deviations, disclosures: notes }: Pick<RunView, 'deviations' | 'disclosures'>): string[] => {
  const lines = [...new Set(deviations.map(({ check: line }) => line))].map((line) => {
    const own = deviations.filter((one) => one.check === line);
    const figures = own.map(({ parameter, here, document }) => `${parameter} ${here} instead of ${document}`);
    const why = [...new Set(own.map(({ reason, approver }) => `${reason} Accepted by ${approver}.`))];
    return `Deviation: ${line}: ${figures.join(', ')}. ${why.join(' ')}`;
  });
  return [...lines, ...notes.map((note) => `Note: ${note}`)].map(plain);
};

const gateText = (gate: GateView, paint: Paint, { columns, all }: Options): string[] => {
  const { state } = gate;
  const when = gate.settledAt ?? gate.openedAt;
  const title = fitted(`${paint(state, state.padEnd(9))} ${gate.title}${when === null ? '' : `  ${when}`}`, columns, hangs.gate);
  if (gate.state === 'ahead' && !all) return [title];
  const reasons =
    gate.state === 'blocked' || gate.state === 'waiting' ? gate.reasons.map((reason) => `            → ${plain(reason)}`) : [];
  return [
    title,
    ...gate.checks.map((line) => fitted(lineText(line, paint), columns, hangs.line)),
    ...reasons.map((reason) => fitted(reason, columns, hangs.reason)),
  ];
};

const lineText = (line: Finding, paint: Paint): string =>
  `          ${paint(line.verdict, marks[line.verdict] ?? ' ')} ${line.title}  [${line.basis ?? 'no proof'}]  ${plain(line.reason)}`;

/** The same for the summary page of a CI job, as Markdown. */
export const runMarkdown = (run: RunView): string => {
  // A reason may hold what its report held: no cell ends early, and nothing in it is markup of the page.
  const cell = (text: string): string => plain(text).replace(/[\\|<>`[\]*_#]/g, (sign) => `\\${sign}`);
  const rows = run.gates
    .filter((gate) => gate.state !== 'ahead')
    .flatMap((gate) =>
      gate.checks.map(
        (line) =>
          `| ${cell(gate.title)} | ${marks[line.verdict] ?? ''} ${line.verdict} | ${cell(line.title)} | ${line.basis ?? '–'} | ${cell(line.reason)} |`,
      ),
    );
  return [
    `### ${cell(`${run.service} ${run.version} → ${run.environment}`)}: ${run.outcome}`,
    '',
    `Run \`${run.run}\`, commit \`${run.commit.slice(0, 12)}\`, checklist \`${run.definition.digest.slice(0, 12)}\``,
    '',
    '| Gate | Verdict | Line | Basis | Reason |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
};
