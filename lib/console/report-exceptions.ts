import { html } from 'hono/html';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import type { RunExceptions } from '../run/state/run-exceptions.ts';
import { bySameWords } from '../run/state/same-words.ts';
import { byVerdict, notableCheck, type Reader } from './checks.ts';
import { asWords, type Names, visible, withNames } from './format.ts';
import { type Markup, pill, type Tone, time, verdictPill } from './layout.ts';
import { fittingOnPhone, foldedItems } from './phone.ts';
import { foldedExceptions } from './release.ts';
import { beginningOf, said, saidBriefly } from './said.ts';

/** The exceptions of the whole run so far: every report that people sign begins with them. */
export const runExceptions = async (approval: ApprovalPage, names: Names, roomPx: number): Promise<Markup> => {
  const items = exceptionItems(approval, names);
  const { first, others } = await fittingOnPhone(items, roomPx, ({ shown }) => shown);
  const none = html`<p>No check of any gate that was reached is failing, missing, waived or not applicable. No gate was rejected, and no incident was resumed.</p>`;
  return html`<section class="card" aria-labelledby="run-exceptions"><h2 id="run-exceptions">Exceptions so far</h2>
${items.length === 0 ? none : html`<ul class="plain notable tight">${first.map(({ shown }) => shown)}</ul>`}
${foldedItems(
  others.map(({ shown }) => shown),
  `and ${moreOf(others)}`,
  'plain notable tight',
)}
${foldedExceptions(approval)}</section>`;
};

/** An exception as a line of the list: what kind of it is counted where it is folded, and how many checks it is about. */
type Line = { readonly kind: string; readonly count: number; readonly shown: Markup };

/** "5 more: 3 not applicable, 2 for information". */
const moreOf = (lines: readonly Line[]): string => {
  const kinds = [...new Set(lines.map(({ kind }) => kind))];
  const countOf = (some: readonly Line[]): number => some.reduce((sum, { count }) => sum + count, 0);
  return `${countOf(lines)} more: ${kinds.map((kind) => `${countOf(lines.filter((one) => one.kind === kind))} ${kind}`).join(', ')}`;
};

/** Worst first: checks that are not satisfied or waived, what happened to the run, then what does not apply and what cannot block. */
const exceptionItems = (approval: ApprovalPage, names: Names): readonly Line[] => {
  const { exceptions, words, gates, run } = approval;
  const reader = { run, names, words };
  const isCovered = (gate: string): boolean => gates.some(({ id }) => id === gate);
  const place = ({ gate, title }: Excepted): Markup => html`${title}${isCovered(gate) ? '' : ', outside of this report'}`;
  // What cannot block and did not fail is said in one sentence: its reason stands in the list of the report. What people wrote stands here alone.
  const isShort = ({ gate, finding: { mode, statement, verdict } }: Excepted): boolean =>
    mode === 'observe' && statement === null && isCovered(gate) && verdict !== 'fail' && verdict !== 'error';
  const { checks } = exceptions;
  const short = checks.filter(isShort);
  const { grouped, single } = bySameWords(
    checks.filter((one) => !isShort(one)),
    words,
  );
  const lines = byVerdict(single, ({ finding }) => finding.verdict).map((one) => ({
    kind: asWords(one.finding.verdict),
    count: 1,
    shown: notableCheck(one.finding, reader, place(one)),
  }));
  const [unapplied, others] = [lines.filter(({ kind }) => kind === notApplicable), lines.filter(({ kind }) => kind !== notApplicable)];
  return [
    ...others,
    ...eventLines(exceptions, reader),
    ...grouped.map((group) => ({ kind: notApplicable, count: group.length, shown: notableGroup(group, reader, isCovered) })),
    ...unapplied,
    ...(short.length === 0 ? [] : [{ kind: 'for information', count: short.length, shown: notBlocking(short, run) }]),
  ];
};

const notApplicable = 'not applicable';

/** What happened to the run, and what people decided about it. */
const eventLines = (
  { visits, resumed, breaches, overridden, announced, labels }: RunExceptions,
  { names, words }: Reader,
): readonly Line[] => {
  const line = (kind: string, tone: Tone, text: Markup): Line => ({
    kind,
    count: 1,
    shown: html`<li>${pill(kind, tone)} <span>${text}</span></li>`,
  });
  return [
    ...visits.map(({ title, at, reason }) =>
      line('not passed', 'wait', html`${title} ended on ${time(at)}: <bdi>${visible(withNames(reason, names))}</bdi>`),
    ),
    ...resumed.map(({ title, at, by, reason }) =>
      line(
        'resumed',
        'wait',
        html`An incident interrupted the run. ${names(by)} resumed it at ${title} on ${time(at)}. ${saidBriefly(words, reason, names(by))}`,
      ),
    ),
    ...breaches.map(({ budget, round, limitSeconds, at }) =>
      line(
        'breached',
        'bad',
        html`The rollback missed its time target for the ${budget === 'total' ? 'whole' : budget}: ${limitSeconds} seconds were over on ${time(at)}${round > 1 ? `, in round ${round}` : ''}.`,
      ),
    ),
    ...overridden.map(({ freeze, at, by, reasons }) =>
      line(
        'overridden',
        'wait',
        html`The freeze <bdi>${visible(freeze)}</bdi> does not hold this run: ${by.map(names).join(' and ')} have overridden it, the last on ${time(at)}. ${reasons.map((reason, place) => saidBriefly(words, reason, names(by[place] ?? '')))}`,
      ),
    ),
    ...announced.map((one) =>
      line(
        'announced',
        'calm',
        html`Observation <bdi>“${visible(one.subject)}”</bdi> (${one.kind}, ${time(one.observedAt)}) counts for nothing: ${visible(one.setAside ?? '')}. ${saidBriefly(words, one.announced?.reason, names(one.announced?.by ?? ''))}`,
      ),
    ),
    ...labels.map((one) =>
      line(
        'labelled',
        'calm',
        html`Observation <bdi>“${visible(one.subject)}”</bdi> (${one.kind}, ${time(one.observedAt)}) was labelled ${one.label} by ${names(one.labelledBy ?? '')}. ${saidBriefly(words, one.explanation, names(one.labelledBy ?? ''))}`,
      ),
    ),
  ];
};

type Excepted = RunExceptions['checks'][number];

const notableGroup = (group: readonly Excepted[], { run, names, words }: Reader, isCovered: (gate: string) => boolean): Markup => {
  const [first] = group;
  const statement = first?.finding.statement ?? null;
  const whole =
    statement === null
      ? html`<bdi>${visible(withNames(first?.finding.reason ?? '', names))}</bdi>`
      : said(words, statement.digest, names(statement.by));
  const beginning = beginningOf(words, statement?.digest, names(statement?.by ?? ''));
  return html`<li>${verdictPill('not-applicable')} <details class="inline"><summary><strong>${group.length} checks.</strong> ${beginning ?? whole}</summary>${beginning === undefined ? '' : whole}<ul class="plain">${group.map(
    ({ gate, finding: { check, title } }) =>
      html`<li><a href="/runs/${run}/checks/${check}">${title}</a>${isCovered(gate) ? '' : ', outside of this report'}</li>`,
  )}</ul></details></li>`;
};

/** Checks that cannot block and lack a proof, in one sentence: the list of checks below has their reasons. */
const notBlocking = (checks: readonly Excepted[], run: string): Markup =>
  html`<li>${pill('for information', 'calm')} <span>${byVerdict(checks, ({ finding }) => finding.verdict).map(
    ({ finding: { check, title, verdict } }, place) =>
      html`${place === 0 ? '' : ', '}<a href="/runs/${run}/checks/${check}">${title}</a>: <strong>${asWords(verdict)}</strong>`,
  )}.</span></li>`;
