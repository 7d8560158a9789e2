import type { Stored } from '../audit/event.ts';
import { digestOf, excerpt } from '../canonical-json.ts';
import type { Item } from '../checklist/definition.ts';
import { kindOf } from '../registry/rules.ts';
import { type Basis, satisfies, type Verdict } from '../verdict.ts';
import type { Finding } from './finding.ts';

type Judged = Stored<'check.judged'>;
type Fold = Pick<Finding, 'verdict' | 'reason' | 'basis' | 'attempt' | 'goodUntil' | 'facts' | 'subjects' | 'statement'>;
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
  /** Evidence from before this instant no longer counts; null when the check follows no event. */
  readonly notBefore?: string | null;
};

/** Worst first: a check is as good as its worst subject. */
const order: readonly Verdict[] = ['error', 'fail', 'inconclusive', 'missing', 'pass'];

/**
 * A check as it stands, folded from its lane. Per subject the judgement of the newest evidence counts, and every subject must pass.
 * Evidence past its age counts as missing. A waiver counts only for a check that is not satisfied without it.
 */
export const foldCheck = (folding: Folding): Fold => {
  const proved = foldJudgements(folding);
  if (satisfies(proved.verdict)) return proved;
  const { check, events, now } = folding;
  const declared = events.findLast((stored): stored is Stored<'check.not-applicable'> => stored.event.type === 'check.not-applicable');
  if (declared !== undefined && check.optional) {
    return {
      ...proved,
      verdict: 'not-applicable',
      basis: 'not-applicable',
      goodUntil: null,
      statement: { by: declared.event.data.by, digest: declared.event.data.reason },
      reason: `declared not applicable by ${declared.event.data.by}`,
    };
  }
  const waived = events.findLast((stored): stored is Stored<'check.waived'> => stored.event.type === 'check.waived');
  if (waived === undefined || !check.waivable) return proved;
  const { until, by, reason } = waived.event.data;
  if (until > now.toISOString())
    return {
      ...proved,
      verdict: 'waived',
      basis: 'waived',
      goodUntil: until,
      statement: { by, digest: reason },
      reason: `waived by ${by} until ${until}; without it: ${proved.verdict}`,
    };
  return { ...proved, reason: excerpt(`${proved.reason}; the waiver of ${by} ended at ${until}`, 300) };
};

const foldJudgements = ({ check, events, now, components, local, shortened: scaled, notBefore = null }: Folding): Fold => {
  const latest = new Map<string, Judged>();
  for (const stored of events)
    if (isJudged(stored) && mayCount(check, stored) && !(madeAtOf(latest.get(stored.event.data.subject)) > stored.event.data.madeAt))
      latest.set(stored.event.data.subject, stored);
  const subjects = [...latest.values()].map(({ event: { data, at } }) => {
    const overtaken = notBefore !== null && data.madeAt < notBefore;
    const tooOld = overtaken || (data.goodUntil !== null && data.goodUntil <= now.toISOString());
    return {
      subject: data.subject,
      verdict: tooOld ? ('missing' as const) : data.verdict,
      reason: overtaken
        ? `made before ${check.after} at ${notBefore}`
        : tooOld
          ? `the evidence is too old since ${data.goodUntil}`
          : data.reason,
      attempt: data.attempt,
      at,
    };
  });
  const absent =
    check.scope === 'artifact'
      ? components.filter((component) => !subjects.some(({ subject }) => subject.startsWith(`${component}/`)))
      : [];
  if (subjects.length === 0)
    return {
      verdict: 'missing',
      reason: check.after === null ? 'no evidence yet' : `no evidence yet that was made after ${check.after}`,
      basis: null,
      attempt: 0,
      goodUntil: null,
      facts: null,
      statement: null,
      subjects,
    };
  const worst = subjects.reduce((a, b) => (order.indexOf(b.verdict) < order.indexOf(a.verdict) ? b : a));
  const verdict = absent.length > 0 && order.indexOf(worst.verdict) > order.indexOf('missing') ? 'missing' : worst.verdict;
  const attempt = Math.max(...subjects.map((subject) => subject.attempt));
  return {
    verdict,
    attempt,
    subjects,
    reason: sentence(verdict, worst, subjects.length, absent, repairedAt(subjects, events)),
    basis: basisOf(check, { local, scaled }),
    statement: saidIn([...latest.values()]),
    goodUntil: [...latest.values()].flatMap(({ event }) => event.data.goodUntil ?? []).sort()[0] ?? null,
    facts: digestOf([...latest.values()].map(({ event: { data } }) => [data.subject, data.facts]).sort()),
  };
};

/** An attestation counts only in a judgement that names its person: such a judgement carries a MAC, and no other writer can forge it. */
const mayCount = ({ rule }: Item, { event }: Judged): boolean => {
  const kind = rule === null ? null : kindOf(rule);
  return kind?.basis !== 'attested' || kind.evidence === null || event.data.by !== null;
};

const isJudged = (stored: Stored): stored is Judged => stored.event.type === 'check.judged';
const madeAtOf = (judged: Judged | undefined): string => judged?.event.data.madeAt ?? '';

const saidIn = (latest: readonly Judged[]): Fold['statement'] => {
  const { by, words } = latest.at(-1)?.event.data ?? { by: null, words: null };
  return by === null || words === null ? null : { by, digest: words };
};

const sentence = (
  verdict: Verdict,
  worst: { readonly reason: string },
  count: number,
  absent: readonly string[],
  repaired: number | undefined,
): string => {
  if (verdict === 'missing' && absent.length > 0) return `no evidence yet for the component ${absent.join(', ')}`;
  const all = count > 1 && verdict === 'pass' ? `${worst.reason}; ${count} reports, every one passes` : worst.reason;
  return verdict === 'pass' && repaired !== undefined ? `${all}; passed on attempt ${repaired}` : all;
};

/** The attempt at which a subject passed that had failed before; the latest of several. */
const repairedAt = (subjects: Fold['subjects'], events: readonly Stored[]): number | undefined => {
  const failed = new Set(
    events.flatMap((stored) =>
      stored.event.type === 'check.judged' && !satisfies((stored as Judged).event.data.verdict)
        ? [(stored as Judged).event.data.subject]
        : [],
    ),
  );
  const attempts = subjects.filter(({ subject }) => failed.has(subject)).map(({ attempt }) => attempt);
  return attempts.length === 0 ? undefined : Math.max(...attempts);
};

const basisOf = (check: Item, { local, scaled }: { readonly local: boolean; readonly scaled: boolean }): Basis => {
  if (check.rule !== null && kindOf(check.rule).basis === 'attested') return local ? 'simulated' : 'attested';
  return scaled ? 'shortened' : 'measured';
};
