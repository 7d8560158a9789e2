import { html } from 'hono/html';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import type { RunExceptions } from '../run/state/run-exceptions.ts';
import { byVerdict, notableCheck, type Reader } from './checks.ts';
import { asWords, type Names, visible, withNames } from './format.ts';
import { type Markup, pill, time, verdictPill } from './layout.ts';
import { said, type WordsByDigest } from './said.ts';

/** The exceptions of the whole run so far: every report that people sign begins with them. */
export const runExceptions = (approval: ApprovalPage, names: Names): Markup => {
  const { exceptions, words, gates } = approval;
  const { checks, visits, resumed, labels, announced, overridden, breaches } = exceptions;
  const isCovered = (gate: string): boolean => gates.some(({ id }) => id === gate);
  const place = ({ gate, title }: Excepted): Markup => html`${title}${isCovered(gate) ? '' : ', outside of this report'}`;
  // What cannot block and did not fail is said in one sentence: its reason stands in the list of the report. What people wrote stands here alone.
  const isShort = ({ gate, finding: { mode, statement, verdict } }: Excepted): boolean =>
    mode === 'observe' && statement === null && isCovered(gate) && verdict !== 'fail' && verdict !== 'error';
  const { grouped, single } = byStatement(
    checks.filter((one) => !isShort(one)),
    words,
  );
  const none =
    checks.length + visits.length + resumed.length + labels.length + announced.length + overridden.length + breaches.length === 0;
  return html`<section class="card" aria-labelledby="run-exceptions"><h2 id="run-exceptions">Exceptions so far</h2>
${
  none
    ? html`<p>No check of any gate that was reached is failing, missing, waived or not applicable. No gate was rejected, and no incident was resumed.</p>`
    : html`<ul class="plain notable tight">${byVerdict(single, ({ finding }) => finding.verdict).map((one) => notableCheck(one.finding, { run: approval.run, names, words }, place(one)))}
${grouped.map((group) => notableGroup(group, { run: approval.run, names, words }, isCovered))}
${notBlocking(checks.filter(isShort), approval.run)}</ul>
<ul>${visits.map(({ title, at, reason }) => html`<li>${title} ended on ${time(at)}: <bdi>${visible(withNames(reason, names))}</bdi></li>`)}
${resumed.map(({ title, at, by, reason }) => html`<li>An incident interrupted the run. ${names(by)} resumed it at ${title} on ${time(at)}. ${said(words, reason, names(by))}</li>`)}
${breaches.map(({ budget, round, limitSeconds, at }) => html`<li>The rollback missed its time target for the ${budget === 'total' ? 'whole' : budget}: ${limitSeconds} seconds were over on ${time(at)}${round > 1 ? `, in round ${round}` : ''}.</li>`)}
${overridden.map(({ freeze, at, by, reasons }) => html`<li>The freeze <bdi>${visible(freeze)}</bdi> does not hold this run: ${by.map(names).join(' and ')} have overridden it, the last on ${time(at)}. ${reasons.map((reason, place) => said(words, reason, names(by[place] ?? '')))}</li>`)}
${announced.map((one) => html`<li>Observation <bdi>“${visible(one.subject)}”</bdi> (${one.kind}, ${time(one.observedAt)}) counts for nothing: ${visible(one.setAside ?? '')}. ${said(words, one.announced?.reason, names(one.announced?.by ?? ''))}</li>`)}
${labels.map((one) => html`<li>Observation <bdi>“${visible(one.subject)}”</bdi> (${one.kind}, ${time(one.observedAt)}) was labelled ${one.label} by ${names(one.labelledBy ?? '')}. ${said(words, one.explanation, names(one.labelledBy ?? ''))}</li>`)}</ul>`
}</section>`;
};

type Excepted = RunExceptions['checks'][number];

/** Checks that one person declared not applicable in the same words are one statement; two or more of them are shown as one. */
const byStatement = (checks: readonly Excepted[], words: WordsByDigest) => {
  const groups = new Map<string, Excepted[]>();
  for (const one of checks) {
    const key = keyOf(one, words);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const grouped = [...groups.values()].filter(({ length }) => length > 1);
  return { grouped, single: checks.filter((one) => !grouped.some((group) => group.includes(one))) };
};

const keyOf = ({ finding: { verdict, statement, parts } }: Excepted, words: WordsByDigest): string | undefined => {
  const text = statement === null ? undefined : words.get(statement.digest)?.text;
  return verdict !== 'not-applicable' || statement === null || parts !== undefined || text == null ? undefined : `${statement.by} ${text}`;
};

const notableGroup = (group: readonly Excepted[], { run, names, words }: Reader, isCovered: (gate: string) => boolean): Markup => {
  const statement = group[0]?.finding.statement;
  return html`<li>${verdictPill('not-applicable')} <details class="inline"><summary><strong>${group.length} checks.</strong> ${said(words, statement?.digest, names(statement?.by ?? ''))}</summary><ul class="plain">${group.map(
    ({ gate, finding: { check, title } }) =>
      html`<li><a href="/runs/${run}/checks/${check}">${title}</a>${isCovered(gate) ? '' : ', outside of this report'}</li>`,
  )}</ul></details></li>`;
};

/** Checks that cannot block and lack a proof, in one sentence: the list of checks below has their reasons. */
const notBlocking = (checks: readonly Excepted[], run: string): Markup | '' =>
  checks.length === 0
    ? ''
    : html`<li>${pill('for information', 'calm')} <span>${byVerdict(checks, ({ finding }) => finding.verdict).map(
        ({ finding: { check, title, verdict } }, place) =>
          html`${place === 0 ? '' : ', '}<a href="/runs/${run}/checks/${check}">${title}</a>: <strong>${asWords(verdict)}</strong>`,
      )}.</span></li>`;
