import { isOpen } from '../query/gate-state.ts';
import type { Finding, GateView, RunView } from '../query/view.ts';
import { fitted, plain } from './plain.ts';
import { wordsText } from './show-words.ts';

/** A verdict as one sign, and the colour of a word. `local demo` prints the same. */
export const marks: Readonly<Record<string, string>> = {
  pass: '✓',
  waived: '~',
  'not-applicable': '–',
  fail: '✗',
  error: '✗',
  inconclusive: '?',
  missing: '·',
};
const [red, green, yellow, grey] = [31, 32, 33, 90];
export const codes: Readonly<Record<string, number>> = {
  pass: green,
  passed: green,
  'production-stable': green,
  waived: yellow,
  inconclusive: yellow,
  waiting: yellow,
  running: yellow,
  'not-applicable': grey,
  missing: grey,
  fail: red,
  error: red,
  blocked: red,
  rejected: red,
  expired: red,
  triggered: red,
};

type Paint = (word: string, text?: string) => string;
/** `columns`: width of the terminal; undefined: not a terminal, so lines are not broken. `all`: also the checks of gates that are ahead. */
type Options = { readonly coloured: boolean; readonly columns: number | undefined; readonly all: boolean };
/** Indentation of the rest of a line that is too long for the terminal. */
const hangs = { head: 2, gate: 10, check: 12, reason: 14 } as const;

/** A run for the terminal: its head, then every gate with its checks, then what a reader must know besides. */
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
    narrow(
      `Checks from the checklist document: ${counts.join(', ') || 'none'}. Audit events: ${run.events}${run.closed ? ', trail closed' : ''}.`,
    ),
    ...exceptionsOf(run).map(narrow),
    ...wordsText(run).map(narrow),
  ].join('\n');
};

/** Departures from the document, one line for each check, and the notes of every report of this run. */
export const exceptionsOf = ({ deviations, disclosures }: Pick<RunView, 'deviations' | 'disclosures'>): string[] => {
  const lines = [...new Set(deviations.map(({ check }) => check))].map((check) => {
    const own = deviations.filter((one) => one.check === check);
    const figures = own.map(({ parameter, here, document }) => `${parameter} ${here} instead of ${document}`);
    const why = [...new Set(own.map(({ reason, approver }) => `${reason} Accepted by ${approver}.`))];
    return `Deviation: ${check}: ${figures.join(', ')}. ${why.join(' ')}`;
  });
  return [...lines, ...disclosures.map((sentence) => `Note: ${sentence}`)].map(plain);
};

const gateText = (gate: GateView, paint: Paint, { columns, all }: Options): string[] => {
  const state = gate.state;
  const when = gate.settledAt ?? gate.openedAt;
  const title = fitted(`${paint(state, state.padEnd(9))} ${gate.title}${when === null ? '' : `  ${when}`}`, columns, hangs.gate);
  if (gate.state === 'ahead' && !all) return [title];
  const reasons = isOpen(gate) ? gate.reasons.map((reason) => `            → ${plain(reason)}`) : [];
  return [
    title,
    ...gate.checks.map((check) => fitted(checkText(check, paint), columns, hangs.check)),
    ...reasons.map((reason) => fitted(reason, columns, hangs.reason)),
  ];
};

const checkText = ({ verdict, title, basis, reason }: Finding, paint: Paint): string =>
  `          ${paint(verdict, marks[verdict] ?? ' ')} ${title}  [${basis ?? 'no evidence'}]  ${plain(reason)}`;
