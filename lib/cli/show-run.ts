import { authorWords } from '../query/author-words.ts';
import { carriedInWords } from '../query/carried.ts';
import { flappingInWords } from '../query/flapping.ts';
import { hasPassed, waitsForEnvironment } from '../query/gate-state.ts';
import { triggerWords } from '../query/trigger-words.ts';
import type { Finding, GateView, RunView } from '../query/view.ts';
import { asWords, counted, durationWords, formatInstant } from '../wording.ts';
import { commandLines } from './command-lines.ts';
import { approvalLines, type ShownRun } from './headline.ts';
import { withNames } from './names.ts';
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
  capped: red,
};

type Paint = (word: string, text?: string) => string;
/**
 * `columns`: width of the terminal; undefined: not a terminal, so lines are not broken. `all`: also the checks of gates that are ahead, and those that passed in gates that are over.
 * `only`: show this gate alone. `page`: address of the run's page.
 */
type Options = {
  readonly coloured: boolean;
  readonly columns: number | undefined;
  readonly all: boolean;
  readonly only?: string;
  readonly page: string;
};
/** Indentation of the rest of a line that is too long for the terminal. */
const hangs = { head: 2, gate: 10, check: 12, reason: 14 } as const;

/** A run for the terminal: one sentence, its head, then every gate with its checks, then what a reader must know besides. */
export const runText = (run: ShownRun, headline: string, options: Options): string => {
  const paint: Paint = (word, text = word) =>
    options.coloured && codes[word] !== undefined ? `\u001b[${codes[word]}m${text}\u001b[0m` : text;
  const head = [
    headline,
    '',
    `${plain(`${run.service} ${run.version} → ${run.environment}`)}   ${paint(run.outcome)}`,
    withNames(
      `run ${run.run}, started ${formatInstant(run.startedAt)} by ${run.starter}, commit ${run.commit.slice(0, 12)}, ${run.definition.name} ${run.definition.version} (${run.definition.digest.slice(0, 12)})`,
      run,
    ),
    ...profileLine(run),
    ...authorsLine(run),
    `page ${plain(options.page)}`,
    `risk ${asWords(run.risk)}, impact ${asWords(run.impact)}`,
    ...scheduleLines(run).map((line) => withNames(line, run)),
  ];
  const shown = run.gates.filter(({ id }) => options.only === undefined || id === options.only);
  const gates = shown.flatMap((gate) => gateText(gate, run, paint, options));
  const counts = Object.entries(run.checkCounts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict === 'notApplicable' ? 'not applicable' : verdict}`);
  const narrow = (line: string): string => fitted(line, options.columns, hangs.head);
  return [
    ...head.map(narrow),
    '',
    // Who takes a release back has no time to look for it below the gates.
    ...rollbackText(run).map(narrow),
    ...gates,
    '',
    ...followUpLines(run).map((line) => narrow(withNames(line, run))),
    narrow(
      `Checks from the checklist document: ${counts.join(', ') || 'none'}. Audit events: ${run.events}${run.closed ? ', trail closed' : ''}.`,
    ),
    ...run.leftOut.map(({ list, count, events }) => narrow(`Not shown here: ${count} of ${list}; GET ${events}`)),
    ...exceptionsOf(run).map(narrow),
    ...wordsText(run).map(narrow),
  ].join('\n');
};

/** The profile that the run pinned, and the checklist to which it was applied. */
const profileLine = ({ profile }: ShownRun): string[] =>
  profile === null
    ? []
    : [
        `profile ${profile.digest.slice(0, 12)}, ${profile.startedAs === 'proposed' ? 'proposed at the start' : 'in force at the start'}, applied to the checklist ${profile.base.slice(0, 12)}`,
      ];

/** Who wrote the release. */
const authorsLine = ({ authors, ...run }: ShownRun): string[] => {
  if (authors === null) return [];
  return [withNames(`authors ${authorWords({ ...authors, isUnnamed: authors.unnamed })}`, run)];
};

type Budget = NonNullable<ShownRun['rollback']>['budgets'][number];
const budgetWords = ({ until, met, over }: Budget): string => {
  if (over) return ', not reached';
  if (until === null) return met ? ', running' : ', running, EXCEEDED';
  return met ? ', met' : ', EXCEEDED';
};

/** The way back in a few lines: what waits for whom, the six steps, the budgets. */
const rollbackText = (run: ShownRun): string[] => {
  const { rollback } = run;
  if (rollback === null) return [];
  const triggers = rollback.triggers.map(
    (one) =>
      `Rollback trigger: ${one.title}, ${formatInstant(one.at)}, ${triggerWords(one, (person) => person)}${one.by === null ? `: ${one.detail ?? ''}` : ''}`,
  );
  const { decision, interrupted, waits } = rollback;
  const asked = waits?.for === 'decision' && rollback.triggers.length === 0 ? [`Asked because of ${waits.reason}`] : [];
  const decided =
    decision === null
      ? `Decision: open. Interrupted at ${run.gates.find(({ id }) => id === interrupted)?.title ?? 'no gate'}; decide with holdpoint rollback-decision ${run.run}`
      : `Decision: ${asWords(decision.decision)}, ${decision.by ?? decision.how}${decision.for === null ? '' : ` for ${decision.for}`}, ${formatInstant(decision.at)}`;
  const continues =
    waits?.extension == null
      ? []
      : [
          `To continue lets incidents extend the review for ${durationWords(waits.extension.seconds)} from the decision; if it has not passed by ${formatInstant(waits.extension.until)}, the run ends as not stable`,
        ];
  const steps = rollback.steps.map(
    ({ id, title, outcome, proof, reason }, place) =>
      `Step ${place + 1} ${title} (${id}): ${asWords(outcome)}${proof === null ? (reason === null ? '' : `, ${reason}`) : `, seen at ${formatInstant(proof.at)}: ${proof.detail}`}`,
  );
  const budgets = rollback.budgets.map((one) => `Budget ${one.budget}: ${one.seconds} s of ${one.limitSeconds} s${budgetWords(one)}`);
  return [...triggers, ...asked, decided, ...continues, ...steps, ...budgets].map((line) => withNames(line, run)).concat('');
};
/** What is asked after a rollback, and what was answered. */
export const followUpLines = (run: Pick<RunView, 'run' | 'followUps' | 'closed' | 'outcome'>): string[] => {
  const lines = run.followUps.map(({ id, title, dueAt, answer }) =>
    answer === null
      ? `To be answered: ${title} (${id})${dueAt === null ? '' : `, before ${formatInstant(dueAt)}`}; holdpoint follow-up ${run.run}`
      : `${title} (${id}): ${answer.answer} by ${answer.by} at ${formatInstant(answer.at)}`,
  );
  return waitsForEnvironment(run) && lines.length > 0 ? [...lines, environmentKept] : lines;
};

const environmentKept = 'The trail stays open until what runs is read back, or a person frees the environment.';

/** When T0 is planned, and what is frozen then. */
const scheduleLines = ({ plannedT0, rescheduled, freezes, freezeOverrides }: ShownRun): string[] => [
  `planned T0 ${plannedInWords(plannedT0)}${rescheduled.length === 0 ? '' : `, moved from ${plannedInWords(rescheduled.at(-1)?.from ?? '')}`}`,
  ...freezesText(freezes),
  ...freezeOverrides
    .filter(({ approved }) => !approved)
    .map(({ freeze }) => `The override of the freeze ${freeze} waits for a second person.`),
];

/** As an answer to “when”: after “planned T0”. */
export const plannedInWords = (planned: string): string =>
  planned === 'when-released' ? 'as soon as every gate before it has passed' : formatInstant(planned);

/** One line for each freeze at the planned T0. */
export const freezesText = (freezes: readonly RunView['freezes'][number][]): string[] =>
  freezes.map(
    ({ name, reason, zone, from, to, fromLocal, toLocal, overridden }) =>
      `Freeze ${name} (${reason}): ${formatInstant(from)} to ${formatInstant(to)} (${fromLocal} to ${toLocal} ${zone})${overridden ? ', overridden for this run' : '; T0 does not come before it ends'}`,
  );

/** Departures from the document, one line for each check, and the notes of every report of this run. */
export const exceptionsOf = ({ deviations, disclosures }: Pick<RunView, 'deviations' | 'disclosures'>): string[] => {
  const lines = [...new Set(deviations.map(({ check }) => check))].map((check) => {
    const own = deviations.filter((one) => one.check === check);
    const figures = own.map(({ says }) => says);
    const why = [...new Set(own.map(({ reason, approver }) => `${reason} Accepted by the ${asWords(approver)}.`))];
    return `Deviation of ${check}: ${figures.join('; ')}. ${why.join(' ')}`;
  });
  return [...lines, ...disclosures.map((sentence) => `Note: ${sentence}`)].map(plain);
};

const gateText = (gate: GateView, run: ShownRun, paint: Paint, { columns, all, only }: Options): string[] => {
  const state = gate.state;
  const when = gate.settledAt ?? gate.openedAt;
  const name = plain(`${gate.title} (${gate.id})`);
  const isFolded = !all && only === undefined;
  const checks = isFolded && hasPassed(gate) ? gate.checks.filter(({ verdict }) => !quiet.includes(verdict)) : gate.checks;
  const passed = checks === gate.checks || gate.checks.length === 0 ? '' : `, ${satisfiedWords(gate)}`;
  const title = fitted(
    `${paint(state, state.padEnd(9))} ${name}${when === null ? '' : `  ${formatInstant(when)}${passed}`}`,
    columns,
    hangs.gate,
  );
  if (gate.state === 'ahead' && isFolded) return [title];
  return [
    title,
    ...checks.map((check) => fitted(checkText(check, run, paint), columns, hangs.check)),
    ...approvalLines(gate, run).map((line) => fitted(`          @ ${line}`, columns, hangs.check)),
    ...otherReasons(gate).map((reason) => fitted(`            → ${withNames(reason, run)}`, columns, hangs.reason)),
    ...(gate.id === run.gate ? suppliedBy(run, columns) : []),
  ];
};

/** What a reader of a gate that is over need not see one by one. */
const quiet: readonly string[] = ['pass', 'not-applicable'];

/** "24 checks passed, 6 not applicable". A check that cannot block is never counted as a pass. */
const satisfiedWords = ({ checks }: GateView): string => {
  const countOf = (verdict: string): number => checks.filter((one) => one.verdict === verdict && one.mode !== 'observe').length;
  const information = checks.filter(({ verdict, mode }) => verdict === 'pass' && mode === 'observe').length;
  const rest = countOf('not-applicable');
  return [
    `${counted(countOf('pass'), 'check')} passed`,
    ...(rest === 0 ? [] : [`${rest} not applicable`]),
    ...(information === 0 ? [] : [`${information} for information only`]),
  ].join(', ');
};

/** What keeps the gate shut besides its own checks, which stand above with their reasons. */
export const otherReasons = ({ checks, reasons }: GateView): readonly string[] => {
  const said = new Set(checks.map(({ title, verdict, reason }) => `${title}: ${verdict}, ${reason}`));
  return reasons.filter((reason) => !said.has(reason));
};

/** The commands that supply what the open gate lacks, each once. */
const suppliedBy = ({ supplies }: ShownRun, columns: number | undefined): readonly string[] => {
  const lines = commandLines(supplies.flatMap(({ check, commands }) => commands.map((command) => ({ command, of: check }))));
  return lines.length === 0
    ? []
    : ['', '          What supplies them:', ...lines.map((line) => fitted(`            ${line}`, columns, hangs.reason))];
};

/** In words on what a verdict rests; nothing where the verdict says that there is nothing. */
const basisText = ({ verdict, basis, subjects, flapping, mode }: Finding): string => {
  const rests = basis === null ? (verdict === 'missing' ? [] : ['no evidence']) : [asWords(basis)];
  const parts = [
    rests,
    mode === 'observe' ? ['for information only'] : [],
    carriedInWords({ subjects }) ?? [],
    flappingInWords({ flapping }) ?? [],
  ].flat();
  return parts.length === 0 ? '' : `  [${parts.join(', ')}]`;
};

const checkText = (finding: Finding, run: ShownRun, paint: Paint): string => {
  const { check, verdict, title, owner, reason } = finding;
  return `          ${paint(verdict, marks[verdict] ?? ' ')} ${plain(check)}: ${plain(title)} (${plain(asWords(owner))})${basisText(finding)}  ${withNames(reason, run)}`;
};
