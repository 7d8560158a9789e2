import { isType, type Stored } from '../audit/event.ts';
import { type Checklist, type Item, isStanding } from '../checklist/definition.ts';
import { proofsBy } from '../checklist/proofs.ts';
import type { StoredFacts } from '../registry/evidence.ts';
import { type EvidenceRule, isEvidenceRule, judgeEvidence, kindOf, type Rule } from '../registry/rules.ts';
import { type Role, signerRoles } from '../roles.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { isLater } from './standing.ts';

/** Evidence about a service: what counts of it, and for which checks. Pure. */

export type StandingCheck = Item & { readonly rule: EvidenceRule; readonly maxAgeSeconds: number };

/** What a second person said of evidence that a person gave. */
export type Decided = Stored<'standing.decided'>;

/** A person has taken back evidence that counted. */
export type Withdrawn = Stored<'standing.withdrawn'>;

/** One piece. `waits`: a second person has said nothing yet. `decided`: null for evidence of CI, which counts at once. */
export type Given = {
  readonly stored: Stored<'evidence.recorded'>;
  readonly environment: string | null;
  readonly by: string | null;
  readonly state: 'counts' | 'waits' | 'rejected' | 'withdrawn';
  readonly decided: Decided | null;
  readonly withdrawn: Withdrawn | null;
};

/**
 * What a piece is for: a check that it proves, or one that is compared with a baseline which people recorded. `maxAgeSeconds`: how long the piece
 * counts for it.
 */
export type StandingTaker = Item & { readonly rule: Rule; readonly maxAgeSeconds: number };

/** The checks that are compared with an earlier release, and so with a recorded baseline: by their tests, or by figures. */
const comparedChecks = ({ items }: Pick<Checklist, 'items'>, by: readonly ('tests' | 'figures')[]): readonly StandingTaker[] =>
  items.flatMap((item): StandingTaker[] => {
    const { rule, gate } = item;
    if (rule === null || gate === null) return [];
    const kind = kindOf(rule);
    const takes =
      (by.includes('tests') && kind.compares(rule) === 'tests') || (by.includes('figures') && kind.comparesFigures(rule) !== undefined);
    return takes ? [{ ...item, rule, maxAgeSeconds: longestBaselineDays * daySeconds }] : [];
  });

const daySeconds = 86_400;
/** As long as the schema of the record allows. */
const longestBaselineDays = 90;

/** Everything that standing evidence can be for. */
export const standingTakers = (checklist: Pick<Checklist, 'items'>): readonly StandingTaker[] => [
  ...standingChecks(checklist),
  ...comparedChecks(checklist, ['tests', 'figures']),
];

type BaselineFacts = Extract<StoredFacts, { readonly type: 'record' }>;

/** A baseline is about one environment, and serves the checks of which it states something. */
const servedByBaseline = (
  checklist: Pick<Checklist, 'items'>,
  { figures, baseline, faultsCount }: BaselineFacts,
): readonly StandingTaker[] => {
  if (faultsCount > 0) return [];
  const { p95Ms = null, errorRatePct = null, validDays = null } = figures;
  const states = [
    ...((baseline?.passedTests.length ?? 0) > 0 ? (['tests'] as const) : []),
    ...(p95Ms !== null || errorRatePct !== null ? (['figures'] as const) : []),
  ];
  return comparedChecks(checklist, states).map((one) => ({ ...one, maxAgeSeconds: (validDays ?? 0) * daySeconds }));
};

/** Whether the facts are a baseline, which proves nothing by itself. */
export const isBaseline = (facts: StoredFacts): facts is BaselineFacts => facts.type === 'record' && facts.baseline !== undefined;

/**
 * What a piece says about a check for which it is. A baseline passes as such: no run passes on it, because `fanOut` judges none by it and the
 * reconciler compares the run.
 */
export const judgeStanding = (check: StandingTaker, facts: StoredFacts): Judgement =>
  isBaseline(facts) ? { verdict: 'pass', reason: baselineText(facts) } : judgeEvidence((proofsBy(check, facts)[0] ?? check).rule, facts);

const baselineText = ({ figures, baseline }: BaselineFacts): string => {
  const { p95Ms = null, errorRatePct = null, tests } = figures;
  const stated = [
    ...(p95Ms === null ? [] : [`p95 ${p95Ms} ms`]),
    ...(errorRatePct === null ? [] : [`error rate ${errorRatePct} %`]),
    ...(tests ? [counted(tests, 'test')] : []),
  ];
  const instead = baseline?.replacesLastStable === true ? ', also where an earlier release became production-stable' : '';
  return `each run is compared with ${stated.join(', ')}${instead}`;
};

export const standingChecks = ({ items }: Pick<Checklist, 'items'>): readonly StandingCheck[] =>
  items.filter((item): item is StandingCheck => isStanding(item) && item.gate !== null && item.rule !== null && isEvidenceRule(item.rule));

/** The roles that answer for these checks: who holds one of them may give evidence. */
export const ownersOf = (checks: readonly Pick<Item, 'owner'>[]): readonly Role[] => [...new Set(checks.map(({ owner }) => owner))];

/** Who may say as a second person whether evidence for these checks counts. */
export const confirmersOf = (checks: readonly Pick<Item, 'owner'>[]): readonly Role[] => [
  ...new Set([...ownersOf(checks), ...signerRoles]),
];

/** The roles that may decide about evidence as a second person, or take it back: those of the checks that it serves. */
export const decidersOf = (checklist: Pick<Checklist, 'items'>, { stored }: Pick<Given, 'stored'>): readonly Role[] => {
  const served = new Set(stored.event.data.serves);
  return confirmersOf(standingTakers(checklist).filter(({ id }) => served.has(id)));
};

/** How long evidence can stand at most, in milliseconds; 0 where no check takes any. */
export const longestStandingMs = (checklist: Pick<Checklist, 'items'>): number =>
  Math.max(0, ...standingTakers(checklist).map(({ maxAgeSeconds }) => maxAgeSeconds * 1000));

/**
 * Everything that was given, in the order of the lane. The first decision about a piece counts, and none of the person who gave it: the
 * command refuses that, and a reader does not rely on it.
 */
export const givenIn = (lane: readonly Stored[]): readonly Given[] => {
  const decisions = lane.filter(isType('standing.decided'));
  const withdrawals = lane.filter(isType('standing.withdrawn'));
  return lane.filter(isType('evidence.recorded')).flatMap((stored): Given[] => {
    const { standing } = stored.event.data;
    if (standing === undefined) return [];
    const { environment, by } = standing;
    const withdrawn = withdrawals.find(({ event: { data } }) => data.evidence === stored.event.id && data.hash === stored.hash) ?? null;
    if (by === null) return [{ stored, environment, by, state: withdrawn === null ? 'counts' : 'withdrawn', decided: null, withdrawn }];
    const decided = decisions.find(
      ({ event: { data } }) => data.evidence === stored.event.id && data.hash === stored.hash && data.by !== by,
    );
    const counted = withdrawn === null ? 'counts' : 'withdrawn';
    const state = decided === undefined ? 'waits' : decided.event.data.decision === 'confirmed' ? counted : 'rejected';
    return [{ stored, environment, by, state, decided: decided ?? null, withdrawn }];
  });
};

/** Pieces with the same key replace each other. */
const keyOf = ({ stored, environment }: Given): string => {
  const { evidence, source, serves } = stored.event.data;
  return JSON.stringify([environment, evidence, source, serves]);
};

/**
 * What stands of the pieces that count: of each source, type and environment the latest result with all its parts, for the checks that it was
 * recorded for. An older result of the same source stands no more, whether it passed or not: the same was looked at again. It does not come
 * back when the later one is withdrawn. What a second person has confirmed only people replace: CI counts at once, and would take it away alone.
 */
export const standingIn = (given: readonly Given[]): readonly Given[] => {
  const counted = given.filter(({ state }) => state === 'counts' || state === 'withdrawn');
  return counted.filter((one) => {
    const key = keyOf(one);
    return (
      one.state === 'counts' &&
      !counted.some(
        (other) =>
          keyOf(other) === key && (other.by !== null || one.by === null) && isLater(other.stored.event.data, one.stored.event.data),
      )
    );
  });
};

/** Whether a check takes evidence about this environment, or about none: what is said of one environment says nothing of another one. */
export const takesFrom = ({ scope }: Pick<Item, 'scope'>, given: string | null, environment: string | null): boolean =>
  scope === 'environment' ? given !== null && (environment === null || given === environment) : given === null;

/**
 * The standing checks that a piece serves. What has no content of its own (an attestation, a report that cannot be read) serves what it was
 * recorded for. `environment`: of the run; null asks about any.
 */
export const servesStanding = (
  checklist: Pick<Checklist, 'items'>,
  { facts, serves, given }: { readonly facts: StoredFacts; readonly serves: readonly string[]; readonly given: string | null },
  environment: string | null,
): readonly StandingTaker[] => {
  if (isBaseline(facts)) return given === null || (environment !== null && given !== environment) ? [] : servedByBaseline(checklist, facts);
  return standingChecks(checklist).filter((check) => {
    if (!takesFrom(check, given, environment)) return false;
    if (facts.type === 'attestation') return check.rule.evidence === 'attestation' && serves.includes(check.id);
    return facts.type === 'unreadable' ? serves.includes(check.id) : proofsBy(check, facts).length > 0;
  });
};

type Made = { readonly madeAt: string; readonly validUntil?: string | undefined };

/**
 * Until when a piece counts for the check that takes it longest, and no longer than the person who attested it said; undefined where it serves
 * none. UTC instant.
 */
export const standsUntil = ({ madeAt, validUntil }: Made, checks: readonly Pick<StandingCheck, 'maxAgeSeconds'>[]): string | undefined => {
  const longest = checks
    .map(({ maxAgeSeconds }) => new Date(Date.parse(madeAt) + maxAgeSeconds * 1000).toISOString())
    .sort()
    .at(-1);
  return longest !== undefined && validUntil !== undefined && validUntil < longest ? validUntil : longest;
};
