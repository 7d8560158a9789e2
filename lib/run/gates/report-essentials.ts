import type { Gate } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { currentRound, foldRounds } from '../../folds/approval-rounds.ts';
import type { ApprovalEssentials, MailedException, Quoted } from '../../notification.ts';
import type { Person } from '../../roles.ts';
import { verdictsByWeight } from '../../verdict.ts';
import { readAuthors } from '../state/authors.ts';
import { currentEntryOf, visitOf } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { reportOf } from '../state/gate-report.ts';
import { invalidationOf } from '../state/invalidation.ts';
import { ownersOfWords, readWords, type Words } from '../state/words.ts';
import { digestsIn, mailedExceptions } from './mailed-exceptions.ts';
import { asMailed, localInstant, localT0, nameOf } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';

/** So many exceptions stand in a mail; the page has all. */
const mostExceptions = 8;
/** Characters of one text of a person. */
const mostCharacters = 240;

/** Changes of a report that stand in a mail. */
const mostChanges = 5;

/**
 * What a person needs to know of a report before opening it: why the release is made, what did not simply pass, who has answered, and what has changed since the round before. It is
 * read at the first mail and kept for the others of the same round; only the times are those of each reader's clock. The page, signed in, shows the same words to the same people.
 */
export const essentialsOf = (deps: Reconciliation, inputs: GateInputs, gate: Gate): ((reader: Reader) => Promise<ApprovalEssentials>) => {
  let read: Promise<ReadOnce> | undefined;
  return async (reader) => {
    read ??= readEssentials(deps, inputs, gate);
    const known = await read;
    return {
      ...known,
      plannedT0: localT0(known.plannedT0, reader),
      answers: known.answers.map((one) => ({ ...one, at: localInstant(one.at, reader) })),
    };
  };
};

type Reader = Pick<Person, 'zone'>;
type AnswerSoFar = Omit<ApprovalEssentials['answers'][number], 'at'> & { readonly at: string };
/** What is the same for every reader. Instants are in UTC. */
type ReadOnce = Omit<ApprovalEssentials, 'plannedT0' | 'answers'> & {
  readonly plannedT0: string;
  readonly answers: readonly AnswerSoFar[];
};

const readEssentials = async (deps: Reconciliation, inputs: GateInputs, gate: Gate): Promise<ReadOnce> => {
  const { context } = inputs;
  const { reasonDigest, changesDigest, risk, impact, starter, service } = context.started.event.data;
  const report = reportOf(inputs, gate);
  const digests = [reasonDigest, changesDigest, ...digestsIn(report.exceptions)].filter((digest) => digest !== null);
  const words = await readWords(deps.people, ownersOfWords(context.run, service), digests);
  const quoted = (digest: string | null | undefined, by: string | null): Quoted | null => {
    const found = digest == null ? undefined : words.get(digest);
    return found === undefined ? null : { by, text: textOf(found) };
  };
  const name = (id: string): string => nameOf(deps, id);
  const all = mailedExceptions(report.exceptions, { name, quoted, words, said: (reason) => asMailed(deps, reason) });
  const shown = all.slice(0, mostExceptions);
  return {
    why: quoted(reasonDigest, null),
    changes: quoted(changesDigest, null),
    starter: name(starter),
    risk,
    impact,
    plannedT0: context.plannedT0,
    exceptions: shown,
    total: weightOf(all),
    more: weightOf(all) - weightOf(shown),
    counts: countsOf(report.gates.flatMap((one) => one.checks)),
    answers: answersSoFar(deps, inputs, gate),
    authors: gate.nonAuthors === 0 ? null : await authorsOf(deps, inputs, gate),
    changed: changedSince(deps, inputs, gate),
  };
};

/** How many exceptions these lines are: each check of a group is one. */
const weightOf = (lines: readonly MailedException[]): number => lines.reduce((sum, { titles }) => sum + titles.length, 0);

/** What has changed since the round before the current one: as its invalidation says, for readers who signed that round. */
const changedSince = (deps: Reconciliation, inputs: GateInputs, gate: Gate): ApprovalEssentials['changed'] => {
  const entry = currentEntryOf(inputs.gates, gate.id);
  const before = entry === undefined ? undefined : foldRounds(inputs.approval, visitOf(entry)).findLast((one) => one.invalidated);
  if (before === undefined) return null;
  const { t0, target, overridden, resumed, authors, changes } = invalidationOf(inputs, gate, before);
  const name = (id: string): string => nameOf(deps, id);
  const listed = [
    ...(t0 === null ? [] : [`planned T0, moved at ${t0.at} by ${name(t0.by)}`]),
    ...(target === null ? [] : [`the version to which a rollback leads: ${target.is ?? 'none'}, before ${target.was ?? 'none'}`]),
    ...overridden.map(({ freeze, by }) => `the freeze ${freeze}, overridden by ${by.map(name).join(' and ')}`),
    ...resumed.map(({ title, by }) => `an incident, after which ${name(by)} resumed the run at ${title}`),
    ...(authors ? ['the authors of the release'] : []),
    ...changes.map(({ title, event }) => (event === null ? `${title}: changed by the passing of time` : `${title}: ${event.what}`)),
  ];
  return listed.length === 0 ? null : { listed: listed.slice(0, mostChanges), more: Math.max(0, listed.length - mostChanges) };
};

const authorsOf = async (deps: Reconciliation, { context, allChecks }: GateInputs, gate: Gate): Promise<ApprovalEssentials['authors']> => {
  const known = await readAuthors(deps, context, allChecks, gate);
  if (known === null) return null;
  return {
    names: known.people.map((id) => nameOf(deps, id)),
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
  [...verdictsByWeight, 'observed']
    .map((verdict) => ({
      verdict,
      count: checks.filter((one) => (one.mode === 'required' ? one.verdict : 'observed') === verdict).length,
    }))
    .filter(({ count }) => count > 0);

const answersSoFar = (deps: Reconciliation, { approval, gates }: GateInputs, gate: Gate): ReadOnce['answers'] => {
  const entry = currentEntryOf(gates, gate.id);
  const round = entry === undefined ? undefined : currentRound(foldRounds(approval, visitOf(entry)));
  if (round === undefined || round.invalidated !== undefined || round.recalled !== undefined) return [];
  return round.answers.map(({ event: { at, data } }) => ({
    name: nameOf(deps, data.person),
    role: data.role,
    answer: data.answer,
    at,
  }));
};
