import { isType, type Stored } from '../audit/event.ts';
import { lanes } from '../audit/lane.ts';
import { type Checklist, type Item, itemOf } from '../checklist/definition.ts';
import { type SaidDeviation, saidIn } from '../checklist/definition-diff.ts';
import { type Threshold, thresholdsOf, titlesIn } from '../checklist/thresholds.ts';
import { standingExceptions, wholeCheck } from '../evaluation/check-parts.ts';
import type { Finding } from '../evaluation/finding.ts';
import { standingOf } from '../evaluation/standing.ts';
import { partName } from '../fields.ts';
import { type Outcome, ok, refuse } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import type { StoredFacts } from '../registry/evidence.ts';
import { isEvidenceRule, kindOf, type Rule } from '../registry/rules.ts';
import { readFacts } from '../registry/stored-facts.ts';
import type { Role } from '../roles.ts';
import { attestingRole } from '../rules/attested.ts';
import { findingFrom } from '../run/state/findings.ts';
import { ownersOfWords, readWords, type Words } from '../run/state/words.ts';
import { satisfies } from '../verdict.ts';
import { decidingFacts } from './deciding-facts.ts';
import { factLines, type NamedFact } from './fact-lines.ts';
import { eventPage } from './inbox-of-service.ts';
import { readView } from './run-view.ts';
import { type Supply, supplyOf } from './supply.ts';
import type { GateView, RunView } from './view.ts';

/** One check of a run with everything that was recorded about it. */
export type CheckView = {
  readonly run: RunView;
  readonly gate: Pick<GateView, 'id' | 'title' | 'state'>;
  readonly item: Item;
  /** As it stands now. A gate that has passed was decided on what stood then, and the page of the run shows that. */
  readonly finding: Finding;
  readonly rule: RuleView | null;
  /** What supplies it, and whose that is. */
  readonly supply: Supply;
  /** The newest ones, oldest first. */
  readonly attempts: readonly Attempt[];
  readonly attemptsLeftOut: number;
  readonly exceptions: readonly ExceptionView[];
  /** What an exception stands for that can be revoked: names of parts, or `wholeCheck`. */
  readonly revocable: readonly string[];
  /** What people wrote about the check; none where the reader is not shown words. */
  readonly words: ReadonlyMap<string, Words>;
  /** How many events the lane of the check has: a form is bound to it. */
  readonly seen: number;
};

type RuleView = {
  /** What the rule asks, in one sentence. */
  readonly asks: string;
  readonly thresholds: readonly (Threshold & { readonly deviation: SaidDeviation | undefined })[];
  /** The type of evidence; null when the check is computed from `lanes`. */
  readonly evidence: string | null;
  readonly wants: string;
  readonly lanes: readonly string[];
  /** The role whose word proves the check. */
  readonly attestedBy: Role | undefined;
};

export type Attempt = {
  readonly attempt: number;
  readonly subject: string;
  readonly verdict: string;
  readonly reason: string;
  readonly madeAt: string;
  readonly judgedAt: string;
  readonly by: string | null;
  readonly words: string | null;
  readonly producer: string;
  readonly evidence: string | null;
  /** Path of the page of that event; null where it is not of this run. */
  readonly evidencePage: string | null;
  /** Whether it still counts, and whether the verdict of the check is its own. */
  readonly counts: boolean;
  readonly decides: boolean;
  /** What its person gave with it: the digest under which `scope` keeps it. */
  readonly file: { readonly scope: string; readonly digest: string; readonly bytes: number; readonly mediaType: string } | null;
  /** What the report came to, name by name. Of the one that decides, those on which its verdict rests stand apart. */
  readonly facts: readonly NamedFact[];
  readonly decidingFacts: readonly NamedFact[];
};

export type ExceptionView = {
  readonly kind: 'waiver' | 'not-applicable' | 'revocation';
  /** The part that it is about; null: the whole check. */
  readonly subject: string | null;
  readonly by: string;
  readonly role: string;
  readonly at: string;
  readonly until: string | null;
  readonly reason: string;
  /** Of a waiver or a declaration. */
  readonly state: 'stands' | 'ended' | 'revoked' | 'replaced' | null;
};

type Reader = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'stage' | 'people' | 'evidence'>;

/** More attempts than a person reads at once; the events hold the others. */
const mostAttempts = 20;

/** `withWords`: people who hold a role see what people wrote. */
export const readCheck = async (deps: Reader, run: string, check: string, withWords: boolean): Promise<Outcome<CheckView>> => {
  const found = await readView(deps, run);
  if (found.refused) return found;
  const { context, view, events: all } = found.ok;
  const item = itemOf(context.checklist, check);
  const gate = view.gates.find(({ checks }) => checks.some((one) => one.check === check));
  if (item === undefined || item.gate === null || gate === undefined)
    return refuse('check-unknown', 'The checklist that the run pinned has no such check.', {
      got: check.slice(0, 80),
      expected: 'the id of a check that the page of the run shows',
      fix: 'Open the page of the run, and choose a check there.',
    });
  const now = deps.clock.now();
  const events = await deps.trail.read(context.scope, { lane: lanes.check(item.gate, item.id) });
  const deployment = await deps.trail.read(context.scope, { lane: lanes.deployment });
  const shown = gate.checks.find((one) => one.check === check);
  const observation = all.filter(({ event }) => event.lane.startsWith(lanes.observations));
  const folded = findingFrom(item, events, context, { now, deployment, observation });
  // What is not folded from the lane alone, such as a deviation of the stage, is as the run shows it.
  const finding: Finding = shown?.basis === 'configured' ? shown : folded;
  const { attempts, leftOut } = await attemptsOf(deps, { scope: context.scope, all }, events, item);
  const exceptions = exceptionsIn(events, now);
  const digests = [...attempts.map(({ words }) => words), ...exceptions.map(({ reason }) => reason)].flatMap((one) => one ?? []);
  return ok({
    run: view,
    gate,
    item,
    finding,
    rule: ruleOf(item, context.checklist),
    supply: supplyOf(item, view, { from: view.supplies.find((one) => one.check === check)?.from ?? null, finding }),
    attempts,
    attemptsLeftOut: leftOut,
    exceptions,
    revocable: standingExceptions(events),
    words: withWords ? await readWords(deps.people, ownersOfWords(run, context.started.event.data.service), digests) : new Map(),
    seen: events.length,
  });
};

const ruleOf = ({ id, rule }: Item, checklist: Checklist): RuleView | null => {
  if (rule === null) return null;
  const kind = kindOf(rule);
  const own = checklist.deviations.filter(({ check }) => check === id).map((one) => saidIn(checklist, one));
  return {
    asks: kind.description,
    thresholds: thresholdsOf(rule, titlesIn(checklist)).map((one) => ({
      ...one,
      deviation: own.find(({ parameter }) => parameter === one.parameter),
    })),
    evidence: kind.evidence,
    wants: kind.wants(rule),
    lanes: kind.lanes,
    attestedBy: attestingRole(rule),
  };
};

const attemptsOf = async (
  { evidence }: Pick<Dependencies, 'evidence'>,
  { scope, all }: { readonly scope: string; readonly all: readonly Stored[] },
  events: readonly Stored[],
  { rule }: Item,
): Promise<{ readonly attempts: readonly Attempt[]; readonly leftOut: number }> => {
  const judged = events.filter(isType('check.judged'));
  const counting = rule !== null && kindOf(rule).evidence === null ? judged.slice(-1) : standingOf(events);
  const deciding = counting.find(({ event }) => !satisfies(event.data.verdict)) ?? counting.at(-1);
  // What counts is shown, however old it is.
  const shown = judged.filter((one, place) => place >= judged.length - mostAttempts || one === deciding);
  const attempts = await Promise.all(
    shown.map(async (stored): Promise<Attempt> => {
      const { at, data } = stored.event;
      const from = data.carried?.scope ?? scope;
      const bytes = data.facts === null || data.evidence === null ? undefined : await evidence.get(from, data.facts);
      const facts = bytes === undefined ? undefined : readFacts(bytes);
      return {
        attempt: data.attempt,
        subject: data.subject,
        verdict: data.verdict,
        reason: data.reason,
        madeAt: data.madeAt,
        judgedAt: at,
        by: data.by,
        words: data.words,
        producer: `${data.producer.run}, attempt ${data.producer.attempt}`,
        evidence: data.evidence,
        evidencePage: pageOf(all.find((one) => one.event.id === data.evidence)),
        counts: counting.includes(stored),
        decides: stored === deciding,
        file: facts?.type === 'attestation' && facts.file !== undefined ? { scope: from, ...facts.file } : null,
        ...factsOf(facts, stored === deciding ? rule : null, data.verdict),
      };
    }),
  );
  return { attempts, leftOut: judged.length - shown.length };
};

const pageOf = (stored: Stored | undefined): string | null => (stored === undefined ? null : eventPage(stored.event));

/** A page shows so many lines of facts. */
const mostLines = 24;

/** More lines than this are no highlight. */
const mostDeciding = 6;

/** `judge`: the rule by which the facts decide; null where they do not. */
const factsOf = (facts: StoredFacts | undefined, judge: Rule | null, verdict: string): Pick<Attempt, 'facts' | 'decidingFacts'> => {
  if (facts === undefined) return { facts: [], decidingFacts: [] };
  const names = judge !== null && isEvidenceRule(judge) ? decidingFacts(judge, facts, verdict) : new Set<string>();
  const lines = factLines(facts);
  const deciding = lines.filter(({ path }) => names.has(path)).slice(0, mostDeciding);
  return { facts: lines.filter((line) => !deciding.includes(line)).slice(0, mostLines), decidingFacts: deciding };
};

/** Oldest first. */
const exceptionsIn = (events: readonly Stored[], now: Date): readonly ExceptionView[] =>
  events.flatMap((stored, place): ExceptionView[] => {
    if (isType('check.exception-revoked')(stored)) return [{ ...saidBy(stored), kind: 'revocation', until: null, state: null }];
    const isWaiver = isType('check.waived')(stored);
    if (!isWaiver && !isType('check.not-applicable')(stored)) return [];
    const own = saidBy(stored);
    const until = isWaiver ? stored.event.data.until : null;
    const later = events.slice(place + 1);
    const isRevoked = later.some(
      (one) => isType('check.exception-revoked')(one) && (one.event.data.subject === undefined || saidBy(one).subject === own.subject),
    );
    const isReplaced = later.some((one) => one.event.type === stored.event.type && saidBy(one as typeof stored).subject === own.subject);
    const isEnded = until !== null && until <= now.toISOString();
    const state = isRevoked ? 'revoked' : isReplaced ? 'replaced' : isEnded ? 'ended' : 'stands';
    return [{ ...own, kind: isWaiver ? 'waiver' : 'not-applicable', until, state }];
  });

type Excepting = Stored<'check.waived'> | Stored<'check.not-applicable'> | Stored<'check.exception-revoked'>;
const saidBy = ({ event: { at, data } }: Excepting): Pick<ExceptionView, 'subject' | 'by' | 'role' | 'at' | 'reason'> => ({
  subject: data.subject === undefined ? null : partName(data.subject),
  by: data.by,
  role: data.role,
  at,
  reason: data.reason,
});

export { wholeCheck };
