import { html } from 'hono/html';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import type { RunExceptions } from '../run/state/run-exceptions.ts';
import { bySameWords } from '../run/state/same-words.ts';
import { counted } from '../wording.ts';
import { byVerdict, notableText, type Reader } from './checks.ts';
import { asWords, type Names, visible, withNames } from './format.ts';
import { type Markup, type Tone, time, verdictTone } from './layout.ts';
import { beginningOf, cutShort, said, saidBriefly, saidShortly } from './said.ts';

/**
 * An exception as a line of the list. `kind`: what it is counted as where it is folded; `count`: of how many checks it tells. `short`: what stands
 * there where the whole has no room; null where the whole is no longer.
 */
export type Line = {
  readonly kind: string;
  readonly tone: Tone;
  readonly count: number;
  readonly whole: Markup;
  readonly short: Markup | null;
  /** Of what fails: how a fold names it. */
  readonly name?: string;
  /** Of a list of checks that always stands behind its sentence. */
  readonly isList?: boolean;
};

/** Worst first: checks that are not satisfied or waived, what happened to the run, then what does not apply and what cannot block. */
export const exceptionLines = (approval: ApprovalPage, names: Names): readonly Line[] => {
  const { exceptions, words, gates, run } = approval;
  const reader = { run, names, words };
  const isCovered = (gate: string): boolean => gates.some(({ id }) => id === gate);
  const place = ({ gate, title }: Excepted): Markup => html`${title}${isCovered(gate) ? '' : ', outside of this report'}`;
  // What cannot block and did not fail is said in one sentence: its reason stands in the list of the report. What people wrote stands here alone.
  const isShort = ({ gate, finding: { mode, statement, verdict } }: Excepted): boolean =>
    mode === 'observe' && statement === null && isCovered(gate) && verdict !== 'fail' && verdict !== 'error';
  const { checks } = exceptions;
  const unproved = checks.filter(isShort);
  const { grouped, single } = bySameWords(
    checks.filter((one) => !isShort(one)),
    words,
  );
  const lines = byVerdict(single, ({ finding }) => finding.verdict).map(
    (one): Line => ({
      ...ofVerdict(one.finding.verdict),
      count: 1,
      name: one.finding.title,
      whole: notableText(one.finding, reader, place(one)),
      short: shortCheck(one, reader),
    }),
  );
  const [unapplied, others] = [lines.filter(({ kind }) => kind === notApplicable), lines.filter(({ kind }) => kind !== notApplicable)];
  return [
    ...others,
    ...eventLines(exceptions, reader),
    ...grouped.map((group) => groupLine(group, reader, isCovered)),
    ...unapplied,
    ...(unproved.length === 0 ? [] : [notBlocking(unproved, run)]),
  ];
};

const notApplicable = 'not applicable';
const ofVerdict = (verdict: string): Pick<Line, 'kind' | 'tone'> => ({ kind: asWords(verdict), tone: verdictTone(verdict) });

/** Of what a person decided their words say more than ours. */
const shortCheck = ({ finding: { title, reason, statement } }: Excepted, { words, names }: Reader): Markup =>
  html`<strong>${title}:</strong> ${saidShortly(words, statement?.digest, names(statement?.by ?? '')) ?? html`<bdi>${visible(cutShort(withNames(reason, names)))}</bdi>`}`;

/** What happened to the run, and what people decided about it. */
const eventLines = (
  { visits, resumed, breaches, overridden, announced, labels }: RunExceptions,
  { names, words }: Reader,
): readonly Line[] => {
  const line = (kind: string, tone: Tone, whole: Markup, short: Markup | null): Line => ({ kind, tone, count: 1, whole, short });
  return [
    ...visits.map(({ title, at, reason }) =>
      line(
        'not passed',
        'wait',
        html`${title} ended on ${time(at)}: <bdi>${visible(withNames(reason, names))}</bdi>`,
        html`${title}: <bdi>${visible(cutShort(withNames(reason, names)))}</bdi>`,
      ),
    ),
    ...resumed.map(({ title, at, by, reason }) =>
      line(
        'resumed',
        'wait',
        html`An incident interrupted the run. ${names(by)} resumed it at ${title} on ${time(at)}. ${saidBriefly(words, reason, names(by))}`,
        html`at ${title}. ${saidShortly(words, reason, names(by)) ?? names(by)}`,
      ),
    ),
    ...breaches.map(({ budget, round, limitSeconds, at }) =>
      line(
        'breached',
        'bad',
        html`The rollback missed its time target for the ${budget === 'total' ? 'whole' : budget}: ${counted(limitSeconds, 'second was', 'seconds were')} over on ${time(at)}${round > 1 ? `, in round ${round}` : ''}.`,
        null,
      ),
    ),
    ...overridden.map(({ freeze, at, by, reasons }) =>
      line(
        'overridden',
        'wait',
        html`The freeze <bdi>${visible(freeze)}</bdi> does not hold this run: ${by.map(names).join(' and ')} have overridden it, the last on ${time(at)}. ${reasons.map((reason, place) => saidBriefly(words, reason, names(by[place] ?? '')))}`,
        html`The freeze <bdi>${visible(cutShort(freeze))}</bdi>, by ${by.map(names).join(' and ')}. ${saidShortly(words, reasons[0], names(by[0] ?? '')) ?? ''}`,
      ),
    ),
    ...announced.map((one) =>
      line(
        'announced',
        'calm',
        html`Observation <bdi>“${visible(one.subject)}”</bdi> (${one.kind}, ${time(one.observedAt)}) counts for nothing: ${visible(one.setAside ?? '')}. ${saidBriefly(words, one.announced?.reason, names(one.announced?.by ?? ''))}`,
        html`<bdi>“${visible(cutShort(one.subject))}”</bdi>. ${saidShortly(words, one.announced?.reason, names(one.announced?.by ?? '')) ?? ''}`,
      ),
    ),
    ...labels.map((one) =>
      line(
        'labelled',
        'calm',
        html`Observation <bdi>“${visible(one.subject)}”</bdi> (${one.kind}, ${time(one.observedAt)}) was labelled ${one.label} by ${names(one.labelledBy ?? '')}. ${saidBriefly(words, one.explanation, { as: 'Reason' })}`,
        html`<bdi>“${visible(cutShort(one.subject))}”</bdi>: ${one.label}. ${saidShortly(words, one.explanation, names(one.labelledBy ?? '')) ?? ''}`,
      ),
    ),
  ];
};

type Excepted = RunExceptions['checks'][number];

const groupLine = (group: readonly Excepted[], { run, names, words }: Reader, isCovered: (gate: string) => boolean): Line => {
  const [first] = group;
  const statement = first?.finding.statement ?? null;
  const whole =
    statement === null
      ? html`<bdi>${visible(withNames(first?.finding.reason ?? '', names))}</bdi>`
      : said(words, statement.digest, names(statement.by));
  const beginning = beginningOf(words, statement?.digest, names(statement?.by ?? ''));
  const list = html`<ul class="plain">${group.map(
    ({ gate, finding: { check, title } }) =>
      html`<li><a href="/runs/${run}/checks/${check}">${title}</a>${isCovered(gate) ? '' : ', outside of this report'}</li>`,
  )}</ul>`;
  return {
    ...ofVerdict('not-applicable'),
    count: group.length,
    short: html`<strong>${counted(group.length, 'check')}.</strong> ${beginning ?? whole}`,
    whole: html`${beginning === undefined ? '' : whole}${list}`,
    isList: true,
  };
};

/** Checks that cannot block and lack a proof, in one sentence: the list of checks below has their reasons. */
const notBlocking = (checks: readonly Excepted[], run: string): Line => ({
  kind: 'for information',
  tone: 'calm',
  count: checks.length,
  whole: html`${byVerdict(checks, ({ finding }) => finding.verdict).map(
    ({ finding: { check, title, verdict } }, place) =>
      html`${place === 0 ? '' : ', '}<a href="/runs/${run}/checks/${check}">${title}</a>: <strong>${asWords(verdict)}</strong>`,
  )}.`,
  short: null,
});
