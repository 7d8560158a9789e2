import { counted } from '../../canonical-json.ts';
import type { Gate } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { currentRound, foldRounds } from '../../folds/approval-rounds.ts';
import type { ApprovalEssentials, Quoted } from '../../notification.ts';
import { readAuthors } from '../state/authors.ts';
import { currentEntryOf, visitOf } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { reportOf } from '../state/gate-report.ts';
import { ownersOfWords, readWords, type Words } from '../state/words.ts';
import { asMailed } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';

/** So many exceptions stand in a mail; the page has all. */
const mostExceptions = 8;
/** Characters of one text of a person. */
const mostCharacters = 240;

/** Worst first. */
const order = ['error', 'fail', 'inconclusive', 'missing', 'waived', 'not-applicable'];

/**
 * What a person needs to know of a report before opening it: why the release is made, what did not simply pass, and who has answered. It is
 * read at the first mail and kept for the others of the same round. The page, signed in, shows the same words to the same people.
 */
export const essentialsOf = (deps: Reconciliation, inputs: GateInputs, gate: Gate): (() => Promise<ApprovalEssentials>) => {
  let read: Promise<ApprovalEssentials> | undefined;
  return () => {
    read ??= readEssentials(deps, inputs, gate);
    return read;
  };
};

const readEssentials = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<ApprovalEssentials> => {
  const { context } = inputs;
  const { reasonDigest, risk, impact } = context.started.event.data;
  const report = reportOf(inputs, gate);
  const checks = report.exceptions.checks
    .map(({ finding }) => finding)
    .toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const shown = checks.slice(0, mostExceptions);
  const freezes = report.exceptions.overridden;
  const digests = [
    reasonDigest,
    ...shown.flatMap(({ statement }) => statement?.digest ?? []),
    ...freezes.flatMap(({ reasons }) => reasons.slice(0, 1)),
  ];
  const words = await readWords(deps.people, ownersOfWords(context.run, context.started.event.data.service), digests);
  const quoted = (digest: string | undefined, by: string | null): Quoted | null => {
    const found = digest === undefined ? undefined : words.get(digest);
    return found === undefined ? null : { by, text: textOf(found) };
  };
  const name = (id: string): string => deps.roster.person(id)?.name ?? 'somebody who has left the roster';
  return {
    why: quoted(reasonDigest, null),
    risk,
    impact,
    plannedT0: context.plannedT0,
    exceptions: [
      ...shown.map((finding) => ({
        verdict: finding.verdict,
        title: finding.title,
        reason: asMailed(deps, finding.reason),
        words: quoted(finding.statement?.digest, name(finding.statement?.by ?? '')),
      })),
      ...freezes.map(({ freeze, by, reasons: [first] }) => ({
        verdict: 'overridden',
        title: `the freeze ${freeze}`,
        reason: `overridden by ${by.map(name).join(' and ')}`,
        words: quoted(first, name(by[0] ?? '')),
      })),
      ...report.exceptions.breaches.map(({ budget, limitSeconds, at }) => ({
        verdict: 'breached',
        title: `the time target of a rollback: ${budget}`,
        reason: `${counted(limitSeconds, 'second was', 'seconds were')} over at ${at}`,
        words: null,
      })),
    ],
    more: checks.length - shown.length,
    counts: countsOf(report.gates.flatMap((one) => one.checks)),
    answers: answersSoFar(deps, inputs, gate),
    authors: gate.nonAuthors === 0 ? null : await authorsOf(deps, inputs, gate),
  };
};

const authorsOf = async (deps: Reconciliation, { context, allChecks }: GateInputs, gate: Gate): Promise<ApprovalEssentials['authors']> => {
  const known = await readAuthors(deps, context, allChecks, gate);
  if (known === null) return null;
  return {
    names: known.people.map((id) => deps.roster.person(id)?.name ?? 'somebody who has left the roster'),
    others: known.others.length,
    isUnnamed: known.isUnnamed,
  };
};

const textOf = ({ text }: Words): string | null => {
  if (text === null) return null;
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
};

/** How many checks have which verdict, worst first. A check that is only observed is counted apart: it proves nothing. */
const countsOf = (checks: readonly Finding[]): ApprovalEssentials['counts'] =>
  [...order, 'pass', 'observed']
    .map((verdict) => ({
      verdict,
      count: checks.filter((one) => (one.mode === 'required' ? one.verdict : 'observed') === verdict).length,
    }))
    .filter(({ count }) => count > 0);

const answersSoFar = (deps: Reconciliation, { approval, gates }: GateInputs, gate: Gate): ApprovalEssentials['answers'] => {
  const entry = currentEntryOf(gates, gate.id);
  const round = entry === undefined ? undefined : currentRound(foldRounds(approval, visitOf(entry)));
  if (round === undefined || round.invalidated !== undefined || round.recalled !== undefined) return [];
  return round.answers.map(({ event: { at, data } }) => ({
    name: deps.roster.person(data.person)?.name ?? 'somebody who has left the roster',
    role: data.role,
    answer: data.answer,
    at,
  }));
};
