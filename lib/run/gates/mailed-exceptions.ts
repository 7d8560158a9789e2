import type { Observed } from '../../folds/observations.ts';
import type { MailedException, Quoted } from '../../notification.ts';
import { isUnsatisfied, verdictsByWeight } from '../../verdict.ts';
import { counted } from '../../wording.ts';
import type { RunExceptions } from '../state/run-exceptions.ts';
import { bySameWords } from '../state/same-words.ts';
import type { Words } from '../state/words.ts';

/** Who is who, and what they wrote, as a mail may say it. `said`: a reason of the trail without what it quotes. */
export type Speakers = {
  readonly name: (person: string) => string;
  readonly quoted: (digest: string | undefined, by: string | null) => Quoted | null;
  readonly said: (reason: string) => string;
  readonly words: ReadonlyMap<string, Words>;
};

type Ranked = MailedException & { readonly rank: number };

/** The digests of everything that people wrote about these exceptions. */
export const digestsIn = ({ checks, resumed, overridden, announced, labels }: RunExceptions): readonly string[] =>
  [
    ...checks.map(({ finding }) => finding.statement?.digest),
    ...resumed.map(({ reason }) => reason),
    ...overridden.map(({ reasons: [first] }) => first),
    ...announced.map((one) => one.announced?.reason),
    ...labels.map(({ explanation }) => explanation),
  ].filter((digest) => digest !== undefined);

/** Every exception of a report as a line: first what blocks, then what happened to the run, what was waived, what does not apply, and what cannot block. */
export const mailedExceptions = (exceptions: RunExceptions, speakers: Speakers): readonly MailedException[] =>
  [...checkLines(exceptions.checks, speakers), ...eventLines(exceptions, speakers)]
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ rank: _, ...line }) => line);

const [happened, calm, notApplicable, forInformation] = [10, 30, 40, 50] as const;

const checkLines = (checks: RunExceptions['checks'], { name, quoted, said, words }: Speakers): readonly Ranked[] => {
  const { grouped, single } = bySameWords(checks, words);
  return [...single.map((one) => [one]), ...grouped].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { finding } = first;
    const weight = verdictsByWeight.indexOf(finding.verdict);
    const isForInformation = group.every((one) => one.finding.mode !== 'required');
    const base = finding.verdict === 'not-applicable' ? notApplicable : isUnsatisfied(finding) ? 0 : 20;
    return {
      rank: (isForInformation ? forInformation : base) + weight,
      kind: finding.verdict,
      titles: group.map((one) => one.finding.title),
      reason: said(finding.reason),
      words: quoted(finding.statement?.digest, name(finding.statement?.by ?? '')),
      isForInformation,
    };
  });
};

const eventLines = (exceptions: RunExceptions, { name, quoted, said }: Speakers): readonly Ranked[] => {
  const line = (kind: string, title: string, reason: string, words: Quoted | null = null): Ranked => ({
    rank: kind === 'announced' || kind === 'labelled' ? calm : happened,
    kind,
    titles: [title],
    reason,
    words,
    isForInformation: false,
  });
  // Its subject is a text of others, and stands on the page.
  const observation = ({ kind, observedAt }: Observed): string => `an observation (${kind}) of ${observedAt}`;
  return [
    ...exceptions.visits.map(({ title, at, reason }) => line('not-passed', title, `ended at ${at}: ${said(reason)}`)),
    ...exceptions.resumed.map(({ title, at, by, reason }) =>
      line('resumed', `the run at ${title}`, `an incident had interrupted it; ${name(by)} resumed it at ${at}`, quoted(reason, name(by))),
    ),
    ...exceptions.overridden.map(({ freeze, by, reasons: [first] }) =>
      line('overridden', `the freeze ${freeze}`, `overridden by ${by.map(name).join(' and ')}`, quoted(first, name(by[0] ?? ''))),
    ),
    ...exceptions.breaches.map(({ budget, limitSeconds, at }) =>
      line('breached', `the time target of a rollback: ${budget}`, `${counted(limitSeconds, 'second was', 'seconds were')} over at ${at}`),
    ),
    ...exceptions.announced.map((one) =>
      line(
        'announced',
        observation(one),
        'it counts for nothing, because the work behind it was announced',
        quoted(one.announced?.reason, name(one.announced?.by ?? '')),
      ),
    ),
    ...exceptions.labels.map((one) =>
      line(
        'labelled',
        observation(one),
        `labelled ${one.label} by ${name(one.labelledBy ?? '')}`,
        quoted(one.explanation, name(one.labelledBy ?? '')),
      ),
    ),
  ];
};
