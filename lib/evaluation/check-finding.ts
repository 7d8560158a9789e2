import { isType, type Stored } from '../audit/event.ts';
import { cut, digestOf } from '../canonical-json.ts';
import { afterInWords, type Item } from '../checklist/definition.ts';
import { kindOf } from '../registry/rules.ts';
import { noEvidence, satisfies, type Verdict, verdictsByWeight } from '../verdict.ts';
import { counted } from '../wording.ts';
import { isBeside, isComparison } from './beside.ts';
import { countedParts, exceptionsEnd, partExceptions, type Released, withExceptions } from './check-parts.ts';
import { basisOf, lackingIn, ruleOf, withoutUnclear } from './check-sources.ts';
import { exceptionTo } from './exception.ts';
import type { Finding } from './finding.ts';
import { flappingIn } from './flapping.ts';
import { withoutNotes } from './migration-notes.ts';
import { lastRelease } from './own-subjects.ts';
import { completedBy, shownIn } from './shown-elsewhere.ts';
import { overtaking, standingOf } from './standing.ts';
import { beganAt, lookedAt } from './when-made.ts';
import { type Counting, type Withdrawals, whyMissing, withdrawnIn } from './why-missing.ts';

type Judged = Stored<'check.judged'>;
type Fold = Pick<
  Finding,
  'verdict' | 'reason' | 'basis' | 'attempt' | 'goodUntil' | 'facts' | 'subjects' | 'statement' | 'parts' | 'flapping'
>;
type Folding = {
  readonly check: Item;
  /** The events of the check's own lane, in order. */
  readonly events: readonly Stored[];
  readonly now: Date;
  /** Components of the run: a check about artifacts needs evidence of each. */
  readonly components: readonly string[];
  readonly local: boolean;
  /** Whether the proof spans a shorter window than the document's. */
  readonly shortened: boolean;
  /** What was proved for T0 is not too old afterwards: its age is that of T0. Absent: evidence goes on ageing. */
  readonly agedUntil?: Date | undefined;
  /** Evidence from before this instant no longer counts; null when the check follows no event. */
  readonly notBefore?: string | null;
  /** Of Holdpoint's own look at a window: when the window ends. What was seen before shows only a part of it. Null for any other check. */
  readonly lookedFrom?: string | null;
};

/**
 * A check as it stands, folded from its lane. The judgements that count are those of `standingOf`; every one of them must pass.
 * Evidence past its age counts as missing. A waiver counts only for a check, or a part of it, that is not satisfied without it.
 */
export const foldCheck = ({ events: all, ...given }: Folding): Fold => {
  const { events, shown } = withoutNotes(given.check, all);
  const folding = { ...given, events };
  const flapping = flappingIn(folding.events);
  const proved = { ...foldJudgements(folding), ...(flapping === undefined ? {} : { flapping }) };
  if (satisfies(proved.verdict)) return proved;
  return { ...proved, ...exceptionTo(folding.check, proved, { ...folding, shown }) };
};

const foldJudgements = ({ check, events, now, agedUntil, components, local, shortened: scaled, ...from }: Folding): Fold => {
  const { notBefore = null, lookedFrom = null } = from;
  const counting = countingIn(check, events);
  const isPartial = (judged: Judged): boolean => lookedFrom !== null && lookedAt(check, judged) < lookedFrom;
  const isOvertaken = (judged: Judged): boolean => isPartial(judged) || (notBefore !== null && beganAt(judged) < notBefore);
  // A report from before the event that the check follows counts no more once its source has reported again.
  const anew = new Set(counting.filter((one) => !isOvertaken(one)).map(({ event }) => event.data.subject));
  const withdrawn = withdrawnIn(events);
  const standing = withoutUnclear(
    check,
    withoutAged(
      counting.filter((one) => !isOvertaken(one) || !anew.has(one.event.data.subject)),
      agedUntil ?? now,
      withdrawn,
    ),
    isOvertaken,
  );
  const exceptions = { check, now, exceptions: partExceptions(events) };
  const at = (stored: Judged): ReportAt => ({
    check,
    now: agedUntil ?? now,
    notBefore: notBefore !== null && beganAt(stored) < notBefore ? notBefore : null,
    lookedFrom: isPartial(stored) ? lookedFrom : null,
    exceptions,
    withdrawn,
  });
  // What did not pass stays beside later results of its source, and shows nothing any more that these do not.
  const hasLater = overtaking(counting);
  const isShowing = (stored: Judged): boolean => !hasLater(stored.event.data) && whyMissing(stored, at(stored)) === undefined;
  const shown = shownIn(standing.filter(isShowing).map(({ event }) => event.data));
  const reports = standing.map((stored) => reportAt(stored, at(stored), shown));
  const bySubject = new Map<string, Report[]>();
  for (const report of reports) bySubject.set(report.subject, [...(bySubject.get(report.subject) ?? []), report]);
  const subjects = [...bySubject.values()].map(worstOf);
  const absent =
    check.scope === 'artifact'
      ? components.filter((component) => !subjects.some(({ subject }) => subject.startsWith(`${component}/`)))
      : [];
  if (subjects.length === 0)
    return {
      verdict: 'missing',
      reason: check.after === null ? noEvidence : `${noEvidence} that was made after ${afterInWords[check.after]}`,
      basis: null,
      attempt: 0,
      goodUntil: null,
      facts: null,
      statement: null,
      subjects,
    };
  const lacking = lackingIn(check, standing, components);
  const bad = uncompared(check, subjects) ?? worst(subjects);
  const verdict =
    (absent.length > 0 || lacking !== undefined) && verdictsByWeight.indexOf(bad.verdict) > verdictsByWeight.indexOf('missing')
      ? 'missing'
      : bad.verdict;
  const attempt = Math.max(...subjects.map((subject) => subject.attempt));
  const parts = partsOf(reports.flatMap(({ released }) => released ?? []));
  const isExcepted = verdict === 'waived' || (verdict === 'not-applicable' && parts !== undefined);
  const ends = [
    isExcepted && parts !== undefined ? exceptionsEnd(parts.listed) : null,
    agedUntil !== undefined ? null : (standing.flatMap(({ event }) => event.data.goodUntil ?? []).sort()[0] ?? null),
  ];
  return {
    verdict,
    attempt,
    subjects: subjects.map(({ released: _, ...subject }) => subject),
    reason:
      isExcepted && parts !== undefined
        ? countedParts({ parts: parts.listed, leftOut: parts.leftOut })
        : sentence(check, { verdict, reason: bad.reason }, subjects, { absent, lacking, repaired: repairedAt(subjects, events) }),
    basis: isExcepted ? verdict : basisOf(check, standing, { local, scaled }),
    statement: saidIn(standing),
    goodUntil: ends.flatMap((end) => end ?? []).sort()[0] ?? null,
    ...(parts === undefined ? {} : { parts }),
    facts: digestOf(standing.map(({ event: { data } }) => [data.subject, data.facts]).sort()),
  };
};

/** Of a check whose reports are compared with an earlier release as well: nothing passes before that was done. */
const uncompared = ({ rule }: Item, subjects: readonly Report[]): Pick<Report, 'verdict' | 'reason'> | undefined => {
  const comparison = rule === null ? undefined : kindOf(rule).compares(rule);
  const listed = subjects.filter(({ subject }) => isBeside(subject));
  if (comparison === undefined || (comparison === 'changes' && listed.length === 0)) return undefined;
  if (subjects.every((one) => one.subject === lastRelease || listed.includes(one)))
    return { verdict: 'missing', reason: 'no evidence yet, besides what it is compared with' };
  const what = comparison === 'changes' ? 'the files that changed' : 'the last release';
  return subjects.every(({ subject, verdict }) => subject !== lastRelease && satisfies(verdict))
    ? { verdict: 'missing', reason: `it has not been compared with ${what} yet` }
    : undefined;
};

/** What a check says that passes although no list says which files changed. */
const notCompared = ({ rule }: Item, compared: Report | undefined): readonly string[] =>
  compared === undefined && rule !== null && kindOf(rule).compares(rule) === 'changes'
    ? ['changed files were not compared, because no record `changes` lists them']
    : [];

/**
 * What was carried and passed, and has grown too old or was withdrawn, needs no renewal once the run has evidence of its own. What did not pass
 * stays until it is looked at again.
 */
const withoutAged = (standing: readonly Judged[], now: Date, withdrawn: Withdrawals): readonly Judged[] => {
  const others = standing.filter(
    ({ event: { data } }) =>
      data.carried === undefined ||
      data.verdict !== 'pass' ||
      (!withdrawn.has(data.evidence ?? '') && (data.goodUntil === null || data.goodUntil > now.toISOString())),
  );
  return others.length === 0 ? standing : others;
};

/** Of a computed check the last judgement counts: it is computed from everything that is known. */
const countingIn = (check: Item, events: readonly Stored[]): readonly Judged[] =>
  check.rule !== null && kindOf(check.rule).evidence === null
    ? events.filter(isJudged).slice(-1)
    : standingOf(events.filter((stored) => !isJudged(stored) || mayCount(check, stored)));

/** An attestation counts only in a judgement that names its person: such a judgement carries a MAC, and no other writer can forge it. */
const mayCount = (check: Item, { event }: Judged): boolean => {
  const rule = ruleOf(check, event.data);
  // A source that the checklist does not have proves nothing.
  if (rule === null && event.data.source !== undefined) return false;
  const kind = rule === null ? null : kindOf(rule);
  return kind?.basis !== 'attested' || kind.evidence === null || event.data.by !== null;
};

const isJudged = (stored: Stored): stored is Judged => stored.event.type === 'check.judged';

type Report = Finding['subjects'][number] & { readonly released?: Released | undefined };

type ReportAt = Counting & { readonly exceptions: Parameters<typeof withExceptions>[1] };

/** One report as it counts now. `shown`: the parts that all reports which count show together. */
const reportAt = (stored: Judged, at: ReportAt, shown: ReadonlySet<string>): Report => {
  const { data: own, at: recordedAt } = stored.event;
  const common = {
    subject: own.subject,
    attempt: own.attempt,
    at: recordedAt,
    ...(own.carried === undefined ? {} : { carried: { since: own.carried.givenAt, until: own.goodUntil } }),
  };
  const missing = whyMissing(stored, at);
  if (missing !== undefined) return { ...common, verdict: 'missing', reason: missing };
  const data = completedBy(shown, own);
  const released = withExceptions(data, at.exceptions);
  return {
    ...common,
    verdict: released?.verdict ?? data.verdict,
    reason: released?.reason ?? data.reason,
    released,
  };
};

/** The parts of all reports that count, each as it stands in the worst of them. */
const partsOf = (released: readonly Released[]): Fold['parts'] => {
  if (released.length === 0) return undefined;
  const listed = new Map<string, Released['parts'][number]>();
  for (const part of released.flatMap(({ parts }) => parts)) {
    const known = listed.get(part.subject);
    if (known === undefined || verdictsByWeight.indexOf(part.verdict) < verdictsByWeight.indexOf(known.verdict))
      listed.set(part.subject, part);
  }
  return {
    listed: [...listed.values()].sort((a, b) => verdictsByWeight.indexOf(a.verdict) - verdictsByWeight.indexOf(b.verdict)),
    leftOut: Math.max(...released.map(({ leftOut }) => leftOut)),
  };
};

const worst = <T extends { readonly verdict: Verdict }>(all: readonly T[]): T =>
  all.reduce((a, b) => (verdictsByWeight.indexOf(b.verdict) < verdictsByWeight.indexOf(a.verdict) ? b : a));

/** A subject is as good as the worst of the reports that are parts of its result. */
const worstOf = (parts: readonly Report[]): Report => {
  const bad = worst(parts);
  const reason =
    parts.length > 1 && bad.verdict === 'pass'
      ? `${counted(parts.length, 'report')}, every one passes; the first: ${bad.reason}`
      : bad.reason;
  return {
    ...bad,
    reason: cut(reason, 300),
    attempt: Math.max(...parts.map(({ attempt }) => attempt)),
    at:
      parts
        .map(({ at }) => at)
        .sort()
        .at(-1) ?? bad.at,
  };
};

const saidIn = (standing: readonly Judged[]): Fold['statement'] => {
  const { by, words } = standing.at(-1)?.event.data ?? { by: null, words: null };
  return by === null || words === null ? null : { by, digest: words };
};

/** Components of which nothing was sent, and the source that is missing. */
type Missing = { readonly absent: readonly string[]; readonly lacking: string | undefined };

const longestSentence = 500;

const sentence = (
  check: Item,
  { verdict, reason }: Pick<Report, 'verdict' | 'reason'>,
  subjects: readonly Report[],
  { absent, lacking, repaired }: Missing & { readonly repaired: number | undefined },
): string => {
  if (verdict === 'missing' && absent.length > 0) return `no evidence yet for the component ${absent.join(', ')}`;
  if (verdict === 'missing' && lacking !== undefined) return lacking;
  if (verdict !== 'pass') return reason;
  const sources = subjects.filter(({ subject }) => !isComparison(subject));
  const compared = subjects.find(({ subject }) => subject === lastRelease);
  const all = [
    sources[0]?.reason ?? reason,
    ...(sources.length > 1 ? [`${sources.length} sources, every one passes`] : []),
    ...(repaired === undefined ? [] : [`passed on attempt ${repaired}`]),
    ...(compared === undefined ? [] : [compared.reason]),
    ...notCompared(check, compared),
  ];
  return cut(all.join('; '), longestSentence);
};

/** The attempt at which a subject passed that had failed before; the latest of several. */
const repairedAt = (subjects: Fold['subjects'], events: readonly Stored[]): number | undefined => {
  const failed = new Set(
    events.filter(isType('check.judged')).flatMap(({ event: { data } }) => (satisfies(data.verdict) ? [] : [data.subject])),
  );
  const attempts = subjects.filter(({ subject }) => failed.has(subject) && subject !== lastRelease).map(({ attempt }) => attempt);
  return attempts.length === 0 ? undefined : Math.max(...attempts);
};
